package llm_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"runtime"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"parley/llm"
)

func TestBase64Reader(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 0, 10_000).Draw(t, "raw")
		if err := iotest.TestReader(llm.Base64Reader(raw), []byte(base64.StdEncoding.EncodeToString(raw))); err != nil {
			t.Fatal(err)
		}
	})
}

// TestFilesAreNotCopied: a request of 32 MB of pictures takes a small part of that in memory.
func TestFilesAreNotCopied(t *testing.T) { // not parallel: it reads the allocations of the process
	const size = 32 << 20
	file := make([]byte, size)
	var received int64
	c := newClient(t, "http://127.0.0.1:1/v1", func(o *llm.Options) {
		o.HTTPClient = &http.Client{Transport: &scripted{steps: []func(*http.Request) (*http.Response, error){func(r *http.Request) (*http.Response, error) {
			received, _ = io.Copy(io.Discard, r.Body)
			if received != r.ContentLength {
				t.Errorf("%d bytes of %d", received, r.ContentLength)
			}
			return answer(200, nil, bytes.NewReader([]byte(`{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}`)))(r)
		}}}}
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := c.Complete(t.Context(), llm.Request{Messages: []llm.Message{parts(llm.RoleUser, llm.Image{MIME: "image/png", Bytes: file}, llm.Text{Text: "what?"})}})
	runtime.ReadMemStats(&after)
	if err != nil || received < size*4/3 {
		t.Fatalf("%v, %d bytes sent", err, received)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > size/8 {
		t.Errorf("%d bytes were allocated", took)
	}
}
