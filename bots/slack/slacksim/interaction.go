package slacksim

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Interaction is what a person did by a slash command, a shortcut or a button, and how the app answered.
type Interaction struct {
	Trigger     string // trigger_id
	Kind        string // slash_commands or interactive, the types of Socket Mode's envelopes
	User        string
	Channel     string
	Payload     json.RawMessage // as Socket Mode has it
	ResponseURL string
	Acked       bool
	Reply       string // the text of the acknowledgement, which the person sees
	Failed      string // what the person reads of a failure, such as operation_timeout; empty while it is waited for
}

// interactions keeps what people have done, and what is waited for. Its lock is taken after the workspace's.
type interactions struct {
	mu      sync.Mutex
	journal []*Interaction
	pending map[string]*pendingInteraction // by envelope id
	// commandURL and actionURL are where they are sent by HTTP; empty for Socket Mode.
	commandURL, actionURL string
}

type pendingInteraction struct {
	*Interaction
	socket *socket
	timer  *time.Timer
}

const keptInteractions = 1000

// stop ends every timer.
func (n *interactions) stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.pending {
		p.timer.Stop()
	}
	n.pending = map[string]*pendingInteraction{}
}

// Interactions returns what people have done by commands, shortcuts and buttons, oldest first, the last 1,000.
func (s *Server) Interactions() []Interaction {
	n := s.interactions
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]Interaction, len(n.journal))
	for i, one := range n.journal {
		out[i] = *one
	}
	return out
}

// SetInteractionURLs sends slash commands and interactions to these URLs, by signed POST, instead of a socket.
func (s *Server) SetInteractionURLs(commands, actions string) {
	s.interactions.mu.Lock()
	defer s.interactions.mu.Unlock()
	s.interactions.commandURL, s.interactions.actionURL = commands, actions
}

// SlashOption refines Slash.
type SlashOption func(*bool)

// Unescaped sends the text as typed: the app's command is not set to should_escape.
func Unescaped() SlashOption { return func(escape *bool) { *escape = false } }

// Slash gives a slash command such as "/parley summarize #general" in a conversation. With should_escape, which
// DefaultScopes' app has, users, channels that the person can see and links come in their wire form
// (docs.slack.dev/interactivity/implementing-slash-commands).
func (s *Server) Slash(user, channelID, typed string, opts ...SlashOption) (Interaction, error) {
	escape := true
	for _, o := range opts {
		o(&escape)
	}
	command, text, _ := strings.Cut(typed, " ")
	text = strings.TrimSpace(text)
	s.mu.Lock()
	c, u, err := s.actor(user, channelID)
	if err == nil && !s.scopes["commands"] {
		err = fmt.Errorf("the app lacks the scope commands")
	}
	if err != nil {
		s.mu.Unlock()
		return Interaction{}, fmt.Errorf("slash command: %w", err)
	}
	if escape {
		text = s.escapeCommand(user, text)
	}
	name := c.Name
	switch c.Kind {
	case DirectMessage:
		name = "directmessage"
	case PrivateChannel, GroupMessage:
		name = "privategroup"
	case PublicChannel:
	}
	i := s.begin("slash_commands", c, u)
	hook := s.newHook(c, u.ID, "")
	i.ResponseURL = hook.url
	payload := object{
		"token": s.verification, "team_id": s.team.ID, "team_domain": s.team.Domain, "channel_id": c.ID, "channel_name": name,
		"user_id": u.ID, "user_name": u.Name, "command": command, "text": text, "api_app_id": s.team.AppID,
		"is_enterprise_install": "false", "response_url": hook.url, "trigger_id": i.Trigger,
	}
	s.mu.Unlock()
	i.Payload = mustJSON(payload)
	return s.dispatch(i), nil
}

// Shortcut uses a message shortcut of the app on a message.
func (s *Server) Shortcut(user, channelID, ts, callbackID string) (Interaction, error) {
	s.mu.Lock()
	c, u, err := s.actor(user, channelID)
	m := (*Message)(nil)
	if err == nil {
		if m = c.message(ts); m == nil || !m.visible() || m.Ephemeral != "" {
			err = fmt.Errorf("message %s: %w", ts, ErrNoSuchMessage)
		}
	}
	if err != nil {
		s.mu.Unlock()
		return Interaction{}, fmt.Errorf("shortcut: %w", err)
	}
	i := s.begin("interactive", c, u)
	hook := s.newHook(c, u.ID, "")
	i.ResponseURL = hook.url
	payload := s.interactionPayload("message_action", i, c, u)
	payload["callback_id"], payload["message_ts"], payload["message"] = callbackID, m.TS, s.wire(m)
	payload["action_ts"] = s.ids.ts(s.clock())
	s.mu.Unlock()
	i.Payload = mustJSON(payload)
	return s.dispatch(i), nil
}

// Click presses a button under a message that this person sees.
func (s *Server) Click(user, channelID, ts, actionID string) (Interaction, error) {
	s.mu.Lock()
	c, u, err := s.actor(user, channelID)
	m := (*Message)(nil)
	var pressed *Button
	if err == nil {
		m = c.message(ts)
		switch {
		case m == nil, !m.visible(), m.Ephemeral != "" && m.Ephemeral != user:
			err = fmt.Errorf("message %s: %w", ts, ErrNoSuchMessage)
		default:
			if pressed = buttonOf(m, actionID); pressed == nil {
				err = fmt.Errorf("no button %q stands under message %s", actionID, ts)
			}
		}
	}
	if err != nil {
		s.mu.Unlock()
		return Interaction{}, fmt.Errorf("click: %w", err)
	}
	i := s.begin("interactive", c, u)
	hook := s.newHook(c, u.ID, m.TS)
	i.ResponseURL = hook.url
	payload := s.interactionPayload("block_actions", i, c, u)
	container := object{"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": m.Ephemeral != ""}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	if m.Ephemeral == "" {
		payload["message"] = s.wire(m)
	}
	payload["container"], payload["state"] = container, object{"values": object{}}
	payload["actions"] = []object{{
		"type": "button", "action_id": pressed.ActionID, "block_id": pressed.BlockID, "value": pressed.Value,
		"text": object{"type": "plain_text", "text": pressed.Text, "emoji": true}, "action_ts": s.ids.ts(s.clock()),
	}}
	s.mu.Unlock()
	i.Payload = mustJSON(payload)
	return s.dispatch(i), nil
}

// actor finds who acts where; it needs mu, as do the following.
func (s *Server) actor(user, channelID string) (*channel, *User, error) {
	c, u := s.channels[channelID], s.users[user]
	switch {
	case c == nil:
		return nil, nil, fmt.Errorf("channel %q: %w", channelID, ErrNoSuchChannel)
	case u == nil:
		return nil, nil, fmt.Errorf("user %q: %w", user, ErrNoSuchUser)
	case !c.has(user):
		return nil, nil, fmt.Errorf("user %s in %s: %w", user, channelID, ErrNotMember)
	}
	return c, u, nil
}

func (s *Server) begin(kind string, c *channel, u *User) *Interaction {
	trigger := s.ids.ts(s.clock()) + "." + s.ids.secret(32)
	return &Interaction{Trigger: trigger, Kind: kind, User: u.ID, Channel: c.ID}
}

func (s *Server) interactionPayload(kind string, i *Interaction, c *channel, u *User) object {
	name := c.Name
	if c.Kind == DirectMessage {
		name = "directmessage"
	}
	return object{
		"type": kind, "token": s.verification, "trigger_id": i.Trigger, "response_url": i.ResponseURL, "api_app_id": s.team.AppID,
		"team":    object{"id": s.team.ID, "domain": s.team.Domain},
		"user":    object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": s.team.ID},
		"channel": object{"id": c.ID, "name": name}, "enterprise": nil, "is_enterprise_install": false,
	}
}

var commandToken = regexp.MustCompile(`https?://[^\s<>]+|[@#][\p{L}\p{N}_][\p{L}\p{N}_.-]*|[&<>]`)

// escapeCommand turns names and links into their wire form. A channel that the person cannot see stays as it is.
func (s *Server) escapeCommand(user, text string) string {
	return commandToken.ReplaceAllStringFunc(text, func(t string) string {
		switch t[0] {
		case '&', '<', '>':
			return escaper.Replace(t)
		case 'h':
			return "<" + escaper.Replace(t) + ">"
		case '@':
			if u := s.userNamed(t[1:]); u != nil {
				return "<@" + u.ID + "|" + u.Name + ">"
			}
		case '#':
			if c := s.channelNamed(t[1:]); c != nil && (c.has(user) || c.Kind == PublicChannel && !s.users[user].Guest && !s.users[user].OneChannel) {
				return "<#" + c.ID + "|" + c.Name + ">"
			}
		}
		return t
	})
}
