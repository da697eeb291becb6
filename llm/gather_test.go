package llm_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/llm"
)

// countedReads counts the reads of a body.
type countedReads struct {
	io.ReadCloser
	n int
}

func (c *countedReads) Read(p []byte) (int, error) {
	c.n++
	return c.ReadCloser.Read(p)
}

func TestTextGathers(t *testing.T) {
	t.Parallel()
	chunk := data(`{"choices":[{"delta":{"content":"word "}}]}`)

	t.Run("the first text comes at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			role := data(`{"choices":[{"delta":{"role":"assistant","content":""}}]}`)
			script := &scripted{steps: []func(*http.Request) (*http.Response, error){streaming(newPaced(10*time.Millisecond, role, chunk, stop))}}
			c := newClient(t, "https://model.example/v1", func(o *llm.Options) { o.HTTPClient = &http.Client{Transport: script} })
			begun := time.Now()
			for d, err := range c.Stream(t.Context(), ask("Hi")) {
				if err != nil {
					t.Fatal(err)
				}
				if d.Text != "" {
					break
				}
			}
			if took := time.Since(begun); took != 20*time.Millisecond {
				t.Errorf("the first text came after %v, want 20ms", took)
			}
		})
	})

	t.Run("a fast server is not slowed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			body := &countedReads{ReadCloser: io.NopCloser(bytes.NewReader([]byte(strings.Repeat(chunk, 5000) + data(stop))))}
			transport := roundTripper(func(req *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: sse, Body: body, Request: req}, nil
			})
			c := newClient(t, "https://model.example/v1", func(o *llm.Options) { o.HTTPClient = &http.Client{Transport: transport} })
			begun := time.Now()
			got := collect(t, c, t.Context(), ask("Hi"))
			if got.err != nil {
				t.Fatal(got.err)
			}
			if took := time.Since(begun); took > time.Second {
				t.Errorf("%d bytes took %v in %d reads", 5000*len(chunk), took, body.n)
			}
		})
	})
}
