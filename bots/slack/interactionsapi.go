package slack

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// CommandsHandler serves POST /slack/commands: slash commands, where they do not come by Socket Mode. Requests must bear
// Slack's signature. The answer is 200 with a sentence that only the person sees.
// Slack: docs.slack.dev/interactivity/implementing-slash-commands.
func (a *Adapter) CommandsHandler() http.Handler {
	return http.HandlerFunc(a.serveCommands)
}

// InteractionsHandler serves POST /slack/interactions: shortcuts and buttons, where they do not come by Socket Mode.
// Requests must bear Slack's signature. The answer is 200 without a body.
// Slack: docs.slack.dev/interactivity/handling-user-interaction.
func (a *Adapter) InteractionsHandler() http.Handler {
	return http.HandlerFunc(a.serveInteractions)
}

// signedForm reads a signed form. Only the body counts: the signature does not cover the query.
func (a *Adapter) signedForm(w http.ResponseWriter, r *http.Request) (form url.Values, done func(), ok bool) {
	body, done, ok := a.signed(w, r)
	if !ok {
		return nil, done, false
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		a.malformed(r.Context(), "request", err)
		http.Error(w, "body is no form", http.StatusBadRequest)
		return nil, done, false
	}
	return form, done, true
}

func (a *Adapter) serveCommands(w http.ResponseWriter, r *http.Request) {
	received := time.Now()
	form, done, ok := a.signedForm(w, r)
	defer func() { done() }()
	if !ok || form.Get("ssl_check") == "1" { // Slack looks now and then whether the certificate is good
		return
	}
	said := a.takeCommand(r.Context(), wireCommand{
		Command: form.Get("command"), Text: form.Get("text"), TeamID: form.Get("team_id"), ChannelID: form.Get("channel_id"),
		UserID: form.Get("user_id"), UserName: form.Get("user_name"), TriggerID: form.Get("trigger_id"),
		ResponseURL: form.Get("response_url"),
	}, received)
	if said != nil {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(said)
	}
}

func (a *Adapter) serveInteractions(w http.ResponseWriter, r *http.Request) {
	received := time.Now()
	form, done, ok := a.signedForm(w, r)
	defer func() { done() }()
	if !ok {
		return
	}
	var i wireInteraction
	if err := decode([]byte(form.Get("payload")), &i); err != nil {
		a.malformed(r.Context(), "interaction", err)
		return
	}
	a.takeInteraction(r.Context(), i, received)
}
