package llm_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/llm"
)

// TestProbeStaysWithItsHost: whatever a server answers, nothing is asked of another.
func TestProbeStaysWithItsHost(t *testing.T) {
	t.Parallel()
	other := &endpoint{}
	elsewhere := other.start(t)
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere+"/models", http.StatusTemporaryRedirect)
	})
	if _, err := newClient(t, base, nil).Probe(t.Context()); err == nil || other.asked.Load() != 0 {
		t.Errorf("got %v; the other host was asked %d times", err, other.asked.Load())
	}
}

func TestProbeOfWhatTellsNothing(t *testing.T) {
	t.Parallel()
	for rule, tc := range map[string]struct {
		status int
		body   string
		fails  bool
	}{
		"a page for every path":       {200, "<html>hello</html>", false},
		"an empty object":             {200, "{}", false},
		"windows that are no numbers": {200, `{"default_generation_settings":{"n_ctx":"many"},"max_total_tokens":-5,"models":[{"key":"x","max_context_length":1e99}]}`, false},
		"nothing there":               {404, "", true},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, serve(t, reply(tc.status, "application/json", tc.body)), nil)
			found, err := c.Probe(t.Context())
			if (err != nil) != tc.fails || found.Context != 0 || c.Profile().Context != 32768 {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}

func TestWindowAndPricesThatAreSetStay(t *testing.T) {
	t.Parallel()
	price := 9.0
	base := serve(t, reply(200, "application/json", `[{"id":"google/gemma-3n-E4B-it","context_length":8192,"pricing":{"input":1,"output":2}}]`))
	c := newClient(t, base, func(o *llm.Options) { o.Context, o.InputPrice, o.OutputPrice = 16384, &price, &price })
	if _, err := c.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p := c.Profile(); p.Context != 16384 || p.InputPrice != 9 || p.OutputPrice != 9 {
		t.Errorf("set, and then %+v", p)
	}
	free := newClient(t, base, nil)
	if _, err := free.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p := free.Profile(); p.Context != 8192 || p.InputPrice != 1 || p.OutputPrice != 2 || p.MaxOutput > 2048 {
		t.Errorf("told, and still %+v", p)
	}
}

func TestOllamaTellsItsWindowInManyPlaces(t *testing.T) {
	t.Parallel()
	for rule, tc := range map[string]struct {
		show, ps string
		window   int
		source   string
	}{
		"loaded":              {`{"model_info":{"gemma3n.context_length":32768}}`, `{"models":[{"name":"google/gemma-3n-E4B-it:latest","context_length":16384}]}`, 16384, "/api/ps"},
		"set in its file":     {`{"parameters":"num_ctx    8192\nstop x","model_info":{"gemma3n.context_length":32768}}`, `{"models":[]}`, 8192, "/api/show"},
		"nowhere":             {`{"model_info":{"gemma3n.context_length":32768}}`, `{}`, 4096, "/api/show"},
		"trained with little": {`{"model_info":{"gemma3n.context_length":2048}}`, ``, 2048, "/api/show"},
		"another is loaded":   {`{"model_info":{"gemma3n.context_length":32768}}`, `{"models":[{"name":"llama3:8b","context_length":16384}]}`, 4096, "/api/show"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/api/show") && r.Method == http.MethodPost:
					reply(200, "application/json", tc.show)(w, r)
				case strings.HasSuffix(r.URL.Path, "/api/ps"):
					reply(200, "application/json", tc.ps)(w, r)
				default:
					http.NotFound(w, r)
				}
			}), nil)
			if found, err := c.Probe(t.Context()); err != nil || found.Context != tc.window || found.Source != tc.source || found.Server != "ollama" {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}
