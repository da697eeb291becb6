package slacksim

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

const (
	// hookUses and hookLife are how often and how long a response_url can be posted to
	// (docs.slack.dev/interactivity/handling-user-interaction).
	hookUses = 5
	hookLife = 30 * time.Minute
)

// responseHook is a response_url, bound to a conversation and a person.
type responseHook struct {
	url     string
	channel string
	user    string
	source  string // the message whose button was pressed, empty for commands and shortcuts
	uses    int
	expires time.Time
}

// newHook needs mu.
func (s *Server) newHook(c *channel, user, source string) *responseHook {
	token := s.ids.secret(48)
	h := &responseHook{url: s.base + "/hook/" + token, channel: c.ID, user: user, source: source, expires: s.clock().Add(hookLife)}
	s.hooks[token] = h
	return h
}

// ExpireResponseURLs makes every response_url that was given out so far answer expired_url.
func (s *Server) ExpireResponseURLs() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hooks {
		h.expires = time.Time{}
	}
}

// serveHook takes a message by a response_url: an ephemeral one unless it says in_channel. replace_original and
// delete_original act on the message whose button was pressed; after a command or a shortcut they do nothing, and the
// message is a new one.
func (s *Server) serveHook(w http.ResponseWriter, r *http.Request) {
	fault := s.faults.take("response_url")
	s.pause(r, fault.Delay)
	if fault.replaces() {
		s.record("response_url", nil, max(fault.Status, http.StatusOK), fault.Error)
		s.writeFault(w, fault)
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	status, code := http.StatusOK, ""
	if err != nil || len(raw) > maxBody {
		status, code = http.StatusBadRequest, "invalid_payload"
	} else {
		status, code = s.respond(r.PathValue("token"), raw)
	}
	s.record("response_url", arguments{"body": string(raw)}, status, code)
	if fault.DropResponse {
		s.hangUp(w)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if code != "" {
		_, _ = w.Write(mustJSON(object{"ok": false, "error": code})) // the client may be gone
		return
	}
	_, _ = w.Write([]byte(`{"ok":true}`)) // the same
}

func (s *Server) respond(token string, raw []byte) (status int, code string) {
	said, ok := decode[struct {
		ResponseType string          `json:"response_type"`
		Replace      json.RawMessage `json:"replace_original"` // a boolean, or one in quotation marks
		Delete       json.RawMessage `json:"delete_original"`
		Text         string          `json:"text"`
		Blocks       json.RawMessage `json:"blocks"`
		ThreadTS     string          `json:"thread_ts"`
	}](string(raw))
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooks[token]
	switch {
	case h == nil:
		return http.StatusNotFound, "no_service"
	case !s.clock().Before(h.expires):
		return http.StatusNotFound, "expired_url"
	case h.uses >= hookUses:
		return http.StatusNotFound, "used_url"
	case !ok:
		return http.StatusBadRequest, "invalid_payload"
	}
	c := s.channels[h.channel]
	source := c.message(h.source)
	if isTrue(said.Delete) && source != nil {
		h.uses++
		s.remove(c, source)
		return http.StatusOK, ""
	}
	body, err := readContent(arguments{"text": said.Text, "blocks": string(said.Blocks)})
	switch {
	case err != nil:
		return http.StatusBadRequest, err.Error()
	case body.text == "" && body.blocks == nil:
		return http.StatusBadRequest, "no_text"
	}
	h.uses++
	if isTrue(said.Replace) && source != nil && source.visible() {
		before := s.wire(source)
		source.Text, source.Blocks = body.text, body.blocks
		source.Edits++
		if source.Ephemeral == "" {
			s.changed(c, source, before)
		}
		return http.StatusOK, ""
	}
	m := s.botMessage(c, body)
	if said.ThreadTS != "" {
		if m.ThreadTS, err = c.threadRoot(said.ThreadTS); err != nil {
			m.ThreadTS = ""
		}
	}
	if said.ResponseType != "in_channel" {
		m.Ephemeral = h.user
	}
	s.post(c, m, m.Ephemeral == "")
	return http.StatusOK, ""
}

func isTrue(raw json.RawMessage) bool { return string(raw) == "true" || string(raw) == `"true"` }
