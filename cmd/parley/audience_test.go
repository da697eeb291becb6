package main

import (
	"strings"
	"testing"

	"parley/bots/slack/slacksim"
)

// TestASummaryGoesToNoWiderAudience asks in one channel for what is in another: everybody reads the answer where everybody may
// read its source; otherwise only whoever asked.
func TestASummaryGoesToNoWiderAudience(t *testing.T) {
	t.Parallel()
	w := newTown(t, scribe(nil))
	bo, guest := w.slack.AddUser("Bo").ID, w.slack.AddUser("Guest")
	guest.Guest = true
	if err := w.slack.UpdateUser(guest); err != nil {
		t.Fatal(err)
	}
	fair := must(w.slack.AddChannel("fair", false, w.ana, bo, w.slack.BotUserID()))(t).ID
	inner := must(w.slack.AddChannel("inner", false, w.ana, bo, w.slack.BotUserID()))(t).ID
	outer := must(w.slack.AddChannel("outer", false, w.ana, guest.ID, w.slack.BotUserID()))(t).ID
	link := w.permalink(t, fair, w.slackThread(t, fair, bo, 12))
	_, url := w.serve(t, nil)
	ready(t, url)
	must(w.slack.Say(w.ana, inner, "@Parley summarize "+link))(t)
	until(t, "where everybody may read it, it stands", func() bool {
		return strings.Contains(strings.Join(w.slackSays(inner), "\n"), "12 of 12 messages")
	})
	must(w.slack.Say(w.ana, outer, "@Parley summarize "+link))(t)
	until(t, "whoever asked gets it alone", func() bool {
		return strings.Contains(strings.Join(w.slackSays(w.direct), "\n"), "12 of 12 messages")
	})
	w.closed(t)
	if said := strings.Join(w.slackSays(outer), "\n"); strings.Contains(said, "stand1") || !strings.Contains(said, "direct message") {
		t.Errorf("where a guest reads along stands %q", said)
	}
}

// TestWhatWasDeletedIsNotShared deletes a message between a private summary of it and the press on its button.
func TestWhatWasDeletedIsNotShared(t *testing.T) {
	t.Parallel()
	w := newTown(t, parrot())
	bo := w.slack.AddUser("Bo").ID
	if err := w.slack.Invite(w.general, bo, w.ana); err != nil {
		t.Fatal(err)
	}
	root := must(w.slack.Say(w.ana, w.general, "We need a plan."))(t).TS
	gone := must(w.slack.Say(bo, w.general, secret(1), slacksim.InThread(root)))(t).TS
	must(w.slack.Say(bo, w.general, plan(1), slacksim.InThread(root)))(t)
	thread := must(w.discord.StartThread(w.dana, w.lobby, "", "Plan", false))(t).ID
	vanished := must(w.discord.Say(w.dana, thread, secret(1)))(t).ID
	must(w.discord.Say(w.dana, thread, plan(1)))(t)
	_, url := w.serve(t, nil)
	ready(t, url)
	until(t, "the commands are offered", func() bool { return len(w.discord.Commands("")) > 0 })
	must(w.slack.Shortcut(w.ana, w.general, root, "summarize_thread"))(t)
	must(w.discord.InvokeCommand(w.dana, thread, "summarize"))(t)
	var channel, ts, id, button string
	until(t, "both are answered privately", func() bool {
		for _, e := range w.slack.Ephemerals(w.ana) {
			if strings.Contains(e.Plain, "zebra1") {
				channel, ts = e.Channel, e.TS
			}
		}
		for _, m := range w.discord.Whispers(w.dana, thread) {
			if strings.Contains(m.Content, "zebra1") {
				id, button = m.ID, buttonOf(t, m)
			}
		}
		return ts != "" && id != ""
	})
	w.closed(t)
	if err := w.slack.DeleteMessage(bo, w.general, gone); err != nil {
		t.Fatal(err)
	}
	if err := w.discord.DeleteMessage(vanished); err != nil {
		t.Fatal(err)
	}
	pool := w.store(t, nil).Pool()
	until(t, "both deletions are taken in", func() bool {
		var n int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM changes WHERE deleted AND message_id IN ($1, $2)`, gone, vanished).Scan(&n)
		return err == nil && n == 2
	})
	must(w.slack.Click(w.ana, channel, ts, "share"))(t)
	must(w.discord.Press(w.dana, id, button))(t)
	w.settled(t, 4)
	if said := append(w.slackSays(w.general), w.discordSays(thread)...); secretWord.MatchString(strings.Join(said, "\n")) {
		t.Errorf("what was deleted is shared: %q", said)
	}
	var held int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM messages WHERE text LIKE '%zebra%'`).Scan(&held); err != nil || held != 0 {
		t.Errorf("%d stored messages hold what was deleted (%v)", held, err)
	}
}
