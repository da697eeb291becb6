package llm_test

import (
	"context"
	"math"
	"net/http"
	"testing"
	"time"

	"parley/llm"
)

func TestSpeechIsPricedByModelAndServer(t *testing.T) {
	t.Parallel()
	price, free := 6.0, 0.0
	for rule, tc := range map[string]struct {
		base, model string
		price       *float64
		minute      float64
	}{
		"Whisper on Together":               {"https://api.together.xyz/v1", "openai/whisper-large-v3", nil, 0.0015},
		"by its other host":                 {"https://api.together.ai/v1", "openai/whisper-large-v3", nil, 0.0015},
		"the same on a server of one's own": {"http://localhost:8000/v1", "openai/whisper-large-v3", nil, 0},
		"another on Together":               {"https://api.together.xyz/v1", "nvidia/parakeet-tdt-0.6b-v3", nil, 0},
		"what the operator says":            {"http://localhost:8000/v1", "any", &price, 6},
		"also that it is free":              {"https://api.together.xyz/v1", "openai/whisper-large-v3", &free, 0},
	} {
		c, err := llm.New(llm.Options{BaseURL: tc.base, Model: tc.model, SpeechPrice: tc.price})
		if err != nil {
			t.Fatal(err)
		}
		for length, seconds := range map[time.Duration]float64{0: 0, -time.Second: 0, time.Millisecond: 1, time.Second: 1, 30*time.Second + 1: 31, time.Minute: 60} {
			if got := c.SpeechCost(length); math.Abs(got-tc.minute*seconds/60) > 1e-12 {
				t.Errorf("%s: %v costs $%g", rule, length, got)
			}
		}
	}
}

// TestSightWaitsForTheProbeThatIsOnItsWay: two who ask for it wait for one probe, and who cannot wait is told that it is not
// known.
func TestSightWaitsForTheProbeThatIsOnItsWay(t *testing.T) {
	t.Parallel()
	asked, slow := make(chan struct{}, 8), make(chan struct{})
	p := &painter{answer: "red green blue yellow purple orange"}
	base := telling(t, "/v1/models", `{"data":[{"id":"m","context_length":4096}]}`, func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-slow
		p.ServeHTTP(w, r)
	})
	c := newClient(t, base, func(o *llm.Options) { o.Model = "m" })
	found := make(chan llm.Ability, 2)
	for range 2 {
		go func() { found <- c.Sight(context.Background()) }()
	}
	<-asked
	hasty, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if got := c.Sight(hasty); got != llm.Unknown {
		t.Errorf("before the probe is answered it is %q", got)
	}
	close(slow)
	for range 2 {
		if got := <-found; got != llm.Yes {
			t.Errorf("got %q", got)
		}
	}
	if n := p.asked.Load(); n != 2 {
		t.Errorf("the model was shown %d pictures", n)
	}
	if got := c.Sight(hasty); got != llm.Yes { // known by now
		t.Errorf("got %q", got)
	}
	if got := c.Hearing(t.Context()); got != llm.Unknown {
		t.Errorf("hearing is %q, nobody has told", got)
	}
}

func TestHearingIsWhatTheServerTells(t *testing.T) {
	t.Parallel()
	base := telling(t, "/v1/models", `{"data":[{"id":"google/gemma-3n-E4B-it","owned_by":"vllm","max_model_len":4096}]}`, unasked(t))
	c := newClient(t, base, nil)
	if c.Profile().Hears {
		t.Fatal("it is known before anybody has asked")
	}
	if got := c.Hearing(t.Context()); got != llm.Yes || !c.Profile().Hears {
		t.Errorf("got %q", got)
	}
}
