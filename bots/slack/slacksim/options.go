package slacksim

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"
)

// Options configures a Server. The zero value is a workspace with generated tokens on a free
// loopback port, without rate limits.
type Options struct {
	// Addr is the listen address; empty means 127.0.0.1:0. Only loopback addresses are accepted.
	Addr string
	// Clock tells the time of messages and rate limits; nil means time.Now. Timers (retries, pings)
	// always run in real time, see Timing.
	Clock func() time.Time
	// Logger receives one debug line per API call and delivery; nil discards them.
	Logger *slog.Logger
	// Limits turns Slack's rate limits on; see docs.slack.dev/apis/web-api/rate-limits.
	Limits bool

	// Answered is told what the app posted or edited: channel, thread_ts, and the text as it stands then. It is called
	// with the workspace's lock held, so it must be quick and call no method; nil tells nobody.
	Answered func(channel, thread, text string)

	// BotToken (xoxb-…), AppToken (xapp-…) and SigningSecret are generated when empty.
	BotToken, AppToken, SigningSecret string
	// Team and Domain name the workspace; BotName is the app's display name. They have defaults.
	Team, Domain, BotName string
	// TeamID is the workspace's id; generated when empty.
	TeamID string

	// Scopes are the bot token's OAuth scopes; nil means DefaultScopes.
	Scopes []string
	// Events are the app's bot event subscriptions; nil means DefaultEvents.
	Events []string
	// RequestURL makes the app one without Socket Mode: events are sent to this URL by signed POST.
	// New does not verify it; SetRequestURL does.
	RequestURL string
	// MessageReplied adds the hidden message_replied event to each thread reply, which Slack
	// documents but rarely sends.
	MessageReplied bool

	// Unknown are methods that the server does not have, as a simpler one than Slack's may not: unknown_method.
	Unknown []string
	// UntoldScopes leaves out the header X-OAuth-Scopes, and NoPings the pings of a socket, which Slack both sends.
	UntoldScopes, NoPings bool

	// MaxPage is how many messages one page of history or replies holds at most; 0 means 1,000. Distributed apps outside the
	// Marketplace get 15 (docs.slack.dev/apis/web-api/rate-limits).
	MaxPage int
	// MaxSockets is the number of open Socket Mode connections; 0 means 10, as Slack allows.
	MaxSockets int
	// MaxFileBytes bounds one file; 0 means 64 MiB.
	MaxFileBytes int64
	// Timing scales Slack's intervals for tests.
	Timing Timing
}

// Timing holds Slack's intervals. A zero field means what Slack does.
type Timing struct {
	// Ack is how long an event may stay unacknowledged before it counts as failed: 3 s.
	Ack time.Duration
	// Retries are the waits before each redelivery: 0, 1 min, 5 min. Their number is the number of
	// redeliveries; an empty slice that is not nil means none.
	Retries []time.Duration
	// Ping is the interval of WebSocket pings: 10 s.
	Ping time.Duration
	// RefreshGrace is how long a socket stays open after a refresh_requested frame: 1 s.
	RefreshGrace time.Duration
	// Share is how long a completed upload takes to appear in its channel: 20 ms.
	Share time.Duration
	// Status is how long a thread status stays without renewal: 2 min.
	Status time.Duration
}

// DefaultScopes returns the bot scopes that an assistant such as Parley asks for.
func DefaultScopes() []string {
	return []string{
		"app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands",
		"files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read",
		"im:write", "mpim:history", "mpim:read", "mpim:write", "reactions:read", "reactions:write",
		"users:read",
	}
}

// DefaultEvents returns every bot event that the simulator can send.
func DefaultEvents() []string {
	return []string{
		"agent_session_stopped", "app_home_opened", "app_mention", "channel_left", "file_shared",
		"group_left", "member_joined_channel", "member_left_channel", "message.channels",
		"message.groups", "message.im", "message.mpim", "reaction_added",
	}
}

func (o Options) withDefaults(ids *idSource) (Options, error) {
	setString(&o.Addr, "127.0.0.1:0")
	setString(&o.Team, "Parley Simulated Workspace")
	setString(&o.Domain, "parley-simulated")
	setString(&o.BotName, "parley")
	setString(&o.TeamID, ids.id("T"))
	setString(&o.BotToken, "xoxb-"+ids.secret(36))
	setString(&o.AppToken, "xapp-1-"+ids.secret(40))
	setString(&o.SigningSecret, ids.secret(32))
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Scopes == nil {
		o.Scopes = DefaultScopes()
	}
	if o.Events == nil {
		o.Events = DefaultEvents()
	}
	o.Scopes, o.Events = slices.Clone(o.Scopes), slices.Clone(o.Events)
	if o.MaxSockets == 0 {
		o.MaxSockets = 10
	}
	if o.MaxPage == 0 {
		o.MaxPage = 1000
	}
	if o.MaxFileBytes == 0 {
		o.MaxFileBytes = 64 << 20
	}
	if o.Timing.Retries == nil {
		o.Timing.Retries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	setDuration(&o.Timing.Ack, 3*time.Second)
	setDuration(&o.Timing.Ping, 10*time.Second)
	setDuration(&o.Timing.RefreshGrace, time.Second)
	setDuration(&o.Timing.Share, 20*time.Millisecond)
	setDuration(&o.Timing.Status, 2*time.Minute)
	host, _, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return o, fmt.Errorf("read listen address: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return o, fmt.Errorf("listen on %q: the simulator stays on loopback, give a 127.0.0.1 address", o.Addr)
	}
	if o.RequestURL != "" {
		if _, err := http.NewRequest(http.MethodPost, o.RequestURL, nil); err != nil {
			return o, fmt.Errorf("read request URL: %w", err)
		}
	}
	return o, nil
}

func setString(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

func setDuration(field *time.Duration, value time.Duration) {
	if *field == 0 {
		*field = value
	}
}
