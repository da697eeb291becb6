package slack

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	slackapi "github.com/slack-go/slack"
)

// users answers users.info.
type users struct {
	calls atomic.Int32
	slow  time.Duration
	err   error
	user  *slackapi.User
}

func (u *users) GetUserInfoContext(ctx context.Context, id string, _ ...slackapi.GetUserInfoOption) (*slackapi.User, error) {
	u.calls.Add(1)
	select {
	case <-time.After(u.slow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if u.err != nil {
		return nil, u.err
	}
	if u.user != nil {
		return u.user, nil
	}
	return &slackapi.User{ID: id, Profile: slackapi.UserProfile{DisplayName: "name of " + id}}, nil
}

func lookup(n *names, ids ...string) map[string]string {
	ctx, cancel := context.WithTimeout(context.Background(), nameWait)
	defer cancel()
	found := map[string]string{}
	for id, p := range n.lookup(ctx, ids) {
		found[id] = p.name
	}
	return found
}

func TestNamesAreAskedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &users{slow: 10 * time.Millisecond}
		n := newNames(api, slog.New(slog.DiscardHandler), time.Now, nil)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if got := lookup(n, "U1", "U2"); got["U1"] != "name of U1" || got["U2"] != "name of U2" {
					t.Errorf("names = %v", got)
				}
			})
		}
		wg.Wait()
		lookup(n, "U1")
		if calls := api.calls.Load(); calls != 2 {
			t.Errorf("%d calls, want 2", calls)
		}
		time.Sleep(nameTTL + time.Second)
		lookup(n, "U1")
		if calls := api.calls.Load(); calls != 3 {
			t.Errorf("%d calls after the name's time, want 3", calls)
		}
	})
}

func TestSlowNamesDoNotHoldADelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &users{slow: 3 * time.Second}
		n := newNames(api, slog.New(slog.DiscardHandler), time.Now, nil)
		begun := time.Now()
		if got := lookup(n, "U1", "U2", "U3"); len(got) != 0 {
			t.Errorf("names = %v before the answer", got)
		}
		if took := time.Since(begun); took > nameWait {
			t.Errorf("waited %s", took)
		}
		time.Sleep(3 * time.Second)
		if got := lookup(n, "U1"); got["U1"] != "name of U1" || api.calls.Load() != 3 {
			t.Errorf("the late answer is lost: %v after %d calls", got, api.calls.Load())
		}
	})
}

func TestNamesThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, err := range []error{
			slackapi.SlackErrorResponse{Err: "missing_scope", Needed: "users:read"},
			slackapi.SlackErrorResponse{Err: "unknown_method"}, slackapi.StatusCodeError{Code: 404, Status: "404 Not Found"},
		} {
			api := &users{err: err}
			n := newNames(api, slog.New(slog.DiscardHandler), time.Now, nil)
			for i := range 10 {
				lookup(n, fmt.Sprint("U", i))
			}
			if calls := api.calls.Load(); calls != 1 {
				t.Errorf("%d calls after %v, want 1", calls, err)
			}
		}
	})
}

func TestNamesAreBoundedInRateAndMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &users{}
		n := newNames(api, slog.New(slog.DiscardHandler), time.Now, nil)
		for i := range 500 {
			lookup(n, fmt.Sprint("U", i))
		}
		if calls := api.calls.Load(); calls > 100 {
			t.Errorf("%d calls at once: Slack allows 100 a minute", calls)
		}
		for i := range nameCache + 100 {
			n.store(fmt.Sprint("V", i), person{name: "x"}, nameTTL)
		}
		if len(n.entries) > nameCache || n.order.Len() > nameCache {
			t.Errorf("%d names kept", len(n.entries))
		}
	})
}

func TestNamesAreOneLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" ann \n\tsmith ": "ann smith", "a\u2028b": "a b", "": "", "\x00": "", "Zoë 😀": "Zoë 😀",
	} {
		if got := cleanName(in); got != want {
			t.Errorf("cleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPeopleAreCalledAsSlackShowsThem(t *testing.T) {
	t.Parallel()
	for want, user := range map[string]slackapi.User{
		"Annie":   {Name: "ann.lee", RealName: "Ann Lee", Profile: slackapi.UserProfile{DisplayName: "Annie", RealName: "Ann Lee"}},
		"Ann Lee": {Name: "ann.lee", RealName: "Ann", Profile: slackapi.UserProfile{RealName: "Ann Lee", DisplayName: " "}},
		"Ann":     {Name: "ann.lee", RealName: "Ann"},
		"ann.lee": {Name: "ann.lee"},
	} {
		n := newNames(&users{user: &user}, slog.New(slog.DiscardHandler), time.Now, nil)
		if got := lookup(n, "U1")["U1"]; got != want {
			t.Errorf("%+v is called %q", user, got)
		}
	}
}
