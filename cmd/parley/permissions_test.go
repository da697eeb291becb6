package main

import (
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
)

// refused is how the answer begins to whoever may not read something, or asks for what does not exist.
const refused = "I find nothing there that I can show you."

func TestOnlyWhoMayReadAChannelOnSlackGetsAnythingOfIt(t *testing.T) {
	t.Parallel()
	w := newTown(t, parrot())
	bo, eve := w.slack.AddUser("Bo").ID, w.slack.AddUser("Eve").ID
	for _, user := range []string{bo, eve} {
		if err := w.slack.Invite(w.general, user, w.ana); err != nil {
			t.Fatal(err)
		}
	}
	vault := must(w.slack.AddChannel("vault", true, w.ana, bo, w.slack.BotUserID()))(t).ID
	root := must(w.slack.Say(w.ana, vault, secret(0)))(t).TS
	for i := range 8 {
		must(w.slack.Say(bo, vault, secret(i+1), slacksim.InThread(root)))(t)
	}
	link := w.permalink(t, vault, root)
	direct := map[string]string{}
	for _, user := range []string{bo, eve} {
		direct[user] = must(w.slack.OpenDM(user))(t).ID
	}
	_, url := w.serve(t, map[string]string{"USER_TURNS_PER_MINUTE": "0"})
	ready(t, url)

	if _, err := w.slack.Shortcut(eve, vault, root, "summarize_thread"); err == nil {
		t.Error("the shortcut can be used where one is no member")
	}
	for _, way := range []string{"#vault", "<#" + vault + ">", link, "<#C0NOSUCHONE>"} {
		must(w.slack.Slash(eve, w.general, "/parley summarize "+way, slacksim.Unescaped()))(t)
	}
	if _, err := w.slack.Slash(eve, vault, "/parley summarize"); err == nil {
		t.Error("a command can be given where one is no member")
	}
	for _, words := range []string{"summarize <#" + vault + ">", "summarize " + link, "what was said in " + link + " and <#" + vault + "|vault>?"} {
		must(w.slack.Say(eve, w.general, "<@"+w.slack.BotUserID()+"> "+words, slacksim.Verbatim()))(t)
	}
	for _, words := range []string{"summarize " + link, "summarize <#" + vault + ">", "tell me the zebra of " + link} {
		must(w.slack.Say(eve, direct[eve], words, slacksim.Verbatim()))(t)
	}
	w.settled(t, 10)
	if said := w.slackReads(eve); secretWord.MatchString(said) || !strings.Contains(said, refused) {
		t.Errorf("who may not read it reads:\n%s", said)
	}
	for _, e := range w.slack.Ephemerals(eve) {
		if !strings.HasPrefix(e.Plain, refused) && e.Plain != "Working on it…" {
			t.Errorf("a refusal differs from the others, so that it tells what exists: %q", e.Plain)
		}
	}

	// Who may read it gets it, also where others read along: then by direct message.
	must(w.slack.Say(w.ana, w.general, "@Parley summarize "+link))(t)
	until(t, "who may read it gets it", func() bool {
		return strings.Contains(strings.Join(w.slackSays(w.direct), "\n"), "9 of 9 messages")
	})
	must(w.slack.Slash(bo, w.general, "/parley summarize "+link))(t)
	var m slacksim.Message
	until(t, "a command is answered privately", func() bool {
		for _, e := range w.slack.Ephemerals(bo) {
			if strings.Contains(e.Plain, "9 of 9 messages") {
				m = e
				return true
			}
		}
		return false
	})
	asked := must(w.slack.Say(bo, direct[bo], "summarize "+link))(t)
	until(t, "a direct message is answered", func() bool {
		return strings.Contains(strings.Join(w.slackSays(direct[bo]), "\n"), "9 of 9 messages")
	})
	must(w.slack.Say(bo, direct[bo], "which zebra was the first?", slacksim.InThread(asked.TS)))(t)
	until(t, "a follow-up question knows the answer before", func() bool {
		return strings.Contains(strings.Join(w.slackSays(direct[bo]), "\n"), "I know: zebra0")
	})
	w.closed(t)

	// Who may read it no longer gets no more of it, also not of what was answered before.
	if err := w.slack.Kick(vault, bo); err != nil {
		t.Fatal(err)
	}
	must(w.slack.Click(bo, m.Channel, m.TS, "share"))(t)
	before := len(w.model.Requests())
	told := len(w.slackSays(direct[bo]))
	must(w.slack.Say(bo, direct[bo], "which zebra did they hide?", slacksim.InThread(asked.TS)))(t)
	must(w.slack.Say(bo, direct[bo], "which zebra was it again?"))(t)
	must(w.slack.Say(bo, direct[bo], "summarize "+link))(t)
	until(t, "the follow-up questions are answered", func() bool { return len(w.slackSays(direct[bo])) >= told+3 })
	w.closed(t)
	for _, r := range w.model.Requests()[before:] {
		if secretWord.Match(r.Body) {
			t.Errorf("a prompt of somebody who was removed holds it: %s", r.Body)
		}
	}
	if n := strings.Count(strings.Join(w.slackSays(direct[bo]), "\n"), "9 of 9 messages"); n != 1 {
		t.Errorf("%d summaries in the direct messages of somebody who was removed", n)
	}
	if said := strings.Join(w.slackSays(vault), "\n"); said != "" {
		t.Errorf("somebody who was removed shared %q", said)
	}
	if said := w.slackReads(eve); secretWord.MatchString(said) {
		t.Errorf("who may not read it reads:\n%s", said)
	}
}

func TestOnlyWhoMayReadAChannelOnDiscordGetsAnythingOfIt(t *testing.T) {
	t.Parallel()
	w := newTown(t, parrot())
	guild := w.discord.Guilds()[0].ID
	bo, eve := w.discord.AddUser("Bo").ID, w.discord.AddUser("Eve").ID
	direct := map[string]string{}
	for _, user := range []string{bo, eve} {
		if err := w.discord.AddMember(guild, user); err != nil {
			t.Fatal(err)
		}
		direct[user] = must(w.discord.OpenDM(user))(t).ID
	}
	see := discordsim.ViewChannel | discordsim.ReadMessageHistory
	closed := []discordsim.Overwrite{{ID: guild, Kind: discordsim.OverwriteRole, Deny: discordsim.ViewChannel},
		{ID: w.discord.BotUserID(), Kind: discordsim.OverwriteMember, Allow: see},
		{ID: w.dana, Kind: discordsim.OverwriteMember, Allow: see}}
	open := append(closed[:len(closed):len(closed)], discordsim.Overwrite{ID: bo, Kind: discordsim.OverwriteMember, Allow: see})
	vault := must(w.discord.AddChannel(guild, "vault", discordsim.Text, open...))(t).ID
	live := must(w.discord.AddChannel(guild, "live", discordsim.Text, discordsim.Overwrite{ID: eve, Kind: discordsim.OverwriteMember, Deny: discordsim.ReadMessageHistory}))(t).ID
	private := must(w.discord.StartThread(w.dana, w.lobby, "", "quiet", true))(t).ID
	if err := w.discord.AddThreadMember(private, w.discord.BotUserID()); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{}
	for _, channel := range []string{vault, live, private} {
		for i := range 9 {
			m := must(w.discord.Say(w.dana, channel, secret(i)))(t)
			if i == 0 {
				links[channel] = "https://discord.com/channels/" + guild + "/" + channel + "/" + m.ID
			}
		}
	}
	first := w.discord.Messages(vault)[0].ID
	_, url := w.serve(t, map[string]string{"USER_TURNS_PER_MINUTE": "0"})
	ready(t, url)
	until(t, "the commands are offered", func() bool { return len(w.discord.Commands("")) > 0 })

	asked := 0
	bot := "<@" + w.discord.BotUserID() + "> "
	for _, channel := range []string{vault, live, private} {
		if _, err := w.discord.InvokeCommand(eve, w.lobby, "summarize", discordsim.Option{Name: "channel", Value: channel}); err == nil {
			asked++
		} else {
			t.Logf("Discord itself does not offer %s: %v", channel, err)
		}
		must(w.discord.InvokeCommand(eve, w.lobby, "summarize", discordsim.Option{Name: "link", Value: links[channel]}))(t)
		must(w.discord.Say(eve, w.lobby, bot+"summarize "+links[channel]))(t)
		must(w.discord.Say(eve, w.lobby, bot+"summarize <#"+channel+">"))(t)
		must(w.discord.Say(eve, direct[eve], "summarize "+links[channel]))(t)
		must(w.discord.Say(eve, direct[eve], "which zebra is in "+links[channel]+" ?"))(t)
		asked += 5
	}
	if _, err := w.discord.InvokeMessageCommand(eve, first, "Summarize from here"); err == nil {
		t.Error("a message can be chosen that one does not see")
	}
	if _, err := w.discord.InvokeCommand(eve, live, "summarize"); err == nil {
		asked++
	}
	w.settled(t, asked)
	if said := w.discordReads(eve); secretWord.MatchString(said) || !strings.Contains(said, refused) {
		t.Errorf("who may not read it reads:\n%s", said)
	}

	summed := func(user, where string) (m discordsim.Message) {
		until(t, "who may read it gets it", func() bool {
			for _, m = range append(w.discord.Whispers(user, where), w.discord.Messages(where)...) {
				if strings.Contains(m.Content, "9 of 9 messages") {
					return true
				}
			}
			return false
		})
		return m
	}
	must(w.discord.Say(w.dana, w.lobby, bot+"summarize "+links[vault]))(t)
	summed(w.dana, w.dm)
	must(w.discord.InvokeCommand(bo, w.lobby, "summarize", discordsim.Option{Name: "channel", Value: vault}))(t)
	m := summed(bo, w.lobby)
	must(w.discord.Say(bo, direct[bo], "summarize "+links[vault]))(t)
	summed(bo, direct[bo])
	must(w.discord.Say(bo, direct[bo], "which zebra was the first?"))(t)
	until(t, "a follow-up question knows the answer before", func() bool {
		return strings.Contains(strings.Join(w.discordSays(direct[bo]), "\n"), "I know: zebra0")
	})
	w.closed(t)

	if err := w.discord.SetOverwrites(vault, closed...); err != nil {
		t.Fatal(err)
	}
	must(w.discord.Press(bo, m.ID, buttonOf(t, m)))(t)
	before := len(w.model.Requests())
	told := len(w.discordSays(direct[bo]))
	must(w.discord.Say(bo, direct[bo], "which zebra did they hide?"))(t)
	until(t, "the follow-up question is answered", func() bool { return len(w.discordSays(direct[bo])) > told })
	must(w.discord.Say(bo, direct[bo], "summarize "+links[vault]))(t)
	until(t, "it is refused", func() bool { return len(w.discordSays(direct[bo])) > told+1 })
	w.closed(t)
	for _, r := range w.model.Requests()[before:] {
		if secretWord.Match(r.Body) {
			t.Errorf("a prompt of somebody who was shut out holds it: %s", r.Body)
		}
	}
	if n := strings.Count(strings.Join(w.discordSays(direct[bo]), "\n"), "9 of 9 messages"); n != 1 {
		t.Errorf("%d summaries in the direct messages of somebody who was shut out", n)
	}
	if said := strings.Join(w.discordSays(vault), "\n"); said != "" {
		t.Errorf("somebody who was shut out shared %q", said)
	}
	if said := w.discordReads(eve); secretWord.MatchString(said) {
		t.Errorf("who may not read it reads:\n%s", said)
	}
}
