package conversation

import (
	"context"
	"errors"
	"fmt"
)

// PostChecker is an optional capability of a Messenger: it tells what people may write now. Without it, and on any error,
// Parley writes nothing in anybody's name where it was not addressed.
type PostChecker interface {
	// MayPost reports whether the person may write in ref at this moment, in the thread where Thread is set. It is false also
	// where Parley cannot tell.
	MayPost(ctx context.Context, ref ThreadRef, userID string) (bool, error)
}

// mayPost fails unless the person who asks may write in ref themselves at this moment.
func (r *run) mayPost(ctx context.Context, ref ThreadRef) error {
	refused := func(cause error) error {
		return &Failure{Code: CodeNotPostable, Err: cause, Safe: "You may not write there, so only you have that summary."}
	}
	checker, can := r.m.(PostChecker)
	if !can || ref.Platform != r.t.Ref.Platform {
		return refused(errors.New("nobody can tell who may write there"))
	}
	may, err := checker.MayPost(ctx, ref, r.t.Last().Message.Author.ID)
	switch {
	case err != nil && FailureOf(err).Retry:
		return fmt.Errorf("ask who may write: %w", err)
	case err != nil:
		return refused(err)
	case !may:
		return refused(errors.New("the person may not write there"))
	}
	return nil
}
