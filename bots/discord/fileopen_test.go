package discord_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func (r *rig) open(t *testing.T, m conversation.Message, file int) (string, error) {
	t.Helper()
	body, err := r.adapter.OpenFile(t.Context(), m.Ref, m.ID, m.Attachments[file])
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(body)
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	return string(data), err
}

func TestOpenFileOfAMessage(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{LinkLifetime: time.Hour})
	said := r.say(t, r.ada, r.channel.ID, "", discordsim.WithFiles(
		discordsim.File{Name: "a.txt", Data: []byte("hello")},
		discordsim.File{Name: "voice-message.ogg", ContentType: "audio/ogg", Data: []byte("OggS"), Waveform: "AAAA", DurationSecs: 2},
	))
	m := r.inbox.message(t, said.ID)
	if m.Attachments[1].Kind != conversation.AttachmentAudio {
		t.Errorf("a voice message is %q", m.Attachments[1].Kind)
	}
	for i, want := range []string{"hello", "OggS"} {
		if strings.Contains(m.Attachments[i].Locator, "http") {
			t.Errorf("locator %q", m.Attachments[i].Locator)
		}
		if got, err := r.open(t, m, i); err != nil || got != want {
			t.Errorf("file %d: %q, %v", i, got, err)
		}
	}
	forward := r.inbox.message(t, r.say(t, r.bob, r.channel.ID, "", discordsim.Forwarding(said.ID)).ID)
	if got, err := r.open(t, forward, 0); err != nil || got != "hello" {
		t.Errorf("a forwarded file: %q, %v", got, err)
	}

	if err := r.sim.SetFault(fileRoute, discordsim.Fault{Status: http.StatusNotFound, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if got, err := r.open(t, m, 0); err != nil || got != "hello" {
		t.Errorf("an address that had expired: %q, %v", got, err)
	}
	if err := r.sim.SetFault(fileRoute, discordsim.Fault{Status: http.StatusForbidden}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.open(t, m, 0); codeOf(err) != conversation.CodeFileGone {
		t.Errorf("refused again and again: %v", err)
	}
	r.sim.ClearFaults()
	if err := r.sim.SetFault(fileRoute, discordsim.Fault{Status: http.StatusBadGateway, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.open(t, m, 0); codeOf(err) != conversation.CodePlatformDown {
		t.Errorf("502: %v", err)
	}
	if err := r.sim.DeleteMessage(said.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.open(t, m, 0); codeOf(err) != conversation.CodeFileGone {
		t.Errorf("of a deleted message: %v", err)
	}
}

const fileRoute = "GET /attachments/{channel}/{attachment}/{name}"

func TestOpenFileOfACommand(t *testing.T) {
	t.Parallel()
	clock := newSettable()
	r := offered(t, discordsim.Options{Clock: clock.Now}, func(o *discord.Options) { o.Clock = clock.Now })
	i := must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "describe", discordsim.Option{Name: "attachment", File: &discordsim.File{Name: "cat.png", ContentType: "image/png", Data: []byte("pixels")}}))(t)
	m := r.inbox.asked(t, i.ID).Message
	if len(m.Attachments) != 1 || m.Attachments[0].Kind != conversation.AttachmentImage || m.Attachments[0].Name != "cat.png" {
		t.Fatalf("%+v", m.Attachments)
	}
	if l := m.Attachments[0].Locator; strings.Contains(l, "http") || strings.Contains(l, "hm=") {
		t.Errorf("the signed address stands in the locator: %s", l)
	}
	if got, err := r.open(t, m, 0); err != nil || got != "pixels" {
		t.Errorf("%q, %v", got, err)
	}
	another := newAdapter(t, r.sim) // another process, or this one after a restart
	body, err := another.OpenFile(t.Context(), m.Ref, m.ID, m.Attachments[0])
	if err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
	clock.add(25 * time.Hour)
	if _, err := r.open(t, m, 0); codeOf(err) != conversation.CodeFileGone {
		t.Errorf("after its end: %v", err)
	}
	m.Attachments[0].Locator = m.Attachments[0].Locator[:40]
	if _, err := r.open(t, m, 0); codeOf(err) != conversation.CodeFileGone {
		t.Errorf("a broken locator: %v", err)
	}
}

func TestOpenFileGoesNowhereElse(t *testing.T) {
	t.Parallel()
	hit := make(chan string, 10)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { hit <- req.Header.Get("Authorization") }))
	t.Cleanup(elsewhere.Close)
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	m := conversation.Message{ID: "2", Ref: r.ref(r.channel.ID), Attachments: []conversation.Attachment{{ID: "3", Locator: r.channel.ID + "/2/3"}}}
	for _, address := range []string{
		elsewhere.URL + "/attachments/1/2/x", "https://evil.example/x", "http://cdn.discordapp.com/attachments/1/2/x", "https://cdn.discordapp.com.evil.example/x",
		"https://cdn.discordapp.com:8443/x", "https://user@cdn.discordapp.com/x", "file:///etc/passwd", "https://169.254.169.254/latest", "://", "x",
	} {
		if err := r.sim.SetFault("GET /channels/{channel}/messages/{message}", discordsim.Fault{Status: 200, Times: 1, Body: `{"id":"2","attachments":[{"id":"3","url":"` + address + `"}]}`}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.open(t, m, 0); codeOf(err) != conversation.CodeFileRefused {
			t.Errorf("%s: %v", address, err)
		}
	}
	t.Run("not by a redirect either", func(t *testing.T) {
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if strings.HasPrefix(req.URL.Path, "/api/") {
				_, _ = io.WriteString(w, `{"id":"2","attachments":[{"id":"3","url":"http://`+req.Host+`/file"}]}`)
				return
			}
			if req.Header.Get("Authorization") != "" {
				t.Error("the bot's token was sent for a file")
			}
			http.Redirect(w, req, elsewhere.URL, http.StatusFound)
		}))
		t.Cleanup(api.Close)
		a := must(discord.New(discord.Options{BotToken: "secret", APIURL: api.URL + "/api/", Logger: r.log}))(t)
		if _, err := a.OpenFile(t.Context(), m.Ref, m.ID, m.Attachments[0]); codeOf(err) != conversation.CodeFileRefused {
			t.Errorf("%v", err)
		}
	})
	select {
	case <-hit:
		t.Error("another host was called")
	default:
	}
}
