package discordsim_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"parley/bots/discord/discordsim"
)

// offer registers commands with discordgo.
func offer(t *testing.T, sim *discordsim.Server, session *discordgo.Session) {
	t.Helper()
	low := 1.0
	_, err := session.ApplicationCommandBulkOverwrite(sim.ApplicationID(), "", []*discordgo.ApplicationCommand{
		{Name: "sum", Description: "sums up", Options: []*discordgo.ApplicationCommandOption{
			{Type: discordgo.ApplicationCommandOptionChannel, Name: "channel", Description: "which"},
			{Type: discordgo.ApplicationCommandOptionInteger, Name: "last", Description: "how many", MinValue: &low},
			{Type: discordgo.ApplicationCommandOptionAttachment, Name: "file", Description: "what"},
		}},
		{Type: discordgo.MessageApplicationCommand, Name: "Sum from here"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// interaction waits for the next interaction as discordgo reads it.
func interaction(t *testing.T, events <-chan *discordgo.Event) *discordgo.Interaction {
	t.Helper()
	var got discordgo.InteractionCreate
	if err := json.Unmarshal(next(t, events, "INTERACTION_CREATE").RawData, &got); err != nil {
		t.Fatal(err)
	}
	return got.Interaction
}

var later = &discordgo.InteractionResponse{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource, Data: &discordgo.InteractionResponseData{Flags: discordgo.MessageFlagsEphemeral}}

func TestDiscordgoAnswersACommandInPrivate(t *testing.T) {
	t.Parallel()
	now := newClock()
	sim := start(t, discordsim.Options{Clock: now.Now})
	p := furnish(t, sim)
	session, events := client(t, sim)
	session.Identify.Intents = discordgo.IntentsGuilds // interactions need none of their own
	if err := session.Open(); err != nil {
		t.Fatal(err)
	}
	offer(t, sim, session)
	if _, err := sim.InvokeCommand(p.alice.ID, p.channel.ID, "other"); err == nil {
		t.Error("a command that is not registered can be given")
	}
	if _, err := sim.InvokeCommand(p.alice.ID, p.channel.ID, "sum", discordsim.Option{Name: "last", Value: 0}); err == nil {
		t.Error("a number below the least can be given")
	}
	given, err := sim.InvokeCommand(p.alice.ID, p.channel.ID, "sum",
		discordsim.Option{Name: "channel", Value: p.channel.ID}, discordsim.Option{Name: "last", Value: 20},
		discordsim.Option{Name: "file", File: &discordsim.File{Name: "a.txt", Data: []byte("x")}})
	if err != nil {
		t.Fatal(err)
	}
	got := interaction(t, events)
	data := got.ApplicationCommandData()
	if got.ID != given.ID || got.Member == nil || got.Member.User.ID != p.alice.ID || got.Member.Permissions&discordgo.PermissionViewChannel == 0 ||
		data.Name != "sum" || len(data.Options) != 3 || data.Options[1].IntValue() != 20 || data.Resolved.Channels[p.channel.ID].Name != "general" {
		t.Fatalf("interaction %+v, data %+v", got, data)
	}
	if f := data.Resolved.Attachments[data.Options[2].Value.(string)]; f == nil || !strings.Contains(f.URL, "/ephemeral-attachments/") {
		t.Errorf("file %+v", f)
	}

	text := "done"
	edit := &discordgo.WebhookEdit{Content: &text, Components: &[]discordgo.MessageComponent{
		discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.Button{Label: "Share", Style: discordgo.SecondaryButton, CustomID: "share"}}},
	}}
	if _, err := session.InteractionResponseEdit(got, edit); code(err) != 10015 {
		t.Errorf("an answer before the first response: %v", err)
	}
	if err := session.InteractionRespond(got, later); err != nil {
		t.Fatal(err)
	}
	if err := session.InteractionRespond(got, later); code(err) != 40060 {
		t.Errorf("a second response: %v", err)
	}
	if seen := sim.Whispers(p.alice.ID, p.channel.ID); len(seen) != 1 || seen[0].Flags&discordsim.FlagLoading == 0 {
		t.Errorf("while it is to come: %+v", seen)
	}
	if _, err := session.InteractionResponseEdit(got, edit); err != nil {
		t.Fatal(err)
	}
	seen := sim.Whispers(p.alice.ID, p.channel.ID)
	if len(seen) != 1 || seen[0].Content != "done" || seen[0].Flags&(discordsim.FlagLoading|discordsim.FlagEphemeral) != discordsim.FlagEphemeral {
		t.Fatalf("alice sees %+v", seen)
	}
	if bob := sim.AddUser("bob"); len(sim.Whispers(bob.ID, p.channel.ID)) != 0 || len(sim.Messages(p.channel.ID)) != 0 {
		t.Error("others see it")
	}
	if _, err := session.ChannelMessage(p.channel.ID, seen[0].ID); code(err) != 10008 {
		t.Errorf("a private message over the channel: %v", err)
	}

	if _, err := sim.Press(p.alice.ID, seen[0].ID, "other"); err == nil {
		t.Error("a button that is not there can be pressed")
	}
	if _, err := sim.Press(p.alice.ID, seen[0].ID, "share"); err != nil {
		t.Fatal(err)
	}
	pressed := interaction(t, events)
	if pressed.MessageComponentData().CustomID != "share" || pressed.Message == nil || pressed.Message.ID != seen[0].ID {
		t.Errorf("%+v", pressed)
	}
	now.add(4 * time.Second)
	if err := session.InteractionRespond(pressed, later); code(err) != 10062 {
		t.Errorf("after three seconds: %v", err)
	}
	now.add(15 * time.Minute)
	if _, err := session.InteractionResponseEdit(got, edit); code(err) != 50027 {
		t.Errorf("after a quarter of an hour: %v", err)
	}
}

func TestDiscordgoIsGivenAMessageCommand(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	session, events := connected(t, sim)
	offer(t, sim, session)
	// The bot cannot see the channel, and is given its message all the same.
	hidden, err := sim.AddChannel(p.guild.ID, "hidden", discordsim.Text, discordsim.Overwrite{ID: sim.BotUserID(), Kind: discordsim.OverwriteMember, Deny: discordsim.ViewChannel})
	if err != nil {
		t.Fatal(err)
	}
	said := say(t, sim, p.alice.ID, hidden.ID, "from here")
	if _, err := sim.InvokeMessageCommand(p.alice.ID, said.ID, "Sum from here"); err != nil {
		t.Fatal(err)
	}
	data := interaction(t, events).ApplicationCommandData()
	if data.TargetID != said.ID || data.Resolved.Messages[said.ID].Content != "from here" {
		t.Errorf("%+v", data)
	}
}

func TestPublicResponseStandsInTheChannel(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	session, events := connected(t, sim)
	offer(t, sim, session)
	if _, err := sim.InvokeCommand(p.alice.ID, p.channel.ID, "sum"); err != nil {
		t.Fatal(err)
	}
	got := interaction(t, events)
	if err := session.InteractionRespond(got, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseChannelMessageWithSource, Data: &discordgo.InteractionResponseData{Content: "for all"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := session.FollowupMessageCreate(got, true, &discordgo.WebhookParams{Content: "and more"}); err != nil {
		t.Fatal(err)
	}
	if got := lines(sim, p.channel.ID); got != "parley: for all\nparley: and more" {
		t.Errorf("the channel holds %q", got)
	}
	if err := session.InteractionResponseDelete(got); err != nil {
		t.Fatal(err)
	}
	if got := lines(sim, p.channel.ID); got != "parley: and more" {
		t.Errorf("after the delete: %q", got)
	}
}

func TestCommandsAreChecked(t *testing.T) {
	t.Parallel()
	sim := start(t)
	for body, wrong := range map[string]bool{
		`[{"name":"a","description":"x"}]`:                   false,
		`[{"name":"Upper","description":"x"}]`:               true,
		`[{"name":"a"}]`:                                     true,
		`[{"type":3,"name":"With Spaces","description":""}]`: false,
		`[{"type":3,"name":"Described","description":"x"}]`:  true,
		`[{"name":"a","description":"x","options":[{"type":3,"name":"o","description":"x"},{"type":3,"name":"r","description":"x","required":true}]}]`: true,
	} {
		if status, text := call(t, sim, "PUT", "/applications/"+sim.ApplicationID()+"/commands", body); (status != 200) != wrong {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
}

func TestArchivedThreads(t *testing.T) {
	t.Parallel()
	now := newClock()
	sim := start(t, discordsim.Options{Clock: now.Now, MessageContentEnabled: true})
	p := furnish(t, sim)
	session, _ := client(t, sim)
	var threads []string
	for _, name := range []string{"a", "b", "c"} {
		thread, err := sim.StartThread(p.alice.ID, p.channel.ID, "", name, false)
		if err != nil {
			t.Fatal(err)
		}
		threads = append(threads, thread.ID)
		now.add(time.Minute)
		if err := sim.ArchiveThread(thread.ID); err != nil {
			t.Fatal(err)
		}
	}
	page, err := session.ThreadsArchived(p.channel.ID, nil, 2)
	if err != nil || len(page.Threads) != 2 || page.Threads[0].ID != threads[2] || !page.HasMore {
		t.Fatalf("%+v, %v", page, err)
	}
	before := page.Threads[1].ThreadMetadata.ArchiveTimestamp
	if page, err = session.ThreadsArchived(p.channel.ID, &before, 2); err != nil || len(page.Threads) != 1 || page.Threads[0].ID != threads[0] || page.HasMore {
		t.Errorf("%+v, %v", page, err)
	}
	if active, err := session.GuildThreadsActive(p.guild.ID); err != nil || len(active.Threads) != 0 {
		t.Errorf("active %+v, %v", active, err)
	}
	say(t, sim, p.alice.ID, threads[0], "open again")
	if active, err := session.GuildThreadsActive(p.guild.ID); err != nil || len(active.Threads) != 1 {
		t.Errorf("active %+v, %v", active, err)
	}
}

func TestTimedOutMembersOnlyRead(t *testing.T) {
	t.Parallel()
	now := newClock()
	sim := start(t, discordsim.Options{Clock: now.Now})
	p := furnish(t, sim)
	if err := sim.TimeOut(p.guild.ID, p.alice.ID, now.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := sim.Permissions(p.alice.ID, p.channel.ID); got != discordsim.ViewChannel|discordsim.ReadMessageHistory {
		t.Errorf("may %b", got)
	}
	if status, body := call(t, sim, "GET", "/guilds/"+p.guild.ID+"/members/"+p.alice.ID, ""); status != 200 || strings.Contains(body, `"communication_disabled_until":null`) {
		t.Errorf("%d %s", status, body)
	}
	now.add(2 * time.Hour)
	if got := sim.Permissions(p.alice.ID, p.channel.ID); got&discordsim.SendMessages == 0 {
		t.Error("afterwards alice may write again")
	}
}
