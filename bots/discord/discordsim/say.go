package discordsim

import (
	"encoding/json"
	"fmt"
	"strings"
)

// SayOption changes one message of [Server.Say].
type SayOption func(*saying)

type saying struct {
	replyTo string
	forward string
	draft   draft
}

// ReplyTo answers a message of the same channel and notifies its author.
func ReplyTo(messageID string) SayOption {
	return func(s *saying) { s.replyTo = messageID; s.draft.typ = Reply }
}

// WithoutPing makes a reply that does not notify the author of the message it answers.
func WithoutPing() SayOption { return func(s *saying) { s.draft.pingReply = false } }

// WithFiles attaches files. A file with a Waveform makes the message a voice message.
func WithFiles(files ...File) SayOption {
	return func(s *saying) { s.draft.files = append(s.draft.files, files...) }
}

// WithEmbeds adds embeds as JSON objects.
func WithEmbeds(embeds ...json.RawMessage) SayOption {
	return func(s *saying) { s.draft.embeds = append(s.draft.embeds, embeds...) }
}

// WithComponents adds message components as a JSON array.
func WithComponents(components json.RawMessage) SayOption {
	return func(s *saying) { s.draft.components = components }
}

// WithUnknownComponent adds a component of a type that no client knows yet.
func WithUnknownComponent() SayOption {
	return WithComponents(json.RawMessage(`[{"type":1,"components":[{"type":9999,"custom_id":"x","shape":{"a":[1]}}]}]`))
}

// WithType makes it a message of another type, such as a system message.
func WithType(t MessageType) SayOption { return func(s *saying) { s.draft.typ = t } }

// Forwarding forwards a message from any channel; the content is usually empty then.
func Forwarding(messageID string) SayOption { return func(s *saying) { s.forward = messageID } }

// Say lets a user write into a channel that they may see and write in. <@ID>, <@&ID> and
// @everyone in the content are mentions.
func (s *Server) Say(userID, channelID, content string, opts ...SayOption) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.actor(userID, channelID)
	if err != nil {
		return Message{}, fmt.Errorf("say: %w", err)
	}
	if c.Kind == Forum {
		return Message{}, fmt.Errorf("say: channel %q is a forum, use ForumPost", c.Name)
	}
	if s.world.permissions(u.ID, c)&SendMessages == 0 {
		return Message{}, fmt.Errorf("say: %s may not write in channel %q", u.Name, c.Name)
	}
	d, err := s.said(u, c, content, opts)
	if err != nil {
		return Message{}, fmt.Errorf("say: %w", err)
	}
	return s.world.snapshotOf(s.post(c, d), s.link), nil
}

// SayWebhook posts as a webhook: its author is no user and it carries a webhook_id.
func (s *Server) SayWebhook(channelID, name, content string, opts ...SayOption) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[channelID]
	if c == nil || c.GuildID == "" || c.Kind == Forum {
		return Message{}, fmt.Errorf("say by webhook: %q is no channel for webhooks", channelID)
	}
	hook := &User{ID: s.world.newID(), Name: name, Bot: true}
	d, err := s.said(hook, c, content, opts)
	if err != nil {
		return Message{}, fmt.Errorf("say by webhook: %w", err)
	}
	d.webhookID = hook.ID
	return s.world.snapshotOf(s.post(c, d), s.link), nil
}

// said makes a draft of what a person typed.
func (s *Server) said(u *User, c *channel, content string, opts []SayOption) (draft, error) {
	say := saying{draft: draft{author: u, content: strings.TrimSpace(content), pingReply: true}}
	for _, o := range opts {
		o(&say)
	}
	d := say.draft
	if say.replyTo != "" {
		target := s.world.messages[say.replyTo]
		if target == nil || target.deleted || target.channel != c {
			return d, fmt.Errorf("no message %q to reply to in this channel", say.replyTo)
		}
		d.reference = &reference{messageID: target.id, channelID: c.ID, guildID: c.GuildID}
	}
	if say.forward != "" {
		target := s.world.messages[say.forward]
		if target == nil || target.deleted || !s.world.canView(u.ID, target.channel) {
			return d, fmt.Errorf("no message %q to forward", say.forward)
		}
		d.reference = &reference{kind: 1, messageID: target.id, channelID: target.channel.ID, guildID: target.channel.GuildID}
	}
	if d.content == "" && len(d.files) == 0 && len(d.embeds) == 0 && d.components == nil && say.forward == "" && d.typ <= Reply {
		return d, fmt.Errorf("the message is empty")
	}
	return d, nil
}
