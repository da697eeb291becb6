package discord_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/bots/botstest"
	"parley/bots/discord"
	"parley/conversation"
)

// sharedLimit is a Discord on which posts and edits of a channel count against one bucket.
type sharedLimit struct {
	mu       sync.Mutex
	channels map[string]*span
	refused  int
	answered int
}

type span struct {
	start time.Time
	used  int
}

const (
	sharedCalls = 4
	sharedSpan  = 400 * time.Millisecond
)

func (s *sharedLimit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	channel := strings.Split(r.URL.Path, "/")[3]
	c := s.channels[channel]
	if c == nil || now.Sub(c.start) >= sharedSpan {
		c = &span{start: now}
		s.channels[channel] = c
	}
	c.used++
	after := c.start.Add(sharedSpan).Sub(now).Seconds()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-RateLimit-Bucket", "b1")
	h.Set("X-RateLimit-Limit", strconv.Itoa(sharedCalls))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(sharedCalls-c.used, 0)))
	h.Set("X-RateLimit-Reset-After", fmt.Sprintf("%.3f", after))
	if c.used > sharedCalls {
		s.refused++
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = fmt.Fprintf(w, `{"retry_after":%.3f,"global":false}`, after)
		return
	}
	s.answered++
	_, _ = fmt.Fprint(w, `{"id":"1234567890123456789","channel_id":"1234567890123456788"}`)
}

func TestRoutesThatShareABucketShareItsLimit(t *testing.T) {
	t.Parallel()
	s := &sharedLimit{channels: map[string]*span{}}
	server := httptest.NewServer(s)
	defer server.Close()
	a := must(discord.New(discord.Options{BotToken: "x", APIURL: server.URL, Logger: slog.New(slog.DiscardHandler)}))(t)
	out := conversation.Outgoing{Ref: conversation.ThreadRef{Channel: "1234567890123456788"}, Text: "x", Final: true}
	// Which bucket a route has is known after its first answer.
	must(a.Post(t.Context(), out))(t)
	if err := a.Edit(t.Context(), "1234567890123456789", out); err != nil {
		t.Fatal(err)
	}
	var calls sync.WaitGroup
	for i := range 12 {
		calls.Go(func() {
			var err error
			if i%2 == 0 {
				_, err = a.Post(t.Context(), out)
			} else {
				err = a.Edit(t.Context(), "1234567890123456789", out)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if s.refused > 0 || s.answered != 14 {
		t.Errorf("%d calls refused, %d answered", s.refused, s.answered)
	}
}

func TestTheGlobalLimitIsDividedAmongReplicas(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer server.Close()
	took := func(replicas int) time.Duration {
		leases := botstest.NewLeases()
		leases.SetReplicas(replicas)
		a := must(discord.New(discord.Options{BotToken: "x", APIURL: server.URL, Share: leases, Logger: slog.New(slog.DiscardHandler)}))(t)
		began := time.Now()
		for i := range 4 {
			if err := a.SetStatus(t.Context(), conversation.ThreadRef{Channel: strconv.Itoa(1000 + i)}, ""); err != nil {
				t.Fatal(err)
			}
		}
		return time.Since(began)
	}
	// One replica may call 15 times at once; one of 14 once, and then two and a half times a second.
	const threeWaits = 1200 * time.Millisecond
	if alone, among := took(1), took(14); among < threeWaits || alone > threeWaits {
		t.Errorf("four calls took %s alone and %s among 14", alone, among)
	}
}

func TestABucketThatIsLearntKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	s := &sharedLimit{channels: map[string]*span{}}
	server := httptest.NewServer(s)
	defer server.Close()
	a := must(discord.New(discord.Options{BotToken: "x", APIURL: server.URL, Logger: slog.New(slog.DiscardHandler)}))(t)
	var calls sync.WaitGroup
	for i := range 40 {
		calls.Go(func() {
			out := conversation.Outgoing{Ref: conversation.ThreadRef{Channel: strconv.Itoa(1000 + i%10)}, Text: "x"}
			if _, err := a.Post(t.Context(), out); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if s.refused > 0 || s.answered != 40 {
		t.Errorf("%d calls refused, %d answered", s.refused, s.answered)
	}
}
