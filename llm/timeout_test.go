package llm_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/llm"
)

// paced is a body that gives each piece after a pause, and ends after the last; it blocks for ever at "".
type paced struct {
	pause  time.Duration
	pieces []string
	closed chan struct{}
}

func newPaced(pause time.Duration, pieces ...string) *paced {
	return &paced{pause: pause, pieces: pieces, closed: make(chan struct{})}
}

func (p *paced) Read(buf []byte) (int, error) {
	if len(p.pieces) == 0 {
		return 0, io.EOF
	}
	var after <-chan time.Time
	if p.pieces[0] != "" {
		after = time.After(p.pause)
	}
	select {
	case <-after:
	case <-p.closed:
		return 0, errors.New("read on a closed body")
	}
	n := copy(buf, p.pieces[0])
	p.pieces = p.pieces[1:]
	return n, nil
}

func (p *paced) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func streaming(body io.ReadCloser) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: sse, Body: body, Request: req}, nil
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	hang := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	for _, tc := range []struct {
		phase   string
		step    func() func(*http.Request) (*http.Response, error)
		after   time.Duration
		partial string
	}{
		{llm.PhaseConnect, func() func(*http.Request) (*http.Response, error) { return hang }, 2 * time.Second, ""},
		{llm.PhaseFirstToken, func() func(*http.Request) (*http.Response, error) { return streaming(newPaced(0, "")) }, 7 * time.Second, ""},
		{llm.PhaseFirstToken, func() func(*http.Request) (*http.Response, error) { // comments and a role are no token
			return streaming(newPaced(3*time.Second, ": ping\n\n", data(`{"choices":[{"delta":{"role":"assistant","content":""}}]}`), ": ping\n\n", ": ping\n\n"))
		}, 7 * time.Second, ""},
		{llm.PhaseIdle, func() func(*http.Request) (*http.Response, error) {
			return streaming(newPaced(time.Second, data(hel), data(lo), ""))
		}, 2*time.Second + 4*time.Second, "Hello"},
		{llm.PhaseTotal, func() func(*http.Request) (*http.Response, error) {
			return streaming(newPaced(3*time.Second, data(hel), data(hel), data(hel), data(hel), data(hel), data(hel)))
		}, 13 * time.Second, "HelHelHelHel"},
	} {
		t.Run(tc.phase, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, "https://model.example/v1", func(o *llm.Options) {
					o.HTTPClient = &http.Client{Transport: &scripted{steps: []func(*http.Request) (*http.Response, error){tc.step()}}}
					o.Connect, o.FirstToken, o.Idle, o.Total = 2*time.Second, 7*time.Second, 4*time.Second, 13*time.Second
				})
				begun := time.Now()
				got := collect(t, c, t.Context(), ask("Hi"))
				if got.err == nil || got.err.Kind != llm.KindTimeout || got.err.Phase != tc.phase || got.err.Partial != tc.partial {
					t.Fatalf("got %+v", got.err)
				}
				if took := time.Since(begun); took < tc.after || took > tc.after+50*time.Millisecond { // text gathers for a moment
					t.Errorf("after %v, want %v", took, tc.after)
				}
			})
		})
	}
}

func TestSlowReaderIsNoTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, "https://model.example/v1", func(o *llm.Options) {
			o.HTTPClient = &http.Client{Transport: &scripted{steps: []func(*http.Request) (*http.Response, error){streaming(newPaced(time.Second, data(hel), data(lo), data(stop)))}}}
			o.Idle = 4 * time.Second
		})
		for _, err := range c.Stream(t.Context(), ask("Hi")) {
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Minute)
		}
	})
}

func TestOpenStreamAfterItsFinishIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		script := &scripted{steps: []func(*http.Request) (*http.Response, error){streaming(newPaced(time.Second, data(hel), data(stop), ""))}}
		c := newClient(t, "https://model.example/v1", func(o *llm.Options) { o.HTTPClient = &http.Client{Transport: script} })
		begun := time.Now()
		got := collect(t, c, t.Context(), ask("Hi"))
		if got.err != nil || got.last.Finish != llm.FinishStop || time.Since(begun) > 5*time.Second {
			t.Fatalf("got %+v after %v", got, time.Since(begun))
		}
	})
}

func TestDeadlineOfTheCallerIsATimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		script := &scripted{steps: []func(*http.Request) (*http.Response, error){streaming(newPaced(time.Second, data(hel), ""))}}
		c := newClient(t, "https://model.example/v1", func(o *llm.Options) { o.HTTPClient = &http.Client{Transport: script} })
		got := collect(t, c, ctx, ask("Hi"))
		if got.err == nil || got.err.Kind != llm.KindTimeout || got.err.Partial != "Hel" || !errors.Is(got.err, context.DeadlineExceeded) {
			t.Fatalf("got %+v", got.err)
		}
	})
}

func TestPatienceDependsOnTheHost(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]time.Duration{
		"https://api.together.xyz/v1":  30 * time.Second,
		"http://192.168.1.5:8080/v1":   300 * time.Second,
		"http://127.0.0.1:11434/v1":    300 * time.Second,
		"http://ollama:11434/v1":       300 * time.Second,
		"http://host.docker.internal/": 300 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			script := &scripted{steps: []func(*http.Request) (*http.Response, error){streaming(newPaced(0, ""))}}
			c := newClient(t, base, func(o *llm.Options) { o.HTTPClient = &http.Client{Transport: script} })
			begun := time.Now()
			got := collect(t, c, t.Context(), ask("Hi"))
			if got.err == nil || got.err.Phase != llm.PhaseFirstToken || time.Since(begun) != want {
				t.Errorf("%s: %v after %v", base, got.err, time.Since(begun))
			}
		})
	}
}

func TestLocalHosts(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "::1": true, "10.1.2.3": true, "172.20.0.2": true, "169.254.1.1": true,
		"fd00::1": true, "::ffff:10.0.0.1": true, "model": true, "box.local": true, "LOCALHOST": true,
		"api.together.xyz": false, "8.8.8.8": false, "2606:4700::1111": false, "local.example.org": false,
	} {
		if got := llm.IsLocal(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

func TestCompleteHasNoFirstTokenTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		script := &scripted{steps: []func(*http.Request) (*http.Response, error){func(req *http.Request) (*http.Response, error) {
			body := newPaced(2*time.Minute, `{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}`)
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, Request: req}, nil
		}}}
		c := newClient(t, "https://model.example/v1", func(o *llm.Options) { o.HTTPClient = &http.Client{Transport: script} })
		got, err := c.Complete(t.Context(), ask("Hi"))
		if err != nil || got.Text != "Hello" {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
}

func TestPurposeAndTimesAreObserved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen observations
		script := &scripted{steps: []func(*http.Request) (*http.Response, error){streaming(newPaced(time.Second, data(hel), data(lo), data(strings.Replace(stop, `"id"`, counted+`,"id"`, 1))))}}
		c := newClient(t, "https://model.example/v1", func(o *llm.Options) {
			o.HTTPClient, o.Observe = &http.Client{Transport: script}, seen.add
		})
		collect(t, c, t.Context(), ask("Hi"))
		want := llm.Observation{Model: "google/gemma-3n-E4B-it", Purpose: "test", Outcome: "ok", Attempt: 1, Usage: llm.Usage{Input: 7, Output: 2}, FirstToken: time.Second, Total: 3 * time.Second}
		if len(seen.all) != 1 {
			t.Fatalf("observed %+v", seen.all)
		}
		got := seen.all[0]
		if got.Total < want.Total || got.Total > want.Total+200*time.Millisecond { // text gathers for a moment
			t.Errorf("observed a total of %v, want %v", got.Total, want.Total)
		}
		if got.Total = want.Total; got != want {
			t.Errorf("observed %+v", got)
		}
	})
}
