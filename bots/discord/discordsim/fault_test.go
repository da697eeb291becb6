package discordsim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
)

const postRoute = "POST /channels/{channel}/messages"

func TestFaults(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	path := "/channels/" + p.channel.ID + "/messages"
	fail := func(f discordsim.Fault) (int, http.Header, string) {
		t.Helper()
		if err := sim.SetFault(postRoute, f); err != nil {
			t.Fatal(err)
		}
		defer sim.ClearFaults()
		return respond(t, sim, "POST", path, "application/json", []byte(`{"content":"x"}`))
	}

	status, header, body := fail(discordsim.Fault{Status: 429, RetryAfter: 1500 * time.Millisecond})
	if status != 429 || header.Get("Retry-After") != "2" || body != `{"global":false,"message":"You are being rate limited.","retry_after":1.5}` || header.Get("X-RateLimit-Scope") != "user" {
		t.Errorf("429: %d %v %s", status, header, body)
	}
	if status, header, _ = fail(discordsim.Fault{Status: 429, Global: true}); header.Get("X-RateLimit-Global") != "true" || header.Get("X-RateLimit-Scope") != "global" {
		t.Errorf("global 429: %d %v", status, header)
	}
	if status, header, body = fail(discordsim.CloudflareBan(time.Minute)); status != 429 || json.Valid([]byte(body)) || header.Get("X-RateLimit-Scope") != "" || !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		t.Errorf("cloudflare: %d %v %s", status, header, body)
	}
	if status, _, body = fail(discordsim.Fault{Status: 502}); status != 502 || !strings.Contains(body, "Bad Gateway") {
		t.Errorf("502: %d %s", status, body)
	}
	if status, _, _ = fail(discordsim.Fault{DropRequest: true}); status != 0 {
		t.Errorf("a dropped request is answered with %d", status)
	}
	if got := sim.Messages(p.channel.ID); len(got) != 0 {
		t.Errorf("a refused request must store nothing, stored %+v", got)
	}
	if status, _, _ = fail(discordsim.Fault{DropResponse: true}); status != 0 {
		t.Errorf("a dropped response is answered with %d", status)
	}
	if got := sim.Messages(p.channel.ID); len(got) != 1 {
		t.Errorf("a request whose response is lost must be stored, stored %+v", got)
	}
	for _, c := range sim.CallsTo(postRoute) {
		if !c.Fault || string(c.Body) != `{"content":"x"}` {
			t.Errorf("journal: %+v", c)
		}
	}
}

func TestFaultsCountTheirRequests(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	if err := sim.SetFault("*", discordsim.Fault{Status: 503, Skip: 1, Times: 2}); err != nil {
		t.Fatal(err)
	}
	var got []int
	for range 4 {
		status, _ := call(t, sim, "GET", "/channels/"+p.channel.ID, "")
		got = append(got, status)
	}
	if got[0] != 200 || got[1] != 503 || got[2] != 503 || got[3] != 200 {
		t.Errorf("statuses %v", got)
	}
	if err := sim.SetFault("POST /channels", discordsim.Fault{}); err == nil {
		t.Error("a fault on an unknown route must be an error")
	}
}

func TestDelayEndsWithTheServer(t *testing.T) {
	t.Parallel()
	sim := start(t)
	if err := sim.SetFault("GET /users/@me", discordsim.Fault{Delay: time.Hour}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		call(t, sim, "GET", "/users/@me", "")
	}()
	if err := sim.Close(); err != nil {
		t.Fatal(err)
	}
	<-answered
}

func TestLimits(t *testing.T) {
	t.Parallel()
	now := newClock()
	sim := start(t, discordsim.Options{Limits: true, Clock: now.Now})
	p := furnish(t, sim)
	path := "/channels/" + p.channel.ID + "/messages"
	post := func() (int, http.Header, string) {
		return respond(t, sim, "POST", path, "application/json", []byte(`{"content":"x"}`))
	}
	var id string
	for i, want := range []string{"4", "3", "2", "1", "0"} {
		status, header, body := post()
		if i == 0 {
			id = created(t, status, body)
		}
		if status != 200 || header.Get("X-RateLimit-Remaining") != want || header.Get("X-RateLimit-Limit") != "5" || header.Get("X-RateLimit-Bucket") == "" {
			t.Fatalf("request %d: %d %v", i, status, header)
		}
	}
	now.add(2 * time.Second)
	status, header, body := post()
	if status != 429 || header.Get("Retry-After") != "3" || header.Get("X-RateLimit-Reset-After") != "3.000" || !strings.Contains(body, `"retry_after":3`) {
		t.Errorf("the sixth: %d %v %s", status, header, body)
	}
	if status, _ := call(t, sim, "PATCH", path+"/"+id, `{"content":"y"}`); status != 200 {
		t.Errorf("edits have their own bucket, got %d", status)
	}
	now.add(3 * time.Second)
	if status, _, _ := post(); status != 200 {
		t.Errorf("after the window: %d", status)
	}
	if got := len(sim.Messages(p.channel.ID)); got != 6 {
		t.Errorf("%d messages stand", got)
	}
}

func TestGlobalLimit(t *testing.T) {
	t.Parallel()
	now := newClock()
	sim := start(t, discordsim.Options{Limits: true, Clock: now.Now})
	for i := range 51 {
		status, header, body := respond(t, sim, "GET", "/users/@me", "application/json", nil)
		if (status == 429) != (i == 50) {
			t.Fatalf("request %d: %d", i, status)
		}
		if i == 50 && (header.Get("X-RateLimit-Global") != "true" || !strings.Contains(body, `"global":true`)) {
			t.Errorf("global: %v %s", header, body)
		}
	}
}

func TestAttachmentLinksExpire(t *testing.T) {
	t.Parallel()
	now := newClock()
	sim := start(t, discordsim.Options{Clock: now.Now, LinkLifetime: time.Hour})
	p := furnish(t, sim)
	said := say(t, sim, p.alice.ID, p.channel.ID, "", discordsim.WithFiles(discordsim.File{Name: "a.txt", Data: []byte("hello")}))
	get := func(link string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		status, _, body := fetch(t, req)
		return status, body
	}
	link := func() string {
		m, _ := sim.Message(said.ID)
		return m.Attachments[0].URL
	}
	first := link()
	if status, body := get(first); status != 200 || body != "hello" {
		t.Errorf("fresh link: %d %s", status, body)
	}
	if status, _ := get(strings.Replace(first, "hm=", "hm=0", 1)); status != 404 {
		t.Errorf("forged link: %d", status)
	}
	now.add(61 * time.Minute)
	if status, body := get(first); status != 404 || !strings.Contains(body, "no longer available") {
		t.Errorf("old link: %d %s", status, body)
	}
	second := link()
	sim.ExpireAttachments()
	if status, _ := get(second); status != 404 {
		t.Errorf("link after ExpireAttachments: %d", status)
	}
	if status, _ := get(link()); status != 200 {
		t.Errorf("link of the message fetched again: %d", status)
	}
}

func TestRangeOfAFile(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	said := say(t, sim, p.alice.ID, p.channel.ID, "", discordsim.WithFiles(discordsim.File{Name: "a.bin", Data: []byte("0123456789")}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, said.Attachments[0].URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Range", "bytes=2-4")
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if part, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 206 || string(part) != "234" {
		t.Errorf("%d %q %v", response.StatusCode, part, err)
	}
}
