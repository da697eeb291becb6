package slack_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
	"parley/conversation"
)

// awaitAsked waits for the command with this id.
func (w *world) awaitAsked(t *testing.T, i slacksim.Interaction) conversation.Message {
	t.Helper()
	e := w.inbox.await(t, func(e conversation.Event) bool {
		asked, ok := e.(conversation.Asked)
		return ok && asked.Delivery.ID == i.Trigger
	})
	return e.(conversation.Asked).Message
}

// settled waits until the person sees how an interaction went.
func (w *world) settled(t *testing.T, i slacksim.Interaction) slacksim.Interaction {
	t.Helper()
	var out slacksim.Interaction
	w.await(t, func(*slacksim.Workspace) bool {
		for _, one := range w.sim.Interactions() {
			if one.Trigger == i.Trigger {
				out = one
			}
		}
		return out.Acked || out.Failed != ""
	})
	return out
}

func (w *world) slash(t *testing.T, typed string, opts ...slacksim.SlashOption) slacksim.Interaction {
	t.Helper()
	i, err := w.sim.Slash(w.ann.ID, w.channel.ID, typed, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestSlashCommandsAreRead(t *testing.T) {
	t.Parallel()
	w := connected(t)
	other, err := w.sim.AddChannel("random", false, w.ann.ID, w.sim.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	root := w.say(t, "root")
	reply := w.say(t, "reply", slacksim.InThread(root.TS))
	link := w.adapter.Link(w.ref(reply), reply.TS)
	here := conversation.ThreadRef{Platform: conversation.Slack, Workspace: w.sim.Team(), Channel: other.ID}
	none := conversation.ThreadRef{}
	tests := []struct {
		typed  string
		opts   []slacksim.SlashOption
		verb   conversation.Verb
		source conversation.ThreadRef
		id     string
		rest   string
	}{
		{typed: "/parley", verb: conversation.VerbHelp},
		{typed: "/parley help", verb: conversation.VerbHelp},
		{typed: "/parley HELP summarize", verb: conversation.VerbHelp, rest: "summarize"},
		{typed: "/parley frobnicate", verb: conversation.VerbHelp, rest: "frobnicate"},
		{typed: "/parley ?", verb: conversation.VerbHelp, rest: "?"},
		{typed: "/parley 這裡決定了什麼？", verb: conversation.VerbAsk, rest: "這裡決定了什麼？"},
		{typed: "/parley sing a song", verb: conversation.VerbAsk, rest: "sing a song"},
		{typed: "/parley help me write a letter", verb: conversation.VerbAsk, rest: "help me write a letter"},
		{typed: "/parley summarize", verb: conversation.VerbSummarize},
		{typed: "/parley  SUMMARISE   last  200", verb: conversation.VerbSummarize, rest: "last 200"},
		{typed: "/parley summarize #random since 2d", verb: conversation.VerbSummarize, source: here, rest: "since 2d"},
		{typed: "/parley #random", verb: conversation.VerbSummarize, source: here},
		{typed: "/parley since 2d", verb: conversation.VerbSummarize, rest: "since 2d"},
		{typed: "/parley summarize #random", opts: []slacksim.SlashOption{slacksim.Unescaped()}, verb: conversation.VerbSummarize, source: here},
		{typed: "/parley summarize #nowhere", verb: conversation.VerbSummarize,
			source: conversation.ThreadRef{Platform: conversation.Slack, Workspace: w.sim.Team(), Channel: "#nowhere"}},
		{typed: "/parley summarize " + link, verb: conversation.VerbSummarize, source: w.ref(reply), id: reply.TS},
		{typed: "/parley describe " + link, opts: []slacksim.SlashOption{slacksim.Unescaped()}, verb: conversation.VerbDescribe, source: w.ref(reply), id: reply.TS},
		{typed: "/parley transcribe https://elsewhere.slack.com/archives/C1/p1700000000000001", verb: conversation.VerbTranscribe,
			rest: "https://elsewhere.slack.com/archives/C1/p1700000000000001"},
		{typed: "/parley summarize what @ann said", verb: conversation.VerbSummarize, rest: "what @ann said"},
	}
	for _, tt := range tests {
		i := w.slash(t, tt.typed, tt.opts...)
		m := w.awaitAsked(t, i)
		if m.Ask.Verb != tt.verb || m.Ask.Source != tt.source || m.Ask.MessageID != tt.id || m.Ask.Text != tt.rest || m.Ask.From {
			t.Errorf("%q is read as %+v", tt.typed, *m.Ask)
		}
		if m.Ask.Source == none && m.Ref.Channel != w.channel.ID {
			t.Errorf("%q belongs to %+v", tt.typed, m.Ref)
		}
	}
}

func TestSlashCommandIsAConversationOfItsOwnAndAcknowledgedAtOnce(t *testing.T) {
	t.Parallel()
	w := connected(t)
	i := w.slash(t, "/parley summarize #general last 20")
	m := w.awaitAsked(t, i)
	if m.Ref.Thread != conversation.CommandThread(i.Trigger) || m.ID != m.Ref.Thread || m.Ref.Channel != w.channel.ID || m.Ref.Workspace != w.sim.Team() {
		t.Errorf("conversation %+v, message %s", m.Ref, m.ID)
	}
	if m.Place != conversation.PlacePrivate || m.Author.ID != w.ann.ID || m.Author.Name != "ann" || m.Author.Kind != conversation.Person {
		t.Errorf("message %+v", m)
	}
	if m.Text != "/parley summarize #general last 20" {
		t.Errorf("text %q", m.Text)
	}
	if w.adapter.OpenHandle(m.Ask.Handle) != i.ResponseURL || time.Until(m.Ask.Expires) > 30*time.Minute || time.Until(m.Ask.Expires) < 29*time.Minute {
		t.Errorf("ask %+v", *m.Ask)
	}
	if got := w.settled(t, i); !got.Acked || !strings.Contains(got.Reply, "Working") {
		t.Errorf("interaction %+v", got)
	}
}

func TestCommandThatCannotBeStoredIsSaidInTime(t *testing.T) {
	t.Parallel()
	for name, ingest := range map[string]func(context.Context, conversation.Event) error{
		"the store fails": func(context.Context, conversation.Event) error { return errors.New("no database") },
		"the store panics": func(_ context.Context, e conversation.Event) error {
			if _, asked := e.(conversation.Asked); asked {
				panic("ingest")
			}
			return nil
		},
		"the store hangs": func(ctx context.Context, _ conversation.Event) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, setup{wait: true, edit: func(o *slackOptions) { o.Ingester = ingester(ingest) }})
			said := w.say(t, "look")
			slash := w.slash(t, "/parley summarize")
			shortcut, err := w.sim.Shortcut(w.ann.ID, w.channel.ID, said.TS, "summarize_thread")
			if err != nil {
				t.Fatal(err)
			}
			if got := w.settled(t, slash); !got.Acked || !strings.Contains(got.Reply, "could not take this in") {
				t.Errorf("slash command %+v", got)
			}
			if got := w.settled(t, shortcut); !got.Acked {
				t.Errorf("shortcut %+v", got)
			}
			w.await(t, func(ws *slacksim.Workspace) bool { return len(ws.Ephemerals(w.ann.ID)) == 2 })
		})
	}
}

func TestShortcutIsAboutTheThreadOfItsMessage(t *testing.T) {
	t.Parallel()
	w := connected(t)
	picture, err := w.sim.Upload(w.ann.ID, "cat.png", "image/png", []byte("png"))
	if err != nil {
		t.Fatal(err)
	}
	root := w.say(t, "root")
	reply := w.say(t, "a cat", slacksim.InThread(root.TS), slacksim.WithFiles(picture.ID))
	for id, verb := range map[string]conversation.Verb{
		"summarize_thread": conversation.VerbSummarize, "describe_image": conversation.VerbDescribe, "transcribe_audio": conversation.VerbTranscribe,
	} {
		i, err := w.sim.Shortcut(w.ann.ID, w.channel.ID, reply.TS, id)
		if err != nil {
			t.Fatal(err)
		}
		m := w.awaitAsked(t, i)
		if m.Ask.Verb != verb || m.Ask.MessageID != reply.TS || m.Ask.Source != w.ref(reply) || m.Place != conversation.PlacePrivate {
			t.Errorf("%s is read as %+v", id, *m.Ask)
		}
		if len(m.Attachments) != 1 || m.Attachments[0].Locator != picture.ID {
			t.Errorf("attachments %+v", m.Attachments)
		}
		if got := w.settled(t, i); !got.Acked {
			t.Errorf("%s: %+v", id, got)
		}
	}
	alone := w.say(t, "alone")
	i, err := w.sim.Shortcut(w.ann.ID, w.channel.ID, alone.TS, "summarize_thread")
	if err != nil {
		t.Fatal(err)
	}
	if m := w.awaitAsked(t, i); m.Ask.Source.Thread != alone.TS {
		t.Errorf("source %+v", m.Ask.Source)
	}
}

func TestWhatIsNoneOfParleysIsAcknowledgedWithoutEffect(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "look")
	i, err := w.sim.Shortcut(w.ann.ID, w.channel.ID, said.TS, "order_pizza")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.settled(t, i); !got.Acked {
		t.Errorf("interaction %+v", got)
	}
	for _, e := range w.inbox.all() {
		if _, ok := e.(conversation.Asked); ok {
			t.Errorf("taken in as %+v", e)
		}
	}
}
