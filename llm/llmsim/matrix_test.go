package llmsim_test

import (
	"errors"
	"strings"
	"testing"

	"parley/llm"
	"parley/llm/llmsim"
)

// row is what one kind of server does, as far as it matters to people who ask.
type row struct {
	dialect   llmsim.Dialect
	system    llm.Kind // of a system role that was not folded; "" where it is taken
	model     llm.Kind // of an unknown model
	overflow  llm.Kind // "" where the prompt is cut without a word
	told      bool     // the refusal tells the window
	server    string   // what a probe makes of it
	source    string   // where the window comes from; "" where nothing tells it
	tokenizer bool
	priced    bool
}

const smallWindow = 2048

var matrix = []row{
	{dialect: llmsim.Together, system: llm.KindBadTemplate, model: llm.KindModelNotFound, overflow: llm.KindContextOverflow, told: true, server: "together", source: "/models", priced: true},
	{dialect: llmsim.VLLM, system: llm.KindBadTemplate, model: llm.KindModelNotFound, overflow: llm.KindContextOverflow, told: true, server: "vllm", source: "/models", tokenizer: true},
	{dialect: llmsim.VLLMOld, system: llm.KindBadTemplate, model: llm.KindModelNotFound, overflow: llm.KindContextOverflow, told: true, server: "vllm", source: "/models", tokenizer: true},
	{dialect: llmsim.LlamaCpp, system: llm.KindBadTemplate, overflow: llm.KindContextOverflow, told: true, server: "llama.cpp", source: "/props", tokenizer: true},
	{dialect: llmsim.Ollama, model: llm.KindModelNotFound, server: "ollama", source: "/api/ps"},
	{dialect: llmsim.LMStudio, system: llm.KindBadTemplate, model: llm.KindModelNotFound, overflow: llm.KindContextOverflow, server: "lmstudio", source: "/api/v1/models"},
	{dialect: llmsim.TGI, system: llm.KindBadTemplate, overflow: llm.KindContextOverflow, told: true, server: "tgi", source: "/info"},
	{dialect: llmsim.Google, system: llm.KindBadTemplate, model: llm.KindModelNotFound, overflow: llm.KindContextOverflow, told: true},
}

// TestServerMatrix holds the client to every kind of model server: streams and whole answers, usage, lists, errors.
func TestServerMatrix(t *testing.T) {
	t.Parallel()
	for _, r := range matrix {
		t.Run(string(r.dialect), func(t *testing.T) {
			t.Parallel()
			t.Run("answers", func(t *testing.T) { t.Parallel(); r.answers(t) })
			t.Run("refusals", func(t *testing.T) { t.Parallel(); r.refusals(t) })
			t.Run("overflow", func(t *testing.T) { t.Parallel(); r.overflows(t) })
			t.Run("probe", func(t *testing.T) { t.Parallel(); r.probes(t) })
		})
	}
}

func (r row) answers(t *testing.T) {
	s := start(t, llmsim.Options{Dialect: r.dialect})
	c := client(t, s, nil)
	s.Enqueue(llmsim.Say("Grüße, 世界!"), llmsim.Say("whole"))
	text, last, fail := streamed(t, c, ask("Hi"))
	if fail != nil || text != "Grüße, 世界!" || last.Finish != llm.FinishStop || last.Usage == nil || last.Usage.Input != s.Requests()[0].Tokens {
		t.Errorf("stream: %q, %+v, %v", text, last, fail)
	}
	whole, err := c.Complete(t.Context(), ask("Hi"))
	if err != nil || whole.Text != "whole" || whole.Usage == nil {
		t.Errorf("whole: %+v, %v", whole, err)
	}
	models, err := c.Models(t.Context())
	if err != nil || len(models) != 1 || models[0].ID != llmsim.DefaultModel {
		t.Errorf("models: %+v, %v", models, err)
	}
}

func (r row) refusals(t *testing.T) {
	loose := llm.Profile{System: true, Context: 32768, MaxOutput: 100} // sends what it is given
	s := start(t, llmsim.Options{Dialect: r.dialect, Key: "right-key"})
	for rule, tc := range map[string]struct {
		change func(*llm.Options)
		req    llm.Request
		kind   llm.Kind
	}{
		"a wrong key":   {func(o *llm.Options) { o.APIKey = "wrong-key" }, ask("Hi"), llm.KindAuth},
		"another model": {func(o *llm.Options) { o.Model = "gone/model" }, ask("Hi"), r.model},
		"a system role": {nil, llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleSystem, "s"), llm.TextMessage(llm.RoleUser, "u")}}, r.system},
	} {
		c := client(t, s, func(o *llm.Options) {
			o.APIKey, o.Profile = "right-key", loose
			if tc.change != nil {
				tc.change(o)
			}
		})
		if _, _, fail := streamed(t, c, tc.req); kind(fail) != tc.kind {
			t.Errorf("%s: %v, want %q", rule, fail, tc.kind)
		}
		if _, err := c.Complete(t.Context(), tc.req); llm.KindOf(err) != tc.kind {
			t.Errorf("%s, whole: %v, want %q", rule, err, tc.kind)
		}
	}
}

func (r row) overflows(t *testing.T) {
	s := start(t, llmsim.Options{Dialect: r.dialect, Window: smallWindow})
	c := client(t, s, nil)
	long := ask(strings.Repeat("some words of a talk ", 1000))
	long.MaxOutput = 100
	_, last, fail := streamed(t, c, long)
	if kind(fail) != r.overflow {
		t.Fatalf("got %v", fail)
	}
	if r.overflow == "" {
		if cut, was := c.Cut(); !was || cut.Counted != last.Usage.Input || c.Profile().Context != smallWindow {
			t.Errorf("the cut prompt was not noticed: %+v, window %d", cut, c.Profile().Context)
		}
		return
	}
	if r.told && (fail.Limit != smallWindow || fail.Used != s.Requests()[0].Tokens || c.Profile().Context != smallWindow) {
		t.Errorf("numbers: %+v; window %d", fail, c.Profile().Context)
	}
	if _, err := c.Complete(t.Context(), long); llm.KindOf(err) != r.overflow {
		t.Errorf("whole: %v", err)
	}
}

func (r row) probes(t *testing.T) {
	s := start(t, llmsim.Options{Dialect: r.dialect, Window: smallWindow})
	c := client(t, s, nil)
	if r.dialect == llmsim.Ollama { // not loaded yet: its default
		if found, err := c.Probe(t.Context()); err != nil || found.Context != 4096 || found.Source != "/api/show" {
			t.Errorf("not loaded: %+v, %v", found, err)
		}
	}
	short := ask("Hi")
	short.MaxOutput = 10
	if _, err := c.Complete(t.Context(), short); err != nil {
		t.Fatal(err)
	}
	found, err := c.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	window := smallWindow
	if r.source == "" {
		window = 0
	}
	if found.Server != r.server || found.Context != window || found.Source != r.source || found.Tokenizer != r.tokenizer || (found.InputPrice == 0.02 && found.OutputPrice == 0.04) != r.priced {
		t.Errorf("found %+v", found)
	}
	if p := c.Profile(); window > 0 && p.Context != window {
		t.Errorf("window in use %d", p.Context)
	}
	n, err := c.Count(t.Context(), "three words here")
	if r.tokenizer && (n != llmsim.CountTokens("three words here") || err != nil) || !r.tokenizer && err == nil {
		t.Errorf("counted %d, %v", n, err)
	}
}

func kind(fail *llm.Error) llm.Kind {
	if fail == nil {
		return ""
	}
	return fail.Kind
}

// TestScriptedErrorForms are the rows of errors that come by themselves and not by a rule of the server.
func TestScriptedErrorForms(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) llmsim.Reply {
		return llmsim.Reply{HTTP: &llmsim.HTTPReply{Status: status, Body: body}}
	}
	for rule, tc := range map[string]struct {
		reply llmsim.Reply
		kind  llm.Kind
	}{
		"Together: credit":                    {answer(402, `{"error":{"message":"credit limit exceeded","type":"credit_limit"}}`), llm.KindQuota},
		"Together: 403 is an overflow":        {answer(403, `{"error":{"message":"The sum of input tokens and max_tokens exceeds the context of the model"}}`), llm.KindContextOverflow},
		"Together: dynamic rate":              {answer(429, `{"error":{"message":"slow down","type":"rate"},"error_type":"dynamic_request_limited"}`), llm.KindRateLimited},
		"Together: over the edge's size":      {answer(413, `<html><title>413</title></html>`), llm.KindContextOverflow},
		"Together: Cloudflare":                {answer(524, `<html><title>A timeout occurred</title></html>`), llm.KindUpstream},
		"TGI: busy":                           {answer(429, `{"error":"Model is overloaded","error_type":"overloaded"}`), llm.KindOverloaded},
		"llama.cpp: loading":                  {answer(503, `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`), llm.KindOverloaded},
		"llama.cpp: template":                 {answer(500, `{"error":{"code":500,"message":"Conversation roles must alternate user/assistant/user/assistant/...","type":"server_error"}}`), llm.KindBadTemplate},
		"Ollama: shift off":                   {answer(400, `{"error":{"message":"the prompt is longer than the context length currently available to the model"}}`), llm.KindContextOverflow},
		"Google: key":                         {answer(400, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`), llm.KindAuth},
		"vLLM: characters before tokens":      {answer(400, `{"error":{"message":"You passed 900000 input characters and requested 512 output tokens. However, the model's context length is only 32768 tokens","code":400}}`), llm.KindContextOverflow},
		"vLLM old: max_tokens":                {answer(400, `{"object":"error","message":"'max_tokens' or 'max_completion_tokens' is too large: 32768. This model's maximum context length is 32768 tokens and your request has 100 input tokens","code":400}`), llm.KindContextOverflow},
		"llama.cpp: overflow inside a stream": {llmsim.Reply{Text: "x", Fault: llmsim.Fault{Kind: llmsim.ErrorChunk, Message: "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it"}}, llm.KindContextOverflow},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			s := start(t, llmsim.Options{})
			s.Enqueue(tc.reply)
			_, _, fail := streamed(t, client(t, s, nil), ask("Hi"))
			if kind(fail) != tc.kind {
				t.Fatalf("got %v", fail)
			}
			var typed *llm.Error
			if !errors.As(error(fail), &typed) || typed.Message == "" {
				t.Errorf("says nothing: %+v", fail)
			}
		})
	}
}
