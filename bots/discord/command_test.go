package discord_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

const (
	commandsRoute = "PUT /applications/{application}/commands"
	respondRoute  = "POST /interactions/{interaction}/{token}/callback"
	whisperRoute  = "PATCH /webhooks/{application}/{token}/messages/{message}"
)

// offered is a running rig whose commands are registered.
func offered(t *testing.T, o discordsim.Options, change ...func(*discord.Options)) *rig {
	t.Helper()
	r := running(t, o, change...)
	eventually(t, "commands are registered", func() bool { return len(r.sim.Commands("")) > 0 })
	return r
}

// asked waits for the command of an interaction.
func (b *inbox) asked(t *testing.T, interactionID string) conversation.Asked {
	t.Helper()
	var found conversation.Asked
	b.await(t, "command "+interactionID, func(events []conversation.Event) bool {
		for _, e := range events {
			if a, ok := e.(conversation.Asked); ok && a.Delivery.ID == interactionID {
				found = a
				return true
			}
		}
		return false
	})
	return found
}

// acknowledged waits for the first response to an interaction.
func (r *rig) acknowledged(t *testing.T, id string) discordsim.Interaction {
	t.Helper()
	var i discordsim.Interaction
	eventually(t, "interaction is acknowledged", func() bool {
		i, _ = r.sim.Interaction(id)
		return i.Response != 0
	})
	return i
}

func TestCommandsAreRegisteredOnlyWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	var names []string
	for _, raw := range r.sim.Commands("") {
		var c struct {
			Name     string `json:"name"`
			Contexts []int  `json:"contexts"`
		}
		if err := json.Unmarshal(raw, &c); err != nil || len(c.Contexts) != 2 {
			t.Errorf("command %s: %v", raw, err)
		}
		names = append(names, c.Name)
	}
	want := "summarize describe transcribe help Summarize from here Describe image Transcribe"
	if got := strings.Join(names, " "); len(names) != 7 || !sameWords(got, want) {
		t.Errorf("registered %q, want %q", got, want)
	}
	other := newAdapter(t, r.sim)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- other.Run(ctx) }()
	eventually(t, "second process looks", func() bool { return len(r.sim.CallsTo("GET /applications/{application}/commands")) == 2 })
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := len(r.sim.CallsTo(commandsRoute)); n != 1 {
		t.Errorf("registered %d times, want once", n)
	}
}

func sameWords(x, y string) bool {
	count := map[string]int{}
	for _, w := range strings.Fields(x) {
		count[w]++
	}
	for _, w := range strings.Fields(y) {
		count[w]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestRefusedRegistrationLeavesMessagesWorking(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	if err := r.sim.SetFault(commandsRoute, discordsim.Fault{Status: http.StatusForbidden}); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	r.connected(t)
	eventually(t, "the refusal is counted", func() bool { return r.observed.get("commands_unregistered") == 1 })
	r.inbox.message(t, r.say(t, r.ada, r.channel.ID, "hello").ID)
}

func TestSlashCommandBecomesAnAskedMessage(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	ops := must(r.sim.AddChannel(r.guild.ID, "ops", discordsim.Text))(t)
	i := must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "summarize",
		discordsim.Option{Name: "channel", Value: ops.ID}, discordsim.Option{Name: "since", Value: "2d"}, discordsim.Option{Name: "last", Value: 200}))(t)
	m := r.inbox.asked(t, i.ID).Message
	thread := conversation.CommandThread(i.ID)
	if want := (conversation.ThreadRef{Platform: conversation.Discord, Workspace: r.guild.ID, Channel: r.channel.ID, Thread: thread}); m.Ref != want || m.ID != thread || m.Place != conversation.PlacePrivate {
		t.Errorf("ref %v, id %q, place %q", m.Ref, m.ID, m.Place)
	}
	if m.Author != (conversation.Author{ID: r.ada.ID, Name: "Ada", Kind: conversation.Person}) || m.Text != "/summarize #ops since 2d last 200" {
		t.Errorf("author %+v, text %q", m.Author, m.Text)
	}
	source := conversation.ThreadRef{Platform: conversation.Discord, Workspace: r.guild.ID, Channel: ops.ID}
	if a := m.Ask; a == nil || a.Verb != conversation.VerbSummarize || a.Source != source || a.Text != "since 2d last 200" || a.MessageID != "" || a.From {
		t.Fatalf("ask %+v", m.Ask)
	}
	if left := time.Until(m.Ask.Expires); left < 14*time.Minute || left > 15*time.Minute {
		t.Errorf("expires in %v, want 15 minutes after the command", left)
	}
	if got := r.acknowledged(t, i.ID); got.Response != 5 || got.Message == nil || got.Message.Flags&discordsim.FlagEphemeral == 0 {
		t.Errorf("acknowledged with %+v, want a private answer that is to come", got)
	}
	if n := len(r.sim.Messages(r.channel.ID)); n != 0 {
		t.Errorf("%d messages stand in the channel", n)
	}
}

func TestLinkOptionNamesItsSource(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	said := r.say(t, r.bob, r.channel.ID, "look")
	thread := must(r.sim.StartThread(r.bob.ID, r.channel.ID, said.ID, "talk", false))(t)
	inThread := r.say(t, r.bob, thread.ID, "more")
	r.inbox.message(t, inThread.ID)
	link := func(channel, message string) discordsim.Option {
		return discordsim.Option{Name: "link", Value: "https://ptb.discord.com/channels/" + r.guild.ID + "/" + channel + "/" + message}
	}
	ask := func(name string, o discordsim.Option) conversation.Ask {
		return *r.inbox.asked(t, must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, name, o))(t).ID).Message.Ask
	}
	if a := ask("summarize", link(r.channel.ID, said.ID)); a.Source.Channel != r.channel.ID || a.MessageID != said.ID || !a.From {
		t.Errorf("message of a channel: %+v", a)
	}
	if a := ask("summarize", link(thread.ID, inThread.ID)); a.Source.Channel != thread.ID || a.MessageID != "" || a.From {
		t.Errorf("message of a thread: %+v", a)
	}
	if a := ask("describe", link(thread.ID, inThread.ID)); a.Source.Channel != thread.ID || a.MessageID != inThread.ID {
		t.Errorf("describe: %+v", a)
	}
	if a := ask("summarize", discordsim.Option{Name: "link", Value: "https://example.com/x"}); a.Source != (conversation.ThreadRef{}) || a.Text != "https://example.com/x" {
		t.Errorf("what is no link of Discord's must stay to be told: %+v", a)
	}
}

func TestASecondPlaceStaysToBeTold(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	ops := must(r.sim.AddChannel(r.guild.ID, "ops", discordsim.Text))(t)
	said := r.say(t, r.bob, r.channel.ID, "look")
	channel := discordsim.Option{Name: "channel", Value: ops.ID}
	link := discordsim.Option{Name: "link", Value: "https://discord.com/channels/" + r.guild.ID + "/" + r.channel.ID + "/" + said.ID}
	for _, tt := range []struct {
		options []discordsim.Option
		source  string
		rest    string
	}{
		{[]discordsim.Option{channel, link}, ops.ID, link.Value.(string)},
		{[]discordsim.Option{link, channel}, r.channel.ID, "#ops"},
	} {
		a := r.inbox.asked(t, must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "summarize", tt.options...))(t).ID).Message.Ask
		if a.Source.Channel != tt.source || a.Text != tt.rest {
			t.Errorf("%+v, want %s and %q", a, tt.source, tt.rest)
		}
	}
}

func TestLinkedMessageGivesItsFilesToWhoMayReadIt(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	cat := discordsim.WithFiles(discordsim.File{Name: "cat.png", ContentType: "image/png", Data: []byte("x")})
	hidden := must(r.sim.AddChannel(r.guild.ID, "hidden", discordsim.Text, r.everyone(0, discordsim.ViewChannel), member(r.ada.ID, readable, 0), member(r.sim.BotUserID(), readable, 0)))(t)
	said := r.say(t, r.ada, hidden.ID, "", cat)
	link := discordsim.Option{Name: "link", Value: "https://discord.com/channels/" + r.guild.ID + "/" + hidden.ID + "/" + said.ID}
	files := func(u discordsim.User) []conversation.Attachment {
		return r.inbox.asked(t, must(r.sim.InvokeCommand(u.ID, r.channel.ID, "describe", link))(t).ID).Message.Attachments
	}
	if got := files(r.ada); len(got) != 1 || got[0].Locator != hidden.ID+"/"+said.ID+"/"+said.Attachments[0].ID {
		t.Errorf("Ada is given %+v", got)
	}
	if got := files(r.bob); len(got) != 0 {
		t.Errorf("Bob is given %+v", got)
	}
	if err := r.sim.SetFault("GET /channels/{channel}/messages/{message}", discordsim.Fault{Status: http.StatusBadGateway}); err != nil {
		t.Fatal(err)
	}
	if i := r.acknowledged(t, must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "describe", link))(t).ID); i.Response != 4 {
		t.Errorf("while the message cannot be looked at: %+v", i)
	}
}

func TestMessageCommandNamesItsTarget(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	said := r.say(t, r.bob, r.channel.ID, "look", discordsim.WithFiles(discordsim.File{Name: "cat.png", ContentType: "image/png", Data: []byte("x")}))
	for name, want := range map[string]conversation.Ask{
		"Summarize from here": {Verb: conversation.VerbSummarize, From: true},
		"Describe image":      {Verb: conversation.VerbDescribe},
		"Transcribe":          {Verb: conversation.VerbTranscribe},
	} {
		m := r.inbox.asked(t, must(r.sim.InvokeMessageCommand(r.ada.ID, said.ID, name))(t).ID).Message
		if m.Ask.Verb != want.Verb || m.Ask.From != want.From || m.Ask.MessageID != said.ID || m.Ask.Source.Channel != r.channel.ID || m.Text != name {
			t.Errorf("%s: %+v %q", name, m.Ask, m.Text)
		}
		if len(m.Attachments) != 1 || m.Attachments[0].Locator != r.channel.ID+"/"+said.ID+"/"+said.Attachments[0].ID {
			t.Errorf("%s: files %+v", name, m.Attachments)
		}
	}
}

func TestCommandInAThreadNamesItsParent(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	thread := must(r.sim.StartThread(r.bob.ID, r.channel.ID, "", "talk", false))(t)
	m := r.inbox.asked(t, must(r.sim.InvokeCommand(r.ada.ID, thread.ID, "summarize"))(t).ID).Message
	if m.Ref.Channel != thread.ID || m.Parent != r.channel.ID || m.Ask.Source != (conversation.ThreadRef{}) {
		t.Errorf("%+v %+v", m, m.Ask)
	}
}

func TestCommandInADirectMessage(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	dm := r.dm(t, r.ada)
	m := r.inbox.asked(t, must(r.sim.InvokeCommand(r.ada.ID, dm.ID, "help"))(t).ID).Message
	if m.Ref.Workspace != "@me" || m.Ref.Channel != dm.ID || m.Author.Name != "Ada" || m.Ask.Verb != conversation.VerbHelp {
		t.Errorf("%+v %+v", m, m.Ask)
	}
}

func TestCommandThatCannotBeStoredIsSaidSoInTime(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	r.inbox.setBroken(true)
	began := time.Now()
	i := r.acknowledged(t, must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "help"))(t).ID)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("acknowledged after %v", took)
	}
	if i.Response != 4 || i.Message == nil || i.Message.Flags&discordsim.FlagEphemeral == 0 || !strings.Contains(i.Message.Content, "try again") {
		t.Errorf("told %+v", i)
	}
	if n := r.observed.get("interaction_refused"); n != 1 {
		t.Errorf("counted %d", n)
	}
}

func TestCommandThatPanicsIsSaidSoAndEndsNothing(t *testing.T) {
	t.Parallel()
	p := &panicking{next: newInbox()}
	r := offered(t, discordsim.Options{}, func(o *discord.Options) { o.Ingester = p })
	p.left.Store(1 << 20)
	i := r.acknowledged(t, must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "help"))(t).ID)
	if i.Message == nil || !strings.Contains(i.Message.Content, "try again") {
		t.Errorf("told %+v", i)
	}
}

func TestStoreThatHangsDoesNotHoldTheAcknowledgementBack(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	r := offered(t, discordsim.Options{}, func(o *discord.Options) { o.Ingester = hung(release) })
	began := time.Now()
	i := r.acknowledged(t, must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "help"))(t).ID)
	if took := time.Since(began); took > 3*time.Second || i.Response != 4 {
		t.Errorf("acknowledged after %v with %d", took, i.Response)
	}
}

// hung is a store that does not even look at its context.
type hung <-chan struct{}

func (h hung) Ingest(context.Context, conversation.Event) error {
	<-h
	return errStoreDown
}

func TestCommandThatIsDeliveredTwiceIsAcknowledgedOnce(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	r.sim.DuplicateDispatches(1)
	i := must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "help"))(t)
	eventually(t, "both are answered", func() bool { return len(r.sim.CallsTo(respondRoute)) == 2 })
	if got := r.acknowledged(t, i.ID); got.Response != 5 || len(r.sim.Whispers(r.ada.ID, r.channel.ID)) != 1 {
		t.Errorf("%+v", got)
	}
	if _, err := r.adapter.Whisper(t.Context(), whisperOf(r.inbox.asked(t, i.ID), "here")); err != nil {
		t.Error(err)
	}
	if n := r.observed.get("interaction_unacknowledged"); n != 0 {
		t.Errorf("%d counted as not acknowledged", n)
	}
}

func TestGlobalLimitDoesNotHoldTheAcknowledgementBack(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	if err := r.sim.SetFault(postRoute, discordsim.Fault{Status: http.StatusTooManyRequests, Global: true, RetryAfter: 20 * time.Second, Times: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := r.adapter.Post(ctx, conversation.Outgoing{Ref: r.ref(r.channel.ID), SendID: "g-1", Text: "x"})
		done <- err
	}()
	eventually(t, "the global limit is met", func() bool { return len(r.sim.CallsTo(postRoute)) == 1 })
	began := time.Now()
	i := r.acknowledged(t, must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "help"))(t).ID)
	if took := time.Since(began); took > 3*time.Second || i.Response != 5 {
		t.Errorf("acknowledged after %v with %d", took, i.Response)
	}
	cancel()
	<-done
}

func TestLostAcknowledgementIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	if err := r.sim.SetFault(respondRoute, discordsim.Fault{DropResponse: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	i := must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "help"))(t)
	if got := r.acknowledged(t, i.ID); got.Response != 5 {
		t.Errorf("acknowledged with %d", got.Response)
	}
	eventually(t, "second try", func() bool { return len(r.sim.CallsTo(respondRoute)) == 2 })
	for _, c := range r.sim.CallsTo(respondRoute) {
		if strings.Contains(string(c.Body), r.sim.BotToken()) {
			t.Error("the bot's token is in the body")
		}
	}
}

func TestUnknownCommandAndButtonAreAcknowledged(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	old := []byte(`[{"name":"old","description":"x"}]`)
	req := must(http.NewRequestWithContext(t.Context(), http.MethodPut, r.sim.URL()+"v10/applications/"+r.sim.ApplicationID()+"/guilds/"+r.guild.ID+"/commands", strings.NewReader(string(old))))(t)
	req.Header.Set("Authorization", "Bot "+r.sim.BotToken())
	req.Close = true
	resp := must((&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req))(t)
	_ = resp.Body.Close()
	if i := r.acknowledged(t, must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "old"))(t).ID); i.Response != 4 || i.Message.Flags&discordsim.FlagEphemeral == 0 {
		t.Errorf("old command: %+v", i)
	}
	m := r.say(t, r.bob, r.channel.ID, "x", discordsim.WithComponents(json.RawMessage(`[{"type":1,"components":[{"type":2,"style":2,"label":"?","custom_id":"other"}]}]`)))
	if i := r.acknowledged(t, must(r.sim.Press(r.ada.ID, m.ID, "other"))(t).ID); i.Response != 6 {
		t.Errorf("other button: %+v", i)
	}
}
