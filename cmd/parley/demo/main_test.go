package demo_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/cmd/parley/demo"
)

func TestMain(m *testing.M) {
	// net/http lets a connection whose request it refused linger for half a second, by itself and bounded.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// bench is the page over its two simulators, reached over HTTP.
type bench struct {
	t       *testing.T
	slack   *slacksim.Server
	discord *discordsim.Server
	page    *demo.Demo
	server  *httptest.Server
	client  *http.Client
}

func newBench(t *testing.T) *bench {
	t.Helper()
	slack, err := slacksim.New(slacksim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = slack.Close() })
	discord, err := discordsim.New(discordsim.Options{MessageContentEnabled: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = discord.Close() })
	page, err := demo.New(demo.Options{Slack: slack, Discord: discord, Model: "test model"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(page.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(page.Close)
	return &bench{t: t, slack: slack, discord: discord, page: page, server: server, client: server.Client()}
}

// person returns the id of a seeded person.
func (b *bench) person(platform, name string) string {
	b.t.Helper()
	if platform == "slack" {
		for _, u := range b.slack.Users() {
			if u.RealName == name {
				return u.ID
			}
		}
	}
	for _, u := range b.discord.Users() {
		if u.Name == name {
			return u.ID
		}
	}
	b.t.Fatalf("%s has no %s", platform, name)
	return ""
}

// channel returns the id of a seeded channel.
func (b *bench) channel(platform, name string) string {
	b.t.Helper()
	if platform == "slack" {
		for _, c := range b.slack.Channels() {
			if c.Name == name {
				return c.ID
			}
		}
	}
	for _, c := range b.discord.Channels(b.discord.Guilds()[0].ID) {
		if c.Name == name {
			return c.ID
		}
	}
	b.t.Fatalf("%s has no #%s", platform, name)
	return ""
}

// file is one upload of a request.
type file struct {
	name, mime, data string
}

// send sends a form as the page does and returns the status and the answer.
func (b *bench) send(method, path string, fields map[string]string, files ...file) (int, map[string]string) {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="file"; filename="` + f.name + `"`}, "Content-Type": {f.mime},
		})
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := io.WriteString(part, f.data); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.do(b.request(method, path, &body, form.FormDataContentType()))
}

func (b *bench) request(method, path string, body io.Reader, kind string) *http.Request {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return req
}

func (b *bench) do(req *http.Request) (int, map[string]string) {
	b.t.Helper()
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	var answer map[string]string
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		b.t.Fatalf("%s %s answered no JSON: %v", req.Method, req.URL.Path, err)
	}
	return res.StatusCode, answer
}

func (b *bench) remove(fields map[string]string) (int, map[string]string) {
	b.t.Helper()
	query := url.Values{}
	for name, value := range fields {
		query.Set(name, value)
	}
	return b.do(b.request(http.MethodDelete, "/api/messages?"+query.Encode(), nil, ""))
}

// tab is an open event stream.
type tab struct {
	t     *testing.T
	lines *bufio.Scanner
	// seen is what the tab shows.
	seen map[string]json.RawMessage
}

func (b *bench) open() *tab {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.t.Context()), 20*time.Second)
	b.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.server.URL+"/api/events", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = res.Body.Close() })
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		b.t.Fatalf("events come as %q", kind)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 8<<20)
	return &tab{t: b.t, lines: lines, seen: map[string]json.RawMessage{}}
}

// next reads one event and applies it; it returns the event's name, empty when the stream has ended.
func (tab *tab) next() string {
	tab.t.Helper()
	var name string
	for tab.lines.Scan() {
		line := tab.lines.Text()
		if after, ok := strings.CutPrefix(line, "event: "); ok {
			name = after
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var patch struct {
			Set  map[string]json.RawMessage
			Drop []string
		}
		if err := json.Unmarshal([]byte(data), &patch); err != nil {
			tab.t.Fatal(err)
		}
		for key, value := range patch.Set {
			tab.seen[key] = value
		}
		for _, key := range patch.Drop {
			delete(tab.seen, key)
		}
		return name
	}
	return ""
}

// until reads events until done says true of what the tab shows.
func (tab *tab) until(what string, done func(map[string]json.RawMessage) bool) {
	tab.t.Helper()
	for !done(tab.seen) {
		if tab.next() == "" {
			tab.t.Fatalf("the stream ended before the tab showed %s", what)
		}
	}
}
