package discord_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func (r *rig) outgoing(channel, replyTo, text string) conversation.Outgoing {
	return conversation.Outgoing{
		Ref:     conversation.ThreadRef{Platform: conversation.Discord, Workspace: r.guild.ID, Channel: channel, Thread: replyTo},
		Place:   conversation.PlaceChannel,
		ReplyTo: replyTo, SendID: "send-" + replyTo[len(replyTo)-8:], Text: text,
	}
}

func idle(t *testing.T, o discordsim.Options, change ...func(*discord.Options)) *rig {
	t.Helper()
	o.MessageContentEnabled = true
	return newRig(t, o, change...)
}

func TestAPostAnswersByReferenceAndPingsOnlyTheAsker(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	q := r.say(t, r.ada, r.channel.ID, r.bot()+" hi")
	out := r.outgoing(r.channel.ID, q.ID, "Hello <@"+r.bob.ID+"> and @everyone, see https://evil.example/?q=1 and https://known.example/a")
	out.KnownURLs = []string{"https://known.example/a"}
	id := must(r.adapter.Post(t.Context(), out))(t)
	m, _ := r.sim.Message(id)
	if m.ReplyTo != q.ID || m.Nonce != out.SendID {
		t.Errorf("reply to %q with nonce %q", m.ReplyTo, m.Nonce)
	}
	if len(m.Mentions) != 1 || m.Mentions[0] != r.ada.ID || m.MentionEveryone || len(m.MentionRoles) > 0 {
		t.Errorf("pings %v %v everyone=%t", m.Mentions, m.MentionRoles, m.MentionEveryone)
	}
	if m.Flags&discordsim.FlagSuppressEmbeds == 0 {
		t.Error("previews are not suppressed")
	}
	if strings.Contains(m.Content, "<@"+r.bob.ID) || strings.Contains(m.Content, "@everyone") ||
		!strings.Contains(m.Content, "`https://evil.example/?q=1`") || !strings.Contains(m.Content, " https://known.example/a") {
		t.Errorf("text is %q", m.Content)
	}
	out.Final, out.Text = true, "Better <@&1234567> text"
	if err := r.adapter.Edit(t.Context(), id, out); err != nil {
		t.Fatal(err)
	}
	if m, _ = r.sim.Message(id); strings.Contains(m.Content, "<@&") || !strings.Contains(m.Content, "Better") || len(m.Mentions) != 1 {
		t.Errorf("after the edit: %q, pings %v", m.Content, m.Mentions)
	}
}

func TestAQuestionThatIsGoneIsAnsweredWithoutReference(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	if err := r.sim.DeleteMessage(q.ID); err != nil {
		t.Fatal(err)
	}
	must(r.adapter.Post(t.Context(), r.outgoing(r.channel.ID, q.ID, "Hello")))(t)
}

func TestWithoutReadMessageHistoryTheAnswerComesWithoutReference(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	if err := r.sim.SetRole(r.guild.ID, r.guild.ID, discordsim.DefaultPermissions&^discordsim.ReadMessageHistory); err != nil {
		t.Fatal(err)
	}
	id := must(r.adapter.Post(t.Context(), r.outgoing(r.channel.ID, q.ID, "Hello")))(t)
	if m, _ := r.sim.Message(id); m.Content != "Hello" || m.ReplyTo != "" {
		t.Errorf("message is %+v", m)
	}
}

func TestALostAnswerIsNoSecondMessage(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	out := r.outgoing(r.channel.ID, q.ID, "Hello")
	if err := r.sim.SetFault(postRoute, discordsim.Fault{DropResponse: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	_, err := r.adapter.Post(t.Context(), out)
	if f := conversation.FailureOf(err); f.Code != conversation.CodeSendUnknown || !f.Retry {
		t.Fatalf("failure is %+v", f)
	}
	again := must(r.adapter.Post(t.Context(), out))(t)
	own := 0
	for _, m := range r.sim.Messages(r.channel.ID) {
		if m.Author.ID == r.sim.BotUserID() {
			own++
			if m.ID != again {
				t.Errorf("posting again gave %s, people see %s", again, m.ID)
			}
		}
	}
	if own != 1 {
		t.Errorf("people see %d answers", own)
	}
}

// fresh is a second process on the same Discord: it remembers nothing.
func (r *rig) fresh(t *testing.T) *discord.Adapter {
	t.Helper()
	other := newAdapter(t, r.sim)
	return other
}

func TestASentMessageIsFoundByANewProcess(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	other := r.say(t, r.bob, r.channel.ID, "me too")
	since := time.Now().Add(-time.Minute)
	for range 120 {
		r.say(t, r.bob, r.channel.ID, "noise")
	}
	must(r.adapter.Post(t.Context(), r.outgoing(r.channel.ID, other.ID, "another answer")))(t)
	first := r.outgoing(r.channel.ID, q.ID, "part one")
	firstID := must(r.adapter.Post(t.Context(), first))(t)
	second := first
	second.ReplyTo, second.SendID, second.Text, second.Part = "", "send-two", "part two", 1
	secondID := must(r.adapter.Post(t.Context(), second))(t)

	a := r.fresh(t)
	id, found, err := a.FindSent(t.Context(), first, since)
	if err != nil || !found || id != firstID {
		t.Fatalf("first part: %q %t %v, want %s", id, found, err, firstID)
	}
	a = r.fresh(t)
	second.ReplyTo, second.KnownIDs = q.ID, []string{firstID}
	if id, found, err = a.FindSent(t.Context(), second, since); err != nil || !found || id != secondID {
		t.Fatalf("second part: %q %t %v, want %s", id, found, err, secondID)
	}
	third := second
	third.SendID, third.Part, third.KnownIDs = "send-three", 2, []string{firstID, secondID}
	theirs := r.outgoing(r.channel.ID, other.ID, "an answer to somebody else")
	theirs.SendID = "their-one"
	must(r.adapter.Post(t.Context(), theirs))(t)
	theirs.ReplyTo, theirs.SendID = "", "their-two"
	must(r.adapter.Post(t.Context(), theirs))(t)
	if id, found, err = a.FindSent(t.Context(), third, since); err != nil || found {
		t.Errorf("a part of another answer was taken for the third: %q %t %v", id, found, err)
	}
	unsent := r.outgoing(r.channel.ID, r.say(t, r.ada, r.channel.ID, "later").ID, "x")
	if id, found, err = a.FindSent(t.Context(), unsent, since); err != nil || found {
		t.Errorf("an answer that was never sent: %q %t %v", id, found, err)
	}
}

func TestTheGatewayTellsOfASendWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	out := r.outgoing(r.channel.ID, q.ID, "Hello")
	if err := r.sim.SetFault(postRoute, discordsim.Fault{DropResponse: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.adapter.Post(t.Context(), out); err == nil {
		t.Fatal("the answer was not lost")
	}
	r.inbox.await(t, "own message", func(e []conversation.Event) bool {
		last := e[max(len(e)-1, 0):]
		return len(last) == 1 && last[0].(conversation.Posted).Message.Author.Kind == conversation.Self
	})
	if err := r.sim.SetFault("*", discordsim.Fault{Status: http.StatusServiceUnavailable}); err != nil {
		t.Fatal(err)
	}
	id, found, err := r.adapter.FindSent(t.Context(), out, time.Now())
	r.sim.ClearFaults()
	if m, _ := r.sim.Message(id); err != nil || !found || m.Content != "Hello" {
		t.Errorf("found %q %t %v", id, found, err)
	}
}

func TestA429IsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]discordsim.Fault{
		"of the channel": {Status: 429, RetryAfter: 300 * time.Millisecond, Times: 1},
		"of the bot":     {Status: 429, RetryAfter: 300 * time.Millisecond, Global: true, Times: 1},
		"of Cloudflare":  withTimes(discordsim.CloudflareBan(time.Second), 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := idle(t, discordsim.Options{})
			q := r.say(t, r.ada, r.channel.ID, "hi")
			if err := r.sim.SetFault(postRoute, fault); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			must(r.adapter.Post(t.Context(), r.outgoing(r.channel.ID, q.ID, "Hello")))(t)
			if waited := time.Since(began); waited < fault.RetryAfter {
				t.Errorf("posted again after %s, asked for %s", waited, fault.RetryAfter)
			}
			if n := len(r.sim.CallsTo(postRoute)); n != 2 {
				t.Errorf("%d calls, want 2", n)
			}
		})
	}
}

func withTimes(f discordsim.Fault, n int) discordsim.Fault {
	f.Times = n
	return f
}

func TestALongBanIsToldAtOnce(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	if err := r.sim.SetFault(postRoute, discordsim.CloudflareBan(time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, err := r.adapter.Post(t.Context(), r.outgoing(r.channel.ID, q.ID, "Hello"))
	if f := conversation.FailureOf(err); f.Code != conversation.CodePlatformDown || !f.Retry || f.Safe == "" {
		t.Errorf("failure is %+v", f)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := r.adapter.Post(ctx, r.outgoing(r.channel.ID, q.ID, "Hello")); conversation.FailureOf(err).Code != conversation.CodePlatformDown {
		t.Errorf("second try: %v", err)
	}
	if n := len(r.sim.CallsTo(postRoute)); n != 1 {
		t.Errorf("%d calls during the ban", n)
	}
}

func TestManyCallersStayWithinTheLimits(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{Limits: true})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	id := must(r.adapter.Post(t.Context(), r.outgoing(r.channel.ID, q.ID, "0")))(t)
	done := make(chan error)
	for i := range 8 {
		go func() {
			out := r.outgoing(r.channel.ID, q.ID, strings.Repeat("x", i+1))
			out.Final = i%2 == 0
			done <- r.adapter.Edit(t.Context(), id, out)
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for _, c := range r.sim.Calls() {
		if c.Status == http.StatusTooManyRequests {
			t.Errorf("%s was answered by 429", c.Route)
		}
	}
}

func TestFinalEditsComeBeforeInterimOnes(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{Limits: true})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	out := r.outgoing(r.channel.ID, q.ID, "0")
	id := must(r.adapter.Post(t.Context(), out))(t)
	interim := 0
	for ctx, cancel := context.WithTimeout(t.Context(), time.Second); ; interim++ {
		if r.adapter.AwaitEdit(ctx, out.Ref) != nil {
			cancel()
			break
		}
		if err := r.adapter.Edit(t.Context(), id, out); err != nil {
			t.Fatal(err)
		}
	}
	out.Final = true
	for range 2 {
		if err := r.adapter.Edit(t.Context(), id, out); err != nil {
			t.Fatal(err)
		}
	}
	if interim > 3 {
		t.Errorf("%d interim edits in a window of five leave less than two to final ones", interim)
	}
}

func TestNobodyThereIsNoPost(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{}, func(o *discord.Options) { o.APIURL = "http://127.0.0.1:1/api/" })
	_, err := r.adapter.Post(t.Context(), r.outgoing("1234567890123456789", "1234567890123456789", "x"))
	if f := conversation.FailureOf(err); f.Code != conversation.CodePlatformDown || !f.Retry {
		t.Errorf("failure is %+v", f)
	}
}

func TestAFileIsPostedOnce(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	out := r.outgoing(r.channel.ID, q.ID, "")
	text := strings.Repeat("all of it, ž 東京\n", 1000)
	if err := r.sim.SetFault(postRoute, discordsim.Fault{DropResponse: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.adapter.PostFile(t.Context(), out, conversation.File{Name: "answer.md", Text: text}); err == nil {
		t.Fatal("the response was not lost")
	}
	id := must(r.adapter.PostFile(t.Context(), out, conversation.File{Name: "answer.md", Text: text}))(t)
	if n := len(r.sim.Messages(r.channel.ID)); n != 2 {
		t.Errorf("%d messages, want question and file", n)
	}
	m, _ := r.sim.Message(id)
	if len(m.Attachments) != 1 || m.Attachments[0].Name != "answer.md" || string(m.Attachments[0].Data) != text {
		t.Errorf("attachments %+v", len(m.Attachments))
	}
	if len(m.Mentions) != 0 {
		t.Errorf("the file pings %v", m.Mentions)
	}
}

func TestAMessageIsTakenAwayAndStaysAway(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	q := r.say(t, r.ada, r.channel.ID, "hi")
	out := r.outgoing(r.channel.ID, q.ID, "Hello")
	id := must(r.adapter.Post(t.Context(), out))(t)
	for range 2 {
		if err := r.adapter.Delete(t.Context(), out.Ref, id); err != nil {
			t.Fatal(err)
		}
	}
	if m, _ := r.sim.Message(id); !m.Deleted {
		t.Error("the message is still there")
	}
}

func TestThinkingIsTyping(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	if err := r.adapter.SetStatus(t.Context(), conversation.ThreadRef{Channel: r.channel.ID}, "thinking"); err != nil {
		t.Fatal(err)
	}
	typing := r.sim.Typing(r.channel.ID)
	if len(typing) != 1 || typing[0].ID != r.sim.BotUserID() {
		t.Errorf("typing: %v", typing)
	}
}

func TestAServerWithoutTypingIsAskedOnce(t *testing.T) {
	t.Parallel()
	const route = "POST /channels/{channel}/typing"
	for name, c := range map[string]struct {
		fault discordsim.Fault
		calls int
		fails bool
	}{
		"404":                        {discordsim.Fault{Status: 404}, 1, false},
		"405":                        {discordsim.Fault{Status: 405, ContentType: "text/plain", Body: "no"}, 1, false},
		"404 of one deleted channel": {discordsim.Fault{Status: 404, Body: `{"code":10003,"message":"Unknown Channel"}`}, 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := idle(t, discordsim.Options{})
			if err := r.sim.SetFault(route, c.fault); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				err := r.adapter.SetStatus(t.Context(), conversation.ThreadRef{Channel: r.channel.ID}, "thinking")
				if (err != nil) != c.fails {
					t.Errorf("status: %v", err)
				}
			}
			if n := len(r.sim.CallsTo(route)); n != c.calls {
				t.Errorf("typing was called %d times, want %d", n, c.calls)
			}
		})
	}
}

func TestMillisecondsStandInTheID(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	m := r.say(t, r.ada, r.channel.ID, "now")
	at, ok := r.adapter.SentAt(m.ID)
	if !ok || at.Sub(m.CreatedAt).Abs() > time.Millisecond {
		t.Errorf("%s %t, want %s", at, ok, m.CreatedAt)
	}
	if _, ok := r.adapter.SentAt("x"); ok {
		t.Error("x is no id")
	}
}
