package slacksim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a simulated workspace with one app installed, listening on loopback. Its methods may be
// called at the same time from any number of goroutines.
type Server struct {
	*Workspace

	options      Options
	verification string // the deprecated token inside events
	courier      *courier
	sockets      *sockets
	interactions *interactions
	faults       *faults
	limiter      *limiter
	calls        *callJournal
	methods      map[string]method

	http      *http.Server
	client    *http.Client
	lifetime  context.Context // ends with Close
	end       context.CancelFunc
	wallClock func() time.Time

	running    sync.Mutex // guards against starting work while Close waits
	background sync.WaitGroup
}

// New starts a server. It fails on a bad option or when it cannot listen.
func New(o Options) (*Server, error) {
	ids := newIDSource()
	o, err := o.withDefaults(ids)
	if err != nil {
		return nil, fmt.Errorf("configure simulated slack: %w", err)
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("start simulated slack: %w", err)
	}
	s := &Server{
		options: o, verification: ids.secret(24), methods: methods(), limiter: newLimiter(), calls: &callJournal{},
		sockets: &sockets{tickets: map[string]bool{}, max: o.MaxSockets}, faults: &faults{set: map[string]*Fault{}},
		wallClock: time.Now, interactions: &interactions{pending: map[string]*pendingInteraction{}},
	}
	for _, name := range o.Unknown {
		delete(s.methods, name)
	}
	s.Workspace = newWorkspace(o, ids, "http://"+listener.Addr().String(), s.deliver)
	s.courier = newCourier(s)
	s.lifetime, s.end = context.WithCancel(context.Background())
	s.client = &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s.http = &http.Server{Handler: s.mux(), ReadHeaderTimeout: 10 * time.Second}
	s.start(func() { s.courier.run(s.lifetime.Done()) })
	s.start(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			o.Logger.Error("serve simulated slack", "error", err)
		}
	})
	return s, nil
}

func newWorkspace(o Options, ids *idSource, base string, tell func(string, object)) *Workspace {
	w := &Workspace{
		ids: ids, clock: o.Clock, hub: newHub(), base: base, tell: tell,
		team:      team{ID: o.TeamID, Name: o.Team, Domain: o.Domain, AppID: ids.id("A"), BotID: ids.id("B")},
		bot:       User{ID: ids.id("U"), Name: slug(o.BotName), RealName: o.BotName, Bot: true, TimeZone: "UTC", Locale: "en-US"},
		statusTTL: o.Timing.Status, replied: o.MessageReplied, maxFile: o.MaxFileBytes,
		subs: set(o.Events), scopes: set(o.Scopes),
		users: map[string]*User{}, channels: map[string]*channel{}, files: map[string]*file{},
		hooks: map[string]*responseHook{},
	}
	bot := w.bot
	w.users[bot.ID] = &bot
	return w
}

func set(names []string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, name := range names {
		out[name] = true
	}
	return out
}

// apiPattern catches all Web API methods, known or not.
const apiPattern = "/api/{method}"

func (s *Server) routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		apiPattern:                    s.serveAPI,
		"/link/":                      s.serveSocket,
		"POST /upload/v1/{id}":        s.serveUpload,
		"GET /files-pri/{ids}/{name}": s.serveFile,
		"POST /hook/{token}":          s.serveHook,
		"GET /{$}":                    s.serveLogin,
	}
}

func (s *Server) mux() http.Handler {
	mux := http.NewServeMux()
	for pattern, handler := range s.routes() {
		mux.HandleFunc(pattern, handler)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			http.Error(w, "closing", http.StatusServiceUnavailable)
			return
		}
		defer s.background.Done()
		mux.ServeHTTP(w, r)
	})
}

// enter counts one more thing that Close waits for; false when the server is closing.
func (s *Server) enter() bool {
	s.running.Lock()
	defer s.running.Unlock()
	if s.closed() {
		return false
	}
	s.background.Add(1)
	return true
}

// start runs work that Close waits for; it does nothing when the server is closing.
func (s *Server) start(work func()) {
	if !s.enter() {
		return
	}
	go func() {
		defer s.background.Done()
		work()
	}()
}

// Close ends every connection, waits for what still runs, and returns. The state stays readable.
func (s *Server) Close() error {
	s.running.Lock()
	s.end()
	s.running.Unlock()
	s.interactions.stop()
	err := s.http.Close()
	for _, k := range s.sockets.all() {
		k.close()
	}
	s.background.Wait()
	s.client.CloseIdleConnections()
	s.hub.close()
	if err != nil {
		return fmt.Errorf("close simulated slack: %w", err)
	}
	return nil
}

func (s *Server) closed() bool { return s.lifetime.Err() != nil }

// later runs act after a wait, unless the server closes first.
func (s *Server) later(wait time.Duration, act func()) {
	s.start(func() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			act()
		case <-s.lifetime.Done():
		}
	})
}

// URL is the base of the Web API with its trailing slash: the value of SLACK_API_URL.
func (s *Server) URL() string { return s.base + "/api/" }

// BotToken is the installed app's bot token (xoxb-…).
func (s *Server) BotToken() string { return s.options.BotToken }

// AppToken is the app-level token with connections:write (xapp-…), for Socket Mode.
func (s *Server) AppToken() string { return s.options.AppToken }

// SigningSecret is what requests of the HTTP Events API are signed with.
func (s *Server) SigningSecret() string { return s.options.SigningSecret }
