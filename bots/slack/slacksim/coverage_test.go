package slacksim_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/bots/slack/slacksim"
)

func TestCoverageNamesExactlyTheRoutes(t *testing.T) {
	t.Parallel()
	var covered []string
	for _, e := range slacksim.Coverage() {
		if e.Level == slacksim.None {
			if e.Note == "" {
				t.Errorf("%s is absent without a reason", e.Name)
			}
			continue
		}
		if e.Level == slacksim.Partial && e.Note == "" {
			t.Errorf("%s is partial without saying what is left out", e.Name)
		}
		covered = append(covered, e.Name)
	}
	routes := slacksim.Routes()
	slices.Sort(covered)
	slices.Sort(routes)
	if !slices.Equal(covered, routes) {
		t.Errorf("coverage and routes differ:\ncovered %v\nroutes  %v", covered, routes)
	}
}

func TestAbsentMethodsAreUnknown(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	for _, e := range slacksim.Coverage() {
		if strings.HasPrefix(e.Name, "/") {
			continue
		}
		answer := b.call(e.Name, url.Values{"token": {b.BotToken()}})
		if unknown := answer["error"] == "unknown_method"; unknown != (e.Level == slacksim.None) {
			t.Errorf("%s is listed as %s and answers %v", e.Name, e.Level, answer)
		}
	}
}

// call posts a form and decodes the answer.
func (b *bundle) call(method string, form url.Values) map[string]any {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.ctx, http.MethodPost, b.URL()+method, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, _ := b.do(req)
	return answer
}

func (b *bundle) do(req *http.Request) (map[string]any, *http.Response) {
	b.t.Helper()
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		b.t.Fatalf("decode answer of %s: %v", req.URL.Path, err)
	}
	return answer, resp
}
