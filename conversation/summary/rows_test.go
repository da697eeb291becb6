package summary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/conversation/summary"
)

// inChannel makes messages of "id<thread" words; a word without a thread stands outside of them.
func inChannel(words string) (out []summary.Message) {
	for k, w := range strings.Fields(words) {
		id, thread, reply := strings.Cut(w, "<")
		if !reply {
			thread = id
		}
		out = append(out, summary.Message{N: k + 1, ID: id, Thread: thread, Reply: reply, Author: "Ana", Text: "words"})
	}
	return out
}

func TestThreadsStandTogetherUnderAMark(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"a b c":              "1 2 3",
		"a b c<a":            "(a thread) 1 3 (outside of threads) 2",
		"x a b c<a y d<b":    "1 (a thread) 2 4 (a thread) 3 6 (outside of threads) 5",
		"a<z b c<z d<w":      "(a thread that began earlier) 1 3 (outside of threads) 2 (a thread that began earlier) 4",
		"a b<a c<a":          "(a thread) 1 2 3",
		"a b<a c d<a e f<c":  "(a thread) 1 2 4 (a thread) 3 6 (outside of threads) 5",
		"a b<a c<b":          "(a thread) 1 2 (a thread that began earlier) 3",
		"a<z":                "(a thread that began earlier) 1",
		"a b<a c d":          "(a thread) 1 2 (outside of threads) 3 4",
		"a b<nobody c<a d<a": "(a thread) 1 3 4 (a thread that began earlier) 2",
	} {
		var got []string
		for _, r := range summary.Rows(inChannel(words)) {
			if r.Mark != "" {
				got = append(got, "("+r.Mark+")")
			}
			got = append(got, fmt.Sprint(r.N))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %s, want %s", words, strings.Join(got, " "), want)
		}
	}
}

func TestDaysAreToldInTheOrderOfTheRows(t *testing.T) {
	t.Parallel()
	messages := inChannel("a b c<a d")
	for k, day := range []int{5, 5, 6, 6} {
		messages[k].At = time.Date(2031, 5, day, 10, k, 0, 0, time.UTC)
	}
	var got []string
	for _, r := range summary.Rows(messages) {
		if r.Day != "" {
			got = append(got, fmt.Sprint(r.N, " ", r.Day))
		}
	}
	if want := []string{"1 Monday, 5 May 2031", "3 Tuesday, 6 May 2031", "2 Monday, 5 May 2031", "4 Tuesday, 6 May 2031"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// threaded puts some messages of a conversation into threads.
func threaded(t *rapid.T) []summary.Message {
	messages := conversation(t)
	often := rapid.IntRange(1, 5).Draw(t, "often")
	for k := range messages {
		m := &messages[k]
		m.Thread = m.ID
		if back := (k*7 + 3) % 41; k%often != 0 && back < k {
			m.Thread, m.Reply = messages[k-back].Thread, back > 0
		}
	}
	return messages
}

func TestRowsHoldEveryMessageOnceAndNoChunkMoreThanItCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		messages := threaded(t)
		for _, c := range chunks(t, messages, summary.SizesFor(rapid.SampledFrom([]int{4096, 32768}).Draw(t, "window"))) {
			rows := summary.Rows(c.Messages)
			seen, spent := map[int]bool{}, 0
			for _, r := range rows {
				seen[r.N] = true
				spent += cost(r.Line(r.N) + "\n")
				for _, begins := range []string{r.Mark, r.Day} {
					if begins != "" {
						spent += cost("--- " + begins + " ---\n")
					}
				}
			}
			if len(seen) != len(c.Messages) || len(rows) != len(c.Messages) {
				t.Fatalf("%d rows with %d messages of %d", len(rows), len(seen), len(c.Messages))
			}
			if edges := cost("--- " + rows[0].Mark + rows[0].Day + " ---\n"); spent > c.Tokens+2*edges {
				t.Fatalf("a chunk of %d messages counts %d tokens, and is shown in %d", len(rows), c.Tokens, spent)
			}
		}
	})
}

// TestOnlyThreadsChangeTheNameOfAChunk: what is kept of channels without threads stays good.
func TestOnlyThreadsChangeTheNameOfAChunk(t *testing.T) {
	t.Parallel()
	bare := inChannel("a b c")
	for k := range bare {
		bare[k].Thread = ""
	}
	of := func(messages []summary.Message) string { return summary.Chunk{Messages: messages}.Hash("notes") }
	plain, other := of(inChannel("a b c")), of(inChannel("a b c<a"))
	if of(bare) != plain || plain == other || other == of(inChannel("a b c<b")) || other == of(inChannel("a b<a c<a")) {
		t.Errorf("hashes %s, %s, %s", of(bare), plain, other)
	}
}

// TestWhatStandsBesideAMessageIsOfItsThread: a short answer is supported by what it answers, however much was said in other
// threads in between, and not by what was said there.
func TestWhatStandsBesideAMessageIsOfItsThread(t *testing.T) {
	t.Parallel()
	messages := inChannel("a b c<b d<b e<b f<a g<b")
	for k, text := range []string{"Shall we paint the garage green on 12 May?", "Where is the projector?", "In the cellar", "No, I looked", "Then ask Bo, he had 40 cables", "Yes, do it", "He is ill"} {
		messages[k].Text = text
	}
	for _, tt := range []struct {
		text          string
		n             int
		threaded, not string // what it then cites
	}{
		{"The garage is painted green on 12 May", 6, "[1,6]", "[1]"}, // a question and its answer
		{"They do it with 40 cables", 6, "", "[5]"},
		{"Bo had 40 cables and is ill", 7, "[5,7]", "[5,7]"},
	} {
		for _, threads := range []bool{true, false} {
			of := slices.Clone(messages)
			for k := range of {
				if !threads {
					of[k].Thread, of[k].Reply = "", false
				}
			}
			var tally summary.Tally
			got, ok := summary.NewChecker(of, true).Check(summary.Item{Kind: summary.Decision, Text: tt.text, Refs: []summary.Ref{{N: tt.n}}}, false, &tally)
			want, cites := tt.not, ""
			if threads {
				want = tt.threaded
			}
			if ok {
				cites, _, _ = strings.Cut(strings.TrimPrefix(got.String(), "D "), " ")
			}
			if cites != want {
				t.Errorf("threads %t: %q of message %d cites %q, want %q; %+v", threads, tt.text, tt.n, cites, want, tally)
			}
		}
	}
}

func TestADateIsFoundBesideAnySign(t *testing.T) {
	t.Parallel()
	for text, kept := range map[string]bool{"paint the garage on 12 May?": true, "12 May: paint the garage": true, "paint the garage (May 12)!": true, "paint the garage on 12 June?": false, "we may paint the garage 12 times": false} {
		var tally summary.Tally
		messages := []summary.Message{{N: 1, ID: "a", Author: "Ana", Text: text}}
		if _, ok := summary.NewChecker(messages, true).Check(summary.Item{Kind: summary.Decision, Text: "Paint the garage on 12 May", Refs: []summary.Ref{{N: 1}}}, false, &tally); ok != kept {
			t.Errorf("%q: kept %t", text, ok)
		}
	}
}
