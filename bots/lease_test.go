package bots_test

import (
	"context"
	"errors"
	"testing"

	"parley/bots"
	"parley/bots/botstest"
)

func TestWorkUnderALeaseEndsWithIt(t *testing.T) {
	t.Parallel()
	leases := botstest.NewLeases()
	for name, end := range map[string]func(bots.Lease){
		"lost":     func(l bots.Lease) { leases.Revoke(l.Name()) },
		"released": func(l bots.Lease) { _ = l.Release(t.Context()) },
	} {
		l, ok, err := leases.Acquire(t.Context(), "a", "b")
		if err != nil || !ok {
			t.Fatalf("%s: acquire: %v %v", name, ok, err)
		}
		ctx, cancel := bots.UnderLease(t.Context(), l)
		defer cancel()
		if ctx.Err() != nil || !l.Held() {
			t.Errorf("%s: the work ends before the lease", name)
		}
		end(l)
		<-ctx.Done()
		if !errors.Is(context.Cause(ctx), bots.ErrLeaseLost) || l.Held() {
			t.Errorf("%s: cause %v", name, context.Cause(ctx))
		}
	}
	l, _, _ := leases.Acquire(t.Context(), "a")
	ctx, cancel := bots.UnderLease(t.Context(), l)
	cancel()
	<-ctx.Done()
	if errors.Is(context.Cause(ctx), bots.ErrLeaseLost) || !l.Held() {
		t.Error("the end of the work is no loss of the lease")
	}
}
