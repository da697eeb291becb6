package conversation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm"
)

// budget is one that says what the test wants, and remembers what was asked of it.
type budget struct {
	used    float64
	answers []error // one for each Reserve; nil after the last
	tokens  []int
	usd     []float64
}

func (b *budget) BudgetUsed(context.Context, c.Turn) (float64, error) { return b.used, nil }

func (b *budget) Reserve(_ context.Context, _ c.Turn, usd float64, tokens int) error {
	b.usd, b.tokens = append(b.usd, usd), append(b.tokens, tokens)
	if len(b.answers) < len(b.usd) {
		return nil
	}
	return b.answers[len(b.usd)-1]
}

func TestNothingIsAskedOfTheModelBeyondTheBudget(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err   error
		later time.Duration
		want  string
	}{
		"everybody's":            {c.ErrBudget, 0, "I have used up what I may spend in a day, so I cannot answer this now. Please ask again after 00:00 UTC, in about 24 hours."},
		"one person's":           {c.ErrUserBudget, 19*time.Hour + time.Minute, "You have used up what I may read and write for one person in a day, so I cannot answer this now. Please ask again after 00:00 UTC, in about 5 hours."},
		"shortly before the end": {fmt.Errorf("wrapped: %w", c.ErrBudget), 23*time.Hour + 30*time.Minute, "I have used up what I may spend in a day, so I cannot answer this now. Please ask again after 00:00 UTC, in less than an hour."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(tt.later) // the bubble's clock begins at midnight UTC
				h := newHouse(t, conversationtest.Script{Deltas: []string{"An answer."}})
				h.Budget = &budget{answers: []error{tt.err}}
				h.say(t, 1, "Ana", "@Parley hi")
				got := h.work(t)[0]
				var said []string
				for _, p := range h.chat.Posts() {
					said = append(said, p.Text)
				}
				if text := strings.Join(said, " "); text != tt.want {
					t.Errorf("people see %q, want %q", text, tt.want)
				}
				if got.Kind != c.Refused || got.Reason != c.CodeBudget || got.CostUSD != 0 || len(h.model.Requests()) != 0 {
					t.Errorf("outcome %+v after %d requests", got, len(h.model.Requests()))
				}
			})
		})
	}
}

func TestABudgetIsAskedForTheMostThatARequestCanUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"An answer."}})
		b := &budget{}
		h.Budget = b
		h.say(t, 1, "Ana", "@Parley help")
		h.work(t)
		if len(b.usd) != 0 {
			t.Error("something was reserved for an answer without the model")
		}
		h.say(t, 2, "Ana", "@Parley hi")
		h.work(t)
		if len(b.usd) != 1 || len(h.model.Requests()) != 1 {
			t.Fatalf("reserved %v for %d requests", b.usd, len(h.model.Requests()))
		}
		p, r := h.model.Profile(), h.model.Requests()[0]
		input := p.BoundRequest(r)
		if b.tokens[0] != input+r.MaxOutput || b.usd[0] != p.Cost(llm.Usage{Input: input, Output: r.MaxOutput}) || r.MaxOutput == 0 {
			t.Errorf("reserved %v and %v for at most %d tokens in and %d out", b.tokens, b.usd, input, r.MaxOutput)
		}
	})
}

func TestTheRestOfACutAnswerIsReservedBesideIt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		second   error
		requests int
		want     string
	}{
		"it suffices":          {nil, 2, "One, two, three."},
		"it does not":          {c.ErrBudget, 1, "One, two\n\n*(The answer reached its length limit and stops here.)*"},
		"the database is away": {errors.New("away"), 1, "One, two\n\n*(The answer reached its length limit and stops here.)*"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, conversationtest.Script{Deltas: []string{"One, two"}, Finish: llm.FinishLength, Usage: &llm.Usage{Input: 100, Output: 20}},
					conversationtest.Script{Deltas: []string{", three."}, Usage: &llm.Usage{Input: 120, Output: 3}})
				b := &budget{answers: []error{nil, tt.second}}
				h.Budget = b
				h.say(t, 1, "Ana", "@Parley count")
				got := h.work(t)[0]
				h.one(t, tt.want)
				requests := h.model.Requests()
				if got.Kind != c.Answered || len(requests) != tt.requests || len(b.tokens) != 2 {
					t.Fatalf("outcome %+v after %d requests and reservations of %v", got, len(requests), b.tokens)
				}
				if tt.requests == 2 {
					p := h.model.Profile()
					if want := 120 + p.BoundRequest(requests[1]) + requests[1].MaxOutput; b.tokens[1] != want {
						t.Errorf("reserved %d tokens for both, want %d", b.tokens[1], want)
					}
				}
			})
		})
	}
}

func TestATurnRunsAgainWhereNothingCanBeReserved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"An answer."}})
		h.Budget = &budget{answers: []error{errors.New("away")}}
		h.say(t, 1, "Ana", "@Parley hi")
		if _, err := h.store.Work(t.Context(), h.Engine, h.ref); err == nil || len(h.model.Requests()) != 0 || len(h.chat.Posts()) != 0 {
			t.Fatalf("%v after %d requests and %d posts", err, len(h.model.Requests()), len(h.chat.Posts()))
		}
		h.work(t)
		h.one(t, "An answer.")
	})
}

func TestMostOfABudgetUsedHalvesTheHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		prompt := func(used float64) int {
			h := newHouse(t, conversationtest.Script{Deltas: []string{"An answer."}})
			h.model.Window = 4096
			h.Budget = &budget{used: used}
			h.say(t, 1, "Ana", "@Parley help")
			h.work(t)
			for i := range 300 {
				m := h.message(i+2, "Bo", "@Ana an ordinary message of about a dozen words, as they are written in a chat")
				m.Mentions = []c.Mention{{Kind: c.MentionUser, ID: "Ana", Name: "Ana"}}
				if err := h.Ingest(t.Context(), c.Posted{Message: m}); err != nil {
					t.Fatal(err)
				}
			}
			h.say(t, 400, "Ana", "@Parley hi")
			h.work(t)
			if !strings.Contains(h.model.Prompt(0), "hi") {
				t.Fatalf("the prompt lacks the question")
			}
			return strings.Count(h.model.Prompt(0), "an ordinary message")
		}
		full, short := prompt(0.79), prompt(0.8)
		if full < 40 || short < full*4/10 || short > full*6/10 {
			t.Errorf("of %d messages are %d left", full, short)
		}
	})
}
