package slacksim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// acknowledged is the body of an acknowledgement; that of a slash command may hold a message.
type acknowledged struct {
	ResponseType string          `json:"response_type"`
	Text         string          `json:"text"`
	Blocks       json.RawMessage `json:"blocks"`
}

// dispatch sends an interaction to the app, once: Slack does not repeat one. It returns before the app has answered.
func (s *Server) dispatch(i *Interaction) Interaction {
	n := s.interactions
	n.mu.Lock()
	n.journal = append(n.journal, i)
	if extra := len(n.journal) - keptInteractions; extra > 0 {
		n.journal = slices.Delete(n.journal, 0, extra)
	}
	address := n.actionURL
	if i.Kind == "slash_commands" {
		address = n.commandURL
	}
	out := *i
	n.mu.Unlock()
	if address != "" {
		s.start(func() { s.postInteraction(address, i) })
		return out
	}
	target := s.sockets.pick()
	if target == nil {
		s.failInteraction(i, "dispatch_unknown_error")
		return out
	}
	envelope := s.ids.uuid()
	p := &pendingInteraction{Interaction: i, socket: target}
	n.mu.Lock()
	n.pending[envelope] = p
	p.timer = time.AfterFunc(s.options.Timing.Ack, func() {
		n.mu.Lock()
		expired := n.pending[envelope] == p
		delete(n.pending, envelope)
		n.mu.Unlock()
		if expired {
			s.failInteraction(i, "operation_timeout")
		}
	})
	n.mu.Unlock()
	target.write(mustJSON(object{
		"envelope_id": envelope, "type": i.Kind, "accepts_response_payload": true, "payload": i.Payload,
	}))
	return out
}

// ackInteraction takes an acknowledgement of a socket; false says that it is for something else.
func (s *Server) ackInteraction(envelope string, from *socket, payload json.RawMessage) bool {
	n := s.interactions
	n.mu.Lock()
	p := n.pending[envelope]
	if p == nil || p.socket != from {
		n.mu.Unlock()
		return p != nil
	}
	delete(n.pending, envelope)
	p.timer.Stop()
	n.mu.Unlock()
	s.settleInteraction(p.Interaction, payload)
	return true
}

// settleInteraction shows what the acknowledgement of a slash command says, and then notes it.
func (s *Server) settleInteraction(i *Interaction, payload json.RawMessage) {
	said, _ := decode[acknowledged](string(payload))
	if i.Kind == "slash_commands" && (said.Text != "" || len(said.Blocks) > 0) {
		s.mu.Lock()
		c := s.channels[i.Channel]
		m := s.botMessage(c, content{text: said.Text, blocks: said.Blocks})
		if said.ResponseType != "in_channel" {
			m.Ephemeral = i.User
		}
		s.post(c, m, m.Ephemeral == "")
		s.mu.Unlock()
	}
	s.interactions.mu.Lock()
	i.Acked = true
	if i.Kind == "slash_commands" {
		i.Reply = said.Text
	}
	s.interactions.mu.Unlock()
	s.publish(Change{Kind: DeliveryChanged})
}

func (s *Server) failInteraction(i *Interaction, why string) {
	s.interactions.mu.Lock()
	i.Failed = why
	s.interactions.mu.Unlock()
	s.publish(Change{Kind: DeliveryChanged})
}

// postInteraction sends an interaction as a signed form; a slash command's fields, else payload.
func (s *Server) postInteraction(address string, i *Interaction) {
	form := url.Values{}
	if i.Kind == "slash_commands" {
		fields, _ := decode[map[string]string](string(i.Payload))
		for key, value := range fields {
			form.Set(key, value)
		}
	} else {
		form.Set("payload", string(i.Payload))
	}
	status, _, answer, err := s.postSigned(s.lifetime, address, "application/x-www-form-urlencoded", []byte(form.Encode()), 0, "")
	switch {
	case err != nil:
		s.failInteraction(i, "operation_timeout")
	case status < 200 || status >= 300:
		s.failInteraction(i, "dispatch_failed: "+http.StatusText(status))
	default:
		if !json.Valid(answer) { // a bare text is shown as it is
			answer = mustJSON(object{"text": string(answer)})
		}
		s.settleInteraction(i, answer)
	}
}
