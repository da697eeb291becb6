package discordsim

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options says how the simulated Discord behaves. The zero value is usable: no rate limits, and
// the Message Content intent switched off, as for a new application.
type Options struct {
	// Addr is where to listen; empty is a free port of 127.0.0.1.
	Addr string
	// Clock gives the time of ids, links and limits; nil is time.Now.
	Clock func() time.Time
	// Logger gets the simulator's own faults; nil discards them.
	Logger *slog.Logger
	// Answered is told what the bot posted or edited: channel, the message that it replies to, and the content as it
	// stands then. It is called with the server's lock held, so it must be quick and call no method; nil tells nobody.
	Answered func(channelID, replyTo, content string)
	// Limits switches on the rate limits of REST and gateway.
	Limits bool
	// HeartbeatInterval is what Hello asks for; 0 is Discord's 41.25 s.
	HeartbeatInterval time.Duration
	// GatewayPath is the path of the gateway's address, such as /discord/ws; empty is none, as on Discord. One with a
	// slash at its end ends in {$} here, as patterns of net/http do.
	GatewayPath string
	// Shards is what GET /gateway/bot recommends; 0 is 1. Whatever it is, a session may have any valid shard.
	Shards int
	// BotToken is the bot's token; empty generates one.
	BotToken string
	// BotName is the bot's user name; empty is parley.
	BotName string
	// MessageContentEnabled is the toggle of the privileged Message Content intent. When it is
	// off, a session that asks for it is closed with 4014.
	MessageContentEnabled bool
	// GuildMembersEnabled is the toggle of the privileged Server Members intent.
	GuildMembersEnabled bool
	// LinkLifetime is how long a signed attachment link works; 0 is 24 h.
	LinkLifetime time.Duration
	// NonceWindow is how long enforce_nonce finds the earlier message; 0 is 3 min ("the past few
	// minutes", discord.com/developers/docs/resources/message#create-message).
	NonceWindow time.Duration
	// OldEdits is how many edits each message older than an hour allows before error 30046; 0
	// sets no limit. Discord does not document the number.
	OldEdits int
	// MaxUpload is the largest file in bytes; 0 is Discord's 10 MiB.
	MaxUpload int
}

// Server is a running simulated Discord. All methods may be called from several goroutines.
type Server struct {
	options Options
	log     *slog.Logger
	token   string
	addr    string
	http    *http.Server
	running sync.WaitGroup
	stop    chan struct{}

	mu             sync.Mutex
	closed         bool
	world          *world
	sessions       map[string]*session
	conns          map[*conn]bool
	connections    int
	identifies     int
	messageContent bool
	noHello        bool
	noReady        bool
	shards         int
	duplicates     int
	limits         *limiter
	faults         []*activeFault
	linkKey        []byte
	journal        journal
	watchers       watchers
}

// New starts a simulated Discord with no guild and no people in it.
func New(o Options) (*Server, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.HeartbeatInterval == 0 {
		o.HeartbeatInterval = 41250 * time.Millisecond
	}
	if o.LinkLifetime == 0 {
		o.LinkLifetime = 24 * time.Hour
	}
	if o.NonceWindow == 0 {
		o.NonceWindow = 3 * time.Minute
	}
	if o.MaxUpload == 0 {
		o.MaxUpload = 10 << 20
	}
	if o.BotName == "" {
		o.BotName = "parley"
	}
	s := &Server{
		options: o, log: o.Logger, token: o.BotToken, stop: make(chan struct{}),
		world: newWorld(o.Clock, o.BotName), sessions: map[string]*session{}, conns: map[*conn]bool{},
		messageContent: o.MessageContentEnabled, shards: max(o.Shards, 1), limits: newLimiter(), linkKey: newKey(),
		watchers: newWatchers(),
	}
	if s.token == "" {
		s.token = newToken(s.world.bot.ID)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen for simulated discord: %w", err)
	}
	s.addr = listener.Addr().String()
	s.http = &http.Server{Handler: s.track(s.routes()), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug)}
	s.running.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("discordsim: serve", "error", err)
		}
	})
	return s, nil
}

// Close ends every connection and waits for the simulator's goroutines. Calling it again does
// nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.stop)
	s.watchers.close()
	for c := range s.conns {
		_ = c.ws.Close()
		c.close(0)
	}
	s.mu.Unlock()
	err := s.http.Close()
	s.running.Wait()
	if err != nil {
		return fmt.Errorf("close simulated discord: %w", err)
	}
	return nil
}

// track lets Close wait for the requests that are being handled.
func (s *Server) track(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return
		}
		s.running.Add(1)
		s.mu.Unlock()
		defer s.running.Done()
		next.ServeHTTP(w, r)
	})
}

// URL is the REST base address, for DISCORD_API_URL; a client appends v9/ or v10/.
func (s *Server) URL() string { return "http://" + s.addr + "/api/" }

func (s *Server) gatewayURL() string {
	return "ws://" + s.addr + strings.TrimSuffix(s.options.GatewayPath, "{$}")
}

// BotToken is the token that REST and gateway accept, without the word Bot.
func (s *Server) BotToken() string { return s.token }

// BotUserID is the user id of the bot. The bot is a member of every guild.
func (s *Server) BotUserID() string { return s.world.bot.ID }

// ApplicationID is the id of the bot's application, the same as its user id.
func (s *Server) ApplicationID() string { return s.world.applicationID }

// newToken makes a token of the usual shape: the user id in base64 and two random parts.
func newToken(userID string) string {
	key := newKey()
	return base64.RawStdEncoding.EncodeToString([]byte(userID)) + "." +
		base64.RawURLEncoding.EncodeToString(key[:4]) + "." + base64.RawURLEncoding.EncodeToString(key[4:])
}

func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}
