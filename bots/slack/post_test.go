package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/bots/slack"
	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func (w *world) outgoing(m slacksim.Message, text string) conversation.Outgoing {
	return conversation.Outgoing{Ref: w.ref(m), Place: conversation.PlaceChannel, ReplyTo: m.TS, SendID: "send-1", Text: text, Final: true}
}

func TestPostAnswersInTheThread(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	id, err := w.adapter.Post(t.Context(), w.outgoing(said, "**Yes**, it is `so` & <fine>."))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := w.sim.Message(w.channel.ID, id)
	if !ok || m.ThreadTS != said.TS || m.BotID != w.sim.BotID() {
		t.Fatalf("posted %+v, want a reply in %s", m, said.TS)
	}
	if !strings.Contains(string(m.Blocks), `"markdown"`) && !strings.Contains(string(m.Blocks), `rich_text`) {
		t.Errorf("blocks = %s, want the Markdown rendered", m.Blocks)
	}
	if want := "*Yes*, it is `so` &amp; &lt;fine&gt;."; m.Text != want {
		t.Errorf("fallback = %q, want %q", m.Text, want)
	}
	var meta struct {
		EventType string            `json:"event_type"`
		Payload   map[string]string `json:"event_payload"`
	}
	if err := json.Unmarshal(m.Metadata, &meta); err != nil || meta.Payload["send_id"] != "send-1" {
		t.Errorf("metadata = %s (%v)", m.Metadata, err)
	}
}

func TestPostWithoutThread(t *testing.T) {
	t.Parallel()
	w := connected(t)
	dm, err := w.sim.OpenDM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	out := conversation.Outgoing{Text: "plainly here", SendID: "s",
		Ref: conversation.ThreadRef{Platform: conversation.Slack, Workspace: w.sim.Team(), Channel: dm.ID}}
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := w.sim.Message(dm.ID, id); m.ThreadTS != "" {
		t.Errorf("thread = %q, want none", m.ThreadTS)
	}
}

func TestModelTextIsInert(t *testing.T) {
	t.Parallel()
	w := connected(t)
	for i, text := range []string{
		"<!here> look", "<!channel>", "<!everyone|hi>", "hey <@" + w.ann.ID + ">", "<@" + w.ann.ID + "|ann>",
		"@here @channel @everyone", "<!subteam^S123|@team>", "&lt;!here&gt;", "&#60;!channel&#62;", `\<!here\>`, "<<!here>!here>",
		"`<!here>`", "```\n<!channel>\n```", "see <#" + w.channel.ID + ">", "| a |\n|---|\n| <!here> |",
	} {
		channel, err := w.sim.AddChannel(fmt.Sprintf("inert-%d", i), false, w.ann.ID, w.sim.BotUserID())
		if err != nil {
			t.Fatal(err)
		}
		said, err := w.sim.Say(w.ann.ID, channel.ID, "question")
		if err != nil {
			t.Fatal(err)
		}
		id, err := w.adapter.Post(t.Context(), w.outgoing(said, text))
		if err != nil {
			t.Fatalf("post %q: %v", text, err)
		}
		m, _ := w.sim.Message(channel.ID, id)
		if len(m.Notifies) > 0 {
			t.Errorf("%q notifies %v (text %q, blocks %s)", text, m.Notifies, m.Text, m.Blocks)
		}
	}
}

func TestNothingIsPreviewed(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	out := w.outgoing(said, "see https://example.com/a.png and [this](https://example.org/x)")
	out.KnownURLs = []string{"https://example.com/a.png", "https://example.org/x"}
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := w.sim.Message(w.channel.ID, id); len(m.Previews) > 0 {
		t.Errorf("previews of %v", m.Previews)
	}
}

func TestEditReplacesTheText(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	out := w.outgoing(said, "first")
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	out.Text = "# second"
	if err := w.adapter.Edit(t.Context(), id, out); err != nil {
		t.Fatal(err)
	}
	m, _ := w.sim.Message(w.channel.ID, id)
	if m.Text != "*second*" || m.EditedTS != "" || m.ThreadTS != said.TS {
		t.Errorf("after the edit: %+v", m)
	}
	if !strings.Contains(string(m.Metadata), "send-1") {
		t.Errorf("the edit has lost the metadata: %s", m.Metadata)
	}
}

func TestEditOfADeletedMessage(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	out := w.outgoing(said, "first")
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.adapter.Delete(t.Context(), out.Ref, id); err != nil {
			t.Fatalf("delete: %v", err)
		}
	}
	err = w.adapter.Edit(t.Context(), id, out)
	if f := conversation.FailureOf(err); f.Code != conversation.CodeMessageGone || f.Retry {
		t.Errorf("failure = %+v, want %s", f, conversation.CodeMessageGone)
	}
}

func TestServerWithoutMarkdownBlocks(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	w.sim.SetFault("chat.postMessage", slacksim.Fault{Error: "invalid_blocks", Times: 1})
	for i := range 2 {
		id, err := w.adapter.Post(t.Context(), w.outgoing(said, "**bold** [x](https://example.com)"))
		if err != nil {
			t.Fatal(err)
		}
		m, _ := w.sim.Message(w.channel.ID, id)
		if !strings.HasPrefix(m.Text, "*bold*") || len(m.Blocks) > 0 {
			t.Errorf("post %d: text %q, blocks %s; want mrkdwn without blocks", i, m.Text, m.Blocks)
		}
	}
	if n := len(w.sim.Calls("chat.postMessage")); n != 3 {
		t.Errorf("%d calls, want 3: the refusal is remembered", n)
	}
}

func TestRateLimitIsWaitedOut(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	w.sim.SetFault("chat.postMessage", slacksim.Fault{Status: 429, RetryAfter: time.Second, Times: 1})
	begun := time.Now()
	if _, err := w.adapter.Post(t.Context(), w.outgoing(said, "patience")); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took < time.Second {
		t.Errorf("tried again after %s, Slack asked for 1s", took)
	}
	if n := len(w.own(w.channel.ID)); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
}

func TestInterimEditDoesNotWaitForARateLimit(t *testing.T) {
	t.Parallel()
	w := connected(t)
	out := w.outgoing(w.say(t, "question"), "first")
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	w.sim.SetFault("chat.update", slacksim.Fault{Status: 429, RetryAfter: 30 * time.Second, Times: 1})
	out.Final = false
	err = w.adapter.Edit(t.Context(), id, out)
	if f := conversation.FailureOf(err); f.Code != conversation.CodePlatformDown || !f.Retry {
		t.Errorf("failure = %+v, want a retryable one", f)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.adapter.AwaitEdit(ctx, out.Ref); err == nil {
		t.Error("the next interim edit does not wait for the 30 s that Slack asked for")
	}
}

func TestLostResponseIsFound(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	out := w.outgoing(said, "did this arrive?")
	out.SendID = "lost-1"
	w.sim.SetFault("chat.postMessage", slacksim.Fault{DropResponse: true, Times: 1})
	_, err := w.adapter.Post(t.Context(), out)
	if f := conversation.FailureOf(err); f.Code != conversation.CodeSendUnknown {
		t.Fatalf("failure = %+v, want %s", f, conversation.CodeSendUnknown)
	}
	id, found, err := w.adapter.FindSent(t.Context(), conversation.Outgoing{Ref: out.Ref, ReplyTo: said.TS, SendID: "lost-1"}, time.Now().Add(-time.Minute))
	if err != nil || !found {
		t.Fatalf("FindSent = %q, %v, %v", id, found, err)
	}
	if own := w.own(w.channel.ID); len(own) != 1 || own[0].TS != id {
		t.Errorf("found %s, the workspace holds %+v", id, own)
	}
	_, found, err = w.adapter.FindSent(t.Context(), conversation.Outgoing{Ref: out.Ref, ReplyTo: said.TS, SendID: "never"}, time.Time{})
	if err != nil || found {
		t.Errorf("FindSent of what was never sent = %v, %v", found, err)
	}
}

func TestServerErrorAfterSendIsUnknown(t *testing.T) {
	t.Parallel()
	w := connected(t)
	out := w.outgoing(w.say(t, "question"), "text")
	for _, fault := range []slacksim.Fault{
		{Status: 503, Body: "<html>down</html>", Times: 1}, {Status: 200, Body: "<html>login</html>", Times: 1},
		{Error: "fatal_error", Times: 1}, {Error: "internal_error", Times: 1},
	} {
		w.sim.SetFault("chat.postMessage", fault)
		_, err := w.adapter.Post(t.Context(), out)
		if f := conversation.FailureOf(err); f.Code != conversation.CodeSendUnknown {
			t.Errorf("%+v: failure %v, want %s", fault, f, conversation.CodeSendUnknown)
		}
	}
}

func TestRefusalsHaveASentence(t *testing.T) {
	t.Parallel()
	w := connected(t)
	out := w.outgoing(w.say(t, "question"), "text")
	tests := []struct {
		fault slacksim.Fault
		code  conversation.Code
		says  string // in Safe
		log   string // in Error
	}{
		{slacksim.Fault{Error: "not_in_channel"}, conversation.CodePlatformRefused, "/invite", "invite"},
		{slacksim.Fault{Error: "is_archived"}, conversation.CodePlatformRefused, "archived", "is_archived"},
		{slacksim.Fault{Error: "missing_scope", Needed: "chat:write"}, conversation.CodePlatformRefused, "permission", "chat:write"},
		{slacksim.Fault{Error: "restricted_action"}, conversation.CodePlatformRefused, "settings", "restricted_action"},
		{slacksim.Fault{Error: "msg_too_long"}, conversation.CodeCallRefused, "too long", "msg_too_long"},
		{slacksim.Fault{Error: "invalid_auth"}, conversation.CodePlatformRefused, "token", "SLACK_BOT_TOKEN"},
		{slacksim.Fault{Error: "unknown_method"}, conversation.CodePlatformRefused, "log", "does not have the method chat.postMessage"},
		{slacksim.Fault{Error: "invalid_arguments"}, conversation.CodeCallRefused, "log", "invalid_arguments"},
		{slacksim.Fault{Error: "something_new"}, conversation.CodeCallRefused, "log", "something_new"},
	}
	for _, tt := range tests {
		tt.fault.Times = 1
		w.sim.SetFault("chat.postMessage", tt.fault)
		_, err := w.adapter.Post(t.Context(), out)
		f := conversation.FailureOf(err)
		if f.Code != tt.code || f.Retry || !strings.Contains(f.Safe, tt.says) || !strings.Contains(f.Error(), tt.log) {
			t.Errorf("%s: code %s, safe %q, log %q", tt.fault.Error, f.Code, f.Safe, f.Error())
		}
		if strings.Contains(f.Safe, "chat:write") || strings.Contains(f.Safe, tt.fault.Error) {
			t.Errorf("%s: people see Slack's words: %q", tt.fault.Error, f.Safe)
		}
	}
}

func TestPostFile(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	out := w.outgoing(said, "")
	out.SendID = "file7"
	id, err := w.adapter.PostFile(t.Context(), out, conversation.File{Name: "answer.md", Text: "# all of it"})
	if err != nil {
		t.Fatal(err)
	}
	m, ok := w.sim.Message(w.channel.ID, id)
	if !ok || m.ThreadTS != said.TS || len(m.Files) != 1 {
		t.Fatalf("posted %+v (known %v)", m, ok)
	}
	if data, _ := w.sim.FileBytes(m.Files[0].ID); string(data) != "# all of it" {
		t.Errorf("file holds %q", data)
	}
	got, found, err := w.adapter.FindSent(t.Context(), conversation.Outgoing{Ref: out.Ref, ReplyTo: said.TS, SendID: "file7"}, time.Time{})
	if err != nil || !found || got != id {
		t.Errorf("FindSent = %q, %v, %v; want %s", got, found, err, id)
	}
}

func TestLongAnswerStaysWithinRealLimits(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Limits: true}, edit: func(o *slack.Options) { o.Sockets = 1 }})
	said := w.say(t, "question")
	long := strings.Repeat("A sentence of the long answer, with **emphasis** and `code` & more. ", 190)
	var ids []string
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	// The answer grows as fast as the limits allow, as the engine would show it.
	for n := 600; n < len(long); n += 200 {
		if len(ids) > 0 && w.adapter.AwaitEdit(ctx, w.ref(said)) != nil {
			break
		}
		parts := w.adapter.Split(long[:n], 80)
		if len(parts) == 0 {
			t.Fatal("no parts")
		}
		out := w.outgoing(said, parts[len(parts)-1])
		out.Final = false
		if len(parts) > len(ids) {
			id, err := w.adapter.Post(t.Context(), out)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
			continue
		}
		if err := w.adapter.Edit(t.Context(), ids[len(ids)-1], out); err != nil {
			t.Fatal(err)
		}
	}
	for i, part := range w.adapter.Split(long, 80) {
		out := w.outgoing(said, part)
		if i < len(ids) {
			if err := w.adapter.Edit(t.Context(), ids[i], out); err != nil {
				t.Fatal(err)
			}
		} else if _, err := w.adapter.Post(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range w.sim.Calls("") {
		if c.Status == 429 {
			t.Errorf("429 on %s", c.Method)
		}
	}
	if n := len(w.sim.Calls("chat.update")); n < 6 {
		t.Errorf("only %d edits: the answer is not seen to grow", n)
	}
}

func TestPartsFitAfterRendering(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	for _, text := range []string{strings.Repeat("&<> ", 4000), strings.Repeat("😀", 9000), strings.Repeat("word ", 3000) + "\n```go\n" + strings.Repeat("x := a && b\n", 800) + "```"} {
		parts := w.adapter.Split(text, 80)
		if len(parts) < 2 {
			t.Fatalf("%d parts of %d bytes", len(parts), len(text))
		}
		for _, part := range parts[:2] {
			out := w.outgoing(said, part+strings.Repeat(".", 80))
			id, err := w.adapter.Post(t.Context(), out)
			if err != nil {
				t.Fatal(err)
			}
			if m, _ := w.sim.Message(w.channel.ID, id); len([]rune(m.Text)) > 4000 {
				t.Errorf("a part of %d characters", len([]rune(m.Text)))
			}
		}
	}
}

func TestRefusedEditsAndFilesLeaveAnotherWay(t *testing.T) {
	t.Parallel()
	w := connected(t)
	out := w.outgoing(w.say(t, "question"), "text")
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	edit := func() error { return w.adapter.Edit(t.Context(), id, out) }
	file := func() error {
		_, err := w.adapter.PostFile(t.Context(), out, conversation.File{Name: "answer.md", Text: "all of it"})
		return err
	}
	remove := func() error { return w.adapter.Delete(t.Context(), out.Ref, id) }
	for _, tt := range []struct {
		method string
		fault  slacksim.Fault
		call   func() error
		code   conversation.Code
		log    string
	}{
		{"chat.update", slacksim.Fault{Error: "edit_window_closed"}, edit, conversation.CodeEditRefused, "edit_window_closed"},
		{"chat.update", slacksim.Fault{Error: "cant_update_message"}, edit, conversation.CodeEditRefused, "cant_update_message"},
		{"chat.update", slacksim.Fault{Error: "unknown_method"}, edit, conversation.CodeCallRefused, "does not have the method chat.update"},
		{"chat.update", slacksim.Fault{Status: 404, Body: "nothing here"}, edit, conversation.CodeCallRefused, "does not have the method chat.update"},
		{"chat.update", slacksim.Fault{Error: "msg_too_long"}, edit, conversation.CodeCallRefused, "msg_too_long"},
		{"chat.update", slacksim.Fault{Error: "message_not_found"}, edit, conversation.CodeMessageGone, "message_not_found"},
		{"chat.update", slacksim.Fault{Error: "is_archived"}, edit, conversation.CodePlatformRefused, "is_archived"},
		{"chat.delete", slacksim.Fault{Error: "cant_delete_message"}, remove, conversation.CodeEditRefused, "cant_delete_message"},
		{"files.getUploadURLExternal", slacksim.Fault{Error: "missing_scope", Needed: "files:write"}, file, conversation.CodeCallRefused, "files:write"},
		{"files.getUploadURLExternal", slacksim.Fault{Error: "unknown_method"}, file, conversation.CodeCallRefused, "does not have the method files.getUploadURLExternal"},
		{"files.completeUploadExternal", slacksim.Fault{Error: "restricted_action"}, file, conversation.CodeCallRefused, "restricted_action"},
		{"files.getUploadURLExternal", slacksim.Fault{Error: "token_revoked"}, file, conversation.CodePlatformRefused, "SLACK_BOT_TOKEN"},
	} {
		tt.fault.Times = 1
		w.sim.SetFault(tt.method, tt.fault)
		f := conversation.FailureOf(tt.call())
		if f.Code != tt.code || f.Retry || f.Safe == "" && tt.code != conversation.CodeMessageGone || !strings.Contains(f.Error(), tt.log) {
			t.Errorf("%s %+v: %+v, want %s", tt.method, tt.fault, f, tt.code)
		}
	}
}

func TestSearchThatCannotTellIsFinal(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	out := w.outgoing(said, "answer")
	out.ReplyTo = said.TS
	want := func(why string) {
		t.Helper()
		_, _, err := w.adapter.FindSent(t.Context(), out, time.Time{})
		f, ok := errors.AsType[*conversation.Failure](err)
		if !ok || f.Code != conversation.CodeSendUnknown || f.Retry {
			t.Errorf("%s: %v, want %s for good: another try would tell no more", why, err, conversation.CodeSendUnknown)
		}
	}
	w.sim.SetFault("conversations.replies", slacksim.Fault{Error: "missing_scope", Times: 1})
	want("without a scope")
	for range 2001 {
		w.say(t, "meanwhile", slacksim.Quiet(), slacksim.InThread(said.TS))
	}
	want("after 2,000 messages")
}
