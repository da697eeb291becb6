package slacksim

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// apiError is an {"ok":false} answer.
type apiError struct {
	code     string
	status   int // 0 means 200
	needed   string
	messages []string // response_metadata.messages
	wait     time.Duration
}

// Error implements error with Slack's error code.
func (e apiError) Error() string { return e.code }

// method is one Web API method. run is called with the workspace's lock held.
type method struct {
	tier   tier
	app    bool     // takes the app-level token instead of the bot token
	both   bool     // takes either
	scopes []string // any of them allows the call; nil asks for none
	run    func(*Server, arguments) (object, error)
}

func methods() map[string]method {
	return map[string]method{
		"api.test":              {tier: tier4, both: true, run: (*Server).apiTest},
		"auth.test":             {tier: unlimited, both: true, run: (*Server).authTest},
		"apps.connections.open": {tier: tier1, app: true, run: (*Server).connectionsOpen},

		"chat.postMessage":   {tier: unlimited, scopes: []string{"chat:write"}, run: (*Server).postMessage},
		"chat.postEphemeral": {tier: tier4, scopes: []string{"chat:write"}, run: (*Server).postEphemeral},
		"chat.update":        {tier: tier3, scopes: []string{"chat:write"}, run: (*Server).updateMessage},
		"chat.delete":        {tier: tier3, scopes: []string{"chat:write"}, run: (*Server).deleteMessage},
		"chat.getPermalink":  {tier: unlimited, run: (*Server).permalink},

		"conversations.history": {tier: tier3, run: (*Server).history},
		"conversations.replies": {tier: tier3, run: (*Server).replies},
		"conversations.info":    {tier: tier3, run: (*Server).channelInfo},
		"conversations.members": {tier: tier4, run: (*Server).channelMembers},
		"conversations.list":    {tier: tier2, run: (*Server).channelList},
		"conversations.open":    {tier: tier3, scopes: []string{"im:write", "mpim:write"}, run: (*Server).openConversation},
		"users.conversations":   {tier: tier3, run: (*Server).userConversations},

		"users.info":    {tier: tier4, scopes: []string{"users:read"}, run: (*Server).userInfo},
		"users.list":    {tier: tier2, scopes: []string{"users:read"}, run: (*Server).userList},
		"bots.info":     {tier: tier3, scopes: []string{"users:read"}, run: (*Server).botInfo},
		"reactions.add": {tier: tier3, scopes: []string{"reactions:write"}, run: (*Server).addReaction},

		"assistant.threads.setStatus":           {tier: unlimited, scopes: []string{"chat:write", "assistant:write"}, run: (*Server).setStatus},
		"assistant.threads.setTitle":            {tier: tier3, scopes: []string{"assistant:write"}, run: (*Server).setTitle},
		"assistant.threads.setSuggestedPrompts": {tier: tier3, scopes: []string{"assistant:write"}, run: (*Server).setPrompts},
		"agents.sessions.setStatus":             {tier: tier3, scopes: []string{"chat:write"}, run: (*Server).setSession},

		"files.info":                   {tier: tier4, scopes: []string{"files:read"}, run: (*Server).fileInfo},
		"files.getUploadURLExternal":   {tier: tier4, scopes: []string{"files:write"}, run: (*Server).uploadURL},
		"files.completeUploadExternal": {tier: tier4, scopes: []string{"files:write"}, run: (*Server).completeUpload},
	}
}

// serveAPI answers one Web API call and writes it into the journal.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	args, token, err := readArguments(r)
	fault := s.faults.take(name)
	s.pause(r, fault.Delay)
	answer := object(nil)
	switch {
	case fault.replaces():
		s.record(name, args, max(fault.Status, http.StatusOK), fault.Error)
		s.writeFault(w, fault)
		return
	case err == nil:
		answer, err = s.call(name, args, token)
	}
	var failure apiError
	status := http.StatusOK
	if err != nil {
		if !errors.As(err, &failure) {
			failure = apiError{code: "internal_error"}
		}
		status = max(failure.status, http.StatusOK)
		answer = s.failureAnswer(failure)
	} else {
		answer["ok"] = true
	}
	s.record(name, args, status, failure.code)
	s.pause(r, fault.DelayResponse)
	if fault.DropResponse {
		s.hangUp(w)
		return
	}
	s.writeJSON(w, name, status, failure.wait, answer)
}

func (s *Server) failureAnswer(e apiError) object {
	answer := object{"ok": false, "error": e.code}
	if e.needed != "" {
		answer["needed"], answer["provided"] = e.needed, strings.Join(s.options.Scopes, ",")
	}
	if len(e.messages) > 0 {
		answer["response_metadata"] = object{"messages": e.messages}
		answer["errors"] = e.messages
	}
	return answer
}

// call checks token, scopes and limits, then runs the method.
func (s *Server) call(name string, args arguments, token string) (object, error) {
	m, known := s.methods[name]
	if !known {
		return nil, apiError{code: "unknown_method"}
	}
	isBot, isApp := token == s.BotToken(), token == s.AppToken()
	switch {
	case token == "":
		return nil, apiError{code: "not_authed"}
	case !isBot && !isApp:
		return nil, apiError{code: "invalid_auth"}
	case !m.both && m.app != isApp:
		return nil, apiError{code: "not_allowed_token_type"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if isBot {
		if err := s.need(m.scopes...); err != nil {
			return nil, err
		}
	}
	if s.options.Limits {
		channel := args["channel"] + args["channel_id"]
		if wait := s.limiter.take(s.options.Clock(), name, m.tier, channel); wait > 0 {
			return nil, apiError{code: "ratelimited", status: http.StatusTooManyRequests, wait: wait}
		}
	}
	if isApp && name == "auth.test" {
		return object{"app_id": s.team.AppID, "app_name": s.bot.RealName}, nil
	}
	return m.run(s, args)
}

// need fails with missing_scope unless the bot token has one of these scopes.
func (s *Server) need(scopes ...string) error {
	if len(scopes) == 0 || slices.ContainsFunc(scopes, s.allowed) {
		return nil
	}
	return apiError{code: "missing_scope", needed: strings.Join(scopes, ",")}
}

func (s *Server) record(name string, args arguments, status int, code string) {
	s.calls.add(Call{
		Method: name, At: s.options.Clock(), Args: args, OK: status == http.StatusOK && code == "", Status: status, Error: code,
	})
	s.options.Logger.Debug("slack api call", "method", name, "status", status, "error", code)
	s.publish(Change{Kind: CallMade})
}

func (s *Server) pause(r *http.Request, wait time.Duration) {
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.lifetime.Done():
	}
}

// hangUp cuts the connection before an answer is written.
func (s *Server) hangUp(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if conn, _, err := hijacker.Hijack(); err == nil {
			_ = conn.Close() // the point is that it ends
		}
	}
}

func (s *Server) writeFault(w http.ResponseWriter, f Fault) {
	answer := object{"ok": false, "error": f.Error}
	if f.Error == "" {
		answer["error"] = "ratelimited"
	}
	if f.Needed != "" {
		answer["needed"], answer["provided"] = f.Needed, f.Provided
	}
	status := max(f.Status, http.StatusOK)
	if f.Body == "" && (f.Error != "" || status == http.StatusTooManyRequests) {
		s.writeJSON(w, "", status, f.RetryAfter, answer)
		return
	}
	setRetryAfter(w, f.RetryAfter)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(f.Body)) // the client may be gone
}

func (s *Server) writeJSON(w http.ResponseWriter, name string, status int, wait time.Duration, answer object) {
	setRetryAfter(w, wait)
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	if !s.options.UntoldScopes {
		header.Set("X-OAuth-Scopes", strings.Join(s.options.Scopes, ","))
	}
	header.Set("X-Accepted-OAuth-Scopes", strings.Join(s.methods[name].scopes, ","))
	header.Set("X-Slack-Req-Id", s.ids.secret(32))
	w.WriteHeader(status)
	_, _ = w.Write(mustJSON(answer)) // the client may be gone
}

func setRetryAfter(w http.ResponseWriter, wait time.Duration) {
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}
