package llmsim

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// transmission is one answer on its way.
type transmission struct {
	server *Server
	w      http.ResponseWriter
	ctx    context.Context
	req    *Request
	reply  Reply

	id     string
	chunks []string
	finish string
	output int
}

func (t *transmission) send() {
	s := t.server
	s.update(func() { s.serial++; t.id = fmt.Sprintf("sim-%d-%d", time.Now().UnixNano(), s.serial) })
	t.w.Header().Set("X-Request-Id", t.id)
	if fault := t.reply.Fault; fault.Kind == Reset && fault.After == 0 {
		t.reset()
		return
	}
	if answer := t.reply.HTTP; answer != nil {
		for name, values := range answer.Header {
			t.w.Header()[name] = values
		}
		t.status(answer.Status)
		_, _ = t.w.Write([]byte(answer.Body)) // a client that left needs no answer
		return
	}
	t.cut()
	if !t.wait(s.opts.First+t.reply.First) || !t.held() {
		return
	}
	if !t.req.Stream || t.reply.Fault.Kind == JSONBody {
		t.whole()
		return
	}
	t.stream()
}

func (t *transmission) status(code int) {
	t.server.update(func() { t.req.Status = code })
	t.w.WriteHeader(code)
}

// cut makes chunks of the text and ends them where max_tokens or the window ends.
func (t *transmission) cut() {
	chunks := t.reply.Chunks
	if chunks == nil {
		chunks = words(t.reply.Text)
	}
	room := t.server.opts.Window - t.req.Tokens
	if t.req.MaxTokens > 0 {
		room = min(room, t.req.MaxTokens)
	}
	t.finish = t.reply.Finish
	if t.finish == "" {
		t.finish = "stop"
	}
	for i, chunk := range chunks {
		n := CountTokens(chunk)
		if t.output+n > room {
			t.chunks, t.finish = chunks[:i], "length"
			return
		}
		t.output += n
	}
	t.chunks = chunks
}

// words cuts after each run of spaces, so that the pieces make the text again.
func words(text string) []string {
	var out []string
	for text != "" {
		end := strings.IndexAny(text, " \n")
		if end < 0 {
			return append(out, text)
		}
		for end < len(text) && (text[end] == ' ' || text[end] == '\n') {
			end++
		}
		out = append(out, text[:end])
		text = text[end:]
	}
	return out
}

// wait lets time pass; false when the client has left.
func (t *transmission) wait(d time.Duration) bool {
	if d <= 0 {
		return t.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.ctx.Done():
		t.left()
		return false
	}
}

func (t *transmission) held() bool {
	if t.reply.Hold == nil {
		return true
	}
	select {
	case <-t.reply.Hold:
		return true
	case <-t.ctx.Done():
		t.left()
		return false
	}
}

func (t *transmission) left() { t.server.update(func() { t.req.Left = true }) }

func (t *transmission) usage() map[string]any {
	return map[string]any{"prompt_tokens": t.req.Tokens, "completion_tokens": t.output, "total_tokens": t.req.Tokens + t.output}
}

func (t *transmission) whole() {
	answer := map[string]any{
		"id": t.id, "object": "chat.completion", "created": time.Now().Unix(), "model": t.req.Model,
		"choices": []any{map[string]any{
			"index": 0, "finish_reason": t.finish,
			"message": map[string]any{"role": "assistant", "content": strings.Join(t.chunks, "")},
		}},
	}
	if t.reply.Fault.Kind != NoUsage {
		answer["usage"] = t.usage()
	}
	body, err := json.Marshal(answer)
	if err != nil {
		t.server.writeError(t.w, http.StatusInternalServerError, apiError{Message: err.Error()})
		return
	}
	t.server.update(func() { t.req.Output = t.output })
	t.w.Header().Set("Content-Type", "application/json")
	t.status(http.StatusOK)
	_, _ = t.w.Write(body) // a client that left needs no answer
}

// reset closes the connection so that the client sees a reset.
func (t *transmission) reset() {
	conn, _, err := http.NewResponseController(t.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: the nearest that there is; the server takes this panic as "hang up"
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
