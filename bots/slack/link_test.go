package slack_test

import (
	"testing"

	"parley/conversation"
)

func TestLinksLeadToWhereSlackSays(t *testing.T) {
	t.Parallel()
	w := connected(t)
	root := w.say(t, "root")
	reply := w.say(t, "reply", inThread(root.TS))
	home := "https://parley-simulated.slack.com/archives/" + w.channel.ID
	digits := func(ts string) string { return "/p" + ts[:len(ts)-7] + ts[len(ts)-6:] }
	channel := w.at(w.channel.ID)
	command := channel
	command.Thread = conversation.CommandThread("1.2.3")
	foreign := channel
	foreign.Workspace = "T0OTHER"
	for _, tt := range []struct {
		name string
		ref  conversation.ThreadRef
		id   string
		want string
	}{
		{"a root", w.ref(root), root.TS, home + digits(root.TS)},
		{"a reply", w.ref(reply), reply.TS, home + digits(reply.TS) + "?thread_ts=" + root.TS + "&cid=" + w.channel.ID},
		{"a thread", w.ref(reply), "", home + digits(root.TS)},
		{"a channel", channel, "", home},
		{"a message of a channel", channel, root.TS, home + digits(root.TS)},
		{"a command", command, command.Thread, ""},
		{"what is no message", channel, "F0FILE", ""},
		{"another workspace", foreign, root.TS, ""},
		{"no channel", w.at("#x"), "", ""},
	} {
		got := w.adapter.Link(tt.ref, tt.id)
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if got == "" {
			continue
		}
		ref, id, ok := w.adapter.FindLink("see <" + got + "|this>, or [that](" + got + ").")
		if !ok || ref.Channel != w.channel.ID || tt.id != "" && id != tt.id || tt.ref.Thread != "" && ref.Thread != tt.ref.Thread {
			t.Errorf("%s: %q is read as %+v, %q, %v", tt.name, got, ref, id, ok)
		}
	}
}

func TestLinksOfOthersAreNone(t *testing.T) {
	t.Parallel()
	w := connected(t)
	for _, text := range []string{"", "nothing", "https://evil.slack.com/archives/C0123/p1700000000000001",
		"https://parley-simulated.slack.com.evil.example/archives/C0123", "https://parley-simulated.slack.com/files/U1/F1",
		"https://evil.example/?https://x/archives/C0123", "<#C0123", "<@U0123|x>"} {
		if ref, id, ok := w.adapter.FindLink(text); ok {
			t.Errorf("%q is read as %+v, %q", text, ref, id)
		}
	}
	ref, id, ok := w.adapter.FindLink("what happened in <#C0123|general> https://parley-simulated.slack.com/archives/C0999")
	if !ok || ref != w.at("C0123") || id != "" {
		t.Errorf("the first link is read as %+v, %q, %v", ref, id, ok)
	}
	ref, id, ok = w.adapter.FindLink("HTTPS is https://Parley-Simulated.slack.com/archives/C0999/p1700000000000001?cid=C0999&thread_ts=nonsense")
	if !ok || ref.Thread != "1700000000.000001" || id != "1700000000.000001" {
		t.Errorf("read as %+v, %q, %v", ref, id, ok)
	}
}
