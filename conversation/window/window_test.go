package window_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"parley/conversation/window"
)

func items(t *rapid.T) []window.Item {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) window.Item {
		return window.Item{Tokens: rapid.IntRange(1, 400).Draw(t, "tokens"), Pinned: rapid.IntRange(0, 9).Draw(t, "pin") == 0}
	}), 0, 60).Draw(t, "items")
}

func TestPackHoldsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := items(t)
		budget := rapid.IntRange(-10, 8000).Draw(t, "budget")
		plan := window.Pack(in, budget)
		used, pins := 0, 0
		for _, i := range plan.Keep {
			used += in[i].Tokens
		}
		for _, item := range in {
			if item.Pinned {
				pins += item.Tokens
			}
		}
		if used != plan.Used || used > max(budget, 0) {
			t.Fatalf("used %d, says %d, budget %d", used, plan.Used, budget)
		}
		if !slices.IsSorted(plan.Keep) || len(plan.Keep)+plan.Dropped != len(in) {
			t.Fatalf("order or count broken: %v of %d, dropped %d", plan.Keep, len(in), plan.Dropped)
		}
		if pins <= budget {
			for i, item := range in {
				if item.Pinned && !slices.Contains(plan.Keep, i) {
					t.Fatalf("pin %d fell out although the pins fit", i)
				}
			}
		}
		if more := window.Pack(in, budget+100); pins <= budget && len(more.Keep) < len(plan.Keep) {
			t.Fatalf("a larger budget keeps less: %d < %d", len(more.Keep), len(plan.Keep))
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
