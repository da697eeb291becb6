package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"parley/llm/llmsim"
)

const (
	firstToken = 200 * time.Millisecond
	chunks     = 20
	chunkPace  = 10 * time.Millisecond
	modelNote  = "simulated model: first token after 200 ms, then 20 chunks, 10 ms apart"
	modelKey   = "bench-key"
)

// model is the simulated model server. It notes when a request came and when the first delta went.
type model struct {
	book   *book
	sim    *llmsim.Server
	http   *http.Server
	url    string
	served chan error

	hold  atomic.Pointer[chan struct{}] // answers wait for it
	quick atomic.Bool                   // answers come without the model's own time
	asked atomic.Int64                  // requests
}

func openModel(ctx context.Context, b *book) (*model, error) {
	m := &model{book: b, served: make(chan error, 1)}
	m.sim = llmsim.New(llmsim.Options{Key: modelKey, Responder: m})
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start model: %w", err)
	}
	m.url = "http://" + listener.Addr().String() + "/v1"
	m.http = &http.Server{Handler: m.timed(m.sim.Handler()), ReadHeaderTimeout: 10 * time.Second}
	go func() { m.served <- m.http.Serve(listener) }()
	return m, nil
}

func (m *model) close() error {
	err := m.http.Close()
	if served := <-m.served; err == nil && !errors.Is(served, http.ErrServerClosed) {
		err = served
	}
	return err
}

// visit is one request: when it came, and whose it is once that is known.
type visit struct {
	at    time.Time
	token string
}

type visitKey struct{}

// timed notes the arrival of each request, before its body is read.
func (m *model) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{at: time.Now()}
		next.ServeHTTP(&firstWrite{ResponseWriter: w, model: m, visit: v}, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	})
}

// Respond implements llmsim.Responder. The question stands last in the prompt.
func (m *model) Respond(ctx context.Context, r llmsim.Request) llmsim.Reply {
	text := r.Messages[len(r.Messages)-1].Text
	at := strings.LastIndex(text, mark)
	if at < 0 {
		return llmsim.Fail(http.StatusBadRequest, "the question carries no token")
	}
	name := token.FindString(text[at:])
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		v.token = name
		m.book.note(name, func(t *turn) *time.Time { return &t.asked }, v.at)
	}
	m.asked.Add(1)
	reply := llmsim.Reply{First: firstToken, Pace: chunkPace, Chunks: answer(name)}
	if m.quick.Load() {
		reply.First, reply.Pace = time.Millisecond, time.Millisecond
	}
	if hold := m.hold.Load(); hold != nil {
		reply.Hold = *hold
	}
	return reply
}

// answer is about 20 tokens, as they come.
func answer(name string) []string {
	list := make([]string, 0, chunks)
	list = append(list, name+": ")
	for i := range chunks - 2 {
		list = append(list, fmt.Sprintf("word%d ", i))
	}
	return append(list, lastWord)
}

// firstWrite notes when the first delta is sent.
type firstWrite struct {
	http.ResponseWriter
	model   *model
	visit   *visit
	written bool
}

// Write implements io.Writer.
func (f *firstWrite) Write(b []byte) (int, error) {
	if !f.written {
		f.written = true
		f.model.book.note(f.visit.token, func(t *turn) *time.Time { return &t.told }, time.Now())
	}
	return f.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController flush.
func (f *firstWrite) Unwrap() http.ResponseWriter { return f.ResponseWriter }
