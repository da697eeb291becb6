package discordsim_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"parley/bots/discord/discordsim"
)

func TestDiscordgoResumesAfterAZombieConnection(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	session, events := connected(t, sim)
	next(t, events, "GUILD_CREATE")
	settled(t, sim)
	sim.SilenceGateway()
	said := say(t, sim, p.alice.ID, p.channel.ID, "did you hear?")
	if err := session.CloseWithCode(4000); err != nil {
		t.Fatal(err)
	}
	if err := session.Open(); err != nil {
		t.Fatal(err)
	}
	var got discordgo.MessageCreate
	if err := json.Unmarshal(next(t, events, "MESSAGE_CREATE").RawData, &got); err != nil || got.ID != said.ID {
		t.Errorf("replayed %+v, %v", got.Message, err)
	}
	next(t, events, "RESUMED")
}

// settled waits for the first heartbeat. A discordgo heartbeat that fails on a connection which was
// replaced closes the new connection, so the tests do not replace one while a heartbeat is under
// way; the next comes after 41 s.
func settled(t *testing.T, sim *discordsim.Server) {
	t.Helper()
	if err := sim.WaitFor(within(t), func() bool { return beats(sim) == 1 }); err != nil {
		t.Fatal(err)
	}
}

func TestDiscordgoLearnsThatTheContentIntentIsOff(t *testing.T) {
	t.Parallel()
	sim := start(t, discordsim.Options{})
	session, _ := client(t, sim)
	err := session.Open()
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != 4014 {
		t.Errorf("open gives %v, want close code 4014", err)
	}
}

func TestDiscordgoLearnsThatItsTokenIsWrong(t *testing.T) {
	t.Parallel()
	sim := start(t)
	session, _ := client(t, sim)
	session.Token, session.Identify.Token = "Bot wrong", "Bot wrong"
	err := session.Open()
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != 4004 {
		t.Errorf("open gives %v, want close code 4004", err)
	}
	if _, err := session.User("@me"); !errors.Is(err, discordgo.ErrUnauthorized) {
		var rest *discordgo.RESTError
		if !errors.As(err, &rest) || rest.Response.StatusCode != 401 {
			t.Errorf("REST gives %v, want 401", err)
		}
	}
}

func TestDiscordgoReconnectsWhenAsked(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	session, events := client(t, sim)
	session.ShouldReconnectOnError = true
	t.Cleanup(func() { session.ShouldReconnectOnError = false }) // before the session is closed
	if err := session.Open(); err != nil {
		t.Fatal(err)
	}
	next(t, events, "GUILD_CREATE")
	settled(t, sim)
	sim.Reconnect()
	next(t, events, "RESUMED")
	said := say(t, sim, p.alice.ID, p.channel.ID, "again")
	var got discordgo.MessageCreate
	if err := json.Unmarshal(next(t, events, "MESSAGE_CREATE").RawData, &got); err != nil || got.ID != said.ID {
		t.Errorf("got %+v, %v", got.Message, err)
	}
}

func TestDiscordgoReadsGuildsAndThreads(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	session, _ := client(t, sim)
	thread, err := session.ThreadStart(p.channel.ID, "talk", discordgo.ChannelTypeGuildPublicThread, 60)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := session.Channel(thread.ID); err != nil || got.ParentID != p.channel.ID || !got.IsThread() {
		t.Errorf("channel: %+v, %v", got, err)
	}
	if list, err := session.GuildThreadsActive(p.guild.ID); err != nil || len(list.Threads) != 1 || len(list.Members) != 1 {
		t.Errorf("active threads: %+v, %v", list, err)
	}
	if guild, err := session.Guild(p.guild.ID); err != nil || guild.OwnerID != p.guild.OwnerID || len(guild.Roles) != 1 || guild.Roles[0].Permissions != int64(discordsim.DefaultPermissions) {
		t.Errorf("guild: %+v, %v", guild, err)
	}
	if member, err := session.GuildMember(p.guild.ID, p.alice.ID); err != nil || member.User.Username != "alice" {
		t.Errorf("member: %+v, %v", member, err)
	}
	if _, err := session.ThreadMember(thread.ID, p.alice.ID, false); code(err) != 10007 {
		t.Errorf("alice is no member of the thread: %v", err)
	}
	if err := session.MessageReactionAdd(p.channel.ID, sim.Messages(p.channel.ID)[0].ID, "👀"); err != nil {
		t.Fatal(err)
	}
	if m := sim.Messages(p.channel.ID)[0]; len(m.Reactions) != 1 || m.Reactions[0].Emoji != "👀" {
		t.Errorf("reactions: %+v", m.Reactions)
	}
}
