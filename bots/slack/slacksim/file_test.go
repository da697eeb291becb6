package slacksim_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"parley/bots/slack/slacksim"
)

func TestAFileIsReadWithTheTokenOnly(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	file := must(b.Upload(b.ada.ID, "dot.png", "image/png", picture.Bytes()))(t)
	if _, _, _, err := b.api.GetFileInfoContext(b.ctx, file.ID, 0, 0); err == nil || err.Error() != "file_not_found" {
		t.Errorf("a file that nobody shared: %v", err)
	}
	got := b.after(func() { b.say(b.dm.ID, "", slacksim.WithFiles(file.ID)) })
	if len(got) != 2 || got[0].Subtype != "file_share" || len(got[0].Files) != 1 || got[0].Files[0].ID != file.ID || got[1].Type != "file_shared" {
		t.Errorf("events: %+v", got)
	}
	info, _, _, err := b.api.GetFileInfoContext(b.ctx, file.ID, 0, 0)
	if err != nil || info.Mimetype != "image/png" || info.OriginalW != 3 || info.OriginalH != 2 || info.Size != picture.Len() || len(info.IMs) != 1 {
		t.Errorf("files.info: %+v, %v", info, err)
	}
	var read bytes.Buffer
	if err := b.api.GetFileContext(b.ctx, info.URLPrivate, &read); err != nil || !bytes.Equal(read.Bytes(), picture.Bytes()) {
		t.Errorf("download: %d bytes, %v", read.Len(), err)
	}
	if body, kind := b.get(info.URLPrivate, ""); !strings.HasPrefix(kind, "text/html") || !strings.Contains(body, "Sign in") {
		t.Errorf("without a token: %s %q", kind, body)
	}
	b.LoginPageForFiles(true)
	if body, kind := b.get(info.URLPrivate, b.BotToken()); !strings.HasPrefix(kind, "text/html") || !strings.Contains(body, "Sign in") {
		t.Errorf("with the login page on: %s %q", kind, body)
	}
	b.LoginPageForFiles(false)
	b.ExpireFiles(true)
	if err := b.api.GetFileContext(b.ctx, info.URLPrivate, io.Discard); err == nil {
		t.Error("an expired link was read")
	}
	b.ExpireFiles(false)
	b.ok(b.DeleteFile(file.ID))
	if _, _, _, err := b.api.GetFileInfoContext(b.ctx, file.ID, 0, 0); err == nil || err.Error() != "file_deleted" {
		t.Errorf("a deleted file: %v", err)
	}
}

func (b *bundle) get(url, token string) (body, kind string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, url, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.t.Fatalf("get %s: status %d, %v", url, resp.StatusCode, err)
	}
	return string(raw), resp.Header.Get("Content-Type")
}

func TestAnUploadAppearsAfterItsAnswer(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Timing: slacksim.Timing{Share: 50 * time.Millisecond}})
	root := b.say(b.room.ID, "@parley the whole text please")
	summary, err := b.api.UploadFileContext(b.ctx, slack.UploadFileParameters{
		Filename: "answer.md", FileSize: 7, Content: "# Title", Title: "The answer", InitialComment: "here", Channel: b.room.ID, ThreadTimestamp: root.TS,
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(b.Thread(b.room.ID, root.TS)); n != 1 {
		t.Errorf("the file stands there before it is shared: %d messages", n)
	}
	b.waitFor("shared", func(w *slacksim.Workspace) bool { return len(w.Thread(b.room.ID, root.TS)) == 2 })
	m := b.Thread(b.room.ID, root.TS)[1]
	data, _ := b.FileBytes(summary.ID)
	if m.Plain != "here" || m.BotID != b.BotID() || m.Subtype != "file_share" || m.Files[0].Title != "The answer" || string(data) != "# Title" {
		t.Errorf("message %+v holds %q", m, data)
	}
}

func TestFaultsActOnTheirMethodOnly(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	text := slack.MsgOptionText("x", false)
	b.SetFault("chat.postMessage", slacksim.Fault{Status: 429, RetryAfter: 1500 * time.Millisecond, After: 1, Times: 1})
	b.post(b.room.ID, "passes")
	_, _, err := b.api.PostMessageContext(b.ctx, b.room.ID, text)
	var limited *slack.RateLimitedError
	if !errors.As(err, &limited) || limited.RetryAfter != 2*time.Second {
		t.Errorf("429: %v", err)
	}
	b.post(b.room.ID, "passes again")
	b.SetFault("chat.postMessage", slacksim.Fault{DropResponse: true, Times: 1})
	if _, _, err := b.api.PostMessageContext(b.ctx, b.room.ID, slack.MsgOptionText("unheard", false)); err == nil {
		t.Error("the answer came though it was dropped")
	}
	if all := b.Messages(b.room.ID); len(all) != 3 || all[2].Text != "unheard" {
		t.Errorf("the message of the lost answer is not there: %+v", all)
	}
	b.SetFault("*", slacksim.Fault{Status: 502, Body: "<html>bad gateway</html>"})
	var status slack.StatusCodeError
	if _, err := b.api.AuthTestContext(b.ctx); !errors.As(err, &status) || status.Code != 502 {
		t.Errorf("502: %v", err)
	}
	b.ClearFault("*")
	b.SetFault("assistant.threads.setStatus", slacksim.Fault{Error: "unknown_method"})
	if err := b.api.SetAssistantThreadsStatusContext(b.ctx, slack.AssistantThreadsSetStatusParameters{ChannelID: b.room.ID, Status: "x"}); err == nil || err.Error() != "unknown_method" {
		t.Errorf("unknown method: %v", err)
	}
	calls := b.Calls("chat.postMessage")
	if len(calls) != 4 || calls[1].OK || calls[1].Status != 429 || !calls[3].OK || calls[3].Args["text"] != "unheard" || calls[3].Args["token"] != "" {
		t.Errorf("journal: %+v", calls)
	}
}

func TestAStatusLastsUntilTheAnswer(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var moved time.Duration
	b := start(t, slacksim.Options{Clock: func() time.Time { return now.Add(moved) }})
	root := b.say(b.dm.ID, "question")
	set := func(text string, loading ...string) error {
		return b.api.SetAssistantThreadsStatusContext(b.ctx, slack.AssistantThreadsSetStatusParameters{
			ChannelID: b.dm.ID, ThreadTS: root.TS, Status: text, LoadingMessages: loading,
		})
	}
	b.ok(set("is thinking", "one", "two"))
	if line, loading := b.Status(b.dm.ID, root.TS), b.LoadingMessages(b.dm.ID, root.TS); line != "is thinking" || len(loading) != 2 {
		t.Errorf("status %q, loading %v", line, loading)
	}
	b.post(b.dm.ID, "answer", slackThread(root.TS))
	if line := b.Status(b.dm.ID, root.TS); line != "" {
		t.Errorf("after the answer it is %q", line)
	}
	b.ok(set("is thinking"))
	moved = 121 * time.Second
	if line := b.Status(b.dm.ID, root.TS); line != "" {
		t.Errorf("after two minutes it is %q", line)
	}
	if err := set("x", make([]string, 11)...); err == nil || err.Error() != "invalid_arguments" {
		t.Errorf("eleven loading messages: %v", err)
	}
}
