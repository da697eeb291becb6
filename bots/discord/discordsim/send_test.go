package discordsim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
)

// created reads the id of a message answer.
func created(t *testing.T, status int, body string) string {
	t.Helper()
	var m struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(body), &m); err != nil || status != 200 || m.ID == "" {
		t.Fatalf("no message: %d %s", status, body)
	}
	return m.ID
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestNonce(t *testing.T) {
	t.Parallel()
	now := newClock()
	sim := start(t, discordsim.Options{Clock: now.Now})
	p := furnish(t, sim)
	path := "/channels/" + p.channel.ID + "/messages"
	post := func(body string) (int, string) { return call(t, sim, "POST", path, body) }

	status, body := post(`{"content":"one","nonce":"n1","enforce_nonce":true}`)
	first := created(t, status, body)
	if !strings.Contains(body, `"nonce":"n1"`) {
		t.Errorf("the answer must carry the nonce: %s", body)
	}
	if status, body = post(`{"content":"again","nonce":"n1","enforce_nonce":true}`); created(t, status, body) != first {
		t.Error("the same nonce must return the first message")
	}
	if status, body = post(`{"content":"other","nonce":"n1"}`); created(t, status, body) == first {
		t.Error("without enforce_nonce a new message is made")
	}
	if got, want := lines(sim, p.channel.ID), "parley: one\nparley: other"; got != want {
		t.Errorf("what stands is %q, want %q", got, want)
	}
	if _, body := call(t, sim, "GET", path+"/"+first, ""); strings.Contains(body, "n1") {
		t.Errorf("a fetched message carries no nonce: %s", body)
	}

	status, body = post(`{"content":"short-lived","nonce":42,"enforce_nonce":true}`)
	if err := sim.DeleteMessage(created(t, status, body)); err != nil {
		t.Fatal(err)
	}
	if status, body = post(`{"content":"again","nonce":42,"enforce_nonce":true}`); status != 404 || !strings.Contains(body, "10008") {
		t.Errorf("the nonce of a deleted message gives %d %s", status, body)
	}
	now.add(4 * time.Minute)
	if status, body = post(`{"content":"later","nonce":42,"enforce_nonce":true}`); created(t, status, body) == first {
		t.Error("a nonce is forgotten after the window")
	}
}

func TestAllowedMentionsDecideWhoIsNotified(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	role, err := sim.AddRole(p.guild.ID, "crew", 0, p.alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	said := say(t, sim, p.alice.ID, p.channel.ID, "hi")
	bob := sim.AddUser("bob")
	text := fmt.Sprintf("<@%s> <@&%s> @everyone", bob.ID, role.ID)
	reference := fmt.Sprintf(`"message_reference":{"message_id":%q}`, said.ID)
	for name, c := range map[string]struct {
		allowed  string
		users    []string
		roles    bool
		everyone bool
	}{
		"nothing said":         {``, []string{bob.ID, p.alice.ID}, true, true},
		"parse nothing":        {`,"allowed_mentions":{"parse":[]}`, nil, false, false},
		"only the reply":       {`,"allowed_mentions":{"parse":[],"replied_user":true}`, []string{p.alice.ID}, false, false},
		"only users":           {`,"allowed_mentions":{"parse":["users"]}`, []string{bob.ID}, false, false},
		"one user by id":       {`,"allowed_mentions":{"users":["` + bob.ID + `"]}`, []string{bob.ID}, false, false},
		"roles and everyone":   {`,"allowed_mentions":{"parse":["roles","everyone"]}`, nil, true, true},
		"a list of other ones": {`,"allowed_mentions":{"users":["1"],"roles":["1"]}`, nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body := call(t, sim, "POST", "/channels/"+p.channel.ID+"/messages", fmt.Sprintf(`{"content":%q,%s%s}`, text, reference, c.allowed))
			m, _ := sim.Message(created(t, status, body))
			if fmt.Sprint(m.Mentions) != fmt.Sprint(c.users) || (len(m.MentionRoles) == 1) != c.roles || m.MentionEveryone != c.everyone {
				t.Errorf("notified %v, roles %v, everyone %v", m.Mentions, m.MentionRoles, m.MentionEveryone)
			}
		})
	}
}

func TestMultipartUpload(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("payload_json", `{"content":"two files","nonce":"f","enforce_nonce":true,"attachments":[{"id":1,"description":"second"},{"id":"0","title":"First"}]}`)
	for i, name := range []string{"größe a.txt", "b.bin"} {
		part, err := w.CreateFormFile(fmt.Sprintf("files[%d]", i), name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(part, "file %d", i)
	}
	_ = w.Close()
	body := form.Bytes()
	status, _, text := respond(t, sim, "POST", "/channels/"+p.channel.ID+"/messages", w.FormDataContentType(), body)
	id := created(t, status, text)
	m, _ := sim.Message(id)
	if len(m.Attachments) != 2 || m.Content != "two files" {
		t.Fatalf("what stands: %+v", m)
	}
	a, b := m.Attachments[0], m.Attachments[1]
	if a.Name != "gre_a.txt" || a.Title != "First" || string(a.Data) != "file 0" || b.Description != "second" {
		t.Errorf("attachments: %+v %+v", a, b)
	}
	if status, _, text = respond(t, sim, "POST", "/channels/"+p.channel.ID+"/messages", w.FormDataContentType(), body); created(t, status, text) != id {
		t.Error("enforce_nonce holds for uploads too")
	}
}

func TestUploadLimits(t *testing.T) {
	t.Parallel()
	sim := start(t, discordsim.Options{MaxUpload: 10})
	p := furnish(t, sim)
	upload := func(files, size int) (int, string) {
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		for i := range files {
			part, err := w.CreateFormFile(fmt.Sprintf("files[%d]", i), "f.txt")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = part.Write(make([]byte, size))
		}
		_ = w.Close()
		status, _, text := respond(t, sim, "POST", "/channels/"+p.channel.ID+"/messages", w.FormDataContentType(), form.Bytes())
		return status, text
	}
	if status, body := upload(1, 11); status != 413 || !strings.Contains(body, "40005") {
		t.Errorf("a file over the limit gives %d %s", status, body)
	}
	if status, body := upload(11, 1); status != 400 || !strings.Contains(body, "50035") {
		t.Errorf("eleven files give %d %s", status, body)
	}
	if status, body := upload(10, 10); status != 200 {
		t.Errorf("ten files at the limit give %d %s", status, body)
	}
}

func TestOldMessagesAllowFewEdits(t *testing.T) {
	t.Parallel()
	now := newClock()
	sim := start(t, discordsim.Options{Clock: now.Now, OldEdits: 1})
	p := furnish(t, sim)
	status, body := call(t, sim, "POST", "/channels/"+p.channel.ID+"/messages", `{"content":"x"}`)
	id := created(t, status, body)
	edit := func() (int, string) {
		return call(t, sim, "PATCH", "/channels/"+p.channel.ID+"/messages/"+id, `{"content":"y"}`)
	}
	for range 3 {
		if status, body := edit(); status != 200 {
			t.Fatalf("a young message: %d %s", status, body)
		}
	}
	now.add(2 * time.Hour)
	edit()
	if status, body := edit(); status != 429 || !strings.Contains(body, "30046") {
		t.Errorf("the second edit of an old message gives %d %s", status, body)
	}
}

func TestContentIsTrimmed(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	call(t, sim, "POST", "/channels/"+p.channel.ID+"/messages", `{"content":"\n  code \n"}`)
	if got := lines(sim, p.channel.ID); got != "parley: code" {
		t.Errorf("got %q", got)
	}
}
