package llm_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/llm"
)

// telling answers GET path with a body, and chat requests with handler.
func telling(t *testing.T, path, body string, handler http.HandlerFunc) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/chat/completions"):
			handler(w, r)
		case r.URL.Path == path:
			reply(200, "application/json", body)(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

func unasked(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		t.Error("the model was asked although the server tells")
		w.WriteHeader(http.StatusTeapot)
	}
}

func TestServersTellWhatTheyTake(t *testing.T) {
	t.Parallel()
	const name = "google/gemma-3n-E4B-it"
	for rule, tc := range map[string]struct {
		path, body  string
		sees, hears llm.Ability
		source      string
	}{
		"llama.cpp with a projector":    {"/props", `{"default_generation_settings":{"n_ctx":4096},"modalities":{"vision":true,"audio":false}}`, llm.Yes, llm.No, "/props"},
		"llama.cpp without one":         {"/props", `{"default_generation_settings":{"n_ctx":4096},"modalities":{"vision":false,"audio":false}}`, llm.No, llm.No, "/props"},
		"Ollama, text alone":            {"/api/show", `{"capabilities":["completion"],"model_info":{"gemma3n.context_length":32768}}`, llm.No, llm.No, "/api/show"},
		"Ollama with a projector":       {"/api/show", `{"capabilities":["completion","vision"],"model_info":{"gemma3n.context_length":32768}}`, llm.Yes, llm.No, "/api/show"},
		"Ollama that does not tell":     {"/api/show", `{"model_info":{"gemma3.context_length":32768}}`, llm.No, llm.No, "known of ollama"},
		"LM Studio":                     {"/api/v1/models", `{"models":[{"key":"` + name + `","max_context_length":4096,"capabilities":{"vision":true}}]}`, llm.Yes, llm.No, "/api/v1/models"},
		"LM Studio, text alone":         {"/api/v1/models", `{"models":[{"key":"` + name + `","max_context_length":4096,"capabilities":{"vision":false}}]}`, llm.No, llm.No, "/api/v1/models"},
		"older LM Studio":               {"/api/v0/models", `{"data":[{"id":"` + name + `","type":"vlm","loaded_context_length":4096,"capabilities":["tool_use"]}]}`, llm.Yes, llm.No, "/api/v0/models"},
		"a list with input modalities":  {"/v1/models", `{"data":[{"id":"` + name + `","context_length":4096,"architecture":{"input_modalities":["text","image","audio"]}}]}`, llm.Yes, llm.Yes, "/models"},
		"a list with text alone":        {"/v1/models", `{"data":[{"id":"` + name + `","context_length":4096,"architecture":{"input_modalities":["text"]}}]}`, llm.No, llm.No, "/models"},
		"vLLM is known to see and hear": {"/v1/models", `{"data":[{"id":"` + name + `","owned_by":"vllm","max_model_len":4096}]}`, llm.Yes, llm.Yes, "known of vllm"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			model := name
			if strings.HasPrefix(rule, "Ollama") {
				model = "gemma3n:e4b"
			}
			c := newClient(t, telling(t, tc.path, tc.body, unasked(t)), func(o *llm.Options) { o.Model = model })
			got, err := c.Abilities(t.Context())
			if err != nil || got.Sees != (llm.Finding{Ability: tc.sees, Source: tc.source}) || got.Hears.Ability != tc.hears {
				t.Errorf("got %+v, %v", got, err)
			}
			if p := c.Profile(); p.Sees != (tc.sees == llm.Yes) || p.Hears != (tc.hears == llm.Yes) {
				t.Errorf("profile: sees %v, hears %v", p.Sees, p.Hears)
			}
		})
	}
}

func TestWhatIsSetNeedsNoProbe(t *testing.T) {
	t.Parallel()
	base := telling(t, "/props", `{"default_generation_settings":{"n_ctx":4096},"modalities":{"vision":false,"audio":true}}`, unasked(t))
	c := newClient(t, base, func(o *llm.Options) { o.Vision, o.Audio = llm.On, llm.Off })
	got, err := c.Abilities(t.Context())
	if want := (llm.Abilities{Sees: llm.Finding{Ability: llm.Yes, Source: "set by the operator"}, Hears: llm.Finding{Ability: llm.No, Source: "set by the operator"}}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := llm.New(llm.Options{BaseURL: base, Model: "m", Vision: "maybe"}); err == nil || !strings.Contains(err.Error(), "vision must be auto, on or off") {
		t.Errorf("got %v", err)
	}
}

// painter answers as a model that names some colour, and counts how often it is asked.
type painter struct {
	asked  atomic.Int32
	status int
	answer string
}

func (p *painter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked.Add(1)
	if p.status != 0 {
		reply(p.status, "application/json", `{"error":{"message":"`+p.answer+`"}}`)(w, r)
		return
	}
	reply(200, "application/json", `{"choices":[{"message":{"content":"`+p.answer+`"},"finish_reason":"stop"}]}`)(w, r)
}

func TestModelIsShownAColourWhereNothingTells(t *testing.T) {
	t.Parallel()
	for rule, tc := range map[string]struct {
		status int // 0 is 200
		answer string
		want   llm.Ability
		asked  int32 // at most, after two calls
	}{
		"one that guesses does not see":        {0, "Chartreuse.", llm.No, 1},
		"one that talks does not see":          {0, "I cannot see", llm.No, 1},
		"one that is refused does not see":     {400, "m is not a multimodal model", llm.No, 1},
		"a request that is refused says no":    {422, "content must be a string", llm.No, 1},
		"a server that is busy says nothing":   {503, "busy", llm.Unknown, 2},
		"one that names all colours does":      {0, "red green blue yellow purple orange", llm.Yes, 2},
		"one that names one colour for all no": {0, "Red.", llm.No, 2},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			p := &painter{status: tc.status, answer: tc.answer}
			c := newClient(t, telling(t, "/v1/models", `{"data":[{"id":"m","context_length":4096}]}`, p.ServeHTTP), func(o *llm.Options) { o.Model = "m" })
			for range 2 {
				if got, err := c.Abilities(t.Context()); err != nil || got.Sees.Ability != tc.want {
					t.Errorf("got %+v, %v", got, err)
				}
			}
			if n := p.asked.Load(); n > tc.asked || n == 0 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestVerdictIsRememberedForADay(t *testing.T) {
	t.Parallel()
	p, memory := &painter{answer: "no idea"}, &shelf{}
	base := telling(t, "/v1/models", `{"data":[{"id":"m","context_length":4096}]}`, p.ServeHTTP)
	first := newClient(t, base, func(o *llm.Options) { o.Model, o.Memory = "m", memory })
	if _, err := first.Abilities(t.Context()); err != nil {
		t.Fatal(err)
	}
	llm.SaveNow(first, t.Context())
	for age, asked := range map[time.Duration]int32{time.Hour: 0, 25 * time.Hour: 1} {
		before := p.asked.Load()
		next := newClient(t, base, func(o *llm.Options) { o.Model, o.Memory = "m", memory })
		if err := next.Recall(t.Context()); err != nil {
			t.Fatal(err)
		}
		llm.Age(next, age)
		if got, err := next.Abilities(t.Context()); err != nil || got.Sees.Ability != llm.No {
			t.Errorf("got %+v, %v", got, err)
		}
		if n := p.asked.Load() - before; n != asked {
			t.Errorf("after %v it was asked %d times, want %d", age, n, asked)
		}
	}
}

func TestRefusalIsLearnt(t *testing.T) {
	t.Parallel()
	withPicture := llm.Request{Messages: []llm.Message{parts(llm.RoleUser, picture, llm.Text{Text: "what?"})}}
	withBoth := llm.Request{Messages: []llm.Message{parts(llm.RoleUser, picture, sound, llm.Text{Text: "what?"})}}
	for rule, tc := range map[string]struct {
		refusal     string
		req         llm.Request
		sees, hears bool
		images      int
	}{
		"of pictures":              {"m is not a multimodal model", withPicture, false, true, 8},
		"of sound beside pictures": {"audio input is not supported - hint: you may need to provide the mmproj", withBoth, true, false, 8},
		"of pictures beside sound": {"image input is not supported - hint: you may need to provide the mmproj", withBoth, false, true, 8},
		"of both":                  {"unsupported content", withBoth, false, false, 8},
		"of so many pictures":      {"At most 1 image(s) may be provided in one prompt.", withPicture, true, true, 1},
		"of no pictures at all":    {"At most 0 image(s) may be provided in one prompt.", withPicture, false, true, 8},
		"of this one picture":      {"invalid image input", withPicture, true, true, 8},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			base := telling(t, "/v1/models", `{"data":[{"id":"google/gemma-3n-E4B-it","owned_by":"vllm","max_model_len":4096}]}`, func(w http.ResponseWriter, r *http.Request) {
				reply(400, "application/json", `{"error":{"message":"`+tc.refusal+`"}}`)(w, r)
			})
			c := newClient(t, base, nil)
			if _, err := c.Probe(t.Context()); err != nil || !c.Profile().Sees || !c.Profile().Hears {
				t.Fatalf("%v, %+v", err, c.Profile())
			}
			if _, err := c.Complete(t.Context(), tc.req); llm.KindOf(err) != llm.KindModality {
				t.Fatalf("got %v", err)
			}
			if p := c.Profile(); p.Sees != tc.sees || p.Hears != tc.hears || p.Image.MaxImages != tc.images {
				t.Errorf("sees %v, hears %v, %d images", p.Sees, p.Hears, p.Image.MaxImages)
			}
			llm.Age(c, 25*time.Hour)
			if p := c.Profile(); !p.Sees || !p.Hears {
				t.Error("the refusal holds for more than a day")
			}
		})
	}
}

func TestRulesDifferByServer(t *testing.T) {
	t.Parallel()
	together := newClient(t, serve(t, reply(200, "application/json", `[{"id":"google/gemma-3n-E4B-it","type":"chat","context_length":32768}]`)), nil)
	vllm := newClient(t, serve(t, reply(200, "application/json", `{"data":[{"id":"google/gemma-3n-E4B-it","owned_by":"vllm","max_model_len":32768}]}`)), nil)
	for _, c := range []*llm.Client{together, vllm} {
		if _, err := c.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if p := together.Profile(); p.Image.Tokens != 1601 || p.Image.MaxSide != 559 || p.Hears {
		t.Errorf("Together: %+v", p)
	}
	if p := vllm.Profile(); p.Image.Tokens != 260 || p.Image.MaxSide != 0 || len(p.Image.Sizes) != 3 || p.Audio.Tokens != 190 || !p.Hears {
		t.Errorf("vLLM: %+v", p)
	}
}

func TestCostOfPicturesIsLearnt(t *testing.T) {
	t.Parallel()
	count := "320"
	c := newClient(t, counting(t, func() string { return count }), nil)
	req := llm.Request{Messages: []llm.Message{parts(llm.RoleUser, picture, llm.Text{Text: "What is this?"})}, Conversation: "one"}
	for i := range 3 {
		if got := c.Profile().Image.Tokens; got != 1601 {
			t.Errorf("after %d counts a picture is reckoned with %d", i, got)
		}
		if _, err := c.Complete(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.Profile().Image.Tokens; got < 280 || got > 340 {
		t.Errorf("a picture is reckoned with %d", got)
	}
	if p := c.ProfileIn("one"); p.Calibration.Samples != 0 || p.Context != 32768 {
		t.Errorf("the ratio of text was learnt from pictures: %+v, window %d", p.Calibration, p.Context)
	}
	if _, was := c.Cut(); was {
		t.Error("a picture that costs little was taken for a cut prompt")
	}
	count = "3300"
	if _, err := c.Complete(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if got := c.Profile().Image.Tokens; got < 3250 {
		t.Errorf("a dearer picture is not believed at once: %d", got)
	}
}
