package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	slackapi "github.com/slack-go/slack"

	"parley/bots"
	"parley/conversation"
)

// Ingester stores an event. Its nil error is the adapter's licence to acknowledge the delivery; it may be called by
// several goroutines, and more than once for the same event.
type Ingester interface {
	Ingest(ctx context.Context, e conversation.Event) error
}

// Options configures an Adapter.
type Options struct {
	// BotToken is the Bot User OAuth Token (xoxb-…). Required.
	BotToken string
	// AppToken is the app-level token (xapp-…) with connections:write; empty: no Socket Mode.
	AppToken string
	// SigningSecret checks requests of the HTTP Events API; empty: they are refused. One of AppToken and
	// SigningSecret is required.
	SigningSecret string
	// APIURL is the base of the Web API; empty: https://slack.com/api/.
	APIURL string
	// Ingester takes the events. Required.
	Ingester Ingester
	// Catcher is told after every absence, so that it reads what was missed; nil: nobody is.
	Catcher Catcher
	// Leaser parts the app's ten sockets among the replicas; nil: this process is alone.
	Leaser bots.Leaser
	// Share says among how many replicas Slack's limits are divided; nil: this process has them to itself.
	Share bots.Share
	// Logger is required.
	Logger *slog.Logger
	// HTTPClient gives the transport and the timeout; nil: one of our own and 30 s. Redirects are never
	// followed and bodies are bounded, whatever it says.
	HTTPClient *http.Client
	// Sockets is the number of Socket Mode connections, 0 for two: one is open while the other is refreshed.
	// Slack allows an app ten, which replicas share: see Leaser.
	Sockets int
	// PingTimeout is about how long nothing may be heard over a socket, though it was pinged after half of that time,
	// before it is opened anew, and how long Slack's hello may take; 0: 30 s.
	PingTimeout time.Duration
	// Unlimited says that the server behind APIURL counts no calls, as a simulator may. Slack does.
	Unlimited bool
	// Clock tells the time; nil: time.Now.
	Clock func() time.Time
	// Observe counts deliveries by kind: posted, edited, deleted, asked, stopped, home_opened, ignored, unsupported,
	// malformed, not_stored, overload; and bad_signature and rate_limited. It may be nil.
	Observe func(kind string)
}

// Adapter connects one Slack workspace. It is a conversation.Messenger with all optional capabilities that Slack has.
type Adapter struct {
	o      Options
	log    *slog.Logger
	api    webAPI
	pages  pages
	names  *names
	limits *limits

	noBlocks   atomic.Bool // the server refuses markdown blocks
	noButtons  atomic.Bool // the server refuses buttons
	noSessions atomic.Bool // the server has no agent sessions
	noStatus   atomic.Bool // the server knows no thread status
	noList     atomic.Bool // not all conversations are listed, which has been said

	hooks    *hooks
	handles  *bots.Sealer // of response URLs
	files    *files
	members  *members
	sessions *sessions

	requests   chan struct{} // of the HTTP endpoints, a slot each
	taking     chan struct{} // interactions that came over a socket, a slot each
	suggesting atomic.Bool
	background sync.WaitGroup

	replacing  atomic.Bool // a silent socket is being opened anew
	presence   *presence
	posted     *posted
	doubt      chan struct{} // asks for a check of the token
	heartbeat  time.Duration
	catchUpGap time.Duration
}

var (
	_ conversation.Messenger     = (*Adapter)(nil)
	_ conversation.SentFinder    = (*Adapter)(nil)
	_ conversation.StatusSetter  = (*Adapter)(nil)
	_ conversation.Sparer        = (*Adapter)(nil)
	_ conversation.HistoryReader = (*Adapter)(nil)
	_ conversation.HistoryWhole  = (*Adapter)(nil)
	_ conversation.FilePoster    = (*Adapter)(nil)
	_ conversation.Deleter       = (*Adapter)(nil)
	_ conversation.Dater         = (*Adapter)(nil)
	_ conversation.MissedReader  = (*Adapter)(nil)

	_ conversation.Whisperer         = (*Adapter)(nil)
	_ conversation.MembershipChecker = (*Adapter)(nil)
	_ conversation.PostChecker       = (*Adapter)(nil)
	_ conversation.RangeReader       = (*Adapter)(nil)
	_ conversation.Linker            = (*Adapter)(nil)
	_ conversation.FileOpener        = (*Adapter)(nil)
)

// New checks the options. It makes no call.
func New(o Options) (*Adapter, error) {
	base, err := apiURL(o.APIURL)
	var faults []error
	if err != nil {
		faults = append(faults, err)
	}
	if o.BotToken == "" {
		faults = append(faults, errors.New("SLACK_BOT_TOKEN is empty"))
	} else if strings.HasPrefix(o.BotToken, "xapp-") {
		faults = append(faults, errors.New("SLACK_BOT_TOKEN holds an app-level token: it must be the Bot User OAuth Token (xoxb-…)"))
	}
	if strings.HasPrefix(o.AppToken, "xoxb-") {
		faults = append(faults, errors.New("SLACK_APP_TOKEN holds a bot token: it must be an app-level token (xapp-…)"))
	}
	if o.AppToken == "" && o.SigningSecret == "" {
		faults = append(faults, errors.New("set SLACK_APP_TOKEN for Socket Mode or SLACK_SIGNING_SECRET for HTTP: without either no message arrives"))
	}
	if o.Ingester == nil || o.Logger == nil {
		faults = append(faults, errors.New("an ingester and a logger are required"))
	}
	if o.Sockets < 0 || o.Sockets > maxSockets {
		faults = append(faults, fmt.Errorf("%d sockets: Slack allows an app 1 to 10", o.Sockets))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("configure slack: %w", errors.Join(faults...))
	}
	if o.Sockets == 0 {
		o.Sockets = 2
	}
	if o.PingTimeout == 0 {
		o.PingTimeout = 30 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	client := safeClient(o.HTTPClient)
	api := slackapi.New(o.BotToken, slackapi.OptionAPIURL(base), slackapi.OptionHTTPClient(client),
		slackapi.OptionAppLevelToken(o.AppToken))
	log := o.Logger.With("platform", string(conversation.Slack))
	origin, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("configure slack: %w", err)
	}
	handles, err := bots.NewSealer(o.BotToken, "parley slack response_url")
	if err != nil {
		return nil, fmt.Errorf("configure slack: %w", err)
	}
	return &Adapter{
		o: o, log: log, api: api, pages: pages{absent: newAbsent(o.Clock, log), client: client, baseURL: base, token: o.BotToken},
		names: newNames(api, log, o.Clock, o.Share), limits: newLimits(o.Clock, o.Unlimited, o.Share), requests: make(chan struct{}, maxRequests),
		hooks: &hooks{client: client, origin: bots.Origin{API: origin, Host: isHookHost}}, handles: handles, files: newFiles(origin, o.BotToken), members: newMembers(o.Clock), sessions: newSessions(o.Clock),
		taking: make(chan struct{}, maxTaking), presence: newPresence(o), posted: newPosted(), doubt: make(chan struct{}, 1),
		heartbeat: heartbeat, catchUpGap: catchUpGap,
	}, nil
}

// Name is the adapter's name in logs and metrics.
func (a *Adapter) Name() string { return string(conversation.Slack) }

// Ready says whether the adapter receives events and may write: nil, or what is wrong and what to do about it. One
// open socket of two is enough; without Socket Mode a working token is. Where other replicas hold all sockets, this one
// stands by, which is as it should be.
func (a *Adapter) Ready() error { return a.presence.ready(a.o.Sockets) }

// Run connects and receives until ctx ends, which is no error. A Permanent error needs somebody to change the
// configuration; after any other it may be called again.
func (a *Adapter) Run(ctx context.Context) error {
	defer a.background.Wait()
	if err := a.connect(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		a.presence.fail(err)
		if fault, ok := errors.AsType[*setupError](err); ok {
			a.presence.refuse(fault)
		}
		return err
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel() // before the wait
	a.background.Go(func() { a.beat(running) })
	if a.o.Catcher != nil {
		a.background.Go(func() { a.catchUp(running) })
	}
	if a.o.AppToken == "" {
		<-ctx.Done()
		return nil
	}
	err := a.runSockets(ctx)
	if ctx.Err() != nil {
		return nil
	}
	a.presence.fail(err)
	return err
}

// connect learns who the adapter is.
func (a *Adapter) connect(ctx context.Context) error {
	self, err := identify(ctx, a.api)
	if err != nil {
		return botTokenError(err)
	}
	a.noStatus.Store(self.NoAgent)
	a.presence.begin(self)
	a.log.InfoContext(ctx, "connected to workspace", "workspace", self.TeamID, "bot", self.UserID, "agent", self.Agent())
	if missing := missingScopes(self); len(missing) > 0 {
		a.log.WarnContext(ctx, "the app lacks scopes: add them under OAuth & Permissions and reinstall it", "scopes", missing)
	}
	return nil
}

// Self is who the adapter is; ok is false until Slack has told.
func (a *Adapter) Self() (self Identity, ok bool) { return a.presence.identity() }

// fail turns the error of a call into the engine's, and remembers a token that Slack no longer accepts.
func (a *Adapter) fail(method string, err error, sends bool) error {
	if err == nil {
		return nil
	}
	if revoked(errorCode(err)) {
		a.presence.refuse(botTokenError(err))
	}
	return failure(method, err, sends)
}

func (a *Adapter) observe(kind string) {
	if a.o.Observe != nil {
		a.o.Observe(kind)
	}
}

// normalizer makes a normalizer whose lookups wait no longer than limit.
func (a *Adapter) normalizer(ctx context.Context, limit time.Duration) normalizer {
	self, _ := a.Self()
	return normalizer{self: self, people: func(ids []string) map[string]person {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return a.names.lookup(ctx, ids)
	}}
}
