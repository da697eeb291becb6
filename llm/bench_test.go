package llm_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"parley/llm"
)

// togetherStream is a stream of n chunks as Together sends them.
func togetherStream(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `data: {"id":"nzxYvT-4msQxB-8f1c2","object":"chat.completion.chunk","created":1764060000,"choices":[{"index":0,"text":" word%d","logprobs":null,"finish_reason":null,"seed":15924764223251450000,"delta":{"token_id":%d,"role":"assistant","content":" word%d","tool_calls":null}}],"model":"google/gemma-3n-E4B-it","usage":null}`+"\n\n", i, i, i)
	}
	b.WriteString(`data: {"id":"x","choices":[{"index":0,"text":"","finish_reason":"eos","delta":{"role":"assistant","content":""}}],"usage":{"prompt_tokens":10,"completion_tokens":500,"total_tokens":510}}` + "\n\ndata: [DONE]\n\n")
	return b.Bytes()
}

// BenchmarkStream reads a stream of 500 chunks from memory, without a network.
func BenchmarkStream(b *testing.B) {
	body := togetherStream(500)
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: sse, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
	})
	c, err := llm.New(llm.Options{BaseURL: "https://model.example/v1", Model: "m", HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range c.Stream(b.Context(), ask("Hi")) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestStreamAllocatesLittle holds the price of a chunk to two allocations: the text, and what encoding/json takes.
func TestStreamAllocatesLittle(t *testing.T) {
	measure := func(chunks int) float64 {
		body := togetherStream(chunks)
		transport := roundTripper(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: sse, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
		})
		c := newClient(t, "https://model.example/v1", func(o *llm.Options) { o.HTTPClient = &http.Client{Transport: transport} })
		return testing.AllocsPerRun(10, func() {
			for _, err := range c.Stream(t.Context(), ask("Hi")) {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if per := (measure(1000) - measure(500)) / 500; per > 2.1 {
		t.Errorf("%.2f allocations a chunk", per)
	}
}

func BenchmarkEstimate(b *testing.B) {
	text := strings.Repeat("12| ana: the deployment of v2.3.1 failed at 14:32, see https://ci.example.org/runs/8842 — can you look?\n", 300)
	b.SetBytes(int64(len(text)))
	p := llm.ProfileFor("google/gemma-3n-E4B-it")
	for b.Loop() {
		p.Estimate(text)
	}
}
