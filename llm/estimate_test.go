package llm_test

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"parley/llm"
)

// sample is a text with its true count by the Gemma 3 vocabulary, without control tokens. The texts were written for
// this test and are not among those that the rule was fitted to.
type sample struct {
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Tokens int    `json:"tokens"`
}

func samples(t *testing.T) []sample {
	t.Helper()
	all := read(t, "testdata/tokens.jsonl")
	if len(all) < 40 {
		t.Fatalf("%d samples", len(all))
	}
	return all
}

func read(t *testing.T, name string) []sample {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []sample
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// TestLongTextsAreNotUndercounted: of a text of some length no more than a tenth may be missed, whatever it is.
func TestLongTextsAreNotUndercounted(t *testing.T) {
	t.Parallel()
	all := read(t, "testdata/long.jsonl")
	var errs []float64
	for _, s := range all {
		ratio := float64(gemma.Estimate(s.Text)) / float64(s.Tokens)
		errs = append(errs, math.Abs(ratio-1))
		if ratio < 0.9 || ratio > 1.25 {
			t.Errorf("%s: %.3f of the true %d", s.Kind, ratio, s.Tokens)
		}
		if bound := gemma.Bound(s.Text); bound < s.Tokens {
			t.Errorf("%s: bound %d under the true %d", s.Kind, bound, s.Tokens)
		}
	}
	slices.Sort(errs)
	if len(all) < 20 || errs[len(errs)/2] > 0.06 {
		t.Errorf("%d samples, median error %.3f", len(all), errs[len(errs)/2])
	}
}

// TestEstimateErrsLittle holds the rule to texts that it was not fitted to. They are short: the error of one word counts.
func TestEstimateErrsLittle(t *testing.T) {
	t.Parallel()
	var errs []float64
	guessed, counted := 0, 0
	for _, s := range samples(t) {
		guess := gemma.Estimate(s.Text)
		guessed, counted = guessed+guess, counted+s.Tokens
		errs = append(errs, math.Abs(float64(guess)/float64(s.Tokens)-1))
		if bound := gemma.Bound(s.Text); float64(bound) < 0.97*float64(s.Tokens) {
			t.Errorf("%s: bound %d under the true %d: %.60q", s.Kind, bound, s.Tokens, s.Text)
		}
		if float64(guess) > 1.4*float64(s.Tokens) && s.Tokens > 30 {
			t.Errorf("%s: guess %d wastes the window, true is %d: %.60q", s.Kind, guess, s.Tokens, s.Text)
		}
	}
	slices.Sort(errs)
	if median := errs[len(errs)/2]; median > 0.10 {
		t.Errorf("median error %.3f", median)
	}
	if ratio := float64(guessed) / float64(counted); ratio < 0.95 || ratio > 1.10 {
		t.Errorf("all samples together: %.3f of the truth", ratio)
	}
}

func TestBoundCoversTheEstimate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if guess, bound := gemma.Estimate(text), gemma.Bound(text); bound < guess || bound > len(text) {
			t.Fatalf("guess %d, bound %d for %d bytes", guess, bound, len(text))
		}
	})
}

func TestPartsAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	var p llm.Profile
	line := "12| Ana: ok, see you there 👍"
	whole := p.Bound(strings.Repeat(line+"\n", 1000))
	added := 1000 * (p.BoundParts(line) + llm.TokenParts) / llm.TokenParts
	if added < whole || added > whole*101/100 {
		t.Errorf("a thousand lines add up to %d tokens, and are %d together", added, whole)
	}
	if parts := p.BoundParts(line); p.Bound(line) != (parts+llm.TokenParts-1)/llm.TokenParts {
		t.Errorf("%d parts are not %d tokens", parts, p.Bound(line))
	}
}

func TestEstimateOfAWholeTalk(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	counted := 0
	for _, s := range samples(t) {
		if s.Kind == "chat" || s.Kind == "en" || s.Kind == "mrkdwn" {
			text.WriteString(s.Text + "\n")
			counted += s.Tokens + 1
		}
	}
	if ratio := float64(gemma.Estimate(text.String())) / float64(counted); ratio < 0.9 || ratio > 1.15 {
		t.Errorf("%.3f of the truth", ratio)
	}
}

func TestEstimateKeepsWithinTheBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		got := gemma.Estimate(text)
		if got < 0 || got > len(text) || (text != "" && strings.TrimSpace(text) != "" && got == 0) {
			t.Fatalf("%d for %d bytes", got, len(text))
		}
	})
}

func TestEstimateGrowsWithTheText(t *testing.T) {
	t.Parallel()
	if got := gemma.Estimate(""); got != 0 {
		t.Errorf("nothing counts %d", got)
	}
	for _, unit := range []string{"word ", "7", "é", "世", "😀", "\n\nx", "\xff"} {
		once, many := gemma.Estimate(strings.Repeat(unit, 1000)), gemma.Estimate(strings.Repeat(unit, 2000))
		if many < once*19/10 || many > once*21/10 {
			t.Errorf("%q: %d, then %d", unit, once, many)
		}
	}
}

func TestEstimateRequestCountsTurnsAndImages(t *testing.T) {
	t.Parallel()
	text := gemma.EstimateRequest(ask("Hello"))
	if want := gemma.Estimate("Hello") + gemma.PerMessage + 6; text != want {
		t.Errorf("one turn: %d, want %d", text, want)
	}
	more := gemma.EstimateRequest(llm.Request{Messages: []llm.Message{user("Hello"), bot("Hello"), user("Hello")}})
	if want := text + 2*(gemma.Estimate("Hello")+gemma.PerMessage); more != want {
		t.Errorf("three turns: %d, want %d", more, want)
	}
	folded := gemma.EstimateRequest(llm.Request{Messages: []llm.Message{sys("Be kind."), user("Hello")}})
	if want := gemma.Estimate("Be kind.\n\nHello") + gemma.PerMessage + 6; folded != want {
		t.Errorf("folded: %d, want %d", folded, want)
	}
	pictured := gemma.EstimateRequest(llm.Request{Messages: []llm.Message{parts(llm.RoleUser, llm.Text{Text: "Hello"}, picture)}})
	if pictured != text+gemma.Image.Tokens {
		t.Errorf("with an image: %d", pictured)
	}
	if got := gemma.EstimateRequest(llm.Request{Messages: []llm.Message{bot("Hello")}}); got == 0 {
		t.Error("a request that will be refused counts nothing")
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	for _, model := range []string{
		"google/gemma-3n-E4B-it", "gemma3n:e4b", "gemma3n", "gemma-3n-e4b-it", "gemma-3n-E4B-it-Q4_K_M.gguf",
		"hf.co/unsloth/gemma-3n-E4B-it-GGUF:Q4_K_M", "models/gemma-3n-e4b-it", "lmstudio-community/gemma-3n-E4B-it-text", "GOOGLE/GEMMA-3N-E2B-IT",
	} {
		p := llm.ProfileFor(model)
		if p.Context != 32768 || p.InputPrice != 0.02 || p.OutputPrice != 0.04 || p.System || !p.Alternates || p.TopK != 64 || p.TopP != 0.95 || p.Temperature != 1 {
			t.Errorf("%s: %+v", model, p)
		}
	}
	for model, context := range map[string]int{"google/gemma-3-4b-it": 131072, "gemma3:1b": 32768, "gemma2:9b": 8192, "google/gemma-2b-it": 8192} {
		if p := llm.ProfileFor(model); p.Context != context || p.System || !p.Alternates {
			t.Errorf("%s: %+v", model, p)
		}
	}
	if p := llm.ProfileFor("some/unknown-model"); p.Name != "general" || !p.System || p.Alternates || p.TopK != 0 || p.Temperature != 0 {
		t.Errorf("unknown: %+v", p)
	}
	if llm.EmbeddedProfiles() < 5 {
		t.Error("profiles.json cannot be read")
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	if got := gemma.Cost(llm.Usage{Input: 30_000, Cached: 10_000, Output: 1_000}); got < 0.000639 || got > 0.000641 {
		t.Errorf("got %f", got)
	}
}

func FuzzEstimate(f *testing.F) {
	for _, seed := range []string{"Hello, Wörld! 123", "世界\n\n", "\xff\xfe", "aBcDeF0= 🏳️‍🌈", "Привет"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := gemma.Estimate(text)
		if got < 0 || got > len(text) || utf8.RuneCountInString(text) > 0 && got > 4*utf8.RuneCountInString(text) {
			t.Fatalf("%d for %q", got, text)
		}
	})
}
