package slack

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	slackapi "github.com/slack-go/slack"
)

const (
	// maxRequest bounds the body of a request of the Events API.
	maxRequest = 1 << 20
	// maxRequests bounds the requests that are read or stored at the same time; Slack tries the others again.
	maxRequests = 64
)

// EventsHandler serves POST /slack/events: Slack's HTTP Events API, instead of Socket Mode or beside it. A request
// must bear Slack's signature of the last five minutes. The answer is 200 once the event is stored or of no concern,
// and 503 where Slack shall deliver it again. Slack: docs.slack.dev/apis/events-api,
// docs.slack.dev/authentication/verifying-requests-from-slack.
func (a *Adapter) EventsHandler() http.Handler {
	return http.HandlerFunc(a.serveEvents)
}

// signed reads a request that Slack has signed, within bounds. Where ok is false it has been answered. done must be called
// when all is said.
func (a *Adapter) signed(w http.ResponseWriter, r *http.Request) (body []byte, done func(), ok bool) {
	done = func() {}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return nil, done, false
	}
	if a.o.SigningSecret == "" {
		http.Error(w, "SLACK_SIGNING_SECRET is not set: requests cannot be checked", http.StatusNotFound)
		return nil, done, false
	}
	select {
	case a.requests <- struct{}{}:
		done = func() { <-a.requests }
	default:
		a.observe("overload")
		a.presence.missed()
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return nil, done, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			a.observe("malformed")
			http.Error(w, "body too large", http.StatusRequestEntityTooLarge)
			return nil, done, false
		}
		http.Error(w, "body cannot be read", http.StatusBadRequest)
		return nil, done, false
	}
	if err := a.verify(r.Header, body); err != nil {
		a.observe("bad_signature")
		a.log.WarnContext(r.Context(), "request without Slack's signature refused: check SLACK_SIGNING_SECRET and the clock",
			"err", shortError(err))
		http.Error(w, "signature refused", http.StatusUnauthorized)
		return nil, done, false
	}
	return body, done, true
}

func (a *Adapter) serveEvents(w http.ResponseWriter, r *http.Request) {
	body, done, ok := a.signed(w, r)
	defer func() { done() }()
	if !ok {
		return
	}
	var env envelope
	if err := decode(body, &env); err != nil {
		a.malformed(r.Context(), "request", err)
		w.WriteHeader(http.StatusOK)
		return
	}
	if env.Type == "url_verification" {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"challenge": env.Challenge})
		return
	}
	if _, known := a.Self(); !known {
		// Without knowing who the bot is, its own messages would look like other bots'.
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return
	}
	retry, _ := strconv.Atoi(r.Header.Get("X-Slack-Retry-Num"))
	if err := a.takeEnvelope(r.Context(), env, retry); err != nil {
		http.Error(w, "not stored", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// verify checks Slack's v0 signature over the body and the age of its timestamp, five minutes at most.
func (a *Adapter) verify(h http.Header, body []byte) error {
	v, err := slackapi.NewSecretsVerifier(h, a.o.SigningSecret)
	if err != nil {
		return err
	}
	if _, err := v.Write(body); err != nil {
		return err
	}
	return v.Ensure()
}
