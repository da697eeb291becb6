package discordsim_test

import (
	"encoding/json"
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
)

func TestThreadFromAMessage(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	w := dial(t, sim)
	w.identify(everything)
	said := say(t, sim, p.alice.ID, p.channel.ID, "plans")
	thread, err := sim.StartThread(p.alice.ID, p.channel.ID, said.ID, "Plans", false)
	if err != nil {
		t.Fatal(err)
	}
	if thread.ID != said.ID || thread.ParentID != p.channel.ID || thread.Kind != discordsim.PublicThread {
		t.Errorf("thread: %+v", thread)
	}
	if got := w.event("THREAD_CREATE"); !strings.Contains(string(got.D), `"newly_created":true`) || !strings.Contains(string(got.D), `"thread_metadata"`) {
		t.Errorf("THREAD_CREATE: %s", got.D)
	}
	if got := w.event("MESSAGE_UPDATE"); !strings.Contains(string(got.D), `"thread":{"id":"`+thread.ID) {
		t.Errorf("the message does not show its thread: %s", got.D)
	}
	var starter struct {
		Type       int             `json:"type"`
		Content    string          `json:"content"`
		Referenced json.RawMessage `json:"referenced_message"`
	}
	if err := json.Unmarshal(w.event("MESSAGE_CREATE").D, &starter); err != nil || starter.Type != 21 || starter.Content != "" || !strings.Contains(string(starter.Referenced), "plans") {
		t.Errorf("starter: %+v, %v", starter, err)
	}
	if _, err := sim.StartThread(p.alice.ID, p.channel.ID, said.ID, "Again", false); err == nil {
		t.Error("a message has one thread only")
	}
	if status, body := call(t, sim, "POST", "/channels/"+p.channel.ID+"/messages/"+said.ID+"/threads", `{"name":"x"}`); status != 400 || !strings.Contains(body, "160004") {
		t.Errorf("a second thread over REST: %d %s", status, body)
	}
}

func TestThreadWithoutAMessage(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	status, body := call(t, sim, "POST", "/channels/"+p.channel.ID+"/threads", `{"name":"Plans","type":11}`)
	if status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	list := sim.Messages(p.channel.ID)
	if len(list) != 1 || list[0].Type != discordsim.ThreadCreated || list[0].Content != "Plans" {
		t.Errorf("the channel shows %+v", list)
	}
	_, body = call(t, sim, "GET", "/guilds/"+p.guild.ID+"/threads/active", "")
	if !strings.Contains(body, `"name":"Plans"`) {
		t.Errorf("active threads: %s", body)
	}
}

func TestForumPost(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	forum, err := sim.AddChannel(p.guild.ID, "help", discordsim.Forum)
	if err != nil {
		t.Fatal(err)
	}
	w := dial(t, sim)
	w.identify(everything)
	post, err := sim.ForumPost(p.alice.ID, forum.ID, "It does not start", "what now, <@"+sim.BotUserID()+">?")
	if err != nil {
		t.Fatal(err)
	}
	w.event("THREAD_CREATE")
	var m struct {
		ID        string `json:"id"`
		ChannelID string `json:"channel_id"`
	}
	if err := json.Unmarshal(w.event("MESSAGE_CREATE").D, &m); err != nil || m.ID != post.ID || m.ChannelID != post.ID {
		t.Errorf("the first message must have the thread's id: %+v, %v", m, err)
	}
	if _, err := sim.Say(p.alice.ID, forum.ID, "x"); err == nil {
		t.Error("nobody can write into a forum itself")
	}
	status, body := call(t, sim, "POST", "/channels/"+forum.ID+"/threads", `{"name":"By the bot","message":{"content":"hello"}}`)
	if status != 201 || !strings.Contains(body, `"content":"hello"`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestPrivateThreadIsForItsMembers(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	bob := sim.AddUser("bob")
	if err := sim.AddMember(p.guild.ID, bob.ID); err != nil {
		t.Fatal(err)
	}
	w := dial(t, sim)
	w.identify(everything)
	thread, err := sim.StartThread(p.alice.ID, p.channel.ID, "", "secret", true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sim.Say(bob.ID, thread.ID, "let me in"); err == nil {
		t.Error("bob is no member of the private thread")
	}
	say(t, sim, p.alice.ID, thread.ID, "only me here")
	if status, body := call(t, sim, "GET", "/channels/"+thread.ID, ""); status != 403 {
		t.Errorf("the bot sees the thread: %d %s", status, body)
	}
	say(t, sim, p.alice.ID, thread.ID, "<@"+sim.BotUserID()+"> come in")
	if got := w.event("THREAD_CREATE"); !strings.Contains(string(got.D), thread.ID) {
		t.Errorf("THREAD_CREATE: %s", got.D)
	}
	if got := w.event("MESSAGE_CREATE"); !strings.Contains(content(t, got), "come in") {
		t.Errorf("the bot reads what was said before it came: %s", got.D)
	}
	for user, want := range map[string]int{sim.BotUserID(): 200, p.alice.ID: 200, bob.ID: 404} {
		if status, _ := call(t, sim, "GET", "/channels/"+thread.ID+"/thread-members/"+user, ""); status != want {
			t.Errorf("thread member %s: %d, want %d", user, status, want)
		}
	}
}
