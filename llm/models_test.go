package llm_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"parley/llm"
)

func TestModelLists(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		server, body string
		want         []llm.ModelInfo
	}{
		{"Together, a bare list", `[{"id":"google/gemma-3n-E4B-it","object":"model","type":"chat","context_length":32768,"pricing":{"hourly":0,"input":0.02,"output":0.04}},{"id":"x","type":"image"}]`,
			[]llm.ModelInfo{{ID: "google/gemma-3n-E4B-it", Type: "chat", Context: 32768, InputPrice: 0.02, OutputPrice: 0.04}, {ID: "x", Type: "image"}}},
		{"vLLM", `{"object":"list","data":[{"id":"google/gemma-3n-E4B-it","owned_by":"vllm","max_model_len":16384,"root":"x"}]}`,
			[]llm.ModelInfo{{ID: "google/gemma-3n-E4B-it", OwnedBy: "vllm", Context: 16384}}},
		{"llama-server, whose trained window is not the real one", `{"models":[{"name":"other"}],"object":"list","data":[{"id":"m.gguf","owned_by":"llamacpp","meta":{"n_ctx_train":32768}}]}`,
			[]llm.ModelInfo{{ID: "m.gguf", OwnedBy: "llamacpp"}}},
		{"Ollama's own list", `{"models":[{"name":"gemma3n:e4b","model":"gemma3n:e4b","size":1}]}`, []llm.ModelInfo{{ID: "gemma3n:e4b"}}},
		{"Google", `{"object":"list","data":[{"id":"models/gemma-3n-e4b-it"}]}`, []llm.ModelInfo{{ID: "gemma-3n-e4b-it"}}},
		{"OpenRouter's prices are texts for one token", `{"data":[{"id":"a","context_length":8192,"pricing":{"prompt":"0.00000002","completion":"0.00000004"}}]}`,
			[]llm.ModelInfo{{ID: "a", Context: 8192, InputPrice: 0.02, OutputPrice: 0.04}}},
		{"LM Studio: the loaded window counts", `{"data":[{"id":"a","max_context_length":32768,"loaded_context_length":4096}]}`, []llm.ModelInfo{{ID: "a", Context: 4096}}},
		{"names alone", `["a","b"]`, []llm.ModelInfo{{ID: "a"}, {ID: "b"}}},
		{"odd entries are passed over", `{"data":[{"id":""},7,null,{"id":"a","pricing":"free","context_length":"8k"}]}`, []llm.ModelInfo{{ID: "a"}}},
		{"an empty list", `{"data":[]}`, []llm.ModelInfo{}},
	} {
		t.Run(tc.server, func(t *testing.T) {
			t.Parallel()
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Path != "/v1/models" || r.Header.Get("Authorization") != "Bearer "+testKey {
					w.WriteHeader(http.StatusTeapot)
				}
				_, _ = w.Write([]byte(tc.body))
			})
			got, err := newClient(t, base, nil).Models(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for i := range got { // strings times a million are not exact
				got[i].InputPrice, got[i].OutputPrice = round(got[i].InputPrice), round(got[i].OutputPrice)
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

func round(f float64) float64 { return float64(int(f*1e6+0.5)) / 1e6 }

func TestNoModelList(t *testing.T) {
	t.Parallel()
	for rule, tc := range map[string]struct {
		status int
		body   string
		kind   llm.Kind
	}{
		"404":           {404, "404 page not found", llm.KindModelNotFound},
		"a page":        {200, "<html><title>Welcome</title></html>", llm.KindModelNotFound},
		"another thing": {200, `{"object":"list"}`, llm.KindModelNotFound},
		"an error":      {200, `{"error":{"message":"no key","code":401}}`, llm.KindAuth},
		"401":           {401, `{"error":"no key"}`, llm.KindAuth},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, serve(t, reply(tc.status, "", tc.body)), nil).Models(t.Context())
			if llm.KindOf(err) != tc.kind {
				t.Fatalf("got %v", err)
			}
		})
	}
}

// endpoints answers the list and the completion with fixed bytes.
func endpoints(t *testing.T, listStatus int, list string, chatStatus int, chat string) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/models") {
			reply(listStatus, "application/json", list)(w, r)
			return
		}
		reply(chatStatus, "application/json", chat)(w, r)
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const done = `{"choices":[{"message":{"content":"Ready."},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":3}}`
	for _, tc := range []struct {
		rule, base string
		kind       llm.Kind
		listed     bool
		tells      string
	}{
		{"listed and answering", endpoints(t, 200, `[{"id":"google/gemma-3n-E4B-it","context_length":32768}]`, 200, done), "", true, ""},
		{"listed in other letters", endpoints(t, 200, `[{"id":"models/google/gemma-3n-e4b-it:latest"}]`, 200, done), "", true, ""},
		{"not listed but answering, as llama-server", endpoints(t, 200, `[{"id":"default"}]`, 200, done), "", false, ""},
		{"a server without a list", endpoints(t, 404, `not found`, 200, done), "", false, ""},
		{"a list that fails", endpoints(t, 500, `{}`, 200, done), "", false, ""},
		{"a bad key", endpoints(t, 401, `{"error":"no key"}`, 200, done), llm.KindAuth, false, "no key"},
		{"no such model", endpoints(t, 200, `[{"id":"meta/llama"},{"id":"google/gemma-3-4b-it"}]`, 404, `{"error":{"message":"no such model"}}`), llm.KindModelNotFound, false, "it has google/gemma-3-4b-it"},
		{"no such model and none alike", endpoints(t, 200, `[{"id":"meta/llama"}]`, 404, `{"error":{"message":"no such model"}}`), llm.KindModelNotFound, false, "1 others"},
		{"nobody there", "http://127.0.0.1:1/v1", llm.KindUpstream, false, "cannot reach 127.0.0.1:1"},
		{"a web site", endpoints(t, 200, `<html><title>Hi</title></html>`, 200, `<html><title>Hi</title></html>`), llm.KindUpstream, false, "Hi"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			t.Parallel()
			health, err := newClient(t, tc.base, nil).Check(t.Context())
			if llm.KindOf(err) != tc.kind || (err != nil) != (tc.kind != "") {
				t.Fatalf("got %+v, %v", health, err)
			}
			if health.Listed != tc.listed {
				t.Errorf("listed: %v", health.Listed)
			}
			if err != nil && !strings.Contains(err.Error(), tc.tells) {
				t.Errorf("%q does not tell %q", err, tc.tells)
			}
			if err == nil && (health.Answer != "Ready." || health.Usage == nil) {
				t.Errorf("got %+v", health)
			}
			var fail *llm.Error
			if err != nil && !errors.As(err, &fail) {
				t.Errorf("error of type %T", err)
			}
		})
	}
}

func FuzzModels(f *testing.F) {
	for _, seed := range []string{`[{"id":"a"}]`, `{"data":[{"id":"a","pricing":{"prompt":"1e400"}}]}`, `{"models":["a"]}`, `{`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		models, err := llm.ParseModels(raw)
		for _, m := range models {
			if err != nil || m.ID == "" || m.Context < 0 || !(m.InputPrice >= 0) || !(m.OutputPrice >= 0) {
				t.Fatalf("got %+v, %v", m, err)
			}
		}
	})
}
