package conversation_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	c "parley/conversation"
	"parley/llm"
)

// limited is a model with a limit on its output, like a real one: its answer stops in the middle of a line.
type limited struct {
	reader
	lines int // it writes no more lines than this; 0: as many as it likes
}

func (m *limited) Stream(ctx context.Context, r llm.Request) iter.Seq2[llm.Delta, error] {
	return func(yield func(llm.Delta, error) bool) {
		used, lines := 0, 0
		for delta, err := range m.reader.Stream(ctx, r) {
			cost := m.ProfileIn("").Estimate(delta.Text)
			switch {
			case delta.Text == "":
			case used+cost > r.MaxOutput:
				if yield(llm.Delta{Text: delta.Text[:len(delta.Text)/2]}, nil) {
					yield(llm.Delta{Finish: llm.FinishLength, Usage: &llm.Usage{Input: 100, Output: 10}}, nil)
				}
				return
			case m.lines > 0 && lines >= m.lines && kindOf(promptOf(r)) == "map":
				continue
			}
			used, lines = used+cost, lines+1
			if !yield(delta, err) {
				return
			}
		}
	}
}

// dense is a chat in which every few messages something is decided.
func dense(n, every int) (chat thread, words []string) {
	chat = talk(n)
	for i := range chat {
		if i%every == 0 {
			chat[i].Text = "Decided: we go with " + uniqueWord(i) + " for the release of the importer and the exporter"
			words = append(words, uniqueWord(i))
		} else {
			chat[i].Text = "fine with me"
		}
	}
	return chat, words
}

// decisions tells each decision of a prompt.
func decisions(kind string, lines []said) string {
	var b strings.Builder
	for _, l := range lines {
		if strings.HasPrefix(l.text, "Decided") && kind != "write" {
			fmt.Fprintf(&b, "D [%d] %s\n", l.n, l.text)
		}
	}
	if b.Len() == 0 {
		return "NONE"
	}
	return b.String()
}

func foundOf(words []string, got c.SummaryResult) (n int) {
	for _, w := range words {
		for _, i := range got.Items {
			if strings.Contains(i.Text, w) {
				n++
				break
			}
		}
	}
	return n
}

func TestWhatIsDenseIsReadInHalvesUntilAllIsTold(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]int{"the output ends": 0, "the lines that were asked for end": 40} {
		for _, every := range []int{4, 8, 12} {
			t.Run(fmt.Sprintf("%s, one in %d", name, every), func(t *testing.T) {
				t.Parallel()
				chat, words := dense(2000, every)
				cache, model := &memory{}, &limited{reader: reader{answer: decisions}, lines: lines}
				got := sumUp(t, model, c.SummaryJob{Source: chat, Cache: cache})
				if n := foundOf(words, got); n*100 < 99*len(words) {
					t.Errorf("%d of %d are told, checks %+v", n, len(words), got.Checks)
				}
				if got.Checks.Cut > 0 || got.MapCalls > 7*got.Chunks {
					t.Errorf("%d calls for %d chunks, %d cut", got.MapCalls, got.Chunks, got.Checks.Cut)
				}
				again := &limited{reader: reader{answer: decisions}}
				same := sumUp(t, again, c.SummaryJob{Source: chat, Cache: cache})
				if again.count("map") > 0 || foundOf(words, same) != foundOf(words, got) {
					t.Errorf("asked again: %d map calls, %d of %d are told", again.count("map"), foundOf(words, same), foundOf(words, got))
				}
			})
		}
	}
}

func TestCallsOfADenseThreadGrowWithIt(t *testing.T) {
	t.Parallel()
	calls := map[int]int{}
	for _, n := range []int{1000, 2000, 4000} {
		chat, _ := dense(n, 8)
		calls[n] = sumUp(t, &limited{reader: reader{answer: decisions}}, c.SummaryJob{Source: chat}).Calls
	}
	if calls[2000] > 2*calls[1000]+3 || calls[4000] > 2*calls[2000]+3 {
		t.Errorf("calls %v", calls)
	}
}

func TestAModelThatRepeatsItselfIsNotAskedForEver(t *testing.T) {
	t.Parallel()
	model := &limited{reader: reader{answer: func(kind string, lines []said) string {
		return strings.Repeat(fmt.Sprintf("D [%d] %s\n", lines[0].n, lines[0].text), 200)
	}}}
	got := sumUp(t, model, c.SummaryJob{Source: talk(1200)})
	if calls := model.count("map"); calls > 3*got.Chunks || got.Checks.Cut != 2*got.Chunks || got.Coverage.Read != 1200 {
		t.Errorf("%d calls for %d chunks, %d cut, %d read", calls, got.Chunks, got.Checks.Cut, got.Coverage.Read)
	}
}

// TestAHalfThatCannotBeReadKeepsWhatWasTold: the answer that was cut stands for the half of which there is none.
func TestAHalfThatCannotBeReadKeepsWhatWasTold(t *testing.T) {
	t.Parallel()
	chat, words := dense(1000, 4)
	model := &limited{reader: reader{answer: func(kind string, lines []said) string {
		if kind == "map" && len(lines) < 220 {
			return "I cannot help with that."
		}
		return decisions(kind, lines)
	}}}
	got := sumUp(t, model, c.SummaryJob{Source: chat})
	if n := foundOf(words, got); n < 20 || got.Coverage.Read != 1000 {
		t.Errorf("%d of %d are told, %s", n, len(words), got.CoverageLine)
	}
}
