package llm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"parley/llm"
)

func TestStatusAndBodyGiveTheKind(t *testing.T) {
	t.Parallel()
	const js = "application/json"
	for _, tc := range []struct {
		rule, contentType, body string
		status                  int
		kind                    llm.Kind
		message, code           string
	}{
		{"400 is a bad request", js, `{"error":{"message":"stop must be an array","type":"invalid_request_error","param":"stop","code":null}}`, 400, llm.KindRequest, "stop must be an array", "invalid_request_error"},
		{"400 about a rate of tokens is no overflow", js, `{"error":{"message":"Rate limit: this context length takes too many tokens per minute"}}`, 400, llm.KindRequest, "", ""},
		{"401 is the key", js, `{"error":{"message":"Invalid API key provided","type":"invalid_request_error","code":"invalid_api_key"}}`, 401, llm.KindAuth, "Invalid API key provided", "invalid_api_key"},
		{"400 can be the key, as Google", js, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`, 400, llm.KindAuth, "API key not valid", "INVALID_ARGUMENT"},
		{"402 is the credit", js, `{"error":{"message":"Credit limit exceeded"}}`, 402, llm.KindQuota, "Credit limit", ""},
		{"403 without tokens is permission", js, `{"error":{"message":"Project is not allowed"}}`, 403, llm.KindAuth, "not allowed", ""},
		{"403 with tokens is overflow, as Together", js, `{"error":{"message":"Input token count + max_tokens parameter exceeds the limit of this model"}}`, 403, llm.KindContextOverflow, "", ""},
		{"404 names the model", js, `{"error":{"message":"Unable to access model x","code":"model_not_available"}}`, 404, llm.KindModelNotFound, "Unable to access", "model_not_available"},
		{"404 of Ollama", js, `{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error","param":null,"code":null}}`, 404, llm.KindModelNotFound, "try pulling", "api_error"},
		{"404 of another path", "text/plain", `404 page not found`, 404, llm.KindModelNotFound, "base URL is wrong", ""},
		{"400 can be the model", js, `{"error":{"message":"invalid","code":"model_not_found"}}`, 400, llm.KindModelNotFound, "", "model_not_found"},
		{"413 is too large", "text/html", `<html><head><title>413 Request Entity Too Large</title></head><body>nginx</body></html>`, 413, llm.KindContextOverflow, "413 Request Entity", ""},
		{"422 is validation", js, `{"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error.missing"}]}`, 422, llm.KindRequest, "field required", "value_error.missing"},
		{"429 is the rate", js, `{"error":{"message":"Request was rejected due to request rate limiting","type":"dynamic_request_limited"}}`, 429, llm.KindRateLimited, "rate limiting", "dynamic_request_limited"},
		{"429 with tokens a minute is the rate", js, `{"error":{"message":"Rate limit reached: 30000 tokens per minute, maximum context length"}}`, 429, llm.KindRateLimited, "", ""},
		{"429 can be the quota, as OpenAI", js, `{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}`, 429, llm.KindQuota, "", "insufficient_quota"},
		{"429 can be overload, as TGI", js, `{"error":"Model is overloaded","error_type":"overloaded"}`, 429, llm.KindOverloaded, "Model is overloaded", "overloaded"},
		{"500 is the server", js, `{"error":{"message":"Internal Server Error"}}`, 500, llm.KindUpstream, "Internal", ""},
		{"500 about alternation is the template, as llama-server", js, `{"error":{"code":500,"message":"Conversation roles must alternate user/assistant/user/assistant/...","type":"server_error"}}`, 500, llm.KindBadTemplate, "must alternate", "server_error"},
		{"500 about jinja is the template", js, `{"error":{"code":500,"message":"Jinja Exception: bad","type":"server_error"}}`, 500, llm.KindBadTemplate, "", ""},
		{"400 about developer instructions is the template, as Google", js, `[{"error":{"code":400,"message":"Developer instruction is not enabled for models/gemma-3n-e4b-it","status":"INVALID_ARGUMENT"}}]`, 400, llm.KindBadTemplate, "Developer", ""},
		{"503 is overload", js, `{"error":{"message":"Service unavailable"}}`, 503, llm.KindOverloaded, "", ""},
		{"503 while loading, as llama-server", js, `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`, 503, llm.KindOverloaded, "Loading model", ""},
		{"529 is overload", js, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, 529, llm.KindOverloaded, "Overloaded", "overloaded_error"},
		{"502 page is the server", "text/html", `<!DOCTYPE html><html><head><title>502 Bad Gateway</title><style>x{}</style></head><body><h1>Sorry</h1></body></html>`, 502, llm.KindUpstream, "HTML page: 502 Bad Gateway: Sorry", ""},
		{"504 is the server", "text/plain", `upstream request timeout`, 504, llm.KindUpstream, "upstream request timeout", ""},
		{"524 of Cloudflare", "text/html", `<html><title>524: A timeout occurred</title></html>`, 524, llm.KindUpstream, "524: A timeout", ""},
		{"520 of Cloudflare with no body", "", ``, 520, llm.KindUpstream, "", ""},
		{"flat body of old vLLM", js, `{"object":"error","message":"bad parameter","type":"BadRequestError","param":null,"code":400}`, 400, llm.KindRequest, "bad parameter", "BadRequestError"},
		{"text in error, as Ollama's own API", js, `{"error":"invalid options"}`, 400, llm.KindRequest, "invalid options", ""},
		{"message alone", js, `{"message":"no route","request_id":"x"}`, 400, llm.KindRequest, "no route", ""},
		{"detail text, as FastAPI", js, `{"detail":"Not authenticated"}`, 401, llm.KindAuth, "Not authenticated", ""},
		{"errors list", js, `{"errors":[{"message":"first"},{"message":"second"}]}`, 400, llm.KindRequest, "first", ""},
		{"broken JSON is text", js, `{"error":{"mess`, 400, llm.KindRequest, `{"error":{"mess`, ""},
		{"image to a text model, as vLLM", js, `{"error":{"message":"google/x is not a multimodal model","code":400}}`, 400, llm.KindModality, "", ""},
		{"image to a text model, as llama-server", js, `{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}`, 500, llm.KindModality, "", ""},
		{"image to a text model, as OpenRouter", js, `{"error":{"message":"No endpoints found that support image input","code":404}}`, 404, llm.KindModality, "", ""},
		{"too many images, as vLLM", js, `{"object":"error","message":"At most 1 image(s) may be provided in one prompt.","code":400}`, 400, llm.KindModality, "", ""},
		{"Ollama's part types", js, `{"error":{"message":"invalid message format"}}`, 400, llm.KindModality, "", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, serve(t, reply(tc.status, tc.contentType, tc.body)), nil)
			_, completeErr := c.Complete(t.Context(), ask("Hi"))
			for _, err := range []error{completeErr, collect(t, c, t.Context(), ask("Hi")).err} {
				var fail *llm.Error
				if !errors.As(err, &fail) {
					t.Fatalf("got %v", err)
				}
				if fail.Kind != tc.kind || fail.Status != tc.status {
					t.Errorf("kind %q, status %d: %v", fail.Kind, fail.Status, fail)
				}
				if !strings.Contains(fail.Message, tc.message) || tc.code != "" && fail.Code != tc.code {
					t.Errorf("message %q, code %q", fail.Message, fail.Code)
				}
			}
		})
	}
}

func TestOverflowTellsTheNumbers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		server, message string
		status          int
		used, limit     int
	}{
		{"Together, older engine", "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32769. Given: 32700 `inputs` tokens and 512 `max_new_tokens`", 422, 32700, 32769},
		{"vLLM", "You passed 40000 input tokens and requested 512 output tokens. However, the model's context length is only 32768 tokens, resulting in a maximum input length of 32256 tokens. Please reduce the length of the input prompt.", 400, 40000, 32768},
		{"vLLM by characters", "You passed 900000 input characters and requested 512 output tokens. However, the model's context length is only 32768 tokens, resulting in a maximum input length of 32256 tokens.", 400, 0, 32768},
		{"vLLM, old", "This model's maximum context length is 32768 tokens. However, you requested 33000 tokens (32488 in the messages, 512 in the completion). Please reduce the length of the messages or completion.", 400, 32488, 32768},
		{"vLLM, old, max_tokens", "'max_tokens' or 'max_completion_tokens' is too large: 40000. This model's maximum context length is 32768 tokens and your request has 100 input tokens (40000 > 32768 - 100).", 400, 100, 32768},
		{"OpenAI", "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please reduce the length of the messages.", 400, 9001, 8192},
		{"llama-server", "request (40000 tokens) exceeds the available context size (8192 tokens), try increasing it", 400, 40000, 8192},
		{"llama-server, old", "the request exceeds the available context size. try increasing the context size or enable context shift", 400, 0, 0},
		{"Ollama", "the prompt is longer than the context length currently available to the model", 400, 0, 0},
		{"LM Studio", "The number of tokens to keep from the initial prompt is greater than the context length.", 400, 0, 0},
		{"Google", "The input token count (40000) exceeds the maximum number of tokens allowed (32768).", 400, 40000, 32768},
		{"with separators", "The input token count (1,040,000) exceeds the maximum number of tokens allowed (1,000,000).", 400, 1040000, 1000000},
		{"absurd numbers are not told", "request (99999999999999999999 tokens) exceeds the available context size (8192 tokens)", 400, 0, 8192},
	} {
		t.Run(tc.server, func(t *testing.T) {
			t.Parallel()
			body := fmt.Sprintf(`{"error":{"message":%s}}`, quoteJSON(tc.message))
			_, err := newClient(t, serve(t, reply(tc.status, "application/json", body)), nil).Complete(t.Context(), ask("Hi"))
			var fail *llm.Error
			if !errors.As(err, &fail) || fail.Kind != llm.KindContextOverflow || fail.Used != tc.used || fail.Limit != tc.limit {
				t.Fatalf("got %+v", fail)
			}
		})
	}
}

func quoteJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

func TestErrorTextHoldsNoKeyAndStaysShort(t *testing.T) {
	t.Parallel()
	for rule, body := range map[string]string{
		"key in JSON":             `{"error":{"message":"Incorrect API key provided: ` + testKey + `."}}`,
		"key in text":             "bad header Authorization: Bearer " + testKey,
		"key in HTML":             "<html><body>" + testKey + "</body></html>",
		"key in the code":         `{"error":{"message":"x","code":"` + testKey + `"}}`,
		"another bearer token":    "Bearer sk-other-secret is not valid",
		"key where the text ends": strings.Repeat("x", 295) + testKey,
		"a long text":             strings.Repeat("é", 5000),
		"control characters":      "a\x1b[31mb\x00c\u202ed\r\n\te",
		"no UTF-8":                "a\xff\xfeb",
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "for "+testKey)
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(body))
			})
			_, err := newClient(t, base, nil).Complete(t.Context(), ask("Hi"))
			text := fmt.Sprintf("%v %+v", err, err)
			var fail *llm.Error
			if !errors.As(err, &fail) {
				t.Fatal(err)
			}
			text += fail.RequestID + fail.Code
			if strings.Contains(text, testKey) || strings.Contains(text, testKey[:8]) || strings.Contains(text, "sk-other-secret") {
				t.Errorf("key in %q", text)
			}
			if n := utf8.RuneCountInString(fail.Message); n > 301 || !utf8.ValidString(fail.Message) {
				t.Errorf("message of %d runes: %q", n, fail.Message)
			}
			if strings.ContainsAny(fail.Message, "\x00\x1b\r\n\t\u202e") {
				t.Errorf("control characters in %q", fail.Message)
			}
		})
	}
}

func TestEndlessErrorBodyIsBounded(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat("x", 1<<14))); err != nil {
				return
			}
		}
	})
	_, err := newClient(t, base, nil).Complete(t.Context(), ask("Hi"))
	if llm.KindOf(err) != llm.KindUpstream {
		t.Fatal(err)
	}
}

func TestTransportFailures(t *testing.T) {
	t.Parallel()
	_, err := newClient(t, "http://127.0.0.1:1/v1", nil).Complete(t.Context(), ask("Hi"))
	var fail *llm.Error
	if !errors.As(err, &fail) || fail.Kind != llm.KindUpstream || fail.Phase != llm.PhaseConnect || !strings.Contains(fail.Message, "cannot reach 127.0.0.1:1") {
		t.Fatalf("got %+v", fail)
	}
	if !fail.Temporary() {
		t.Error("a refused connection is not temporary")
	}
}

func TestRetryAfterHeaders(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		rule   string
		header map[string]string
		want   time.Duration
	}{
		{"none", nil, 0},
		{"seconds", map[string]string{"Retry-After": "3"}, 3 * time.Second},
		{"fraction", map[string]string{"Retry-After": "0.5"}, 500 * time.Millisecond},
		{"date", map[string]string{"Retry-After": "Wed, 25 Nov 2026 12:00:07 GMT"}, 7 * time.Second},
		{"date that is over", map[string]string{"Retry-After": "Wed, 25 Nov 2026 11:00:07 GMT"}, 0},
		{"milliseconds come first", map[string]string{"Retry-After-Ms": "250", "Retry-After": "3"}, 250 * time.Millisecond},
		{"Together's reset as a number", map[string]string{"X-Ratelimit-Reset": "3"}, 3 * time.Second},
		{"Together's reset as a span", map[string]string{"X-Ratelimit-Reset": "1.5s"}, 1500 * time.Millisecond},
		{"reset as a moment", map[string]string{"X-Ratelimit-Reset": fmt.Sprint(now.Unix() + 9)}, 9 * time.Second},
		{"retry-after before reset", map[string]string{"Retry-After": "2", "X-Ratelimit-Reset": "9"}, 2 * time.Second},
		{"nonsense falls through", map[string]string{"Retry-After": "soon", "X-Ratelimit-Reset": "9"}, 9 * time.Second},
		{"negative", map[string]string{"Retry-After": "-3"}, 0},
		{"not a number", map[string]string{"Retry-After": "NaN"}, 0},
		{"beyond all numbers", map[string]string{"Retry-After": "1e300"}, 24 * time.Hour},
		{"a long wait is at most a day", map[string]string{"Retry-After": "999999"}, 24 * time.Hour},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			for name, value := range tc.header {
				header.Set(name, value)
			}
			got := llm.RetryAfter(header, now)
			if got != tc.want {
				t.Fatalf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{`{"error":{"message":"x","code":5}}`, `[{"error":[{"detail":"x"}]}]`, `"x"`, `<html><title>x`, "\xef\xbb\xbf{}", `{"detail":[[[[[[]]]]]]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		text := llm.Clean(testKey, llm.ParseErrorBody(body))
		if strings.Contains(text, testKey) || utf8.RuneCountInString(text) > 301 || !utf8.ValidString(text) {
			t.Fatalf("got %q", text)
		}
	})
}
