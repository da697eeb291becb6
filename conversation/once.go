package conversation

import (
	"context"
	"strings"

	"parley/llm"
)

// ask asks a model for a whole answer that people do not see as it is: a description, a piece of a transcript. It asks the
// budget first and counts what was used.
func (r *run) ask(ctx context.Context, model Model, request llm.Request) (string, error) {
	if err := r.askBudget(ctx, model, request, r.out.Usage, r.out.CostUSD); err != nil {
		return "", err
	}
	if err := r.Store.Holds(r.t); err != nil {
		return "", err
	}
	answer := &answerText{changed: make(chan struct{}, 1)}
	for delta, err := range model.Stream(ctx, request) {
		if err != nil {
			r.account(model, request, answer)
			return "", modelFailure(err)
		}
		answer.add(delta)
	}
	r.account(model, request, answer)
	text := strings.TrimSpace(answer.snapshot())
	if text == "" {
		return "", &Failure{Code: CodeModelEmpty, Err: errEmptyAnswer,
			Safe: "The model gave an empty answer. Please try again, or put the question another way."}
	}
	return text, nil
}
