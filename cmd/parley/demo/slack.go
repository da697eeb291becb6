package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"parley/bots/slack/slacksim"
)

// slackSide shows a simulated Slack workspace.
type slackSide struct {
	server *slacksim.Server
	kinds  *kinds
}

func (slackSide) platform() string { return "slack" }

func (s slackSide) watch(ctx context.Context, changed func()) {
	for range s.server.Changes(ctx) {
		changed()
	}
}

func (s slackSide) read(put func(string, any)) {
	put("info", infoView{Name: projectName, Commands: slackCommands, Menu: slackMenu})
	bot := s.server.BotUserID()
	for _, u := range s.server.Users() {
		v := userView{ID: u.ID, Name: u.RealName, Bot: u.Bot, Self: u.ID == bot}
		if v.Self {
			v.Name = botName
		}
		put("user/"+u.ID, v)
	}
	for i, c := range s.server.Channels() {
		put("channel/"+c.ID, slackChannel(c, i))
		messages := newest(s.server.AllMessages(c.ID))
		threads := map[string]bool{"": true}
		for _, m := range messages {
			put("message/"+c.ID+"/"+m.TS, s.message(m, bot))
			threads[m.TS] = true
			threads[m.ThreadTS] = true
		}
		for thread := range threads {
			if text := s.server.Status(c.ID, thread); text != "" {
				session, _ := s.server.Session(c.ID, thread)
				put("status/"+c.ID+"/"+thread, statusView{
					Channel: c.ID, Thread: thread, Text: botName + " " + text, Stop: session.Status == "processing",
				})
			}
		}
	}
}

func slackChannel(c slacksim.Channel, order int) channelView {
	v := channelView{ID: c.ID, Name: c.Name, Members: c.Members, Order: order, Topic: topics[c.Name]}
	switch c.Kind {
	case slacksim.PrivateChannel:
		v.Kind = "private"
	case slacksim.GroupMessage:
		v.Kind = "group"
	case slacksim.DirectMessage:
		v.Kind, v.Name = "dm", botName
	default:
		v.Kind = "channel"
	}
	return v
}

func (s slackSide) message(m slacksim.Message, bot string) messageView {
	v := messageView{
		ID: m.TS, Channel: m.Channel, Thread: m.ThreadTS, Author: m.User, Text: m.Text, Format: "mrkdwn",
		At: millis(m.TS), Edited: m.EditedTS != "" && m.User != bot, Gone: m.Deleted,
		System: strings.HasSuffix(m.Subtype, "_join") || strings.HasSuffix(m.Subtype, "_leave"), Only: m.Ephemeral,
	}
	if bytes.Contains(m.Blocks, []byte(`"actions"`)) {
		for _, b := range s.server.Buttons(m.Channel, m.TS) {
			v.Buttons = append(v.Buttons, buttonView{ID: b.ActionID, Label: b.Text})
		}
	}
	if m.BotID != "" {
		v.Author = bot
	}
	if v.System {
		v.Text = strings.TrimPrefix(m.Text, "<@"+m.User+"> ")
	}
	if text, ok := blockText(m.Blocks); ok {
		v.Text, v.Format = text, "markdown"
	}
	if m.Deleted {
		v.Text, v.Format, v.System = "This message was deleted.", "markdown", true
	}
	for _, f := range m.Files {
		if f.Deleted {
			continue
		}
		kind := s.kinds.of(f.ID, func() []byte {
			data, _ := s.server.FileBytes(f.ID)
			return data
		})
		v.Files = append(v.Files, fileView{id: f.ID, Name: f.Name, Type: kind, Size: f.Size, URL: "api/files/slack/" + f.ID})
	}
	return v
}

// millis reads a Slack timestamp, seconds.micros.
func millis(ts string) int64 {
	seconds, micros, _ := strings.Cut(ts, ".")
	s, _ := strconv.ParseInt(seconds, 10, 64) // a timestamp of the simulator is always a number
	us, _ := strconv.ParseInt(micros, 10, 64)
	return s*1000 + us/1000
}

// blockText joins what an app's blocks say, as Markdown; it is false where there is no Markdown block, as in what
// people write (Slack: docs.slack.dev/reference/block-kit/blocks/markdown-block).
func blockText(raw json.RawMessage) (string, bool) {
	var blocks []struct {
		Type     string          `json:"type"`
		Text     json.RawMessage `json:"text"`
		Elements []struct {
			Text json.RawMessage `json:"text"`
		} `json:"elements"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &blocks) != nil {
		return "", false
	}
	var parts []string
	found := false
	for _, b := range blocks {
		switch b.Type {
		case "markdown":
			found = true
			parts = append(parts, textOf(b.Text))
		case "section":
			parts = append(parts, textOf(b.Text))
		case "context":
			for _, e := range b.Elements {
				parts = append(parts, textOf(e.Text))
			}
		case "divider":
			parts = append(parts, "---")
		}
	}
	return strings.Join(parts, "\n\n"), found
}

// textOf reads a string or a text object.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var object struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(raw, &object) == nil {
		return object.Text
	}
	return ""
}

func (s slackSide) post(d draft) (string, error) {
	var ids []string
	for _, f := range d.files {
		stored, err := s.server.Upload(d.person, f.name, f.mime, f.data)
		if err != nil {
			return "", fmt.Errorf("upload to simulated slack: %w", err)
		}
		ids = append(ids, stored.ID)
	}
	var options []slacksim.SayOption
	if len(ids) > 0 {
		options = append(options, slacksim.WithFiles(ids...))
	}
	if d.thread != "" {
		options = append(options, slacksim.InThread(d.thread))
	}
	m, err := s.server.Say(d.person, d.channel, d.text, options...)
	if err != nil {
		return "", fmt.Errorf("post to simulated slack: %w", err)
	}
	return m.TS, nil
}

func (s slackSide) edit(m messageRef, text string) error {
	return s.server.EditMessage(m.person, m.channel, m.id, text)
}

func (s slackSide) remove(m messageRef) error {
	return s.server.DeleteMessage(m.person, m.channel, m.id)
}

func (slackSide) startThread(messageRef, string) (string, error) {
	return "", errors.New("on Slack a reply starts a thread")
}

func (s slackSide) content(id string) (upload, bool) {
	data, ok := s.server.FileBytes(id)
	f, known := s.server.File(id)
	return upload{name: f.Name, mime: f.MIME, data: data}, ok && known
}
