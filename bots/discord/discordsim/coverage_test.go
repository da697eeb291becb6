package discordsim_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
)

// TestCoverageMatchesTheRoutes asks the running server for every endpoint of the list: those that
// are there must be served by their own route, those that are absent must not be.
func TestCoverageMatchesTheRoutes(t *testing.T) {
	t.Parallel()
	sim := start(t)
	listed := map[string]bool{}
	for _, e := range discordsim.Coverage() {
		if listed[e.Route] {
			t.Errorf("%s is listed twice", e.Route)
		}
		listed[e.Route] = true
		method, path, _ := strings.Cut(e.Route, " ")
		before := len(sim.CallsTo(e.Route))
		status, _ := call(t, sim, method, strings.NewReplacer("{", "", "}", "").Replace(path), "")
		served := len(sim.CallsTo(e.Route)) == before+1
		if served != (e.Level != discordsim.None) {
			t.Errorf("%s is listed as %s and served: %v (%d)", e.Route, e.Level, served, status)
		}
		if e.Level == discordsim.Partial && e.Note == "" {
			t.Errorf("%s is partial, and the note does not say what is missing", e.Route)
		}
	}
	for _, route := range discordsim.Routes() {
		if !listed[route] {
			t.Errorf("%s is served and not listed", route)
		}
	}
}

// call makes a REST request with the bot's token and returns status and body.
func call(t *testing.T, sim *discordsim.Server, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	status, _, text := respond(t, sim, method, path, "application/json", []byte(body), headers...)
	return status, text
}

// respond is call with the response's headers.
func respond(t *testing.T, sim *discordsim.Server, method, path, contentType string, body []byte, headers ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, sim.URL()+"v10"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot "+sim.BotToken())
	req.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return fetch(t, req)
}

// fetch sends a request on a connection of its own.
func fetch(t *testing.T, req *http.Request) (int, http.Header, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(req)
	if err != nil {
		return 0, nil, err.Error()
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, text.String()
}
