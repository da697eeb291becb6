package discord

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"parley/conversation"
)

// maxOption is the longest option that is taken, in bytes; a link is shorter.
const maxOption = 200

// maxOptions is the most that a command has (discord.com/developers/docs/interactions/application-commands#application-command-object).
const maxOptions = 25

// shareID begins the custom_id of the button "Share in thread"; what it is to share follows.
const shareID = "share:"

// asked turns a command, or the button "Share in thread", into the domain's form.
func (a *Adapter) asked(i payloadInteraction, received time.Time) (conversation.Asked, bool) {
	author, _ := i.author()
	guild := cmp.Or(i.GuildID, directMessages)
	id := conversation.CommandThread(i.ID)
	ask := conversation.Ask{Handle: a.sealers.handles.Seal(i.ApplicationID + "/" + i.Token), Expires: snowflakeTime(i.ID).Add(handleLife)}
	m := conversation.Message{
		Ref:   conversation.ThreadRef{Platform: conversation.Discord, Workspace: guild, Channel: i.ChannelID, Thread: id},
		Place: conversation.PlacePrivate, ID: id, Author: author, SentAt: snowflakeTime(i.ID), Ask: &ask,
	}
	where := i.Channel
	if where.ID != i.ChannelID {
		where, _ = a.names.channel(i.ChannelID)
	}
	if where.isThread() {
		m.Parent = where.ParentID
	}
	switch {
	case i.Type == interactionComponent:
		value, ok := strings.CutPrefix(i.Data.CustomID, shareID)
		if !ok || value == "" {
			return conversation.Asked{}, false
		}
		ask.Verb, ask.Text, m.Text = conversation.VerbShare, value, "Share in thread"
		m.ID = conversation.ShareThread(value, author.ID)
		m.Ref.Thread = m.ID
	case i.Type == interactionCommand && i.Data.Type == commandMessage:
		verb, known := messageVerbs[i.Data.Name]
		if !known || !isSnowflake(i.Data.TargetID) {
			return conversation.Asked{}, false
		}
		ask.Verb, ask.From = verb, verb == conversation.VerbSummarize
		ask.Source = conversation.ThreadRef{Platform: conversation.Discord, Workspace: guild, Channel: i.ChannelID}
		ask.MessageID, m.Text = i.Data.TargetID, i.Data.Name
		target := i.Data.Resolved.Messages[i.Data.TargetID]
		target.ID, target.ChannelID = i.Data.TargetID, i.ChannelID
		m.Attachments = append([]conversation.Attachment{}, attachments(target)...)
	case i.Type == interactionCommand && i.Data.Type == commandSlash:
		verb, known := slashVerbs[i.Data.Name]
		if !known {
			return conversation.Asked{}, false
		}
		ask.Verb = verb
		a.options(i, &ask, &m)
	default:
		return conversation.Asked{}, false
	}
	return conversation.Asked{Delivery: conversation.Delivery{ID: i.ID, ReceivedAt: received}, Message: m}, true
}

// options reads what was filled in. What is no link, and a second place beside the first, is left in the text, so that the
// engine says so.
func (a *Adapter) options(i payloadInteraction, ask *conversation.Ask, m *conversation.Message) {
	words, rest := []string{"/" + i.Data.Name}, []string{}
	add := func(word string) {
		words, rest = append(words, word), append(rest, word)
	}
	for _, o := range i.Data.Options[:min(len(i.Data.Options), maxOptions)] {
		value := optionText(o.Value)
		if value == "" {
			continue
		}
		switch o.Name {
		case optionChannel:
			if !isSnowflake(value) {
				continue
			}
			name := "#" + oneLine(cmp.Or(i.Data.Resolved.Channels[value].Name, value))
			if ask.Source.Channel != "" {
				add(name)
				continue
			}
			ask.Source = conversation.ThreadRef{Platform: conversation.Discord, Workspace: m.Ref.Workspace, Channel: value}
			words = append(words, name)
		case optionLink:
			ref, messageID, ok := a.FindLink(value)
			if !ok || ask.Source.Channel != "" {
				add(value)
				continue
			}
			ask.Source = ref
			words = append(words, a.Link(ref, messageID))
			a.point(ask, ref, messageID)
		case optionAttachment:
			if f, ok := i.Data.Resolved.Attachments[value]; ok {
				m.Attachments = append(m.Attachments, a.optionFile(f))
				words = append(words, m.Attachments[len(m.Attachments)-1].Name)
			}
		case optionSince, optionLast, optionTo:
			add(o.Name + " " + value)
		}
	}
	m.Text, ask.Text = strings.Join(words, " "), strings.Join(rest, " ")
}

// point says what a link to a message means. A thread is its own channel, so a message of one names that thread; in
// another channel what is summed up begins with the message.
func (a *Adapter) point(ask *conversation.Ask, ref conversation.ThreadRef, messageID string) {
	if ask.Verb != conversation.VerbSummarize {
		ask.MessageID = messageID
		return
	}
	c, known := a.names.channel(ref.Channel)
	if messageID != "" && (known && !c.isThread() || ref.Workspace == directMessages) {
		ask.MessageID, ask.From = messageID, true
	}
}

// optionText is an option's value in one line; numbers come as JSON numbers.
func optionText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	s = oneLine(s)
	if len(s) > maxOption {
		s = strings.ToValidUTF8(s[:maxOption], "")
	}
	return s
}

// optionFile notes a file that was given with a command. It stands in no message, so its signed address is what opens
// it: the locator holds it sealed.
func (a *Adapter) optionFile(f payloadAttachment) conversation.Attachment {
	return conversation.Attachment{
		ID: f.ID, Kind: attachmentKind(f, 0), Name: attachmentName(f), MIME: f.ContentType, Size: max(f.Size, 0), Locator: a.seal(f.URL),
	}
}
