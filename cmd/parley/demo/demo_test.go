package demo_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/bots/slack/slacksim"
	"parley/cmd/parley/demo"
)

func TestNewRefusesMissingSimulators(t *testing.T) {
	t.Parallel()
	if _, err := demo.New(demo.Options{}); err == nil {
		t.Error("New took no simulators")
	}
}

func TestBothWorkspacesAreSeeded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, c := range b.slack.Channels() {
		if !slices.Contains(c.Members, b.slack.BotUserID()) {
			t.Errorf("the bot is not in Slack's %q (%s)", c.Name, c.Kind)
		}
	}
	if n := len(b.slack.AllMessages(b.channel("slack", "general"))); n < 8 {
		t.Errorf("Slack's #general has %d messages, want a thread to ask about", n)
	}
	for _, platform := range []string{"slack", "discord"} {
		walk, pictures, said := b.channel(platform, "night-walk"), 0, 0
		if platform == "slack" {
			for _, m := range b.slack.AllMessages(walk) {
				said, pictures = said+1, pictures+len(m.Files)
			}
		} else {
			for _, m := range b.discord.Messages(walk) {
				said, pictures = said+1, pictures+len(m.Attachments)
			}
		}
		if said < 60 || pictures != 1 {
			t.Errorf("%s: #night-walk has %d messages and %d pictures, want something worth summing up", platform, said, pictures)
		}
	}
	if n := len(b.discord.Messages(b.channel("discord", "general"))); n < 4 {
		t.Errorf("Discord's #general has %d messages", n)
	}
	if n := len(b.discord.Messages(b.channel("discord", "Map colours"))); n < 3 {
		t.Errorf("the seeded Discord thread has %d messages", n)
	}
}

func TestThePageRunsOnlyItsOwnScripts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{"/", "/assets/app.js", "/assets/style.css", "/assets/icon.svg"} {
		res, err := b.client.Get(b.server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || len(body) == 0 {
			t.Errorf("GET %s: %s, %d bytes, %v", path, res.Status, len(body), err)
		}
		policy := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("GET %s has the policy %q", path, policy)
		}
		if path == "/" && (strings.Contains(string(body), "<script>") || strings.Contains(string(body), "style=")) {
			t.Error("the page holds inline script or style, which its policy forbids")
		}
	}
}

func TestTypedNamesBecomeMentions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	slack, discord := "<@"+b.slack.BotUserID()+">", "<@"+b.discord.BotUserID()+">"
	cases := []struct{ platform, text, want string }{
		{"slack", "@Parley hi", slack + " hi"},
		{"slack", "ask @parley, please", "ask " + slack + ", please"},
		{"slack", "a <b> & c", "a &lt;b&gt; &amp; c"},
		{"slack", "me@parley.example `@Parley`", "me@parley.example `@Parley`"},
		{"discord", "@Parley hi", discord + " hi"},
		{"discord", "ask @parley. And #general!", "ask " + discord + ". And <#" + b.channel("discord", "general") + ">!"},
		{"discord", "me@parley.example", "me@parley.example"},
		{"discord", "`@Parley` and ```\n@Parley\n```", "`@Parley` and ```\n@Parley\n```"},
		{"discord", "@nobody", "@nobody"},
	}
	for _, c := range cases {
		channel := b.channel(c.platform, "design")
		status, answer := b.send(http.MethodPost, "/api/messages", map[string]string{
			"platform": c.platform, "person": b.person(c.platform, "Bo"), "channel": channel, "text": c.text,
		})
		if status != http.StatusCreated {
			t.Errorf("%s %q: %d %v", c.platform, c.text, status, answer)
			continue
		}
		if got := b.text(c.platform, channel, answer["id"]); got != c.want {
			t.Errorf("%s %q became %q, want %q", c.platform, c.text, got, c.want)
		}
	}
}

// text is a message's text as the platform holds it.
func (b *bench) text(platform, channel, id string) string {
	if platform == "slack" {
		m, _ := b.slack.Message(channel, id)
		return m.Text
	}
	m, _ := b.discord.Message(id)
	return m.Content
}

func TestOneEditsAndDeletesOnlyOwnMessages(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"slack", "discord"} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			channel := b.channel(platform, "design")
			_, created := b.send(http.MethodPost, "/api/messages", map[string]string{
				"platform": platform, "person": b.person(platform, "Ana"), "channel": channel, "text": "first",
			})
			mine := map[string]string{"platform": platform, "person": b.person(platform, "Ana"), "channel": channel, "id": created["id"], "text": "second"}
			other := maps.Clone(mine)
			other["person"] = b.person(platform, "Bo")
			if status, _ := b.send(http.MethodPut, "/api/messages", other); status != http.StatusBadRequest {
				t.Errorf("Bo edited Ana's message: %d", status)
			}
			if status, _ := b.remove(other); status != http.StatusBadRequest {
				t.Errorf("Bo deleted Ana's message: %d", status)
			}
			if status, answer := b.send(http.MethodPut, "/api/messages", mine); status != http.StatusOK {
				t.Errorf("edit: %d %v", status, answer)
			}
			if got := b.text(platform, channel, created["id"]); got != "second" {
				t.Errorf("after the edit the text is %q", got)
			}
			tab := b.open()
			key := platform + "/message/" + channel + "/" + created["id"]
			tab.until("the message", func(seen map[string]json.RawMessage) bool { return seen[key] != nil })
			if status, answer := b.remove(mine); status != http.StatusOK {
				t.Errorf("delete: %d %v", status, answer)
			}
			tab.until("that it is gone", func(seen map[string]json.RawMessage) bool { return seen[key] == nil })
		})
	}
}

func TestThreads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	root := b.slack.Messages(b.channel("slack", "general"))[0]
	_, reply := b.send(http.MethodPost, "/api/messages", map[string]string{
		"platform": "slack", "person": b.person("slack", "Bo"), "channel": root.Channel, "thread": root.TS, "text": "in the thread",
	})
	if m, _ := b.slack.Message(root.Channel, reply["id"]); m.ThreadTS != root.TS {
		t.Errorf("the reply stands in thread %q, want %q", m.ThreadTS, root.TS)
	}
	first := b.discord.Messages(b.channel("discord", "general"))[0]
	fields := map[string]string{"platform": "discord", "person": b.person("discord", "Bo"), "channel": first.ChannelID}
	fields["reply_to"], fields["text"] = first.ID, "an answer"
	_, answer := b.send(http.MethodPost, "/api/messages", fields)
	if m, _ := b.discord.Message(answer["id"]); m.ReplyTo != first.ID {
		t.Errorf("the answer replies to %q, want %q", m.ReplyTo, first.ID)
	}
	fields["message"], fields["name"] = first.ID, "Walks"
	status, thread := b.send(http.MethodPost, "/api/threads", fields)
	if c, ok := b.discord.Channel(thread["id"]); status != http.StatusCreated || !ok || c.ParentID != first.ChannelID {
		t.Errorf("start thread: %d %v", status, thread)
	}
}

func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	headers := map[string]map[string]string{
		"by Sec-Fetch-Site": {"Sec-Fetch-Site": "cross-site"},
		"by Origin":         {"Sec-Fetch-Site": "", "Origin": "https://example.org"},
	}
	for name, set := range headers {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
			req := b.request(method, "/api/messages?platform=slack&text=x", strings.NewReader(""), "application/x-www-form-urlencoded")
			for key, value := range set {
				req.Header.Set(key, value)
			}
			if status, answer := b.do(req); status != http.StatusForbidden || answer["error"] == "" {
				t.Errorf("%s, %s: %d %v", name, method, status, answer)
			}
		}
	}
}

func TestBadRequestsGetOneSentence(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	slack := func(change map[string]string) map[string]string {
		fields := map[string]string{"platform": "slack", "person": b.person("slack", "Ana"), "channel": b.channel("slack", "general"), "text": "x"}
		maps.Copy(fields, change)
		return fields
	}
	discord := map[string]string{"platform": "discord", "person": b.person("discord", "Ana"), "channel": b.channel("discord", "general"), "text": strings.Repeat("é", 2001)}
	cases := map[string]struct {
		fields map[string]string
		files  []file
		status int
	}{
		"unknown platform":       {slack(map[string]string{"platform": "irc"}), nil, http.StatusBadRequest},
		"unknown person":         {slack(map[string]string{"person": "U1"}), nil, http.StatusBadRequest},
		"unknown channel":        {slack(map[string]string{"channel": "C1"}), nil, http.StatusBadRequest},
		"unknown thread":         {slack(map[string]string{"thread": "1.000000"}), nil, http.StatusBadRequest},
		"nothing said":           {slack(map[string]string{"text": ""}), nil, http.StatusBadRequest},
		"no UTF-8":               {slack(map[string]string{"text": "\xff"}), nil, http.StatusBadRequest},
		"over Slack's limit":     {slack(map[string]string{"text": strings.Repeat("a", 40_001)}), nil, http.StatusBadRequest},
		"over Discord's limit":   {discord, nil, http.StatusBadRequest},
		"too many files":         {slack(nil), slices.Repeat([]file{{"a.txt", "text/plain", "a"}}, 11), http.StatusBadRequest},
		"more bytes than may be": {slack(nil), []file{{"a.bin", "application/octet-stream", strings.Repeat("a", 33<<20)}}, http.StatusRequestEntityTooLarge},
	}
	before := len(b.slack.AllMessages(b.channel("slack", "general")))
	for name, c := range cases {
		if status, answer := b.send(http.MethodPost, "/api/messages", c.fields, c.files...); status != c.status || answer["error"] == "" {
			t.Errorf("%s: %d %v, want %d", name, status, answer, c.status)
		}
	}
	if after := len(b.slack.AllMessages(b.channel("slack", "general"))); after != before {
		t.Errorf("%d messages came of bad requests", after-before)
	}
}

func TestUploadedPagesAreNeverShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	files := []file{
		{"page.html", "text/html", "<script>alert(1)</script>"},
		{"drawing.svg", "image/svg+xml", "<svg onload='alert(1)'/>"},
		{"dot.png", "image/png", "\x89PNG\r\n\x1a\n"},
	}
	for _, platform := range []string{"slack", "discord"} {
		status, answer := b.send(http.MethodPost, "/api/messages", map[string]string{
			"platform": platform, "person": b.person(platform, "Chi"), "channel": b.channel(platform, "design"),
		}, files...)
		if status != http.StatusCreated {
			t.Fatalf("%s: %d %v", platform, status, answer)
		}
		tab := b.open()
		key := platform + "/message/" + b.channel(platform, "design") + "/" + answer["id"]
		tab.until("the files", func(seen map[string]json.RawMessage) bool { return seen[key] != nil })
		var shown struct{ Files []struct{ Name, URL string } }
		if err := json.Unmarshal(tab.seen[key], &shown); err != nil || len(shown.Files) != len(files) {
			t.Fatalf("%s shows %s, %v", platform, tab.seen[key], err)
		}
		for i, f := range shown.Files {
			res, err := b.client.Get(b.server.URL + "/" + f.URL)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || string(body) != files[i].data {
				t.Errorf("%s %s: other bytes than uploaded (%v)", platform, f.Name, err)
			}
			download := strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment")
			if picture := files[i].mime == "image/png"; download == picture {
				t.Errorf("%s %s: download is %v", platform, f.Name, download)
			}
			if !strings.Contains(res.Header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%s %s is not sandboxed", platform, f.Name)
			}
		}
	}
}

func TestEveryTabShowsWhatHappens(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.open(), b.open()
	for _, tab := range []*tab{one, two} {
		if name := tab.next(); name != "state" || tab.seen["meta"] == nil || tab.seen["slack/info"] == nil {
			t.Fatalf("the first event is %q with %d things", name, len(tab.seen))
		}
	}
	m, err := b.slack.Say(b.person("slack", "Ana"), b.channel("slack", "general"), "seen by all", slacksim.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.discord.StartTyping(b.discord.BotUserID(), b.channel("discord", "general")); err != nil {
		t.Fatal(err)
	}
	for _, tab := range []*tab{one, two} {
		tab.until("the message and who types", func(seen map[string]json.RawMessage) bool {
			return seen["slack/message/"+m.Channel+"/"+m.TS] != nil &&
				strings.Contains(string(seen["discord/status/"+b.channel("discord", "general")+"/"]), "Parley is typing")
		})
	}
}

func TestCloseEndsOpenStreams(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tab := b.open()
	tab.next()
	b.page.Close()
	b.page.Close()
	for tab.next() != "" {
	}
}

func TestAClosedSimulatorEndsOpenStreams(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tab := b.open()
	tab.next()
	if err := b.discord.Close(); err != nil {
		t.Fatal(err)
	}
	for tab.next() != "" {
	}
}
