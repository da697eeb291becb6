package discordsim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"parley/bots/discord/discordsim"
)

// TestHistoryPages compares the pages of the API with pages cut by hand from what stands.
func TestHistoryPages(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	var ids []string
	for i := range 30 {
		m := say(t, sim, p.alice.ID, p.channel.ID, strconv.Itoa(i))
		ids = append(ids, m.ID)
	}
	gone := ids[7]
	if err := sim.DeleteMessage(gone); err != nil {
		t.Fatal(err)
	}
	standing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == gone })
	older := func(a, b string) bool { return len(a) < len(b) || len(a) == len(b) && a < b }

	rapid.Check(t, func(r *rapid.T) {
		anchor := rapid.SampledFrom(append(ids, "1", "9223372036854775807")).Draw(r, "anchor")
		limit := rapid.IntRange(1, 40).Draw(r, "limit")
		var want []string
		kind := rapid.SampledFrom([]string{"before", "after", ""}).Draw(r, "kind")
		for _, id := range standing {
			if kind == "" || kind == "before" && older(id, anchor) || kind == "after" && older(anchor, id) {
				want = append(want, id)
			}
		}
		if len(want) > limit && kind == "after" {
			want = want[:limit]
		} else if len(want) > limit {
			want = want[len(want)-limit:]
		}
		slices.Reverse(want)
		query := fmt.Sprintf("?limit=%d", limit)
		if kind != "" {
			query += "&" + kind + "=" + anchor
		}
		_, body := call(t, sim, "GET", "/channels/"+p.channel.ID+"/messages"+query, "")
		if got := messageIDs(t, body); !slices.Equal(got, want) {
			r.Fatalf("%s gives %v, want %v", query, got, want)
		}
	})

	_, body := call(t, sim, "GET", "/channels/"+p.channel.ID+"/messages?limit=5&around="+ids[15], "")
	if got := messageIDs(t, body); len(got) != 5 || got[2] != ids[15] {
		t.Errorf("around gives %v", got)
	}
}

func messageIDs(t *testing.T, body string) []string {
	t.Helper()
	var list []struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	var ids []string
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestIDsGrowAndDoNotRepeat(t *testing.T) {
	t.Parallel()
	still := newClock()
	seen := map[string]bool{}
	for range 2 {
		sim := start(t, discordsim.Options{Clock: still.Now})
		last := ""
		for range 200 {
			id := sim.AddUser("x").ID
			if seen[id] {
				t.Fatalf("id %s repeats", id)
			}
			if last != "" && id <= last {
				t.Fatalf("id %s after %s", id, last)
			}
			seen[id], last = true, id
		}
	}
}

func TestWhatEditsAndDeletesSend(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	w := dial(t, sim)
	w.identify(everything)
	said := say(t, sim, p.alice.ID, p.channel.ID, "see https://example.org")
	w.event("MESSAGE_CREATE")

	update := func() (content string, edited *string) {
		t.Helper()
		var m struct {
			Content string  `json:"content"`
			Edited  *string `json:"edited_timestamp"`
			Author  struct {
				ID string `json:"id"`
			} `json:"author"`
		}
		if err := json.Unmarshal(w.event("MESSAGE_UPDATE").D, &m); err != nil || m.Author.ID != p.alice.ID {
			t.Fatalf("update is not a full message: %+v %v", m, err)
		}
		return m.Content, m.Edited
	}
	if resolved, err := sim.ResolveEmbed(said.ID, json.RawMessage(`{"title":"Example"}`)); err != nil || !resolved {
		t.Fatal(resolved, err)
	}
	if content, edited := update(); content != said.Content || edited != nil {
		t.Errorf("a resolved preview must not look like an edit: %q %v", content, edited)
	}
	if _, err := sim.EditMessage(p.alice.ID, said.ID, "see nothing"); err != nil {
		t.Fatal(err)
	}
	if content, edited := update(); content != "see nothing" || edited == nil {
		t.Errorf("edit: %q %v", content, edited)
	}
	if err := sim.DeleteMessage(said.ID); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"channel_id":%q,"guild_id":%q,"id":%q}`, p.channel.ID, p.guild.ID, said.ID)
	if got := w.event("MESSAGE_DELETE"); string(got.D) != want {
		t.Errorf("delete: %s, want %s", got.D, want)
	}
	a, b := say(t, sim, p.alice.ID, p.channel.ID, "a"), say(t, sim, p.alice.ID, p.channel.ID, "b")
	if err := sim.BulkDelete(p.channel.ID, a.ID, b.ID); err != nil {
		t.Fatal(err)
	}
	want = fmt.Sprintf(`{"channel_id":%q,"guild_id":%q,"ids":[%q,%q]}`, p.channel.ID, p.guild.ID, a.ID, b.ID)
	if got := w.event("MESSAGE_DELETE_BULK"); string(got.D) != want {
		t.Errorf("bulk delete: %s, want %s", got.D, want)
	}
	if all, now := sim.History(p.channel.ID), sim.Messages(p.channel.ID); len(all) != 3 || len(now) != 0 || !all[0].Deleted {
		t.Errorf("history holds %d, %d stand", len(all), len(now))
	}
}

func TestSuppressedEmbedsStaySuppressed(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	status, body := call(t, sim, "POST", "/channels/"+p.channel.ID+"/messages", `{"content":"https://example.org","flags":4}`)
	if resolved, err := sim.ResolveEmbed(created(t, status, body), json.RawMessage(`{}`)); err != nil || resolved {
		t.Errorf("resolved %v, %v", resolved, err)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	w := dial(t, sim)
	w.identify(everything)
	root := say(t, sim, p.alice.ID, p.channel.ID, "root")
	reply := say(t, sim, p.alice.ID, p.channel.ID, "reply", discordsim.ReplyTo(root.ID), discordsim.WithoutPing())
	forward := say(t, sim, p.alice.ID, p.channel.ID, "", discordsim.Forwarding(root.ID))
	hook, err := sim.SayWebhook(p.channel.ID, "news", "from outside")
	if err != nil {
		t.Fatal(err)
	}
	say(t, sim, p.alice.ID, p.channel.ID, "to the hook", discordsim.ReplyTo(hook.ID))

	type wireMessage struct {
		ID         string           `json:"id"`
		Type       int              `json:"type"`
		WebhookID  string           `json:"webhook_id"`
		Member     *json.RawMessage `json:"member"`
		Referenced json.RawMessage  `json:"referenced_message"`
		Mentions   []any            `json:"mentions"`
		Reference  *struct {
			Type      int    `json:"type"`
			MessageID string `json:"message_id"`
		} `json:"message_reference"`
		Snapshots []struct {
			Message map[string]any `json:"message"`
		} `json:"message_snapshots"`
	}
	read := func(raw []byte) (m wireMessage) {
		t.Helper()
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	if m := read(w.event("MESSAGE_CREATE").D); m.Reference != nil || m.Referenced != nil {
		t.Errorf("plain message points somewhere: %+v", m)
	}
	m := read(w.event("MESSAGE_CREATE").D)
	if m.ID != reply.ID || m.Type != 19 || m.Reference.MessageID != root.ID || read(m.Referenced).ID != root.ID || len(m.Mentions) != 0 {
		t.Errorf("reply: %+v", m)
	}
	m = read(w.event("MESSAGE_CREATE").D)
	if m.ID != forward.ID || m.Type != 0 || m.Reference.Type != 1 || len(m.Snapshots) != 1 || m.Snapshots[0].Message["content"] != "root" || m.Snapshots[0].Message["author"] != nil {
		t.Errorf("forward: %+v", m)
	}
	if m = read(w.event("MESSAGE_CREATE").D); m.WebhookID == "" || m.Member != nil {
		t.Errorf("webhook: %+v", m)
	}
	if err := sim.DeleteMessage(root.ID); err != nil {
		t.Fatal(err)
	}
	_, body := call(t, sim, "GET", "/channels/"+p.channel.ID+"/messages/"+reply.ID, "")
	if m = read([]byte(body)); string(m.Referenced) != "null" {
		t.Errorf("a deleted reference must be null: %s", body)
	}
}
