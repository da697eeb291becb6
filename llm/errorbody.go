package llm

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxErrorBody bounds what is read of the body of a failed request; maxErrorRunes what is kept of its text.
const (
	maxErrorBody  = 64 << 10
	maxErrorRunes = 300
)

// errorBody is what a server's error answer says, whatever its form.
type errorBody struct {
	message string // whole and unscrubbed: it is classified, then shortened by clean
	code    string // code, or else type
	status  int    // a numeric code in 400..599, for errors inside a stream
	used    int    // llama.cpp n_prompt_tokens
	limit   int    // llama.cpp n_ctx
}

// parseErrorBody reads the forms that are in use: {"error":{…}}, {"error":"…"}, [{"error":{…}}] (Google), {"message":…},
// {"detail":…} (FastAPI), {"object":"error",…} (old vLLM), {"errors":[…]}, plain text and HTML.
func parseErrorBody(body []byte) errorBody {
	body = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(body), byteOrderMark))
	if len(body) > 0 && (body[0] == '{' || body[0] == '[' || body[0] == '"') {
		var out errorBody
		if out.read(body, 0) && out.message+out.code != "" {
			return out
		}
	}
	return errorBody{message: plainText(string(body))}
}

// maxErrorDepth bounds how far an error is looked for inside an error.
const maxErrorDepth = 4

// read takes what raw says and tells whether raw was JSON. Outer values are overwritten by inner ones.
func (b *errorBody) read(raw []byte, depth int) bool {
	raw = bytes.TrimSpace(raw)
	if depth > maxErrorDepth || len(raw) == 0 {
		return false
	}
	switch raw[0] {
	case '"':
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return false
		}
		b.message = text
		return true
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return false
		}
		if len(list) > 0 {
			b.read(list[0], depth+1)
		}
		return true
	case '{':
		var fields map[string]json.RawMessage
		if json.Unmarshal(raw, &fields) != nil {
			return false
		}
		b.readObject(fields, depth)
		return true
	}
	return false
}

func (b *errorBody) readObject(fields map[string]json.RawMessage, depth int) {
	for _, name := range []string{"error_type", "type", "status", "code"} {
		b.readCode(fields[name])
	}
	for _, name := range []string{"msg", "message"} {
		var text string
		if json.Unmarshal(fields[name], &text) == nil && text != "" {
			b.message = text
		}
	}
	b.used = max(b.used, intField(fields["n_prompt_tokens"]))
	b.limit = max(b.limit, intField(fields["n_ctx"]))
	for _, name := range []string{"detail", "errors", "error"} {
		if raw, ok := fields[name]; ok && !bytes.Equal(raw, []byte("null")) {
			b.read(raw, depth+1)
		}
	}
}

// readCode takes a code that may be a string or a number; a number that looks like an HTTP status is one.
func (b *errorBody) readCode(raw json.RawMessage) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text != "" && text != "error" {
			b.code = text
		}
	} else if n := intField(raw); n != 0 {
		text = strconv.Itoa(n)
		if b.code == "" {
			b.code = text
		}
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 400 && n <= 599 {
		b.status = n
	}
}

func intField(raw json.RawMessage) int {
	var n json.Number
	if json.Unmarshal(raw, &n) != nil {
		return 0
	}
	i, err := strconv.Atoi(n.String())
	if err != nil || i < 0 {
		return 0
	}
	return i
}

var (
	htmlHidden = regexp.MustCompile(`(?is)<(script|style|head)\b.*?</(script|style|head)\s*>`)
	htmlTitle  = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title\s*>`)
	htmlTag    = regexp.MustCompile(`(?s)<[^<>]*>`)
)

// plainText makes a readable line of an error page.
func plainText(body string) string {
	head := strings.ToLower(body[:min(len(body), 512)])
	if !strings.Contains(head, "<html") && !strings.Contains(head, "<!doctype") {
		return body
	}
	title := ""
	if m := htmlTitle.FindStringSubmatch(body); m != nil {
		title = strings.TrimSpace(m[1]) + ": "
	}
	return "HTML page: " + title + htmlTag.ReplaceAllString(htmlHidden.ReplaceAllString(body, " "), " ")
}

var bearer = regexp.MustCompile(`(?i)bearer\s+[^\s"',;]+`)

// scrubber takes the API key out of foreign text and makes it one short printable line.
type scrubber struct{ replace *strings.Replacer }

func newScrubber(key string) scrubber {
	var pairs []string
	if key != "" {
		for _, form := range []string{key, url.QueryEscape(key), url.PathEscape(key)} {
			pairs = append(pairs, form, "[key]")
		}
	}
	return scrubber{replace: strings.NewReplacer(pairs...)}
}

func (s scrubber) clean(text string) string {
	text = bearer.ReplaceAllString(s.replace.Replace(text), "Bearer [key]")
	var b strings.Builder
	runes, space := 0, false
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r) {
			space = true
			continue
		}
		if space && runes > 0 {
			b.WriteByte(' ')
			runes++
		}
		space = false
		if runes >= maxErrorRunes {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
		runes++
	}
	return b.String()
}
