package llm_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/llm"
)

// form is a request for speech to text as a server sees it.
type form struct {
	path, fields string // "model=m response_format=json file=audio.wav:RIFF"
	length       int64
}

func readForm(r *http.Request) (f form, err error) {
	f.path, f.length = r.URL.Path, r.ContentLength
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return f, err
	}
	reader := multipart.NewReader(r.Body, params["boundary"])
	var all []string
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			f.fields = strings.Join(all, " ")
			return f, nil
		}
		if err != nil {
			return f, err
		}
		raw, err := io.ReadAll(part)
		if err != nil {
			return f, err
		}
		value := string(raw)
		if part.FileName() != "" {
			value = part.FileName() + ":" + value
		}
		all = append(all, part.FormName()+"="+value)
	}
}

const verbose = `{"task":"transcribe","language":"german","duration":"8.5","text":" Guten Tag. ","segments":[{"id":0,"start":0.5,"end":2,"text":" Guten Tag."},{"start":"x"}]}`

func TestTranscribe(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		f, err := readForm(r)
		if err != nil || f.length <= 0 {
			t.Errorf("form: %v, length %d", err, f.length)
		}
		got.Store(f.path + " " + f.fields)
		w.Header().Set("X-Request-Id", "r1")
		reply(200, "application/json", verbose)(w, r)
	})
	c := newClient(t, base, func(o *llm.Options) { o.Model = "openai/whisper-large-v3" })
	for rule, tc := range map[string]struct {
		req  llm.TranscribeRequest
		want string
	}{
		"the model stands before the file": {llm.TranscribeRequest{Bytes: []byte("RIFF")}, "/v1/audio/transcriptions model=openai/whisper-large-v3 response_format=verbose_json file=audio.wav:RIFF"},
		"a language and a prompt": {llm.TranscribeRequest{Bytes: []byte("Ogg"), Format: "ogg", Language: "de", Prompt: "Parley"},
			"/v1/audio/transcriptions model=openai/whisper-large-v3 response_format=verbose_json language=de prompt=Parley file=audio.ogg:Ogg"},
		"translation goes to its own path, without a language": {llm.TranscribeRequest{File: strings.NewReader("ID3..."), Size: 3, Name: `C:\Ana "x"` + "\r\n.MP3", Language: "de", Translate: true},
			"/v1/audio/translations model=openai/whisper-large-v3 response_format=verbose_json file=audio.mp3:ID3"},
	} {
		transcript, err := c.Transcribe(t.Context(), tc.req)
		if err != nil {
			t.Fatal(err)
		}
		if got.Load() != tc.want {
			t.Errorf("%s:\ngot  %v\nwant %s", rule, got.Load(), tc.want)
		}
		if transcript.Text != "Guten Tag." || transcript.Language != "german" || transcript.Duration != 8500*time.Millisecond || len(transcript.Segments) != 2 ||
			transcript.Segments[0] != (llm.Segment{From: 500 * time.Millisecond, To: 2 * time.Second, Text: "Guten Tag."}) || transcript.RequestID != "r1" {
			t.Errorf("%s: %+v", rule, transcript)
		}
	}
}

func TestTogetherIsAskedToFindTheLanguageOut(t *testing.T) {
	t.Parallel()
	var fields atomic.Value
	together := &scripted{}
	step := func(r *http.Request) (*http.Response, error) {
		f, err := readForm(r)
		if err != nil {
			return nil, err
		}
		fields.Store(f.fields)
		return answer(200, nil, strings.NewReader(`{"text":"x"}`))(r)
	}
	together.steps = append(together.steps, step, step)
	for base, want := range map[string]bool{"https://api.together.xyz/v1": true, "https://together.xyz.example.com/v1": false} {
		c := newClient(t, base, func(o *llm.Options) { o.HTTPClient = &http.Client{Transport: together} })
		if _, err := c.Transcribe(t.Context(), llm.TranscribeRequest{Bytes: []byte("RIFF")}); err != nil {
			t.Fatal(err)
		}
		if got := fields.Load().(string); strings.Contains(got, "language=auto") != want {
			t.Errorf("%s: %s", base, got)
		}
	}
}

func TestTranscriptForms(t *testing.T) {
	t.Parallel()
	for rule, tc := range map[string]struct{ body, text string }{
		"JSON":                      {`{"text":"Hello"}`, "Hello"},
		"plain text":                {"Hello\n", "Hello"},
		"fields of odd types":       {`{"text":"Hello","language":7,"duration":{},"segments":"none"}`, "Hello"},
		"nothing was said":          {`{"text":""}`, ""},
		"nothing was said, as text": {"", ""},
	} {
		c := newClient(t, serve(t, reply(200, "application/json", tc.body)), nil)
		if got, err := c.Transcribe(t.Context(), llm.TranscribeRequest{Bytes: []byte("RIFF")}); err != nil || got.Text != tc.text {
			t.Errorf("%s: %+v, %v", rule, got, err)
		}
	}
}

func TestRefusedFormsOfTranscriptAreRemembered(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		f, err := readForm(r)
		switch {
		case err != nil:
			t.Error(err)
		case strings.Contains(f.fields, "json"):
			reply(400, "application/json", `{"error":{"message":"response_format 'json' is not compatible, use text"}}`)(w, r)
		case strings.Contains(f.fields, "language="):
			reply(422, "application/json", `{"detail":"Unsupported language: 'xx'"}`)(w, r)
		default:
			reply(200, "text/plain", "Hello")(w, r)
		}
	})
	c := newClient(t, base, nil)
	for i, want := range []int32{4, 5} {
		got, err := c.Transcribe(t.Context(), llm.TranscribeRequest{Bytes: []byte("RIFF"), Language: "xx"})
		if err != nil || got.Text != "Hello" || asked.Load() != want {
			t.Errorf("time %d: %+v, %v, asked %d times, want %d", i, got, err, asked.Load(), want)
		}
	}
}

func TestTranscriptionFailures(t *testing.T) {
	t.Parallel()
	for rule, tc := range map[string]struct {
		status int
		body   string
		kind   llm.Kind
		asked  int32 // with one retry
	}{
		"too long":                  {400, `{"error":{"message":"audio_too_long","type":"invalid_request_error"}}`, llm.KindContextOverflow, 1},
		"too large, by code":        {400, `{"error":{"message":"no","code":"file_too_large"}}`, llm.KindContextOverflow, 1},
		"too large, by the edge":    {413, `<html><title>Too large</title></html>`, llm.KindContextOverflow, 1},
		"a format that it does not": {400, `{"error":{"message":"unsupported_format"}}`, llm.KindModality, 1},
		"no speech to text here":    {404, `404 page not found`, llm.KindModelNotFound, 1},
		"no such model":             {404, `{"error":{"message":"no","code":"model_not_found"}}`, llm.KindModelNotFound, 1},
		"a wrong key":               {401, `{}`, llm.KindAuth, 1},
		"busy":                      {503, `{}`, llm.KindOverloaded, 2},
		"failed":                    {500, `{"error":{"message":"processing_failed"}}`, llm.KindUpstream, 2},
		"a page":                    {200, `<html>login</html>`, llm.KindUpstream, 2},
		"an error with status 200":  {200, `{"error":{"message":"the server is overloaded"}}`, llm.KindOverloaded, 2},
		"cut JSON":                  {200, `{"text":"Hel`, llm.KindUpstream, 2},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				reply(tc.status, "application/json", tc.body)(w, r)
			})
			var seen observations
			c := newClient(t, base, func(o *llm.Options) { o.MaxRetries, o.Observe = 1, seen.add })
			_, err := c.Transcribe(t.Context(), llm.TranscribeRequest{File: bytes.NewReader([]byte("RIFF....")), Size: 8})
			if llm.KindOf(err) != tc.kind || asked.Load() != tc.asked {
				t.Errorf("got %v after %d requests", err, asked.Load())
			}
			if seen.all[0].Purpose != "transcribe" || seen.all[0].Outcome != string(tc.kind) {
				t.Errorf("observed %+v", seen.all[0])
			}
		})
	}
	c := newClient(t, serve(t, unasked(t)), nil)
	for rule, tc := range map[string]struct {
		req  llm.TranscribeRequest
		kind llm.Kind
	}{
		"nothing":            {llm.TranscribeRequest{}, llm.KindRequest},
		"more than is taken": {llm.TranscribeRequest{File: strings.NewReader(""), Size: 80_000_001}, llm.KindContextOverflow},
	} {
		if _, err := c.Transcribe(t.Context(), tc.req); llm.KindOf(err) != tc.kind {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestFileThatEndsEarlyIsAFailure(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		reply(200, "application/json", `{"text":"half"}`)(w, r)
	})
	c := newClient(t, base, nil)
	if got, err := c.Transcribe(t.Context(), llm.TranscribeRequest{File: strings.NewReader("RIFF"), Size: 1000}); err == nil {
		t.Errorf("got %+v of a file that was cut", got)
	}
}

func TestSecondModelTranscribesWhileTheFirstFails(t *testing.T) {
	t.Parallel()
	down := newClient(t, serve(t, reply(503, "application/json", `{}`)), nil)
	up := newClient(t, serve(t, reply(200, "application/json", `{"text":"Hello"}`)), nil)
	f, err := llm.NewFallback(llm.FallbackOptions{First: down, Second: up})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Transcribe(t.Context(), llm.TranscribeRequest{Bytes: []byte("RIFF")}); err != nil || got.Text != "Hello" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func FuzzTranscript(f *testing.F) {
	f.Add(verbose)
	f.Add(`{"text":1,"segments":[{}]}`)
	f.Add("plain\xff")
	f.Fuzz(func(t *testing.T, body string) {
		got, err := llm.ReadTranscript(strings.NewReader(body))
		if err == nil && !strings.Contains(body, "{") && len(got.Text) > 3*len(body) {
			t.Fatalf("%q became %q", body, got.Text)
		}
	})
}
