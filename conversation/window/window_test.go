package window_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"parley/conversation/window"
)

// items are a history, oldest first, in which some items answer an earlier one.
func items(t *rapid.T) []window.Item {
	out := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) window.Item {
		i := window.Item{Tokens: rapid.IntRange(1, 400).Draw(t, "tokens"), Pinned: rapid.IntRange(0, 9).Draw(t, "pin") == 0}
		if i.Tokens > 100 && rapid.Bool().Draw(t, "long") {
			i.Short = rapid.IntRange(1, 100).Draw(t, "short")
		}
		return i
	}), 0, 60).Draw(t, "items")
	for n := range out {
		out[n].ID = fmt.Sprint("m", n)
		if n > 0 && rapid.IntRange(0, 3).Draw(t, "answers") == 0 {
			out[n].Answers = fmt.Sprint("m", rapid.IntRange(max(0, n-8), n-1).Draw(t, "question"))
		}
	}
	return out
}

func least(i window.Item) int {
	if i.Short > 0 && i.Short < i.Tokens {
		return i.Short
	}
	return i.Tokens
}

func pinCost(in []window.Item) (tokens int) {
	for _, i := range in {
		if i.Pinned {
			tokens += least(i)
		}
	}
	return tokens
}

func TestPackHoldsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := items(t)
		budget := rapid.IntRange(-10, 8000).Draw(t, "budget")
		plan := window.Pack(in, budget)
		used := 0
		for _, i := range plan.Keep {
			if slices.Contains(plan.Shrunk, i) {
				used += in[i].Short
			} else {
				used += in[i].Tokens
			}
		}
		if used != plan.Used || used > max(budget, 0) {
			t.Fatalf("used %d, says %d, budget %d", used, plan.Used, budget)
		}
		if !slices.IsSorted(plan.Keep) || len(plan.Keep)+plan.Dropped != len(in) || len(slices.Compact(slices.Clone(plan.Keep))) != len(plan.Keep) {
			t.Fatalf("order or count broken: %v of %d, dropped %d", plan.Keep, len(in), plan.Dropped)
		}
		kept := func(i int) bool { return slices.Contains(plan.Keep, i) }
		for i, item := range in {
			if item.Pinned && pinCost(in) <= budget && !kept(i) {
				t.Fatalf("pin %d fell out although the pins fit", i)
			}
			if item.Answers != "" && kept(i) && !item.Pinned {
				var question int
				if _, err := fmt.Sscanf(item.Answers, "m%d", &question); err != nil {
					t.Fatal(err)
				}
				if !kept(question) {
					t.Fatalf("%d is kept without its question %d", i, question)
				}
			}
		}
	})
}

func TestMoreBudgetKeepsMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := items(t)
		budget := pinCost(in) + rapid.IntRange(0, 6000).Draw(t, "budget")
		less, more := window.Pack(in, budget), window.Pack(in, budget+rapid.IntRange(0, 500).Draw(t, "more"))
		for _, i := range less.Keep {
			if !slices.Contains(more.Keep, i) {
				t.Fatalf("%d falls out with a larger budget", i)
			}
		}
	})
}

func TestNothingIsShrunkWhereAllFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := items(t)
		all := 0
		for _, i := range in {
			all += i.Tokens
		}
		if plan := window.Pack(in, all+1); plan.Dropped != 0 || len(plan.Shrunk) != 0 || plan.Used != all {
			t.Fatalf("%d tokens fit, and yet %+v", all, plan)
		}
	})
}

func TestPackKeepsTheNewestWithoutHoles(t *testing.T) {
	t.Parallel()
	plan := window.Pack([]window.Item{{Tokens: 1}, {Tokens: 50}, {Tokens: 10}, {Tokens: 10}}, 30)
	if !slices.Equal(plan.Keep, []int{2, 3}) || plan.Dropped != 2 {
		t.Fatalf("got %+v", plan)
	}
}

func TestPastesAreShortenedBeforeMessagesFallOut(t *testing.T) {
	t.Parallel()
	in := []window.Item{{Tokens: 10}, {Tokens: 1000, Short: 50}, {Tokens: 10}, {Tokens: 300, Short: 50}, {Tokens: 10}}
	for budget, want := range map[int]struct{ kept, shrunk []int }{
		2000: {[]int{0, 1, 2, 3, 4}, nil},
		1329: {[]int{0, 1, 2, 3, 4}, []int{1}}, // the newer paste stays whole
		379:  {[]int{0, 1, 2, 3, 4}, []int{1, 3}},
		130:  {[]int{0, 1, 2, 3, 4}, []int{1, 3}},
		129:  {[]int{1, 2, 3, 4}, []int{1, 3}},
		119:  {[]int{2, 3, 4}, []int{3}},
	} {
		plan := window.Pack(in, budget)
		if !slices.Equal(plan.Keep, want.kept) || !slices.Equal(plan.Shrunk, want.shrunk) {
			t.Errorf("%d tokens: %+v, want %+v", budget, plan, want)
		}
	}
}

func TestPackerReadsNoMoreThanFits(t *testing.T) {
	t.Parallel()
	p := window.New(105)
	read := 0
	for read < 1000 {
		read++
		if !p.Add(window.Item{Tokens: 10}) {
			break
		}
	}
	if got := p.Pack(); read != 11 || len(got.Keep) != 10 || got.Used != 100 || got.Dropped != 1 {
		t.Errorf("read %d: %+v", read, got)
	}
}

func TestPinIsMetByTheWalk(t *testing.T) {
	t.Parallel()
	p := window.New(40)
	if !p.Pin(window.Item{ID: "root", Tokens: 10}) || !p.Pin(window.Item{ID: "quoted", Tokens: 10}) || p.Pin(window.Item{Tokens: 30}) {
		t.Fatal("pins")
	}
	for _, i := range []window.Item{{ID: "new", Tokens: 10}, {ID: "quoted", Tokens: 10}, {ID: "older", Tokens: 10}} { // calls 3, 4, 5
		if !p.Add(i) {
			t.Fatalf("%s does not fit", i.ID)
		}
	}
	if p.Room() != 0 || p.Add(window.Item{ID: "oldest", Tokens: 10}) {
		t.Error("more than fits")
	}
	got := p.Pack()
	if want := []window.Kept{{Index: 3}, {Index: 4}, {Index: 5}, {Index: 0}}; !slices.Equal(got.Keep, want) || got.Dropped != 2 || got.Used != 40 {
		t.Errorf("got %+v", got)
	}
}

func TestAnswerStandsWithItsQuestion(t *testing.T) {
	t.Parallel()
	walk := []window.Item{{ID: "a2", Answers: "q2", Tokens: 10}, {ID: "x", Tokens: 10}, {ID: "q2", Tokens: 10}, {ID: "a1", Answers: "q1", Tokens: 10}, {ID: "q1", Tokens: 10}}
	for budget, want := range map[int][]int{50: {0, 1, 2, 3, 4}, 49: {0, 1, 2}, 40: {0, 1, 2}, 30: {0, 1, 2}, 29: {1}, 10: nil} {
		p := window.New(budget)
		for _, i := range walk {
			if !p.Add(i) {
				break
			}
		}
		var kept []int
		for _, k := range p.Pack().Keep {
			kept = append(kept, k.Index)
		}
		if !slices.Equal(kept, want) {
			t.Errorf("%d tokens: %v, want %v", budget, kept, want)
		}
	}
	p := window.New(100)
	if p.Add(window.Item{ID: "a", Answers: "deleted", Tokens: 10}); len(p.Pack().Keep) != 1 {
		t.Error("an answer to a question that is not there fell out of a history that fits")
	}
}

func TestDivideSharesAnyWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tokens := rapid.IntRange(0, 200_000).Draw(t, "window")
		n := window.Needs{
			Instructions: rapid.IntRange(0, 5000).Draw(t, "instructions"), Output: rapid.IntRange(0, 5000).Draw(t, "output"),
			Media: rapid.IntRange(0, 50_000).Draw(t, "media"), Standing: rapid.IntRange(0, 50_000).Draw(t, "standing"),
		}
		b, ok := window.Divide(tokens, n)
		if sum := b.Output + b.Margin + b.Instructions + b.Media + b.Standing + b.Recent; sum != tokens {
			t.Fatalf("%+v adds up to %d of %d", b, sum, tokens)
		}
		if min(b.Output, b.Margin, b.Instructions, b.Media, b.Standing, b.Recent) < 0 {
			t.Fatalf("less than nothing: %+v", b)
		}
		if ok && (b.Instructions != n.Instructions || b.Media > n.Media || b.Standing > n.Standing) {
			t.Fatalf("%+v for %+v", b, n)
		}
		left := tokens - b.Output - b.Margin - b.Instructions
		if ok && b.Recent < left/4-1 {
			t.Fatalf("%d of %d for the recent history", b.Recent, left)
		}
	})
}

func TestDivideOfKnownWindows(t *testing.T) {
	t.Parallel()
	if b, ok := window.Divide(4096, window.Needs{Instructions: 600, Output: 2048, Media: 1601}); !ok || b.Output != 1024 || b.Media != 1601 || b.Recent < 800 {
		t.Errorf("4k: %+v", b)
	}
	b, ok := window.Divide(32768, window.Needs{Instructions: 600, Output: 2048})
	if !ok || b.Margin > 256 || b.Recent < (32768-2048-600)*98/100 {
		t.Errorf("32k: %+v", b)
	}
	if b, ok := window.Divide(131072, window.Needs{Instructions: 600, Output: 4096, Media: 6404, Standing: 3000}); !ok || b.Media != 6404 || b.Standing != 3000 {
		t.Errorf("128k: %+v", b)
	}
	if b, ok := window.Divide(512, window.Needs{Instructions: 600, Output: 100}); ok || b.Recent != 0 {
		t.Errorf("too small: %+v", b)
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 500, -1).Draw(t, "text")
		limit := rapid.IntRange(0, 600).Draw(t, "limit")
		short := window.Shorten(text, limit, utf8.RuneCountInString)
		if utf8.RuneCountInString(short) > limit {
			t.Fatalf("%d runes over %d", utf8.RuneCountInString(short), limit)
		}
		if !utf8.ValidString(short) {
			t.Fatal("cut a rune")
		}
		if utf8.RuneCountInString(text) > limit && limit > 60 && !strings.Contains(short, "characters left out") {
			t.Fatalf("no mark in %q", short)
		}
	})
}

func TestAnAnswerFallsOutWithThePinThatItAnswers(t *testing.T) {
	t.Parallel()
	plan := window.Pack([]window.Item{{ID: "q", Tokens: 2, Pinned: true}, {ID: "a", Answers: "q", Tokens: 1}}, 1)
	if len(plan.Keep) != 0 || plan.Dropped != 2 {
		t.Errorf("kept %v, dropped %d", plan.Keep, plan.Dropped)
	}
}
