package discordsim

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxContent is the longest text of a bot's message, in code points
// (discord.com/developers/docs/resources/message#create-message).
const maxContent = 2000

// maxNonce is the longest nonce, in characters.
const maxNonce = 25

type sendBody struct {
	Content         string            `json:"content"`
	Nonce           json.RawMessage   `json:"nonce"`
	EnforceNonce    bool              `json:"enforce_nonce"`
	Embeds          []json.RawMessage `json:"embeds"`
	AllowedMentions *allowedMentions  `json:"allowed_mentions"`
	Reference       *referenceBody    `json:"message_reference"`
	Components      json.RawMessage   `json:"components"`
	Attachments     []attachmentBody  `json:"attachments"`
	Flags           int               `json:"flags"`
}

type referenceBody struct {
	Type            int    `json:"type"`
	MessageID       string `json:"message_id"`
	ChannelID       string `json:"channel_id"`
	FailIfNotExists *bool  `json:"fail_if_not_exists"`
}

// attachmentBody describes an upload by the number in its files[n], as text or number.
type attachmentBody struct {
	ID json.RawMessage `json:"id"`
	wireAttachment
}

type editBody struct {
	Content         *string            `json:"content"`
	Embeds          *[]json.RawMessage `json:"embeds"`
	AllowedMentions *allowedMentions   `json:"allowed_mentions"`
	Components      json.RawMessage    `json:"components"`
	Attachments     *[]attachmentBody  `json:"attachments"`
	Flags           *int               `json:"flags"`
}

// postMessage creates a message. With enforce_nonce a nonce that this bot used in the past few
// minutes returns the message that it made.
func (s *Server) postMessage(r *request) (any, error) {
	c, err := s.channelFor(r)
	if err != nil {
		return nil, err
	}
	if c.Kind == Forum {
		return nil, errChannelType()
	}
	if !s.may(SendMessages, c) {
		return nil, errMissingPermissions()
	}
	var body sendBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	sender := s.restView()
	sender.nonce = true
	nonce := nonceText(body.Nonce)
	if utf8.RuneCountInString(nonce) > maxNonce {
		return nil, invalid("nonce", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
	}
	enforced := body.EnforceNonce && nonce != "" && nonce != "null"
	if earlier, ok := s.world.nonces[nonce]; enforced && ok && s.options.Clock().Sub(earlier.at) < s.options.NonceWindow {
		m := s.world.messages[earlier.messageID]
		if m.deleted {
			return nil, errUnknownMessage()
		}
		return s.world.renderMessage(m, sender), nil
	}
	d, err := s.draft(r, c, body)
	if err != nil {
		return nil, err
	}
	m := s.post(c, d)
	if nonce != "" && nonce != "null" {
		s.remember(nonce, m)
	}
	s.answered(m)
	return s.world.renderMessage(m, sender), nil
}

func (s *Server) answered(m *message) {
	if s.options.Answered == nil {
		return
	}
	replyTo := ""
	if m.reference != nil {
		replyTo = m.reference.messageID
	}
	s.options.Answered(m.channel.ID, replyTo, m.content())
}

// remember keeps which message a nonce made, and forgets the old ones from time to time.
func (s *Server) remember(nonce string, m *message) {
	if len(s.world.nonces) > 10_000 {
		maps.DeleteFunc(s.world.nonces, func(_ string, e sent) bool { return m.created.Sub(e.at) >= s.options.NonceWindow })
	}
	s.world.nonces[nonce] = sent{m.id, m.created}
}

// draft checks a message that the bot wants to create.
func (s *Server) draft(r *request, c *channel, body sendBody) (draft, error) {
	d := draft{
		author: &s.world.bot, content: strings.TrimSpace(body.Content), embeds: body.Embeds, allowed: body.AllowedMentions,
		flags: body.Flags & (FlagSuppressEmbeds | FlagSilent | FlagVoiceMessage), pingReply: body.AllowedMentions.reply(),
		files: r.describe(attachments(body.Attachments)),
	}
	if string(body.Nonce) != "null" {
		d.nonce = body.Nonce
	}
	if len(body.Components) > 0 && string(body.Components) != "null" && string(body.Components) != "[]" {
		d.components = body.Components
	}
	if err := checkContent(d.content, body.Embeds); err != nil {
		return d, err
	}
	if err := body.AllowedMentions.check(); err != nil {
		return d, err
	}
	if len(d.files) > 0 && !s.may(AttachFiles, c) {
		return d, errMissingPermissions()
	}
	if err := s.refer(&d, c, body.Reference); err != nil {
		return d, err
	}
	forward := d.reference != nil && d.reference.kind == 1
	if d.content == "" && len(d.embeds) == 0 && len(d.files) == 0 && d.components == nil && !forward {
		return d, errEmptyMessage()
	}
	return d, nil
}

// refer turns message_reference into a reply or a forward.
func (s *Server) refer(d *draft, c *channel, ref *referenceBody) error {
	if ref == nil || ref.MessageID == "" {
		return nil
	}
	target := s.world.messages[ref.MessageID]
	gone := target == nil || target.deleted
	if ref.Type == 1 {
		if gone || !s.world.canView(s.world.bot.ID, target.channel) {
			return invalid("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
		}
		d.reference = &reference{kind: 1, messageID: target.id, channelID: target.channel.ID, guildID: target.channel.GuildID}
		return nil
	}
	if gone || target.channel != c || ref.ChannelID != "" && ref.ChannelID != c.ID {
		if ref.FailIfNotExists != nil && !*ref.FailIfNotExists {
			return nil
		}
		return invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
	}
	if target.typ != Default && target.typ != Reply {
		return invalid("message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
	}
	if !s.may(ReadMessageHistory, c) {
		return &apiError{status: 400, code: 160002, message: "Cannot reply without permission to read message history"}
	}
	d.typ = Reply
	d.reference = &reference{messageID: target.id, channelID: c.ID, guildID: c.GuildID}
	return nil
}

// edit applies a PATCH to one of the bot's own messages.
func (s *Server) edit(r *request, m *message, body editBody) error {
	content, embeds := m.content(), m.embeds
	if body.Content != nil {
		content = strings.TrimSpace(*body.Content)
	}
	if body.Embeds != nil {
		embeds = *body.Embeds
	}
	if err := checkContent(content, embeds); err != nil {
		return err
	}
	if err := body.AllowedMentions.check(); err != nil {
		return err
	}
	kept := m.attachments
	var described []wireAttachment
	var ids []string
	if body.Attachments != nil {
		described, ids = attachments(*body.Attachments)
		kept = nil
		for _, id := range ids {
			if slices.Contains(m.attachments, id) {
				kept = append(kept, id)
			}
		}
	}
	if content == "" && len(embeds) == 0 && len(kept)+len(r.files) == 0 && m.components == nil && body.Components == nil {
		return errEmptyMessage()
	}
	if err := s.editTooOften(m); err != nil {
		return err
	}
	for _, f := range r.describe(described, ids) {
		kept = append(kept, s.world.addFile(m.channel.ID, f))
	}
	m.attachments, m.embeds = kept, embeds
	if body.Components != nil {
		m.components = body.Components
	}
	if body.Flags != nil {
		m.flags = m.flags&^FlagSuppressEmbeds | *body.Flags&FlagSuppressEmbeds
	}
	s.world.revise(m, content, body.AllowedMentions)
	return nil
}

func checkContent(content string, embeds []json.RawMessage) error {
	if utf8.RuneCountInString(content) > maxContent {
		return invalid("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
	}
	if len(embeds) > 10 {
		return invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
	}
	return nil
}

// attachments splits the list into what it says and which upload or attachment each is about.
func attachments(list []attachmentBody) ([]wireAttachment, []string) {
	var described []wireAttachment
	var ids []string
	for _, a := range list {
		described = append(described, a.wireAttachment)
		ids = append(ids, nonceText(a.ID))
	}
	return described, ids
}
