package llmsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// stream sends the chunks as server-sent events, with the reply's fault at its moment.
func (t *transmission) stream() {
	t.w.Header().Set("Content-Type", "text/event-stream;charset=utf-8")
	t.w.Header().Set("Cache-Control", "no-cache")
	t.status(http.StatusOK)
	if t.server.opts.Dialect != Together && !t.event(t.chunk(map[string]any{"role": "assistant", "content": ""}, nil, nil)) {
		return
	}
	pace := t.server.opts.Pace
	if t.reply.Pace > 0 {
		pace = t.reply.Pace
	}
	for i, text := range t.chunks {
		if i == t.reply.Fault.After && t.fault() {
			return
		}
		if i > 0 && !t.wait(pace) {
			return
		}
		if !t.event(t.chunk(map[string]any{"role": "assistant", "content": text, "token_id": i}, nil, nil)) {
			return
		}
		t.server.update(func() { t.req.Output += CountTokens(text) })
	}
	if t.reply.Fault.After >= len(t.chunks) && t.fault() {
		return
	}
	t.end()
}

// end sends the finish chunk, the usage where the dialect puts it, and [DONE].
func (t *transmission) end() {
	var usage any = t.usage()
	if t.reply.Fault.Kind == NoUsage {
		usage = nil
	}
	empty := map[string]any{"role": "assistant", "content": ""}
	if t.server.opts.Dialect == Together {
		finish := t.finish
		if finish == "stop" {
			finish = "eos" // Together's own word
		}
		t.event(t.chunk(empty, finish, usage))
	} else {
		t.event(t.chunk(map[string]any{}, t.finish, nil))
		if t.req.IncludeUsage && usage != nil {
			last := t.chunk(nil, nil, usage)
			last["choices"] = []any{}
			if t.server.opts.Dialect == TGI {
				last["id"] = ""
			}
			t.event(last)
		}
	}
	if t.reply.Fault.Kind != NoDone {
		t.write("data: [DONE]\n\n")
	}
}

func (t *transmission) chunk(delta map[string]any, finish, usage any) map[string]any {
	choice := map[string]any{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": nil}
	chunk := map[string]any{
		"id": t.id, "object": "chat.completion.chunk", "created": time.Now().Unix(), "model": t.req.Model,
		"choices": []any{choice},
	}
	if t.server.opts.Dialect == Together {
		choice["text"] = delta["content"]
		choice["seed"] = json.Number("15924764223251450000") // beyond int64, as seen
		chunk["usage"] = usage
	} else if usage != nil {
		chunk["usage"] = usage
	}
	return chunk
}

func (t *transmission) event(chunk map[string]any) bool {
	raw, err := json.Marshal(chunk)
	if err != nil {
		return false
	}
	return t.write("data: " + string(raw) + "\n\n")
}

// write sends at once; false when the client has left.
func (t *transmission) write(text string) bool {
	if _, err := t.w.Write([]byte(text)); err != nil || t.ctx.Err() != nil {
		t.left()
		return false
	}
	if err := http.NewResponseController(t.w).Flush(); err != nil {
		t.left()
		return false
	}
	return true
}

// fault does what the reply's fault is and tells whether that was the end.
func (t *transmission) fault() bool {
	message := t.reply.Fault.Message
	if message == "" {
		message = "the simulated server failed on purpose"
	}
	switch t.reply.Fault.Kind {
	case Cut:
		panic(http.ErrAbortHandler) // net/http closes the connection without the end of the body
	case Ended:
	case Stall:
		<-t.ctx.Done()
		t.left()
	case ErrorEvent:
		t.write("event: error\ndata: " + apiError{Message: message}.envelope() + "\n\n")
	case ErrorChunk:
		t.write("data: " + apiError{Message: message, Type: "server_error", Code: 500}.envelope() + "\n\n")
	case ErrorLine:
		t.write(fmt.Sprintf("error: {\"code\":500,\"message\":%q,\"type\":\"server_error\"}\n\n", message))
	case Reset:
		t.reset()
	default:
		return false
	}
	return true
}
