package slacksim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"parley/bots/slack/slacksim"
)

// listener receives interactions over HTTP and answers commands.
func listener(t *testing.T, b *bundle, answer string) <-chan url.Values {
	t.Helper()
	got := make(chan url.Values, 16)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if want := slacksim.Sign(b.SigningSecret(), r.Header.Get("X-Slack-Request-Timestamp"), body); r.Header.Get("X-Slack-Signature") != want {
			t.Error("the signature does not match")
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			t.Error(err)
		}
		got <- form
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(app.Close)
	b.SetInteractionURLs(app.URL, app.URL)
	return got
}

// hook posts to a response_url.
func (b *bundle) hook(address, body string) (int, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.ctx, http.MethodPost, address, bytes.NewReader([]byte(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(said)
}

func TestSlashCommandIsEscapedSignedAndAnsweredToOne(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	ada, bob := b.AddUser("ada"), b.AddUser("bob")
	room, err := b.AddChannel("looms", false, ada.ID, bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := b.AddChannel("secret", true, bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := listener(t, b, `{"text":"Working"}`)
	i, err := b.Slash(ada.ID, room.ID, "/parley summarize #looms #secret @bob https://x.example/?a=1&b=2 a<b")
	if err != nil {
		t.Fatal(err)
	}
	form := <-got
	want := "summarize <#" + room.ID + "|looms> #secret <@" + bob.ID + "|bob> <https://x.example/?a=1&amp;b=2> a&lt;b"
	if form.Get("text") != want || form.Get("command") != "/parley" || form.Get("user_id") != ada.ID || form.Get("channel_id") != room.ID {
		t.Errorf("form %v", form)
	}
	if err := b.WaitFor(b.ctx, func(w *slacksim.Workspace) bool { return len(w.Ephemerals(ada.ID)) == 1 }); err != nil {
		t.Fatal(err)
	}
	if status, _ := b.hook(i.ResponseURL, `{"text":"done"}`); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	seen := b.Ephemerals(ada.ID)
	if len(seen) != 2 || seen[0].Plain != "Working" || seen[1].Plain != "done" || len(b.Ephemerals(bob.ID)) != 0 {
		t.Errorf("ada sees %+v", seen)
	}
	if _, err := b.Slash(ada.ID, secret.ID, "/parley help"); err == nil {
		t.Error("a command was given in a channel that the person is not in")
	}
}

func TestResponseURLTakesFivePostsAndReplacesOnlyForButtons(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	ada := b.AddUser("ada")
	room, err := b.AddChannel("looms", false, ada.ID, b.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	got := listener(t, b, "")
	said, err := b.Say(ada.ID, room.ID, "look")
	if err != nil {
		t.Fatal(err)
	}
	i, err := b.Shortcut(ada.ID, room.ID, said.TS, "summarize_thread")
	if err != nil {
		t.Fatal(err)
	}
	var payload struct {
		Type     string `json:"type"`
		Callback string `json:"callback_id"`
		Message  struct {
			TS string `json:"ts"`
		} `json:"message"`
	}
	if err := json.Unmarshal([]byte((<-got).Get("payload")), &payload); err != nil {
		t.Fatal(err)
	}
	if payload.Type != "message_action" || payload.Callback != "summarize_thread" || payload.Message.TS != said.TS {
		t.Errorf("payload %+v", payload)
	}
	const withButton = `{"replace_original":true,"text":"sum","blocks":[{"type":"markdown","text":"sum"},` +
		`{"type":"actions","elements":[{"type":"button","action_id":"share","value":"v","text":{"type":"plain_text","text":"Share"}}]}]}`
	for n := range 6 {
		status, answer := b.hook(i.ResponseURL, withButton)
		if used := strings.Contains(answer, "used_url"); used != (n == 5) || used != (status == http.StatusNotFound) {
			t.Errorf("post %d: %d %s", n, status, answer)
		}
	}
	seen := b.Ephemerals(ada.ID)
	if len(seen) != 5 {
		t.Fatalf("%d messages, want 5: a shortcut's are not replaced", len(seen))
	}
	if _, err := b.Click(ada.ID, room.ID, seen[0].TS, "stop"); err == nil {
		t.Error("a button that is not there was pressed")
	}
	bob := b.AddUser("bob")
	if err := b.Invite(room.ID, bob.ID, ada.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Click(bob.ID, room.ID, seen[0].TS, "share"); err == nil {
		t.Error("a button was pressed that the person does not see")
	}
	pressed, err := b.Click(ada.ID, room.ID, seen[0].TS, "share")
	if err != nil {
		t.Fatal(err)
	}
	if form := <-got; !strings.Contains(form.Get("payload"), `"is_ephemeral":true`) || !strings.Contains(form.Get("payload"), `"value":"v"`) {
		t.Errorf("payload %s", form.Get("payload"))
	}
	if status, answer := b.hook(pressed.ResponseURL, `{"replace_original":true,"text":"shared"}`); status != http.StatusOK {
		t.Errorf("%d %s", status, answer)
	}
	if after := b.Ephemerals(ada.ID); len(after) != 5 || after[0].Plain != "shared" || len(b.Buttons(room.ID, after[0].TS)) != 0 {
		t.Errorf("after the button: %+v", after)
	}
	b.ExpireResponseURLs()
	if _, answer := b.hook(pressed.ResponseURL, `{"text":"late"}`); !strings.Contains(answer, "expired_url") {
		t.Errorf("answer %s", answer)
	}
	if status, _ := b.hook(b.URL()+"../hook/none", `{"text":"x"}`); status != http.StatusNotFound {
		t.Errorf("an unknown response_url answers %d", status)
	}
}

func TestButtonsAreHeldToSlacksLimits(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	ada := b.AddUser("ada")
	room, err := b.AddChannel("looms", false, ada.ID, b.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		`[{"type":"actions","elements":[]}]`,
		`[{"type":"actions","elements":[{"type":"button","text":{"type":"mrkdwn","text":"x"}}]}]`,
		`[{"type":"actions","elements":[{"type":"button","value":"` + strings.Repeat("v", 2001) + `","text":{"type":"plain_text","text":"x"}}]}]`,
	} {
		answer := b.call("chat.postMessage", url.Values{"token": {b.BotToken()}, "channel": {room.ID}, "text": {"x"}, "blocks": {bad}})
		if answer["error"] != "invalid_blocks" {
			t.Errorf("%.80s: %v", bad, answer)
		}
	}
}
