package summary_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/conversation/summary"
)

func cost(text string) int { return len(text)/4 + 1 }

func each(messages []summary.Message) iter.Seq2[summary.Message, error] {
	return func(yield func(summary.Message, error) bool) {
		for _, m := range messages {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func chunks(t *rapid.T, messages []summary.Message, s summary.Sizes) []summary.Chunk {
	var out []summary.Chunk
	for c, err := range summary.Chunks(each(messages), s, cost) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func conversation(t *rapid.T) []summary.Message {
	n := rapid.IntRange(0, 600).Draw(t, "messages")
	seed := rapid.IntRange(0, 1000).Draw(t, "seed")
	at := time.Date(2031, 5, 23, 9, 0, 0, 0, time.UTC)
	var out []summary.Message
	for i := range n {
		at = at.Add(time.Duration((i*7919+seed)%400) * time.Second)
		if (i+seed)%83 == 0 {
			at = at.Add(time.Hour)
		}
		text := fmt.Sprintf("message %d %0*d", i, 1+(i*31+seed)%300, 0)
		out = append(out, summary.Message{N: i + 1, ID: fmt.Sprintf("%d-%d", seed, i), Author: "Ana", AuthorID: "U1", Speaker: summary.Person, Text: text, At: at})
	}
	return out
}

func TestChunksHoldEveryMessageOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		messages := conversation(t)
		s := summary.SizesFor(rapid.SampledFrom([]int{2048, 4096, 8192, 32768, 131072}).Draw(t, "window"))
		next := 1
		for i, c := range chunks(t, messages, s) {
			if len(c.Own()) == 0 || c.Overlap > s.OverlapMessages || i == 0 && c.Overlap > 0 {
				t.Fatalf("chunk %d has %d messages, %d repeated", i, len(c.Messages), c.Overlap)
			}
			if c.Tokens > s.Most+s.Overlap && len(c.Own()) > 1 {
				t.Fatalf("chunk %d has %d tokens", i, c.Tokens)
			}
			for k, m := range c.Messages {
				if want := next - c.Overlap + k; m.N != want {
					t.Fatalf("chunk %d holds message %d where %d should stand", i, m.N, want)
				}
			}
			next += len(c.Own())
		}
		if next != len(messages)+1 {
			t.Fatalf("%d of %d messages", next-1, len(messages))
		}
	})
}

func TestNewMessagesChangeTheLastChunkOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		messages := conversation(t)
		if len(messages) < 30 {
			t.Skip("too short")
		}
		s := summary.SizesFor(4096)
		before, after := chunks(t, messages[:len(messages)-20], s), chunks(t, messages, s)
		for i := range before[:len(before)-1] {
			if before[i].Hash() != after[i].Hash() {
				t.Fatalf("chunk %d of %d changed", i, len(before))
			}
		}
	})
}

// TestAnEditChangesItsOwnChunks: boundaries meet again behind it.
func TestAnEditChangesItsOwnChunks(t *testing.T) {
	t.Parallel()
	changed, edits := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		messages := conversation(t)
		if len(messages) < 200 {
			t.Skip("too short")
		}
		s := summary.SizesFor(4096)
		before := chunks(t, messages, s)
		edited := slices.Clone(messages)
		k := rapid.IntRange(0, len(edited)-1).Draw(t, "edited")
		edited[k].Text += " (edited: one more thing)"
		edits++
		for _, c := range chunks(t, edited, s) {
			if !slices.ContainsFunc(before, func(b summary.Chunk) bool { return b.Hash() == c.Hash() }) {
				changed++
			}
		}
	})
	if changed > edits*5/2 {
		t.Errorf("%d edits changed %d chunks", edits, changed)
	}
}

func TestChunksEndAtTheLongestSilence(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 5, 23, 9, 0, 0, 0, time.UTC)
	var messages []summary.Message
	for i := range 100 {
		at = at.Add(time.Minute)
		if i == 40 {
			at = at.Add(45 * time.Minute)
		}
		messages = append(messages, summary.Message{N: i + 1, ID: fmt.Sprint(i), Author: "Ana", Text: "about eighty characters of text, so that a chunk of a thousand tokens holds fifty", At: at})
	}
	for c, err := range summary.Chunks(each(messages), summary.Sizes{Most: 1500, OverlapMessages: 8, Overlap: 150, Paste: 400}, cost) {
		if err != nil || len(c.Own()) != 40 {
			t.Fatalf("the first chunk has %d messages, %v", len(c.Own()), err)
		}
		break
	}
}

func TestChunksPassAnErrorOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, err := range summary.Chunks(func(yield func(summary.Message, error) bool) { yield(summary.Message{}, broken) }, summary.SizesFor(4096), cost) {
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}
