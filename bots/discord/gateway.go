package discord

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"parley/bots"
)

const (
	// intents are the events that Parley needs; MESSAGE_CONTENT is privileged
	// (discord.com/developers/docs/events/gateway#list-of-intents).
	intents = discordgo.IntentsGuilds | discordgo.IntentsGuildMessages | discordgo.IntentsDirectMessages | discordgo.IntentMessageContent
	// maxReconnectWait is the longest pause between two connections.
	maxReconnectWait = time.Minute
	// stableAfter is how long a connection must live for the pauses to begin anew.
	stableAfter = 30 * time.Second
	// finishTimeout is for bringing to the store what was read before the gateway was left.
	finishTimeout = 5 * time.Second
	// lowIdentifies is from how many left on the new sessions of a day are spread over what remains of it
	// (discord.com/developers/docs/events/gateway#session-start-limit-object).
	lowIdentifies = 100
)

// link is one gateway session. It lives through several connections, as long as it can be resumed.
type link struct {
	session *discordgo.Session
	gone    chan struct{} // a connection ended
	// unnamed says that READY told no session id, without which nothing can be resumed.
	unnamed atomic.Bool

	mu  sync.Mutex
	tap *tap
}

// keep connects a shard again and again. It returns nil when ctx ends; l keeps the session that can be resumed.
func (a *Adapter) keep(ctx context.Context, in *intake, s shard, l **link) error {
	for try := 0; ; {
		began := time.Now()
		cause := a.connect(ctx, in, s, l)
		if ctx.Err() != nil {
			return nil
		}
		if wantsShards(cause) {
			return errReshard
		}
		if f := fatal(cause); f != nil {
			a.log.Error("discord cannot be used", "error", f)
			return f
		}
		if time.Since(began) > stableAfter {
			try = 0
		}
		wait := reconnectWait(cause, try)
		try++
		a.observe("reconnect")
		a.health.shard(s.number, fmt.Errorf("discord is reconnecting: %w", cause))
		a.log.Warn("discord gateway lost, connecting again", "shard", s.number, "error", cause, "resume", *l != nil, "wait", readable(wait))
		if pause(ctx, wait, nil) != nil {
			return nil
		}
	}
}

// connect opens one connection and waits for its end. l is the session to resume, nil for a new one; connect leaves
// there the session that can be resumed next.
func (a *Adapter) connect(ctx context.Context, in *intake, s shard, l **link) error {
	g, err := a.askGateway(ctx)
	if err != nil {
		return err
	}
	if *l == nil {
		if err := a.mayIdentify(ctx, s, g); err != nil {
			return err
		}
		if *l, err = a.newLink(in, s); err != nil {
			return err
		}
	}
	cur := *l
	cur.session.Client = fixedGateway(g.URL)
	select {
	case <-cur.gone: // of an earlier connection
	default:
	}
	err = cur.run(ctx, a)
	if !resumable(err) || cur.unnamed.Load() || cur.unanswered(err) {
		*l = nil
	}
	return err
}

// unanswered reports whether a connection was greeted with Hello, and then the session that it asked for never came. Were
// it resumed again it might wait for ever: a new one is begun.
func (l *link) unanswered(cause error) bool {
	t := l.current()
	return errors.Is(cause, errSilent) && t != nil && t.heartbeat() > 0 && !t.isGreeted()
}

// mayIdentify waits until a new session may begin: when few are left today they are spread over the rest of it, and the
// shards of one process come one after the other. Where several processes begin at once Discord refuses one with op 9,
// which tries again.
func (a *Adapter) mayIdentify(ctx context.Context, s shard, g gatewayInfo) error {
	if l := g.Limit; l != nil && l.Remaining < lowIdentifies {
		wait := time.Duration(l.ResetAfter) * time.Millisecond / time.Duration(max(l.Remaining, 0)+1)
		a.health.shard(s.number, fmt.Errorf("discord allows %d more new sessions today: the next one in %s", l.Remaining, wait.Round(time.Second)))
		a.log.Warn("few gateway sessions are left today, waiting", "remaining", l.Remaining, "wait", readable(wait))
		if err := pause(ctx, wait, nil); err != nil {
			return fmt.Errorf("wait for a gateway session: %w", err)
		}
	}
	if s.count == 1 {
		return nil
	}
	if l := g.Limit; l != nil && l.Concurrency > 1 {
		a.identify.SetLimit(rate.Every(identifyWindow / time.Duration(l.Concurrency)))
	}
	if err := a.identify.Wait(ctx); err != nil {
		return fmt.Errorf("wait for a gateway session: %w", err)
	}
	return nil
}

// fixedGateway answers the library's only REST call, the one for the gateway's address, so that everything else that
// goes out is ours.
func fixedGateway(address string) *http.Client {
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := json.Marshal(map[string]string{"url": address})
		if err != nil {
			return nil, err
		}
		return &http.Response{
			StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(body))),
		}, nil
	})}
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// newLink prepares a discordgo session that only reads the gateway, in order.
func (a *Adapter) newLink(in *intake, part shard) (*link, error) {
	s, err := discordgo.New(a.token)
	if err != nil {
		return nil, fmt.Errorf("make discord session: %w", err)
	}
	l := &link{session: s, gone: make(chan struct{}, 1)}
	s.LogLevel = -1 // it knows only a global logger; what matters is told by the tap
	s.StateEnabled, s.Compress, s.SyncEvents = false, false, true
	s.ShouldReconnectOnError, s.ShouldReconnectVoiceOnSessionError, s.ShouldRetryOnRateLimit = false, false, false
	s.MaxRestRetries = 0
	s.ShardID, s.ShardCount = part.number, part.count
	s.Identify.Token, s.Identify.Intents, s.Identify.Compress = a.token, intents, false
	s.AddHandler(func(_ *discordgo.Session, _ *discordgo.Disconnect) {
		select {
		case l.gone <- struct{}{}:
		default:
		}
	})
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) {
		if e.Type == "READY" || e.Type == "RESUMED" {
			a.greeted(l, part, e.Type, e.RawData)
			return
		}
		in.dispatch(e.Type, e.RawData)
	})
	return l, nil
}

// greeted notes READY or RESUMED. A session that is new has missed what came before it.
func (a *Adapter) greeted(l *link, s shard, kind string, raw json.RawMessage) {
	var ready struct {
		Session string      `json:"session_id"`
		User    payloadUser `json:"user"`
		Guilds  []struct {
			ID string `json:"id"`
		} `json:"guilds"`
	}
	if _, err := decode(raw, &ready); err == nil && isSnowflake(ready.User.ID) {
		a.names.setSelf(ready.User)
	}
	l.unnamed.Store(kind == "READY" && ready.Session == "")
	if kind == "READY" && a.catcher != nil {
		guilds := make([]string, 0, len(ready.Guilds))
		for _, g := range ready.Guilds {
			if isSnowflake(g.ID) {
				guilds = append(guilds, g.ID)
			}
		}
		a.absence.begin(a.clock(), guilds, s.number == 0)
	}
	l.current().settle()
	a.health.shard(s.number, nil)
	a.log.Info("discord is connected", "session", strings.ToLower(kind), "shard", s.number, "shards", s.count)
}

// dialer is for one connection: the library's own calls know no context.
func (l *link) dialer(ctx context.Context, a *Adapter) *websocket.Dialer {
	return &websocket.Dialer{
		HandshakeTimeout: greetingTimeout,
		NetDialContext: func(_ context.Context, network, addr string) (net.Conn, error) {
			return l.dial(ctx, a, network, addr, false)
		},
		NetDialTLSContext: func(_ context.Context, network, addr string) (net.Conn, error) {
			return l.dial(ctx, a, network, addr, true)
		},
	}
}

// dial makes the connection with the tap in it. It takes no proxy: the library would speak plain text through it.
func (l *link) dial(ctx context.Context, a *Adapter, network, addr string, secure bool) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	var conn net.Conn
	var err error
	if secure {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: &tls.Config{MinVersion: tls.VersionTLS12}}).DialContext(ctx, network, addr)
	} else {
		conn, err = dialer.DialContext(ctx, network, addr)
	}
	if err != nil {
		return nil, fmt.Errorf("dial gateway: %w", err)
	}
	t := newTap(conn, a.clock, a.greeting)
	l.mu.Lock()
	l.tap = t
	l.mu.Unlock()
	if ctx.Err() != nil { // whoever ends connections may have looked before there was one
		_ = t.Close()
		return nil, context.Cause(ctx)
	}
	return t, nil
}

func (l *link) current() *tap {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tap
}

// run opens a connection and waits until it ends; the error is why. The tap's deadlines see to it that Open returns.
func (l *link) run(ctx context.Context, a *Adapter) error {
	l.mu.Lock()
	l.tap = nil
	l.mu.Unlock()
	l.session.Dialer = l.dialer(ctx, a)
	abort := context.AfterFunc(ctx, func() {
		if t := l.current(); t != nil && !t.isGreeted() {
			_ = t.Close()
		}
	})
	defer abort()
	if err := l.session.Open(); err != nil {
		if t := l.current(); t != nil && t.ended() != nil && !errors.Is(t.ended(), net.ErrClosed) {
			return t.ended()
		}
		return fmt.Errorf("open gateway: %w", err)
	}
	t := l.current()
	watch := time.NewTicker(max(min(t.heartbeat()/4, 5*time.Second), time.Millisecond))
	defer watch.Stop()
	for {
		select {
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), bots.ErrLeaseLost) {
				_ = t.hangUp(bots.ErrLeaseLost) // at once, and so that the session can be resumed
			}
			t.leave()
			_ = l.session.CloseWithCode(websocket.CloseNormalClosure)
			return context.Cause(ctx)
		case <-l.gone:
			if cause := t.ended(); cause != nil {
				return cause
			}
		case <-watch.C:
			if t.overdue() && t.ended() == nil && !t.busy() {
				a.observe("silent")
				_ = t.hangUp(errSilent)
				_ = l.session.CloseWithCode(4000)
				return errSilent
			}
		}
	}
}

var _ bots.Runner = (*Adapter)(nil)
