package conversation

import "context"

type fenceKey struct{}

// WithFence gives the context of a call that writes to a platform, and which must not leave this process once holds says
// that the turn is held by another. A call may wait long for the platform's limits, and the process may be stopped
// meanwhile: an adapter asks Fence when there is nothing left to wait for.
func WithFence(ctx context.Context, holds func() error) context.Context {
	return context.WithValue(ctx, fenceKey{}, holds)
}

// Fence is why a call must not be made any more, such as ErrFenced. It is nil where the context has no fence. Adapters ask
// it right before each request.
func Fence(ctx context.Context) error {
	if holds, fenced := ctx.Value(fenceKey{}).(func() error); fenced {
		return holds()
	}
	return nil
}
