package slacksim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// content is what an app wants a message to say.
type content struct {
	text     string
	blocks   json.RawMessage
	markdown bool // from markdown_text
	metadata json.RawMessage
	attached json.RawMessage
}

const (
	maxText         = 40_000 // longer text of a new message is cut; chat.postMessage
	maxUpdateText   = 4_000  // longer text of chat.update is refused; observed
	maxMarkdownText = 12_000
	maxMetadata     = 8_000
)

func readContent(args arguments) (content, error) {
	out := content{text: args["text"]}
	if markdown, given := args["markdown_text"]; given && markdown != "" {
		if out.text != "" || args["blocks"] != "" {
			return out, apiError{code: "markdown_text_conflict"}
		}
		if utf8.RuneCountInString(markdown) > maxMarkdownText {
			return out, apiError{code: "msg_too_long"}
		}
		out.markdown = true
		out.blocks = mustJSON([]object{{"type": "markdown", "text": markdown, "block_id": "b" + randomText(4)}})
		out.text = markdown
	}
	if raw := args["blocks"]; raw != "" {
		blocks, err := checkBlocks(raw)
		if err != nil {
			return out, err
		}
		out.blocks = blocks
	}
	if raw := args["attachments"]; raw != "" && raw != "[]" {
		if _, ok := decode[[]object](raw); !ok {
			return out, apiError{code: "invalid_attachments"}
		}
		out.attached = json.RawMessage(raw)
	}
	var err error
	out.metadata, err = checkMetadata(args["metadata"])
	return out, err
}

// checkMetadata follows docs.slack.dev/messaging/message-metadata.
func checkMetadata(raw string) (json.RawMessage, error) {
	if raw == "" || raw == "{}" || raw == "null" {
		return nil, nil
	}
	meta, ok := decode[struct {
		EventType string `json:"event_type"`
		Payload   object `json:"event_payload"`
	}](raw)
	switch {
	case !ok || meta.EventType == "" || meta.Payload == nil:
		return nil, apiError{code: "invalid_metadata_format"}
	case len(raw) > maxMetadata:
		return nil, apiError{code: "metadata_too_large"}
	}
	return json.RawMessage(raw), nil
}

func (s *Server) postMessage(args arguments) (object, error) {
	c, err := s.postable(args["channel"])
	if err != nil {
		return nil, err
	}
	body, err := readContent(args)
	if err != nil {
		return nil, err
	}
	if body.text == "" && body.blocks == nil && body.attached == nil {
		return nil, apiError{code: "no_text"}
	}
	if runes := []rune(body.text); len(runes) > maxText {
		body.text = string(runes[:maxText])
	}
	m := s.botMessage(c, body)
	if thread := args["thread_ts"]; thread != "" {
		if m.ThreadTS, err = c.threadRoot(thread); err != nil {
			return nil, apiError{code: "cannot_reply_to_message"}
		}
		if args.bool("reply_broadcast", false) {
			m.Subtype = subtypeBroadcast
		}
	}
	m.Previews = previewed(m.Text+" "+string(m.Blocks), args.bool("unfurl_links", false), args.bool("unfurl_media", true))
	s.post(c, m, announce)
	s.answered(m)
	return object{"channel": c.ID, "ts": m.TS, "message": s.wire(m)}, nil
}

func (s *Server) answered(m *Message) {
	if s.options.Answered != nil {
		s.options.Answered(m.Channel, m.ThreadTS, m.Text)
	}
}

func (s *Server) botMessage(c *channel, body content) *Message {
	m := &Message{
		Channel: c.ID, TS: s.ids.ts(s.clock()), User: s.bot.ID, BotID: s.team.BotID, Text: body.text,
		Blocks: body.blocks, Metadata: body.metadata, Attachments: body.attached,
	}
	if m.Text == "" && len(m.Blocks) > 0 {
		m.Text = cmp.Or(escaper.Replace(s.plain(m)), "This content can't be displayed.")
	}
	return m
}

func (s *Server) postEphemeral(args arguments) (object, error) {
	c, err := s.postable(args["channel"])
	if err != nil {
		return nil, err
	}
	body, err := readContent(args)
	switch {
	case err != nil:
		return nil, err
	case body.text == "" && body.blocks == nil && body.attached == nil:
		return nil, apiError{code: "no_text"}
	case !c.has(args["user"]):
		return nil, apiError{code: "user_not_in_channel"}
	}
	m := s.botMessage(c, body)
	m.Ephemeral = args["user"]
	if thread := args["thread_ts"]; thread != "" {
		if m.ThreadTS, err = c.threadRoot(thread); err != nil {
			return nil, apiError{code: "cannot_reply_to_message"}
		}
	}
	s.post(c, m, quiet)
	return object{"message_ts": m.TS}, nil
}

// updateMessage replaces what a message of the app says. Text without blocks removes its blocks and
// shows "(edited)"; metadata that is not given stays (docs.slack.dev/reference/methods/chat.update).
func (s *Server) updateMessage(args arguments) (object, error) {
	c, m, err := s.ownMessage(args, "cant_update_message")
	if err != nil {
		return nil, err
	}
	body, err := readContent(args)
	switch {
	case err != nil:
		return nil, err
	case body.text == "" && body.blocks == nil && body.attached == nil:
		return nil, apiError{code: "no_text"}
	case !body.markdown && utf8.RuneCountInString(body.text) > maxUpdateText:
		return nil, apiError{code: "msg_too_long"}
	}
	before := s.wire(m)
	m.Text, m.Blocks = body.text, body.blocks
	if body.attached != nil {
		m.Attachments = body.attached
	}
	if m.Text == "" {
		m.Text = cmp.Or(escaper.Replace(s.plain(m)), "This content can't be displayed.")
	}
	if raw, given := args["metadata"]; given && raw != "" {
		m.Metadata = body.metadata
	}
	m.Edits++
	if body.blocks == nil {
		m.EditedTS = s.ids.ts(s.clock())
	}
	s.changed(c, m, before)
	s.answered(m)
	return object{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": s.wire(m)}, nil
}

func (s *Server) deleteMessage(args arguments) (object, error) {
	c, m, err := s.ownMessage(args, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	s.remove(c, m)
	return object{"channel": c.ID, "ts": args["ts"]}, nil
}

func (s *Server) ownMessage(args arguments, denied string) (*channel, *Message, error) {
	c, err := s.conversation(args["channel"])
	if err != nil {
		return nil, nil, err
	}
	m := c.message(args["ts"])
	switch {
	case m == nil || m.Deleted || m.Ephemeral != "":
		return nil, nil, apiError{code: "message_not_found"}
	case m.BotID != s.team.BotID:
		return nil, nil, apiError{code: denied}
	case c.Archived:
		return nil, nil, apiError{code: "is_archived"}
	}
	return c, m, nil
}

func (s *Server) permalink(args arguments) (object, error) {
	c, err := s.conversation(args["channel"])
	if err != nil {
		return nil, err
	}
	m := c.message(args["message_ts"])
	if m == nil || !m.visible() {
		return nil, apiError{code: "message_not_found"}
	}
	return object{"channel": c.ID, "permalink": s.link(m)}, nil
}

// link is a message's permalink, with the thread's parameters on a reply.
func (w *Workspace) link(m *Message) string {
	digits := m.TS[:len(m.TS)-7] + m.TS[len(m.TS)-6:]
	out := fmt.Sprintf("https://%s.slack.com/archives/%s/p%s", w.team.Domain, m.Channel, digits)
	if m.isReply() {
		out += "?thread_ts=" + m.ThreadTS + "&cid=" + m.Channel
	}
	return out
}

// decode reads JSON text.
func decode[T any](raw string) (T, bool) {
	var out T
	err := json.Unmarshal([]byte(raw), &out)
	return out, err == nil
}
