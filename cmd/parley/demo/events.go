package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"
)

const (
	// together is how long changes are gathered before a page hears of them.
	together = 40 * time.Millisecond
	// heartbeat keeps the connection open through proxies, and lets lines that end with time (someone types) go.
	heartbeat = 3 * time.Second
	// stall is how long a page may refuse to read before its stream ends; the browser then begins anew.
	stall = 20 * time.Second
)

// patch is what changed since the last one; the first one holds everything.
type patch struct {
	Set  map[string]json.RawMessage `json:"set"`
	Drop []string                   `json:"drop,omitempty"`
}

// serveEvents streams the state of both workspaces to one page: first everything as "state", then each change as
// "patch". A page costs one goroutine for each side while it is open, and memory for what it last saw.
func (d *Demo) serveEvents(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	changed := make(chan struct{}, 1)
	watched := make(chan struct{})
	for _, s := range d.sides {
		go func() {
			s.watch(ctx, func() { signal(changed) })
			cancel() // without this side the page would go stale: end the stream, the browser begins anew
			watched <- struct{}{}
		}()
	}
	defer func() {
		cancel()
		for range d.sides {
			<-watched
		}
	}()
	d.stream(ctx, w, changed)
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (d *Demo) stream(ctx context.Context, w http.ResponseWriter, changed <-chan struct{}) {
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var seen map[string]json.RawMessage
	name := "state"
	for {
		now, err := d.state(ctx)
		if err != nil {
			d.log.Error("demo page: read state", "error", err)
			return
		}
		p := difference(seen, now)
		if err := send(out, w, name, p); err != nil {
			return // the page has gone; its browser comes back if it is still there
		}
		seen, name = now, "patch"
		select {
		case <-changed:
		case <-beat.C:
		case <-ctx.Done():
			return
		case <-d.closed:
			return
		}
		select {
		case <-time.After(together):
		case <-ctx.Done():
			return
		}
	}
}

// send writes one event, or a comment where there is nothing to tell.
func send(out *http.ResponseController, w io.Writer, name string, p patch) error {
	if err := out.SetWriteDeadline(time.Now().Add(stall)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	if len(p.Set) == 0 && len(p.Drop) == 0 {
		if _, err := io.WriteString(w, ":\n\n"); err != nil {
			return fmt.Errorf("write heartbeat: %w", err)
		}
		return out.Flush()
	}
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, data); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	return out.Flush()
}

// state reads everything that a page shows.
func (d *Demo) state(ctx context.Context) (map[string]json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	var failed error
	put := func(key string, value any) {
		data, err := json.Marshal(value)
		if err != nil {
			failed = fmt.Errorf("encode %s: %w", key, err)
			return
		}
		all[key] = data
	}
	put("meta", d.meta)
	for _, s := range d.sides {
		s.read(func(key string, value any) {
			if m, is := value.(messageView); is {
				d.files.judge(ctx, s.platform(), m)
			}
			put(s.platform()+"/"+key, value)
		})
	}
	return all, failed
}

func difference(before, now map[string]json.RawMessage) patch {
	p := patch{Set: map[string]json.RawMessage{}}
	for key, value := range now {
		if old, ok := before[key]; !ok || string(old) != string(value) {
			p.Set[key] = value
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, ok := now[key]; !ok {
			p.Drop = append(p.Drop, key)
		}
	}
	return p
}
