package slacksim

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const maxBody = 1 << 20

// arguments are a call's parameters, from the query, a form or a JSON body. JSON values are kept as
// JSON text, strings as they are.
type arguments map[string]string

// readArguments also returns the token: from the Authorization header, else from the form or query;
// a token in a JSON body does not count (docs.slack.dev/apis/web-api).
func readArguments(r *http.Request) (arguments, string, error) {
	args := arguments{}
	addValues(args, r.URL.Query())
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	body := io.LimitReader(r.Body, maxBody+1)
	switch {
	case r.Method == http.MethodGet:
		err = nil // it has no body, and so no type
	case kind == "application/json":
		err = args.addJSON(body)
	case kind == "multipart/form-data" && params["boundary"] != "":
		r.Body = io.NopCloser(body)
		if err = r.ParseMultipartForm(maxBody); err == nil {
			addValues(args, r.MultipartForm.Value)
			err = r.MultipartForm.RemoveAll()
		}
	default:
		err = args.addForm(body)
	}
	if err != nil {
		return args, "", err
	}
	token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !isBearer {
		token = args["token"]
	}
	delete(args, "token")
	return args, token, nil
}

func addValues(args arguments, values url.Values) {
	for key, list := range values {
		if len(list) > 0 {
			args[key] = list[0]
		}
	}
}

func (a arguments) addForm(body io.Reader) error {
	raw, err := readBounded(body)
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(string(raw))
	if err != nil {
		return apiError{code: "invalid_form_data"}
	}
	addValues(a, values)
	return nil
}

func (a arguments) addJSON(body io.Reader) error {
	raw, err := readBounded(body)
	if err != nil {
		return err
	}
	if len(raw) == 0 {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return apiError{code: "invalid_json"}
	}
	for key, value := range fields {
		var text string
		switch {
		case key == "token" || string(value) == "null":
		case json.Unmarshal(value, &text) == nil:
			a[key] = text
		default:
			a[key] = string(value)
		}
	}
	return nil
}

func readBounded(body io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, apiError{code: "request_timeout"}
	}
	if len(raw) > maxBody {
		return nil, apiError{code: "invalid_arguments", status: http.StatusRequestEntityTooLarge}
	}
	return raw, nil
}

func (a arguments) bool(name string, fallback bool) bool {
	if value, err := strconv.ParseBool(a[name]); err == nil {
		return value
	}
	return fallback
}

// limit reads a page size.
func (a arguments) limit(fallback, most int) (int, error) {
	if a["limit"] == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(a["limit"])
	if err != nil || n < 0 || n > most {
		return 0, apiError{code: "invalid_limit"}
	}
	if n == 0 {
		return fallback, nil
	}
	return n, nil
}

// cursor reads a cursor with this prefix; empty means the first page.
func (a arguments) cursor(prefix string) (string, error) {
	if a["cursor"] == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(a["cursor"])
	if err != nil {
		return "", apiError{code: "invalid_cursor"}
	}
	value, found := strings.CutPrefix(string(raw), prefix+":")
	if !found || value == "" {
		return "", apiError{code: "invalid_cursor"}
	}
	return value, nil
}

func makeCursor(prefix, value string) string {
	return base64.StdEncoding.EncodeToString([]byte(prefix + ":" + value))
}

// paged cuts one page out of a list and returns the cursor of the next page.
func paged[T any](all []T, args arguments, fallback, most int) (page []T, next string, err error) {
	limit, err := args.limit(fallback, most)
	if err != nil {
		return nil, "", err
	}
	offset := 0
	at, err := args.cursor("offset")
	if err != nil {
		return nil, "", err
	}
	if at != "" {
		if offset, err = strconv.Atoi(at); err != nil || offset < 0 || offset > len(all) {
			return nil, "", apiError{code: "invalid_cursor"}
		}
	}
	end := min(offset+limit, len(all))
	if end < len(all) {
		next = makeCursor("offset", strconv.Itoa(end))
	}
	return all[offset:end], next, nil
}
