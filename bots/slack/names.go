package slack

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	slackapi "github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"parley/bots"
	"parley/conversation"
)

const (
	// nameTTL is how long a name is believed, nameMissTTL how long an id without a name is not asked for again.
	nameTTL     = time.Hour
	nameMissTTL = time.Minute
	// nameWait is the longest that a delivery waits for all its names.
	nameWait = time.Second
	// nameCall is the longest that one users.info call runs; its answer is kept for the next message.
	nameCall = 5 * time.Second
	// nameSettle is the longest that a page waits for its names where nobody waits for the page, nameAgain the pause between
	// two tries.
	nameSettle = 20 * time.Second
	nameAgain  = 500 * time.Millisecond
	// namesPerMinute and nameBurst pace users.info.
	namesPerMinute = 50
	nameBurst      = 25
	// nameCache is how many names are kept.
	nameCache = 10_000
	// maxName bounds a name, in runes. Slack's display names end at 80.
	maxName = 80
)

type userAPI interface {
	GetUserInfoContext(ctx context.Context, user string, o ...slackapi.GetUserInfoOption) (*slackapi.User, error)
}

// names looks up what people are called, and whether they are any, with users.info (Tier 4, 100 a minute: half of that
// is used, and divided among replicas). Its answers are cached, least recently used ones go first; an id stands for a
// name that cannot be had in time.
type names struct {
	api   userAPI
	log   *slog.Logger
	now   func() time.Time
	share bots.Share
	limit *rate.Limiter
	calls singleflight.Group
	told  atomic.Bool // that the server has no users.info

	mu      sync.Mutex
	order   *list.List // of *nameEntry, most recent first
	entries map[string]*list.Element
	closed  time.Time // no call before this time: rate limited, or not allowed at all
}

// person is what users.info tells of a user.
type person struct {
	name string
	// known says that it has told; bot then says that nobody is behind the user.
	known, bot bool
}

type nameEntry struct {
	person
	id    string
	until time.Time
}

func newNames(api userAPI, log *slog.Logger, now func() time.Time, share bots.Share) *names {
	return &names{api: api, log: log, now: now, share: share, order: list.New(), entries: map[string]*list.Element{},
		limit: rate.NewLimiter(namesPerMinute/60., nameBurst)}
}

// lookup gives who ids are, as many as can be had before ctx ends. Calls that take longer go on by themselves and are
// remembered.
func (n *names) lookup(ctx context.Context, ids []string) map[string]person {
	found := make(map[string]person, len(ids))
	waiting := map[string]<-chan singleflight.Result{}
	for _, id := range ids {
		if p, ok := n.cached(id); ok {
			found[id] = p
			continue
		}
		waiting[id] = n.calls.DoChan(id, func() (any, error) {
			call, cancel := context.WithTimeout(context.WithoutCancel(ctx), nameCall)
			defer cancel()
			return n.fetch(call, id), nil
		})
	}
	for id, result := range waiting {
		select {
		case r := <-result:
			found[id], _ = r.Val.(person)
		case <-ctx.Done():
			return found
		}
	}
	return found
}

// settle waits until it is known who ids are, as long as is bearable for what nobody waits for.
func (n *names) settle(ctx context.Context, ids []string) {
	ctx, cancel := context.WithTimeout(ctx, nameSettle)
	defer cancel()
	for {
		n.lookup(ctx, ids)
		ids = slices.DeleteFunc(ids, func(id string) bool { _, ok := n.cached(id); return ok })
		if len(ids) == 0 {
			return
		}
		timer := time.NewTimer(nameAgain)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// cached gives what is still believed of a user. Nothing known says that nothing is to be had for now.
func (n *names) cached(id string) (person, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	e, ok := n.entries[id]
	if !ok {
		return person{}, n.now().Before(n.closed)
	}
	entry := e.Value.(*nameEntry)
	if n.now().After(entry.until) && !n.now().Before(n.closed) {
		return person{}, false
	}
	n.order.MoveToFront(e)
	return entry.person, true
}

func (n *names) fetch(ctx context.Context, id string) person {
	if now := n.now(); !paced(n.limit, n.share, now, namesPerMinute, nameBurst).AllowN(now, 1) {
		return person{}
	}
	user, err := n.api.GetUserInfoContext(ctx, id)
	if err != nil {
		n.missed(id, err)
		return person{}
	}
	p := person{known: true, bot: user.IsBot}
	for _, candidate := range []string{user.Profile.DisplayName, user.Profile.RealName, user.RealName, user.Name} {
		if p.name = cleanName(candidate); p.name != "" {
			break
		}
	}
	n.store(id, p, nameTTL)
	return p
}

func (n *names) missed(id string, err error) {
	if limited, ok := errors.AsType[*slackapi.RateLimitedError](err); ok {
		n.pause(limited.RetryAfter)
		return
	}
	switch errorCode(err) {
	case "missing_scope", "no_permission":
		n.log.Warn("names cannot be looked up: add the scope users:read and reinstall the app")
		n.pause(nameTTL)
		return
	case methodUnknown, "not_allowed_token_type", "method_deprecated":
		if !n.told.Swap(true) {
			n.log.Info("no names here: people are called by their ids", "reason", errorCode(err))
		}
		n.pause(nameTTL)
		return
	}
	n.log.Debug("look up name", "user", id, "err", err)
	n.store(id, person{}, nameMissTTL)
}

func (n *names) pause(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = n.now().Add(d)
}

func (n *names) store(id string, p person, ttl time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e, ok := n.entries[id]; ok {
		n.order.Remove(e)
	}
	n.entries[id] = n.order.PushFront(&nameEntry{person: p, id: id, until: n.now().Add(ttl)})
	for n.order.Len() > nameCache {
		oldest := n.order.Back()
		n.order.Remove(oldest)
		delete(n.entries, oldest.Value.(*nameEntry).id)
	}
}

// cleanName makes foreign text fit to stand in a line: no control characters, no line breaks, at most maxName runes.
func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	s = conversation.Label(s)
	if runes := []rune(s); len(runes) > maxName {
		s = string(runes[:maxName])
	}
	return s
}
