package llmsim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options configure a [Server]. Everything has a default.
type Options struct {
	Addr      string  // "" is a free port on 127.0.0.1
	Dialect   Dialect // "" is Together
	Model     string  // "" is google/gemma-3n-E4B-it
	Key       string  // "" takes any key, or none
	Window    int     // tokens, input and output together; 0 is 32,768
	NoImages  bool    // take no pictures, as a text-only model does; each dialect in its own way
	MaxImages int     // pictures in one request; 0 is no limit
	Hears     bool    // take sound in chat; vLLM does anyway
	Forget    bool    // keep no journal: for a server that runs as long as a demo does
	NoSpeech  bool    // have no speech to text (/audio/transcriptions); only Together and vLLM have it

	// NoSpeechFormats are values of response_format that speech to text refuses.
	NoSpeechFormats []string
	// Hear is the recogniser of recordings, in chat and for speech to text; nil measures them. It may be called from
	// several goroutines.
	Hear func(file []byte) string

	Responder Responder     // answers what no queued reply is for; nil is [Offline]
	First     time.Duration // before the first chunk of every answer
	Pace      time.Duration // between chunks
}

// DefaultModel is the model that the server has when none is configured.
const DefaultModel = "google/gemma-3n-E4B-it"

// Server is the simulated server. Make it with [New].
type Server struct {
	opts Options

	mu       sync.Mutex
	queue    []Reply
	requests []*Request
	speech   []Reply
	uploads  []*Upload
	running  int
	serial   int
	changed  chan struct{} // closed and replaced at each change

	listener net.Listener
	ending   context.Context // not cancelled with the serving one: bounds the wait of Close
	http     *http.Server
	served   chan struct{}
}

// New makes a server that does not listen yet.
func New(opts Options) *Server {
	if opts.Addr == "" {
		opts.Addr = "127.0.0.1:0"
	}
	if opts.Dialect == "" {
		opts.Dialect = Together
	}
	if opts.Model == "" {
		opts.Model = DefaultModel
	}
	if opts.Window == 0 {
		opts.Window = 32768
	}
	if opts.Responder == nil {
		opts.Responder = Offline{}
	}
	return &Server{opts: opts, changed: make(chan struct{})}
}

// Start listens and serves until Close, or until ctx ends.
func (s *Server) Start(ctx context.Context) error {
	if s.listener != nil {
		return errors.New("start simulated model server: it has been started before")
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.opts.Addr)
	if err != nil {
		return fmt.Errorf("start simulated model server: %w", err)
	}
	serving, cancel := context.WithCancel(ctx) // ends requests that stall on purpose
	s.listener, s.ending = listener, context.WithoutCancel(ctx)
	s.http = &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return serving },
	}
	s.served = make(chan struct{})
	stop := context.AfterFunc(ctx, func() { _ = s.http.Close() })
	go func() {
		defer close(s.served)
		defer cancel()
		defer stop()
		_ = s.http.Serve(listener) // always an error: the server was closed
	}()
	return nil
}

// URL is the base URL for a client, "http://127.0.0.1:port/v1". It is empty before Start.
func (s *Server) URL() string {
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String() + "/v1"
}

// Close ends every request and waits until the server has stopped. It may be called more than once.
func (s *Server) Close() error {
	if s.http == nil {
		return nil
	}
	err := s.http.Close()
	<-s.served
	// Handlers notice that their connection is gone; a responder that does not look at its context is not waited for.
	idle, cancel := context.WithTimeout(s.ending, 5*time.Second)
	defer cancel()
	if err == nil {
		err = s.WaitIdle(idle)
	}
	if err != nil {
		return fmt.Errorf("close simulated model server: %w", err)
	}
	return nil
}

// Handler serves the API without a listener of its own.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	mux.HandleFunc("GET /v1/models", s.models)
	if (s.opts.Dialect == Together || s.opts.Dialect == VLLM) && !s.opts.NoSpeech {
		mux.HandleFunc("POST /v1/audio/transcriptions", s.transcribe)
		mux.HandleFunc("POST /v1/audio/translations", s.transcribe)
	}
	s.own(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.writeError(w, http.StatusNotFound, apiError{Message: "Not Found: " + r.Method + " " + r.URL.Path, Type: "invalid_request_error"})
	})
	return mux
}

// Enqueue scripts the next answers, one for each request that passes the checks.
func (s *Server) Enqueue(replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, replies...)
}
