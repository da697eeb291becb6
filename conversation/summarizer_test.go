package conversation_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	c "parley/conversation"
	"parley/llm"
)

// reader is a model that reads the numbered lines of a prompt and answers in the line protocol by a rule.
type reader struct {
	window int
	// answer gives the lines for a prompt; nil is tellEach.
	answer func(kind string, lines []said) string
	// fail gives an error, or nil, for each request by its number from 0.
	fail func(n int, r llm.Request) error

	mu       sync.Mutex
	requests []llm.Request
	kinds    []string
}

type said struct {
	n          int
	name, text string
}

func (m *reader) ProfileIn(string) llm.Profile {
	p := llm.ProfileFor("google/gemma-3n-E4B-it")
	if m.window > 0 {
		p.Context = m.window
	}
	return p
}

var numbered = regexp.MustCompile(`(?m)^(\d+)\| ([^:\n]*): (.*(?:\n    .*)*)`)

func promptOf(r llm.Request) string { return r.Messages[0].Parts[0].(llm.Text).Text }

func linesOf(prompt string) []said {
	var out []said
	for _, m := range numbered.FindAllStringSubmatch(prompt, -1) {
		n, _ := strconv.Atoi(m[1])
		out = append(out, said{n, m[2], m[3]})
	}
	return out
}

func kindOf(prompt string) string {
	switch {
	case strings.HasPrefix(prompt, "You take notes"):
		return "map"
	case strings.HasPrefix(prompt, "You sum up a long chat"):
		return "write"
	case strings.HasPrefix(prompt, "You sum up a chat"):
		return "whole"
	}
	return "unknown"
}

func (m *reader) Stream(_ context.Context, r llm.Request) iter.Seq2[llm.Delta, error] {
	m.mu.Lock()
	n := len(m.requests)
	kind := kindOf(promptOf(r))
	m.requests, m.kinds = append(m.requests, r), append(m.kinds, kind)
	m.mu.Unlock()
	return func(yield func(llm.Delta, error) bool) {
		if m.fail != nil {
			if err := m.fail(n, r); err != nil {
				yield(llm.Delta{}, err)
				return
			}
		}
		answer := tellEach
		if m.answer != nil {
			answer = m.answer
		}
		for line := range strings.Lines(answer(kind, linesOf(promptOf(r)))) {
			if !yield(llm.Delta{Text: line}, nil) {
				return
			}
		}
		yield(llm.Delta{Finish: llm.FinishStop, Usage: &llm.Usage{Input: 100, Output: 10}}, nil)
	}
}

func (m *reader) count(kind string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, k := range m.kinds {
		if k == kind {
			n++
		}
	}
	return n
}

// tellEach tells every thirtieth message, word for word.
func tellEach(kind string, lines []said) string {
	var b strings.Builder
	for i, l := range lines {
		switch {
		case kind != "map" && i < 2:
			fmt.Fprintf(&b, "S [%d] %s\n", l.n, l.text)
		case kind == "write" && i%5 == 0:
			fmt.Fprintf(&b, "F [%d] %s\n", l.n, l.text)
		case kind != "write" && i%30 == 0:
			fmt.Fprintf(&b, "D [%d] %s\n", l.n, l.text)
		case kind != "write" && i%30 == 7:
			fmt.Fprintf(&b, "A [%d] @%s: %s\n", l.n, l.name, l.text)
		}
	}
	return b.String()
}

// thread is a conversation in memory.
type thread []c.Message

func (t thread) Page(_ context.Context, after c.Position, limit int) ([]c.Message, error) {
	i, _ := slices.BinarySearchFunc(t, after, func(m c.Message, p c.Position) int {
		if p.Before(m.Position()) {
			return 1
		}
		return -1
	})
	return t[i:min(i+limit, len(t))], nil
}

func (t thread) Again(ctx context.Context, positions []c.Position) (map[string]c.Message, error) {
	return c.PagedSource(t.Page).Again(ctx, positions)
}

var ref = c.ThreadRef{Platform: c.Slack, Workspace: "W", Channel: "C", Thread: "1"}

var began = time.Date(2031, 5, 23, 9, 10, 0, 0, time.UTC)

// words makes a message's text whose every word occurs once.
func uniqueWord(i int) string {
	letters := []byte{}
	for n := i + 26*26; n > 0; n /= 26 {
		letters = append(letters, byte('a'+n%26))
	}
	return "zq" + string(letters) + "x"
}

func talk(n int) thread {
	people := []string{"Ana", "Bo", "Chen", "Dora", "Emil", "Fatima", "Gus", "Hana", "Igor"}
	var t thread
	at := began
	for i := range n {
		at = at.Add(time.Duration(20+i%50) * time.Second)
		if i%97 == 96 {
			at = at.Add(45 * time.Minute)
		}
		who := people[i%len(people)]
		t = append(t, c.Message{Ref: ref, ID: fmt.Sprintf("m%06d", i), SentAt: at, Author: c.Author{ID: "U" + who, Name: who, Kind: c.Person},
			Text: "we should look at " + uniqueWord(i) + " together and then see how the others want it"})
	}
	return t
}

func link(id string) string { return "https://chat.example/archives/C/p" + id }

// memory is a chunk cache.
type memory struct {
	mu     sync.Mutex
	chunks map[string]c.Chunk
	order  []c.Chunk
}

func (m *memory) Chunk(_ context.Context, hash string) (c.Chunk, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.chunks[hash]
	return k, ok, nil
}

func (m *memory) Keep(_ context.Context, k c.Chunk) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.chunks == nil {
		m.chunks = map[string]c.Chunk{}
	}
	m.chunks[k.Hash] = k
	m.order = append(m.order, k)
	return nil
}

func summarizer(t testing.TB, m c.Model) *c.Summarizer {
	t.Helper()
	s, err := c.NewSummarizer(c.SummarizerOptions{Model: m, ModelName: "test", Logger: discard()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sumUp(t testing.TB, m c.Model, job c.SummaryJob) c.SummaryResult {
	t.Helper()
	job.Ref = ref
	if job.Link == nil {
		job.Link = link
	}
	got, err := summarizer(t, m).Summarize(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestEveryWordOfALongThreadReachesTheModel(t *testing.T) {
	t.Parallel()
	chat, model := talk(2000), &reader{}
	got := sumUp(t, model, c.SummaryJob{Source: chat})
	var all strings.Builder
	for _, r := range model.requests {
		all.WriteString(promptOf(r))
		if total := model.ProfileIn("").BoundRequest(r) + r.MaxOutput; total > model.ProfileIn("").Context {
			t.Errorf("a request has %d tokens", total)
		}
	}
	for i := range chat {
		if !strings.Contains(all.String(), uniqueWord(i)+" ") {
			t.Fatalf("message %d did not reach the model", i)
		}
	}
	last := chat[len(chat)-1].SentAt.Format("2 Jan 15:04")
	if want := "2,000 of 2,000 messages, 23 May 09:10 to " + last + ", 9 people"; got.CoverageLine != want {
		t.Errorf("coverage %q, want %q", got.CoverageLine, want)
	}
	links := regexp.MustCompile(`\]\(([^)]*)\)`).FindAllStringSubmatch(got.Text, -1)
	if len(links) < 40 {
		t.Errorf("%d links:\n%s", len(links), got.Text)
	}
	for _, l := range links {
		id := strings.TrimPrefix(l[1], link(""))
		if !slices.ContainsFunc(chat, func(m c.Message) bool { return m.ID == id }) {
			t.Errorf("link %s opens no message", l[1])
		}
	}
	if n := model.count("map"); n != got.MapCalls || n != got.Chunks || n < 5 || model.count("write") != 1 {
		t.Errorf("%d map calls, %d write calls, %d chunks", n, model.count("write"), got.Chunks)
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
