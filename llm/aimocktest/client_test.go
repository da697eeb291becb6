//go:build peers

package aimocktest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"parley/llm"
)

var baseURL string // set by TestMain before any test, never changed

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if _, err := os.Stat("node_modules/@copilotkit/aimock/package.json"); err != nil {
		fmt.Fprintln(os.Stderr, "aimock is not installed: run `make test`, which installs it, or `npm install` in llm/aimocktest")
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	server := exec.CommandContext(ctx, "node", "server.mjs")
	server.Stderr = os.Stderr
	stdin, err := server.StdinPipe()
	if err != nil {
		fmt.Fprintln(os.Stderr, "start aimock:", err)
		return 1
	}
	stdout, err := server.StdoutPipe()
	if err != nil {
		fmt.Fprintln(os.Stderr, "start aimock:", err)
		return 1
	}
	if err := server.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "start aimock: is node (20.15 or newer) installed?", err)
		return 1
	}
	defer func() {
		_ = stdin.Close() // it ends by itself then
		_ = server.Wait()
	}()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		fmt.Fprintln(os.Stderr, "start aimock: it ended without telling its address:", err)
		return 1
	}
	baseURL = strings.TrimSpace(line)
	return m.Run()
}

func newClient(t *testing.T, change func(*llm.Options)) *llm.Client {
	t.Helper()
	opts := llm.Options{BaseURL: baseURL, APIKey: "test-key", Model: "google/gemma-3n-E4B-it", MaxRetries: -1}
	if change != nil {
		change(&opts)
	}
	c, err := llm.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func ask(text string) llm.Request {
	return llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleUser, text)}, Purpose: "test"}
}

func stream(t *testing.T, c *llm.Client, req llm.Request) (text string, pieces int, last llm.Delta, fail *llm.Error) {
	t.Helper()
	for delta, err := range c.Stream(t.Context(), req) {
		if err != nil {
			if !errors.As(err, &fail) {
				t.Fatalf("error of type %T: %v", err, err)
			}
			break
		}
		if delta.Text != "" {
			pieces++
		}
		text += delta.Text
		last = delta
	}
	return text, pieces, last, fail
}

func TestStreamedText(t *testing.T) {
	t.Parallel()
	const want = "Hello there — grüß dich, 世界!\nSecond line."
	text, pieces, last, fail := stream(t, newClient(t, nil), ask("greet me"))
	if fail != nil || text != want || pieces < 5 || last.Finish != llm.FinishStop {
		t.Fatalf("got %q in %d pieces, %+v, %v", text, pieces, last, fail)
	}
	if last.Usage == nil || *last.Usage != (llm.Usage{Input: 11, Output: 9}) {
		t.Errorf("usage %+v", last.Usage)
	}
	if last.RequestID == "" || last.Model != "google/gemma-3n-E4B-it" {
		t.Errorf("last %+v", last)
	}
	whole, err := newClient(t, nil).Complete(t.Context(), ask("greet me"))
	if err != nil || whole.Text != want || whole.Usage == nil || whole.Usage.Output != 9 {
		t.Errorf("whole %+v, %v", whole, err)
	}
}

func TestFinishReasons(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]llm.Finish{"run out": llm.FinishLength, "be filtered": llm.FinishFilter} {
		if _, _, last, fail := stream(t, newClient(t, nil), ask(question)); fail != nil || last.Finish != want {
			t.Errorf("%s: %+v, %v", question, last, fail)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]llm.Error{
		"limit me":            {Kind: llm.KindRateLimited, Status: 429, RetryAfter: 45 * time.Second},
		"fail":                {Kind: llm.KindUpstream, Status: 500},
		"be too long":         {Kind: llm.KindContextOverflow, Status: 400, Used: 9001, Limit: 8192},
		"nothing is scripted": {Kind: llm.KindModelNotFound, Status: 404},
	} {
		_, _, _, fail := stream(t, newClient(t, nil), ask(question))
		if fail == nil || fail.Kind != want.Kind || fail.Status != want.Status || fail.RetryAfter != want.RetryAfter || fail.Used != want.Used || fail.Limit != want.Limit {
			t.Errorf("%s: %+v", question, fail)
		}
	}
}

func TestWrongKey(t *testing.T) {
	t.Parallel()
	_, _, _, fail := stream(t, newClient(t, func(o *llm.Options) { o.APIKey = "wrong-key-1234" }), ask("greet me"))
	if fail == nil || fail.Kind != llm.KindAuth || strings.Contains(fail.Error(), "wrong-key-1234") {
		t.Fatalf("got %v", fail)
	}
}

func TestRateLimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	text, _, _, fail := stream(t, newClient(t, func(o *llm.Options) { o.MaxRetries = 2 }), ask("limit once"))
	if fail != nil || text != "after the wait" || time.Since(begun) < time.Second {
		t.Fatalf("got %q, %v after %v", text, fail, time.Since(begun))
	}
}

func TestCutStreams(t *testing.T) {
	t.Parallel()
	for _, question := range []string{"cut me", "drop me"} {
		text, _, _, fail := stream(t, newClient(t, nil), ask(question))
		if fail == nil || fail.Kind != llm.KindTruncated || fail.Partial != text || text == "" || !strings.HasPrefix("one two three four five six seven", text) {
			t.Errorf("%s: %q, %+v", question, text, fail)
		}
	}
}

func TestLeavingASlowStream(t *testing.T) {
	t.Parallel()
	for delta, err := range newClient(t, nil).Stream(t.Context(), ask("take your time")) {
		if err != nil || delta.Text != "one " {
			t.Fatalf("got %+v, %v", delta, err)
		}
		break
	}
}

func TestShapedRequest(t *testing.T) {
	t.Parallel()
	text, _, _, fail := stream(t, newClient(t, nil), llm.Request{Messages: []llm.Message{
		llm.TextMessage(llm.RoleSystem, "Be kind."), llm.TextMessage(llm.RoleAssistant, "dropped"), llm.TextMessage(llm.RoleUser, "fold it"),
	}})
	if fail != nil || text != "folded" {
		t.Fatalf("got %q, %v", text, fail)
	}
}

func TestModelList(t *testing.T) {
	t.Parallel()
	models, err := newClient(t, nil).Models(t.Context())
	if err != nil || len(models) == 0 || models[0].ID == "" {
		t.Fatalf("got %+v, %v", models, err)
	}
}
