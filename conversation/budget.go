package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/llm"
)

// ErrBudget says that what everybody together may spend in a day does not suffice for a request.
var ErrBudget = errors.New("the day's budget is used up")

// ErrUserBudget says the same of what one person may use.
var ErrUserBudget = fmt.Errorf("%w by this person", ErrBudget)

// shortFrom is the used part of a budget from which on the model is given half as much of what was said before.
const shortFrom = 0.8

// askBudget reserves what a request may cost at most beyond what the turn has spent already. It fails with ErrBudget where
// that is too much.
func (r *run) askBudget(ctx context.Context, model Model, request llm.Request, spent Usage, spentUSD float64) error {
	if r.Budget == nil {
		return nil
	}
	tokens, usd := r.atMost(model, request)
	return r.reserve(ctx, spent.tokens()+tokens, spentUSD+usd)
}

// reserve puts the most that the turn will have used in the place of what it had reserved before.
func (r *run) reserve(ctx context.Context, tokens int, usd float64) error {
	if r.Budget == nil {
		return nil
	}
	err := r.Budget.Reserve(ctx, r.t, usd, tokens)
	if errors.Is(err, ErrBudget) {
		return err
	}
	return storeError(err)
}

// atMost is what a request uses at most, wherever it goes.
func (r *run) atMost(model Model, request llm.Request) (tokens int, usd float64) {
	if pricer, can := model.(Pricer); can {
		return pricer.AtMost(request)
	}
	return AtMost(model.ProfileIn(r.t.Ref.String()), request)
}

// AtMost is what a request to the model of a profile uses at most: tokens read and written, and US dollars.
func AtMost(p llm.Profile, request llm.Request) (tokens int, usd float64) {
	output := request.MaxOutput
	if output <= 0 {
		output = p.MaxOutput
	}
	input := p.BoundRequest(request)
	return input + output, p.Cost(llm.Usage{Input: input, Output: output})
}

// spareBudget has the prompt hold less once most of a budget is used.
func (r *run) spareBudget(ctx context.Context) error {
	if r.Budget == nil {
		return nil
	}
	used, err := r.Budget.BudgetUsed(ctx, r.t)
	r.short = used >= shortFrom
	return storeError(err)
}

// refuseForBudget says that today there is no answer, and when there is one again.
func (r *run) refuseForBudget(ctx context.Context, why error) error {
	r.out.Kind, r.out.Reason, r.out.Detail = Refused, CodeBudget, why.Error()
	now := r.Clock().UTC()
	left := now.Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(now)
	when := "in less than an hour"
	if hours := int((left + time.Hour - 1) / time.Hour); hours > 1 {
		when = fmt.Sprintf("in about %d hours", hours)
	}
	if r.partly != "" {
		return r.deliver.finish(ctx, r.partly+"\n\n*This is as far as I came: what I may spend in a day is used up. Please ask again after 00:00 UTC, "+when+".*")
	}
	text := "I have used up what I may spend in a day, so I cannot answer this now. Please ask again after 00:00 UTC, %s."
	if errors.Is(why, ErrUserBudget) {
		text = "You have used up what I may read and write for one person in a day, so I cannot answer this now. Please ask again after 00:00 UTC, %s."
	}
	return r.deliver.finish(ctx, fmt.Sprintf(text, when))
}
