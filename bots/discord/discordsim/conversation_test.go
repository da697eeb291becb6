package discordsim_test

import (
	"encoding/json"
	"testing"

	"github.com/bwmarrin/discordgo"
)

func TestDiscordgoConversation(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	session, events := connected(t, sim)
	next(t, events, "GUILD_CREATE")

	asked := say(t, sim, p.alice.ID, p.channel.ID, "hello <@"+sim.BotUserID()+">")
	var got discordgo.MessageCreate
	if err := json.Unmarshal(next(t, events, "MESSAGE_CREATE").RawData, &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != asked.ID || got.GuildID != p.guild.ID || len(got.Mentions) != 1 || got.Mentions[0].ID != sim.BotUserID() || got.Member == nil {
		t.Errorf("event does not carry the mention: %+v", got.Message)
	}

	if err := session.ChannelTyping(p.channel.ID); err != nil {
		t.Fatal(err)
	}
	if typing := sim.Typing(p.channel.ID); len(typing) != 1 || typing[0].ID != sim.BotUserID() {
		t.Errorf("typing: %v", typing)
	}
	reply, err := session.ChannelMessageSendReply(p.channel.ID, "one moment", got.Reference())
	if err != nil {
		t.Fatal(err)
	}
	if len(sim.Typing(p.channel.ID)) != 0 {
		t.Error("a message must end the typing indicator")
	}
	if reply.Type != discordgo.MessageTypeReply || reply.ReferencedMessage == nil || reply.ReferencedMessage.Content != asked.Content {
		t.Errorf("reply does not carry the message it answers: %+v", reply)
	}
	if _, err := session.ChannelMessageEdit(p.channel.ID, reply.ID, "hello alice"); err != nil {
		t.Fatal(err)
	}
	stands, _ := sim.Message(reply.ID)
	if stands.ReplyTo != asked.ID || stands.Content != "hello alice" || len(stands.Revisions) != 2 || stands.EditedAt.IsZero() {
		t.Errorf("what stands: %+v", stands)
	}
	if _, err := session.ChannelMessageEdit(p.channel.ID, asked.ID, "mine"); code(err) != 50005 {
		t.Errorf("edit of another's message: %v", err)
	}
	if err := session.ChannelMessageDelete(p.channel.ID, reply.ID); err != nil {
		t.Fatal(err)
	}
	if got := lines(sim, p.channel.ID); got != "alice: "+asked.Content {
		t.Errorf("after the delete: %s", got)
	}
}

func TestDirectMessagesCarryNoGuild(t *testing.T) {
	t.Parallel()
	sim := start(t)
	alice := sim.AddUser("alice")
	session, events := connected(t, sim)
	dm, err := sim.OpenDM(alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	say(t, sim, alice.ID, dm.ID, "psst")
	var got map[string]json.RawMessage
	if err := json.Unmarshal(next(t, events, "MESSAGE_CREATE").RawData, &got); err != nil {
		t.Fatal(err)
	}
	if _, ok := got["guild_id"]; ok || got["member"] != nil {
		t.Errorf("a DM must carry no guild_id and no member: %s", got)
	}
	opened, err := session.UserChannelCreate(alice.ID)
	if err != nil || opened.ID != dm.ID {
		t.Errorf("opening the DM gives %v, %v; want %s", opened, err, dm.ID)
	}
	if _, err := session.ChannelMessageSend(dm.ID, "what is it?"); err != nil {
		t.Fatal(err)
	}
	if got, want := lines(sim, dm.ID), "alice: psst\nparley: what is it?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// code returns Discord's error code, -1 for another error.
func code(err error) int {
	if e, ok := err.(*discordgo.RESTError); ok && e.Message != nil {
		return e.Message.Code
	}
	return -1
}
