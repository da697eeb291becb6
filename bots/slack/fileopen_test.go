package slack_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/bots/slack"
	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func (w *world) file(t *testing.T, name, kind, data string) conversation.Attachment {
	t.Helper()
	f, err := w.sim.Upload(w.ann.ID, name, kind, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	w.say(t, "a file", slacksim.WithFiles(f.ID))
	return conversation.Attachment{ID: f.ID, Locator: f.ID, Name: name, MIME: kind}
}

func (w *world) openFile(t *testing.T, a conversation.Attachment) (string, error) {
	t.Helper()
	body, err := w.adapter.OpenFile(t.Context(), w.at(w.channel.ID), "", a)
	if err != nil {
		return "", err
	}
	defer func() { _ = body.Close() }()
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), nil
}

func TestFilesAreOpened(t *testing.T) {
	t.Parallel()
	w := connected(t)
	for _, tt := range []struct{ name, kind, data string }{
		{"cat.png", "image/png", "a picture"}, {"page.html", "text/html", "<!DOCTYPE html><p>mine</p>"}, {"empty", "application/octet-stream", ""},
	} {
		if got, err := w.openFile(t, w.file(t, tt.name, tt.kind, tt.data)); err != nil || got != tt.data {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
	checked := w.file(t, "shared.png", "image/png", "of a shared channel")
	if err := w.sim.SetFileAccess(checked.ID, slacksim.FileCheckInfo, ""); err != nil {
		t.Fatal(err)
	}
	if got, err := w.openFile(t, checked); err != nil || got != "of a shared channel" {
		t.Errorf("check_file_info: %q, %v", got, err)
	}
}

func TestFilesThatAreNotWhatTheySeem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		breaks func(*testing.T, *world, conversation.Attachment) conversation.Attachment
		code   conversation.Code
		retry  bool
	}{
		{"a sign-in page", func(_ *testing.T, w *world, a conversation.Attachment) conversation.Attachment {
			w.sim.LoginPageForFiles(true)
			return a
		}, conversation.CodeFileRefused, false},
		{"an expired link", func(_ *testing.T, w *world, a conversation.Attachment) conversation.Attachment {
			w.sim.ExpireFiles(true)
			return a
		}, conversation.CodeFileGone, false},
		{"a deleted file", func(t *testing.T, w *world, a conversation.Attachment) conversation.Attachment {
			if err := w.sim.DeleteFile(a.ID); err != nil {
				t.Fatal(err)
			}
			return a
		}, conversation.CodeFileGone, false},
		{"a file that never was", func(_ *testing.T, _ *world, a conversation.Attachment) conversation.Attachment {
			a.Locator = "F0NOTHING"
			return a
		}, conversation.CodeFileGone, false},
		{"no file", func(_ *testing.T, _ *world, a conversation.Attachment) conversation.Attachment {
			a.Locator = "../../etc/passwd"
			return a
		}, conversation.CodeFileGone, false},
		{"a file over the plan's limit", access(slacksim.FileHidden, ""), conversation.CodeFileGone, false},
		{"a file that may not be seen", access(slacksim.FileDenied, ""), conversation.CodeFileRefused, false},
		{"a file of another service", access(slacksim.FileExternal, "https://drive.example/x"), conversation.CodeFileRefused, false},
		{"an address that is not slack's", access("", "https://files.slack.com.evil.example/x"), conversation.CodeFileRefused, false},
		{"an address without encryption", access("", "http://files.slack.com/x"), conversation.CodeFileRefused, false},
		{"an address inside the network", access("", "https://169.254.169.254/x"), conversation.CodeFileRefused, false},
		{"no scope", func(_ *testing.T, w *world, a conversation.Attachment) conversation.Attachment {
			w.sim.SetFault("files.info", slacksim.Fault{Error: "missing_scope", Needed: "files:read"})
			return a
		}, conversation.CodeFileRefused, false},
		{"slack is down", func(_ *testing.T, w *world, a conversation.Attachment) conversation.Attachment {
			w.sim.SetFault("files.info", slacksim.Fault{Status: 503})
			return a
		}, conversation.CodePlatformDown, true},
		{"the file's host is down", func(_ *testing.T, w *world, a conversation.Attachment) conversation.Attachment {
			w.sim.SetFault("download", slacksim.Fault{Status: 503})
			return a
		}, conversation.CodePlatformDown, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			a := tt.breaks(t, w, w.file(t, "cat.png", "image/png", "a picture"))
			_, err := w.openFile(t, a)
			if f := conversation.FailureOf(err); err == nil || f.Code != tt.code || f.Retry != tt.retry || f.Safe == "" {
				t.Errorf("%v, want %s", err, tt.code)
			}
			if err != nil && strings.Contains(err.Error(), w.sim.BotToken()) {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}

func access(a slacksim.FileAccess, link string) func(*testing.T, *world, conversation.Attachment) conversation.Attachment {
	return func(t *testing.T, w *world, file conversation.Attachment) conversation.Attachment {
		if err := w.sim.SetFileAccess(file.ID, a, link); err != nil {
			t.Fatal(err)
		}
		return file
	}
}

func TestTokenIsNotTakenAlongByARedirect(t *testing.T) {
	t.Parallel()
	w := connected(t)
	reached := make(chan string, 1)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached <- r.Header.Get("Authorization") }))
	t.Cleanup(other.Close)
	// A host that is trusted, as the API's is, sends on to one that is not.
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/files.info"):
			_, _ = io.WriteString(rw, `{"ok":true,"file":{"id":"F0A","mode":"hosted","mimetype":"image/png","url_private":"http://`+r.Host+`/file"}}`)
		default:
			http.Redirect(rw, r, other.URL+"/file", http.StatusFound)
		}
	}))
	t.Cleanup(front.Close)
	a := w.second(t, front.URL+"/api/")
	_, err := a.OpenFile(context.WithoutCancel(t.Context()), conversation.ThreadRef{}, "", conversation.Attachment{Locator: "F0A"})
	if f := conversation.FailureOf(err); err == nil || f.Code != conversation.CodeFileRefused {
		t.Errorf("%v", err)
	}
	select {
	case sent := <-reached:
		t.Errorf("the other host was reached with %q", sent)
	default:
	}
}

func TestTokenGoesToSlackOnly(t *testing.T) {
	t.Parallel()
	a, err := slack.New(slackOptions{BotToken: "xoxb-1", AppToken: "xapp-1", Ingester: newInbox(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://files.slack.com/files-pri/T1-F1/x.png": true, "https://slack.com/x": true, "https://acme.slack.com/x": true,
		"https://FILES.slack.com:443/x": true, "https://files.slack-gov.com/x": true,
		"http://files.slack.com/x": false, "https://files.slack.com:8443/x": false, "https://me@files.slack.com/x": false,
		"https://notslack.com/x": false, "https://files.slack.com.evil.example/x": false, "https://evil.example/files.slack.com": false,
		"https://127.0.0.1/x": false, "file:///etc/passwd": false, "": false,
	} {
		if got := a.TrustsFile(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}
