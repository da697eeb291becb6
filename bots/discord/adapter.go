package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"parley/bots"
	"parley/conversation"
)

// Ingester takes events. It returns nil once the event is stored for good; on an error the adapter tries again.
// conversation.Engine implements it.
type Ingester interface {
	Ingest(ctx context.Context, e conversation.Event) error
}

// Options says what an Adapter works with.
type Options struct {
	// BotToken is the bot's token, with or without the word "Bot". Required.
	BotToken string
	// APIURL is Discord's REST address without the version; empty is https://discord.com/api/. The token is sent
	// there and to the gateway that it names.
	APIURL string
	// Ingester gets the events. Required for Run; Check and posting do without.
	Ingester Ingester
	// Logger gets what operators should know; never text of messages nor the token. Required.
	Logger *slog.Logger
	// HTTPClient makes the REST calls; nil is a client with timeouts of its own.
	HTTPClient *http.Client
	// Catcher takes in what was missed before a session that is no resumed one; nil: nothing is caught up.
	Catcher Catcher
	// Leaser parts the gateway's shards among replicas; nil: this process is the only one and holds all of them.
	Leaser bots.Leaser
	// Share tells among how many replicas the limits are divided; nil: this process is the only one.
	Share bots.Share
	// Unlimited says that the server behind APIURL has no global limit, as a simulator may. Discord does.
	Unlimited bool
	// Clock gives the time of limits and deliveries; nil is time.Now.
	Clock func() time.Time
	// Observe counts what came in, by kind: "posted", "edited", "deleted", and what was passed over, such as
	// "malformed" or "unknown_component". nil counts nothing.
	Observe func(kind string)
}

// maxConns bounds the connections to Discord; further calls wait for one.
const maxConns = 32

// Adapter is Parley on Discord. Its methods may be called from several goroutines; Run runs once at a time.
type Adapter struct {
	log      *slog.Logger
	ingester Ingester
	clock    func() time.Time
	observe  func(kind string)
	catcher  Catcher
	leaser   bots.Leaser
	token    string
	rest     *restClient
	names    *names
	sent     *sentLog
	roots    *syncBounded[string]
	edits    *syncBounded[time.Time]
	absence  *absence
	files    *files
	sealers  sealers
	greeting time.Duration
	identify *rate.Limiter
	// noTyping says that the server has no typing indicator.
	noTyping atomic.Bool
	// onlineEvery is how often the Catcher is told that nothing is being missed.
	onlineEvery time.Duration
	health      health
}

var (
	_ conversation.Messenger         = (*Adapter)(nil)
	_ conversation.SentFinder        = (*Adapter)(nil)
	_ conversation.StatusSetter      = (*Adapter)(nil)
	_ conversation.HistoryReader     = (*Adapter)(nil)
	_ conversation.HistoryWhole      = (*Adapter)(nil)
	_ conversation.ThreadResolver    = (*Adapter)(nil)
	_ conversation.FilePoster        = (*Adapter)(nil)
	_ conversation.Deleter           = (*Adapter)(nil)
	_ conversation.Dater             = (*Adapter)(nil)
	_ conversation.MissedReader      = (*Adapter)(nil)
	_ conversation.Whisperer         = (*Adapter)(nil)
	_ conversation.Linker            = (*Adapter)(nil)
	_ conversation.MembershipChecker = (*Adapter)(nil)
	_ conversation.PostChecker       = (*Adapter)(nil)
	_ conversation.RangeReader       = (*Adapter)(nil)
	_ conversation.FileOpener        = (*Adapter)(nil)
)

// New makes an adapter; it calls nobody. Its error names the option that is wrong, never its value.
func New(o Options) (*Adapter, error) {
	token := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(o.BotToken), "Bot "))
	base, err := url.Parse(cmp.Or(o.APIURL, "https://discord.com/api/"))
	switch {
	case token == "" || strings.ContainsAny(token, " \t\r\n"):
		return nil, errors.New("make discord adapter: BotToken must be the bot's token in one word")
	case err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http":
		return nil, errors.New("make discord adapter: APIURL must be an http or https address")
	case o.Logger == nil:
		return nil, errors.New("make discord adapter: Logger is missing")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(string) {}
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: callTimeout,
			MaxConnsPerHost: maxConns, MaxIdleConnsPerHost: maxConns, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true,
		}}
	}
	sealed, err := newSealers(token)
	if err != nil {
		return nil, fmt.Errorf("make discord adapter: %w", err)
	}
	client := *o.HTTPClient
	// Discord redirects nothing; a redirect would carry the call, and on one host the token, elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a := &Adapter{
		log: o.Logger, ingester: o.Ingester, clock: o.Clock, observe: o.Observe, catcher: o.Catcher, leaser: o.Leaser, token: token,
		rest: &restClient{
			http: &client, base: strings.TrimSuffix(base.String(), "/") + "/" + apiVersion, token: token,
			limits: newLimits(o.Clock, o.Unlimited, o.Share), clock: o.Clock,
		},
		names: newNames(), sent: newSentLog(), absence: newAbsence(), files: newFiles(base), sealers: sealed, greeting: greetingTimeout, onlineEvery: onlineEvery,
		identify: rate.NewLimiter(rate.Every(identifyWindow), 1),
		roots:    newSyncBounded[string](maxRoots), edits: newSyncBounded[time.Time](maxSent),
	}
	a.health.set(errors.New("discord is not connected yet"))
	return a, nil
}

// Name implements bots.Runner.
func (a *Adapter) Name() string { return string(conversation.Discord) }

// Ready implements bots.Runner: nil while the gateway session of each shard that is held is alive, and on a standby that
// holds none because other replicas hold them all; else what is wrong.
func (a *Adapter) Ready() error { return a.health.get() }

// Split implements conversation.Messenger.
func (a *Adapter) Split(markdown string, reserve int) []string {
	return bots.Split(markdown, bots.SplitOptions{Limit: maxContent - splitMargin - max(reserve, 0), Measure: cost})
}

// selfID gives the bot's own account, asked for once.
func (a *Adapter) selfID(ctx context.Context) (string, error) {
	if id, _ := a.names.self(); id != "" {
		return id, nil
	}
	var u payloadUser
	if err := a.rest.get(ctx, routeSelf, "users/@me", &u); err != nil {
		return "", err
	}
	if !isSnowflake(u.ID) {
		return "", &callError{route: routeSelf, err: fmt.Errorf("answer names no user")}
	}
	a.names.setSelf(u)
	return u.ID, nil
}
