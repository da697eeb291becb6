package llmsim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/llm"
	"parley/llm/llmsim"
)

var dialects = []llmsim.Dialect{llmsim.Together, llmsim.VLLM, llmsim.LlamaCpp}

func TestClientAndServerAgree(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			s := start(t, llmsim.Options{Dialect: dialect, Key: "right-key"})
			c := client(t, s, func(o *llm.Options) { o.APIKey = "right-key" })
			s.Enqueue(llmsim.Say("Grüße, 世界!\nTwo  lines."), llmsim.Say("whole"))

			text, last, fail := streamed(t, c, ask("Hi"))
			if fail != nil || text != "Grüße, 世界!\nTwo  lines." || last.Finish != llm.FinishStop || last.Usage == nil || last.RequestID == "" {
				t.Fatalf("stream: %q, %+v, %v", text, last, fail)
			}
			whole, err := c.Complete(t.Context(), ask("Hi"))
			if err != nil || whole.Text != "whole" || whole.Usage == nil {
				t.Fatalf("whole: %+v, %v", whole, err)
			}
			requests := s.Requests()
			if len(requests) != 2 || requests[0].Tokens != last.Usage.Input || requests[0].Output != last.Usage.Output || !requests[0].Stream || requests[1].Stream {
				t.Errorf("journal %+v", requests)
			}
			models, err := c.Models(t.Context())
			if err != nil || len(models) != 1 || models[0].ID != llmsim.DefaultModel {
				t.Errorf("models %+v, %v", models, err)
			}
			if health, err := c.Check(t.Context()); err != nil || !health.Listed {
				t.Errorf("check %+v, %v", health, err)
			}
		})
	}
}

func TestServerRefuses(t *testing.T) {
	t.Parallel()
	loose := llm.Profile{System: true, Context: 32768, MaxOutput: 100} // sends what it is given
	for _, tc := range []struct {
		rule  string
		req   llm.Request
		key   string
		model string
		kind  llm.Kind
	}{
		{"a wrong key", ask("Hi"), "wrong-key", llmsim.DefaultModel, llm.KindAuth},
		{"no key", ask("Hi"), "", llmsim.DefaultModel, llm.KindAuth},
		{"another model", ask("Hi"), "right-key", "gone/model", llm.KindModelNotFound},
		{"a system role", llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleSystem, "s"), llm.TextMessage(llm.RoleUser, "u")}}, "right-key", llmsim.DefaultModel, llm.KindBadTemplate},
		{"two user turns", llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleUser, "a"), llm.TextMessage(llm.RoleUser, "b")}}, "right-key", llmsim.DefaultModel, llm.KindBadTemplate},
		{"an answer first", llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleAssistant, "a"), llm.TextMessage(llm.RoleUser, "b")}}, "right-key", llmsim.DefaultModel, llm.KindBadTemplate},
		{"a prompt over the window", ask(strings.Repeat("word ", 40000)), "right-key", llmsim.DefaultModel, llm.KindContextOverflow},
		{"an image", llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "What?"}, llm.Image{MIME: "image/png", Bytes: []byte("x")}}}}}, "right-key", llmsim.DefaultModel, llm.KindModality},
	} {
		for _, dialect := range dialects {
			if tc.rule == "another model" && dialect == llmsim.LlamaCpp {
				continue // it has one model and takes any name
			}
			t.Run(tc.rule+", "+string(dialect), func(t *testing.T) {
				t.Parallel()
				s := start(t, llmsim.Options{Dialect: dialect, Key: "right-key", NoImages: true})
				c := client(t, s, func(o *llm.Options) { o.APIKey, o.Model, o.Profile, o.MaxRetries = tc.key, tc.model, loose, 3 })
				_, err := c.Complete(t.Context(), tc.req)
				if llm.KindOf(err) != tc.kind {
					t.Fatalf("got %v", err)
				}
				if n := len(s.Requests()); n != 1 {
					t.Errorf("%d requests", n)
				}
				var fail *llm.Error
				if tc.kind == llm.KindContextOverflow && (!errors.As(err, &fail) || fail.Limit != 32768 || fail.Used != s.Requests()[0].Tokens) {
					t.Errorf("numbers %+v", fail)
				}
			})
		}
	}
}

func TestShapedRequestsPass(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{Dialect: llmsim.LlamaCpp})
	s.Enqueue(llmsim.Say("ok"))
	_, err := client(t, s, nil).Complete(t.Context(), llm.Request{Messages: []llm.Message{
		llm.TextMessage(llm.RoleSystem, "s"), llm.TextMessage(llm.RoleAssistant, "x"), llm.TextMessage(llm.RoleUser, "a"), llm.TextMessage(llm.RoleUser, "b<end_of_turn>"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Requests()[0].Messages; len(got) != 1 || got[0].Role != "user" || got[0].Text != "s\n\na\n\nb‹end_of_turn›" {
		t.Errorf("sent %+v", got)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	long := "one two three four five"
	fault := func(kind llmsim.FaultKind) llmsim.Reply {
		return llmsim.Reply{Text: long, Fault: llmsim.Fault{Kind: kind, After: 2}}
	}
	for _, tc := range []struct {
		rule  string
		reply llmsim.Reply
		kind  llm.Kind
		text  string
	}{
		{"429", llmsim.RateLimited(7), llm.KindRateLimited, ""},
		{"503", llmsim.Overloaded(), llm.KindOverloaded, ""},
		{"500", llmsim.Fail(500, "broken"), llm.KindUpstream, ""},
		{"HTML 502", llmsim.HTMLPage(502), llm.KindUpstream, ""},
		{"HTML 200", llmsim.HTMLPage(200), llm.KindUpstream, ""},
		{"reset before the header", llmsim.Reply{Text: long, Fault: llmsim.Fault{Kind: llmsim.Reset}}, llm.KindUpstream, ""},
		{"cut", fault(llmsim.Cut), llm.KindTruncated, "one two "},
		{"ended", fault(llmsim.Ended), llm.KindTruncated, "one two "},
		{"stall", fault(llmsim.Stall), llm.KindTimeout, "one two "},
		{"error event", fault(llmsim.ErrorEvent), llm.KindUpstream, "one two "},
		{"error chunk", fault(llmsim.ErrorChunk), llm.KindUpstream, "one two "},
		{"error line", fault(llmsim.ErrorLine), llm.KindUpstream, "one two "},
		{"no [DONE]", fault(llmsim.NoDone), "", long},
		{"a JSON body", fault(llmsim.JSONBody), "", long},
		{"no usage", fault(llmsim.NoUsage), "", long},
	} {
		for _, dialect := range dialects {
			t.Run(tc.rule+", "+string(dialect), func(t *testing.T) {
				t.Parallel()
				s := start(t, llmsim.Options{Dialect: dialect})
				s.Enqueue(tc.reply)
				text, last, fail := streamed(t, client(t, s, nil), ask("Hi"))
				if text != tc.text || (fail == nil) != (tc.kind == "") || fail != nil && (fail.Kind != tc.kind || fail.Partial != tc.text) {
					t.Fatalf("got %q, %+v", text, fail)
				}
				if tc.rule == "429" && fail.RetryAfter != 7*time.Second {
					t.Errorf("wait %v", fail.RetryAfter)
				}
				if tc.kind == "" && (last.Usage == nil) != (tc.rule == "no usage") {
					t.Errorf("last %+v", last)
				}
			})
		}
	}
}

func TestRetryAgainstTheServer(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{})
	s.Enqueue(llmsim.Reply{Fault: llmsim.Fault{Kind: llmsim.Reset}}, llmsim.Overloaded(), llmsim.Say("at last"))
	text, _, fail := streamed(t, client(t, s, func(o *llm.Options) { o.MaxRetries = 2 }), ask("Hi"))
	if fail != nil || text != "at last" || len(s.Requests()) != 3 {
		t.Fatalf("got %q, %v after %d requests", text, fail, len(s.Requests()))
	}
}

func TestMaxTokensCutsTheAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{})
	s.Enqueue(llmsim.Say(strings.Repeat("word ", 100)))
	req := ask("Hi")
	req.MaxOutput = 10
	text, last, fail := streamed(t, client(t, s, nil), req)
	if fail != nil || last.Finish != llm.FinishLength || last.Usage.Output > 10 || strings.Count(text, "word") != last.Usage.Output {
		t.Fatalf("got %q, %+v, %v", text, last, fail)
	}
}

func TestHoldDelaysTheFirstToken(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{})
	hold := make(chan struct{})
	s.Enqueue(llmsim.Reply{Text: "now", Hold: hold})
	got := make(chan string)
	go func() {
		text, _, _ := streamed(t, client(t, s, nil), ask("Hi"))
		got <- text
	}()
	if _, err := s.WaitRequests(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	select {
	case text := <-got:
		t.Fatalf("%q came before it was let go", text)
	default:
	}
	close(hold)
	if text := <-got; text != "now" {
		t.Fatalf("got %q", text)
	}
}

func TestLeavingIsSeen(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{})
	s.Enqueue(llmsim.Reply{Text: "one two three", Fault: llmsim.Fault{Kind: llmsim.Stall, After: 1}})
	for range client(t, s, nil).Stream(t.Context(), ask("Hi")) {
		break
	}
	if err := s.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := s.Requests()[0]; !r.Left || r.Output != 1 {
		t.Errorf("journal %+v", r)
	}
}

func TestWaitsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.WaitRequests(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestCloseEndsAStall(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{})
	s.Enqueue(llmsim.Reply{Fault: llmsim.Fault{Kind: llmsim.Stall}})
	done := make(chan *llm.Error)
	go func() {
		_, _, fail := streamed(t, client(t, s, func(o *llm.Options) { o.Idle = time.Hour }), ask("Hi"))
		done <- fail
	}()
	if _, err := s.WaitRequests(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if fail := <-done; fail == nil {
		t.Fatal("no error")
	}
	if err := s.Start(t.Context()); err == nil {
		t.Error("started twice")
	}
}

func TestRawRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{})
	http1 := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for rule, tc := range map[string]struct {
		method, path, body string
		status             int
		tells              string
	}{
		"no JSON":                {"POST", "/chat/completions", "{", 400, "invalid JSON"},
		"no messages":            {"POST", "/chat/completions", `{"model":"google/gemma-3n-E4B-it"}`, 400, "empty"},
		"a remote image":         {"POST", "/chat/completions", `{"model":"google/gemma-3n-E4B-it","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://host/x.png"}}]}]}`, 400, "base64"},
		"a part of another type": {"POST", "/chat/completions", `{"model":"google/gemma-3n-E4B-it","messages":[{"role":"user","content":[{"type":"video_url"}]}]}`, 400, "unsupported content"},
		"another path":           {"POST", "/completions", `{}`, 404, "Not Found"},
		"another method":         {"GET", "/chat/completions", ``, 404, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tc.method, s.URL()+tc.path, strings.NewReader(tc.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http1.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != tc.status || !strings.Contains(string(raw), tc.tells) {
			t.Errorf("%s: %d %s", rule, resp.StatusCode, raw)
		}
	}
}

func TestCountTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "word": 1, "incomprehensible": 3, "12345": 5, "a, b": 3, "a\n\nb": 3, "a   b": 3, "世界": 2, "x1y": 3,
	} {
		if got := llmsim.CountTokens(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func ExampleServer() {
	s := llmsim.New(llmsim.Options{Model: "demo"})
	s.Enqueue(llmsim.Say("Hello"), llmsim.RateLimited(3))
	fmt.Println(s.URL() == "")
	// Output: true
}
