package slack

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"parley/conversation"
)

// maxNames bounds how many different people of one message are looked up; further ones appear by their ids.
const maxNames = 25

// normalized is what a delivery comes to: an event, a person who opened the bot's direct messages, or nothing.
type normalized struct {
	event conversation.Event
	// home is the direct conversation whose messages tab was opened.
	home string
	// kind is the delivery's name for metrics.
	kind string
}

var ignored = normalized{kind: "ignored"}

// kindRevoked is the kind of a delivery that says that the app has been removed, or its tokens withdrawn.
const kindRevoked = "revoked"

// normalizer turns what Slack sends into events. It is pure apart from the lookup of people, which may leave out those
// that it cannot have in time.
type normalizer struct {
	self   Identity
	people func(userIDs []string) map[string]person
}

var errNoID = errors.New("no channel or no timestamp")

// event normalises one delivery. An error says that a delivery of a known type cannot be read.
func (n normalizer) event(env envelope, meta conversation.Delivery) (normalized, error) {
	if env.Type != "event_callback" || env.Event == nil {
		return ignored, nil
	}
	meta.ID = env.EventID
	ev := env.Event
	team := n.team(env)
	switch ev.Type {
	case "tokens_revoked", "app_uninstalled":
		return normalized{kind: kindRevoked}, nil
	case "agent_session_stopped":
		return n.sessionStopped(team, ev, meta)
	case "app_home_opened":
		if ev.Tab == "messages" && ev.Channel != "" {
			return normalized{home: ev.Channel, kind: "home_opened"}, nil
		}
		return ignored, nil
	case "app_mention":
		if ev.Subtype == "message_changed" || ev.Subtype == "message_deleted" {
			return ignored, nil // the same change comes as a message
		}
		return n.posted(team, ev, meta, true)
	case "message":
		switch ev.Subtype {
		case "", "file_share", "thread_broadcast", "me_message", "bot_message":
			return n.posted(team, ev, meta, false)
		case "message_changed":
			return n.changed(team, ev, meta)
		case "message_deleted":
			return n.deleted(team, ev, ev.Previous, ev.DeletedTS, meta)
		}
	}
	return ignored, nil
}

// team is the workspace through which the app receives the event: in a shared channel team_id may be another
// company's. Slack: docs.slack.dev/apis/slack-connect, "context_team_id".
func (n normalizer) team(env envelope) string {
	if strings.HasPrefix(env.ContextTeamID, "T") {
		return env.ContextTeamID
	}
	if n.self.TeamID != "" {
		return n.self.TeamID
	}
	for _, a := range env.Authorizations {
		if a.TeamID != "" {
			return a.TeamID
		}
	}
	return env.TeamID
}

func (n normalizer) posted(team string, ev *wireEvent, meta conversation.Delivery, mentioned bool) (normalized, error) {
	m, err := n.message(team, ev.Channel, ev.ChannelType, &ev.wireMessage)
	if err != nil {
		return normalized{}, fmt.Errorf("read %s event: %w", ev.Type, err)
	}
	if mentioned && !m.MentionsSelf() {
		// Slack says so even where the text does not show it, as in messages made of blocks.
		m.Mentions = append(m.Mentions, conversation.Mention{
			Kind: conversation.MentionSelf, ID: n.self.UserID, Name: n.self.Name})
	}
	return normalized{event: conversation.Posted{Delivery: meta, Message: m}, kind: "posted"}, nil
}

// changed reads message_changed. Previews, reactions, reply counts and our own updates come as such too, and are none.
func (n normalizer) changed(team string, ev *wireEvent, meta conversation.Delivery) (normalized, error) {
	m, before := ev.Message, ev.Previous
	if m == nil {
		return normalized{}, fmt.Errorf("read message_changed event: %w", errNoID)
	}
	if m.Subtype == "tombstone" {
		// The root of a thread is not deleted while it has replies: it becomes this.
		return n.deleted(team, ev, before, m.TS, meta)
	}
	if n.isSelf(m) || !changedByAuthor(m, before) {
		return ignored, nil
	}
	edited, err := n.message(team, ev.Channel, ev.ChannelType, m)
	if err != nil {
		return normalized{}, fmt.Errorf("read message_changed event: %w", err)
	}
	if edited.EditedAt.IsZero() {
		edited.EditedAt, _ = parseTS(ev.EventTS)
	}
	edited.Revision = max(edited.Revision, 1)
	return normalized{event: conversation.Edited{Delivery: meta, Message: edited}, kind: "edited"}, nil
}

func changedByAuthor(m, before *wireMessage) bool {
	if before == nil {
		return m.Edited != nil
	}
	if m.Text != before.Text || len(m.Files) != len(before.Files) {
		return true
	}
	for i := range m.Files {
		if m.Files[i].ID != before.Files[i].ID || m.Files[i].Mode != before.Files[i].Mode {
			return true
		}
	}
	return m.Edited != nil && (before.Edited == nil || m.Edited.TS != before.Edited.TS)
}

func (n normalizer) deleted(team string, ev *wireEvent, before *wireMessage, ts string, meta conversation.Delivery) (normalized, error) {
	if ev.Channel == "" || ts == "" {
		return normalized{}, fmt.Errorf("read message_deleted event: %w", errNoID)
	}
	ref := conversation.ThreadRef{Platform: conversation.Slack, Workspace: team, Channel: ev.Channel}
	if before != nil && before.TS != "" {
		ref.Thread = n.thread(isDM(ev.Channel, ev.ChannelType), before)
	}
	at, err := parseTS(ev.EventTS)
	if err != nil {
		at = meta.ReceivedAt
	}
	return normalized{kind: "deleted", event: conversation.Deleted{
		Delivery: meta, Ref: ref, MessageIDs: []string{ts}, At: at}}, nil
}

// message normalises one message of a channel.
func (n normalizer) message(team, channel, channelType string, w *wireMessage) (conversation.Message, error) {
	if channel == "" || w.TS == "" {
		return conversation.Message{}, errNoID
	}
	sent, err := parseTS(w.TS)
	if err != nil {
		return conversation.Message{}, err
	}
	dm := isDM(channel, channelType)
	m := conversation.Message{
		Ref: conversation.ThreadRef{Platform: conversation.Slack, Workspace: team, Channel: channel,
			Thread: n.thread(dm, w)},
		ID:          w.TS,
		SentAt:      sent,
		Place:       place(dm, channelType, w),
		Attachments: attachments(w.Files),
	}
	m.Root = m.Ref.Thread == w.TS
	if w.Edited != nil {
		if at, err := parseTS(w.Edited.TS); err == nil {
			m.EditedAt, m.Revision = at, 1 // Slack does not count edits
		}
	}
	source := textOf(w)
	var people map[string]person
	if ids := n.unnamed(w, source); len(ids) > 0 && n.people != nil {
		people = n.people(ids)
	}
	m.Author = n.author(w, people)
	m.Text, m.Mentions = toCommonMark(source, n.self, func(id string) string {
		if name := people[id].name; name != "" {
			return name
		}
		return id
	})
	return m, nil
}

// thread is the Thread part of the conversation's key.
func (n normalizer) thread(dm bool, w *wireMessage) string {
	switch {
	case w.ThreadTS != "":
		return w.ThreadTS
	case dm && !n.self.Agent():
		return ""
	}
	return w.TS
}

func isDM(channel, channelType string) bool {
	return channelType == "im" || channelType == "" && strings.HasPrefix(channel, "D")
}

func place(dm bool, channelType string, w *wireMessage) conversation.Place {
	switch {
	case dm:
		return conversation.PlaceDM
	case w.ThreadTS != "" && w.ThreadTS != w.TS:
		return conversation.PlaceThread
	case channelType == "mpim":
		return conversation.PlaceGroup
	}
	return conversation.PlaceChannel
}

func (n normalizer) isSelf(w *wireMessage) bool {
	return w.User != "" && w.User == n.self.UserID || w.BotID != "" && w.BotID == n.self.BotID
}

// surelyBot reports whether a message is no person's whatever users.info tells: nobody's message is a system's.
func surelyBot(w *wireMessage) bool {
	return w.User == "" || w.User == "USLACKBOT" || w.Subtype == "bot_message"
}

// isBot reports whether a message is a bot's. A bot_id alone does not say so: Slack sets it beside the user also
// where a person posts through an app, by a user token. The user then tells. Where users.info does not, an app's mark
// (app_id, bot_profile) counts as a bot's, since two bots that answer each other are worse than a person who is not
// answered.
func isBot(w *wireMessage, people map[string]person) bool {
	if surelyBot(w) || w.BotID == "" {
		return surelyBot(w)
	}
	if p := people[w.User]; p.known {
		return p.bot
	}
	return w.AppID != "" || w.BotProfile != nil
}

func (n normalizer) author(w *wireMessage, people map[string]person) conversation.Author {
	a := conversation.Author{ID: w.User, Kind: conversation.Person}
	switch {
	case n.isSelf(w):
		return conversation.Author{ID: n.self.UserID, Name: n.self.Name, Kind: conversation.Self}
	case isBot(w, people):
		a.Kind = conversation.Bot
		if a.ID == "" {
			a.ID = w.BotID
		}
		if a.Name = cleanName(w.Username); a.Name == "" && w.BotProfile != nil {
			a.Name = cleanName(w.BotProfile.Name)
		}
	}
	if a.Name == "" {
		a.Name = people[a.ID].name
	}
	if a.Name == "" {
		a.Name = a.ID
	}
	return a
}

var userForm = regexp.MustCompile(`<@([A-Z0-9]{2,32})[|>]`)

// unnamed gives the users whose names the message needs, its author first.
func (n normalizer) unnamed(w *wireMessage, source string) []string {
	var ids []string
	add := func(id string) {
		if id == "" || id == n.self.UserID || len(ids) >= maxNames {
			return
		}
		for _, have := range ids {
			if have == id {
				return
			}
		}
		ids = append(ids, id)
	}
	if !surelyBot(w) && !n.isSelf(w) {
		add(w.User)
	}
	for _, match := range userForm.FindAllStringSubmatch(source, 10*maxNames) {
		add(match[1])
	}
	return ids
}
