package discord_test

import (
	"log/slog"
	"testing"

	"parley/bots/discord"
	"parley/conversation"
)

func TestLinks(t *testing.T) {
	t.Parallel()
	a := must(discord.New(discord.Options{BotToken: "x", Logger: slog.New(slog.DiscardHandler)}))(t)
	ref := conversation.ThreadRef{Platform: conversation.Discord, Workspace: "81384788765712384", Channel: "381871767846780928"}
	dm := ref
	dm.Workspace = "@me"
	for _, c := range []struct {
		text string
		ref  conversation.ThreadRef
		id   string
	}{
		{"see https://discord.com/channels/81384788765712384/381871767846780928/1234567890123456789 please", ref, "1234567890123456789"},
		{"<https://ptb.discord.com/channels/81384788765712384/381871767846780928/1234567890123456789>", ref, "1234567890123456789"},
		{"https://canary.discord.com/channels/81384788765712384/381871767846780928", ref, ""},
		{"(https://discordapp.com/channels/@me/381871767846780928/1)", dm, "1"},
		{"https://discord.com/channels/81384788765712384/381871767846780928/1234567890123456789012 and https://discord.com/channels/@me/381871767846780928", dm, ""},
	} {
		got, id, ok := a.FindLink(c.text)
		if !ok || got != c.ref || id != c.id {
			t.Errorf("%s: %v %q %v", c.text, got, id, ok)
		}
		if again, same, ok := a.FindLink(a.Link(got, id)); !ok || again != got || same != id {
			t.Errorf("%s: its own link leads to %v %q", c.text, again, same)
		}
	}
	for _, text := range []string{"", "https://discord.com/channels/x/1/2", "https://evil-discord.com/channels/1/2/3", "https://discord.com.evil.example/channels/1/2/3", "discord.com/channels/1/2/3"} {
		if ref, _, ok := a.FindLink(text); ok {
			t.Errorf("%s leads to %v", text, ref)
		}
	}
	ref.Thread = "5"
	if got := a.Link(ref, "7"); got != "https://discord.com/channels/81384788765712384/381871767846780928/7" {
		t.Errorf("a message of a reply chain: %s", got)
	}
	if got := a.Link(ref, conversation.CommandThread("7")); got != "" {
		t.Errorf("a command has no address: %s", got)
	}
}
