package llm_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"parley/llm"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for rule, opts := range map[string]llm.Options{
		"no base URL":             {Model: "m"},
		"a host without a scheme": {BaseURL: "api.together.xyz/v1", Model: "m"},
		"another scheme":          {BaseURL: "ftp://host/v1", Model: "m"},
		"a key inside the URL":    {BaseURL: "https://user:" + testKey + "@host/v1", Model: "m"},
		"a URL that is none":      {BaseURL: "https://ho st/" + testKey, Model: "m"},
		"no model":                {BaseURL: "https://host/v1"},
		"a key with a line end":   {BaseURL: "https://host/v1", Model: "m", APIKey: testKey + "\n"},
	} {
		_, err := llm.New(opts)
		if err == nil {
			t.Errorf("%s: accepted", rule)
		} else if strings.Contains(err.Error(), testKey) {
			t.Errorf("%s: the key stands in %q", rule, err)
		}
	}
}

func TestBaseURLForms(t *testing.T) {
	t.Parallel()
	var path atomic.Value
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		path.Store(r.URL.RequestURI())
		_, _ = io.WriteString(w, okStream)
	})
	for form, want := range map[string]string{
		base:                            "/v1/chat/completions",
		base + "/":                      "/v1/chat/completions",
		" " + base + "//":               "/v1/chat/completions",
		base + "/chat/completions":      "/v1/chat/completions",
		strings.TrimSuffix(base, "/v1"): "/chat/completions",
		base + "/deep/er?version=2":     "/v1/deep/er/chat/completions?version=2",
	} {
		if got := collect(t, newClient(t, form, nil), t.Context(), ask("Hi")); got.err != nil {
			t.Fatal(got.err)
		}
		if path.Load() != want {
			t.Errorf("%q asks for %v, want %s", form, path.Load(), want)
		}
	}
}

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	var body, contentType, accept atomic.Value
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		body.Store(string(raw))
		contentType.Store(r.Header.Get("Content-Type"))
		accept.Store(r.Header.Get("Accept"))
		_, _ = io.WriteString(w, okStream)
	})
	zero := 0.0
	collect(t, newClient(t, base, nil), t.Context(), llm.Request{
		Messages:  []llm.Message{sys("Be <kind> & brief"), parts(llm.RoleUser, llm.Text{Text: "What?"}, llm.Image{MIME: "image/png", Bytes: []byte("png")}, llm.Audio{Format: "wav", Bytes: []byte("wav?")})},
		MaxOutput: 99, Temperature: &zero,
	})
	want := `{"model":"google/gemma-3n-E4B-it","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,cG5n"}},` +
		`{"type":"input_audio","input_audio":{"data":"d2F2Pw==","format":"wav"}},{"type":"text","text":"Be <kind> & brief\n\nWhat?"}]}],"max_tokens":99,"temperature":0,"top_p":0.95,"top_k":64,"stream":true,"stream_options":{"include_usage":true}}` + "\n"
	if body.Load() != want {
		t.Errorf("got  %v\nwant %s", body.Load(), want)
	}
	if contentType.Load() != "application/json" || accept.Load() != "text/event-stream" {
		t.Errorf("content type %v, accept %v", contentType.Load(), accept.Load())
	}
	collect(t, newClient(t, base, func(o *llm.Options) { o.Model = "other" }), t.Context(), ask("Hi"))
	want = `{"model":"other","messages":[{"role":"user","content":"Hi"}],"max_tokens":1024,"stream":true,"stream_options":{"include_usage":true}}` + "\n"
	if body.Load() != want {
		t.Errorf("a general model: got  %v\nwant %s", body.Load(), want)
	}
}

func TestKeyAndPromptGoToNoOtherHost(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		_, _ = io.WriteString(w, okStream)
	}))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/v1/chat/completions", status)
		})
		for _, given := range []*http.Client{nil, {Transport: http.DefaultTransport.(*http.Transport).Clone()}} {
			c := newClient(t, base, func(o *llm.Options) { o.HTTPClient = given })
			got := collect(t, c, t.Context(), ask("Hi"))
			if got.err == nil || got.err.Kind != llm.KindRequest || !strings.Contains(got.err.Message, other.URL) {
				t.Errorf("%d: got %+v", status, got.err)
			}
			if _, err := c.Models(t.Context()); err == nil {
				t.Errorf("%d: the list was followed", status)
			}
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the other host was reached %d times", n)
	}
}

func TestRedirectWithinTheHostIsFollowed(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/chat/completions" {
			http.Redirect(w, r, "/v2/chat/completions", http.StatusPermanentRedirect)
			return
		}
		if raw, _ := io.ReadAll(r.Body); r.Method != http.MethodPost || len(raw) == 0 || r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = io.WriteString(w, okStream)
	})
	if got := collect(t, newClient(t, base, nil), t.Context(), ask("Hi")); got.err != nil || got.text != "Hello" {
		t.Fatalf("got %+v", got)
	}
}

func TestNoKeyNoHeader(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, there := r.Header["Authorization"]; there {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = io.WriteString(w, okStream)
	})
	if got := collect(t, newClient(t, base, func(o *llm.Options) { o.APIKey = "" }), t.Context(), ask("Hi")); got.err != nil {
		t.Fatal(got.err)
	}
}

func TestEnvironmentIsNotRead(t *testing.T) { // not parallel: it sets the environment
	for _, name := range []string{"OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"} {
		t.Setenv(name, "https://from.environment")
	}
	var header http.Header
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Clone()
		_, _ = io.WriteString(w, okStream)
	})
	if got := collect(t, newClient(t, base, nil), t.Context(), ask("Hi")); got.err != nil {
		t.Fatal(got.err)
	}
	for name, values := range header {
		if strings.Contains(strings.Join(values, " "), "environment") || strings.HasPrefix(strings.ToLower(name), "openai") {
			t.Errorf("header %s: %q", name, values)
		}
	}
}

func TestLogsHoldNeitherKeyNorTalk(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var calls atomic.Int32
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			reply(503, "application/json", `{"error":{"message":"busy, Bearer `+testKey+`"}}`)(w, r)
			return
		}
		_, _ = io.WriteString(w, okStream)
	})
	c := newClient(t, base, func(o *llm.Options) {
		o.MaxRetries = 1
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	if got := collect(t, c, t.Context(), ask("private words")); got.err != nil {
		t.Fatal(got.err)
	}
	if !strings.Contains(log.String(), "trying again") {
		t.Errorf("the retry is not logged: %s", &log)
	}
	for _, secret := range []string{testKey, "private words", "Hello"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q stands in the log: %s", secret, &log)
		}
	}
}

func TestRequestsInFlightAreBounded(t *testing.T) {
	t.Parallel()
	const most = 3
	var now, peak atomic.Int32
	release := make(chan struct{})
	full := make(chan struct{}, 100)
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for p := peak.Load(); n > p && !peak.CompareAndSwap(p, n); p = peak.Load() {
		}
		full <- struct{}{}
		<-release
		_, _ = io.WriteString(w, okStream)
	})
	c := newClient(t, base, func(o *llm.Options) { o.MaxConcurrent = most })
	done := make(chan *llm.Error)
	for range 10 {
		go func() {
			var fail *llm.Error
			for _, err := range c.Stream(t.Context(), ask("Hi")) {
				errors.As(err, &fail)
			}
			done <- fail
		}()
	}
	for range most {
		<-full
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := collect(t, c, ctx, ask("Hi")); got.err == nil || got.err.Kind != llm.KindCancelled {
		t.Errorf("a cancelled wait for a place: %+v", got)
	}
	close(release)
	for range 10 {
		if fail := <-done; fail != nil {
			t.Error(fail)
		}
	}
	if peak.Load() != most {
		t.Errorf("%d requests at once, want %d", peak.Load(), most)
	}
}
