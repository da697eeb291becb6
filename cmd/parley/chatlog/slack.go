package chatlog

import (
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"parley/conversation"
)

// slackMessage is a message of a Slack export (slack.com/help/articles/220556107).
type slackMessage struct {
	Type     string `json:"type"`
	Subtype  string `json:"subtype"`
	User     string `json:"user"`
	Username string `json:"username"`
	BotID    string `json:"bot_id"`
	Text     string `json:"text"`
	TS       string `json:"ts"`
	// ThreadTS is the TS of the message that began the thread; that one has its own.
	ThreadTS string `json:"thread_ts"`
	Profile  struct {
		DisplayName string `json:"display_name"`
		RealName    string `json:"real_name"`
		Name        string `json:"name"`
	} `json:"user_profile"`
	Files []struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Mimetype string `json:"mimetype"`
	} `json:"files"`
	slackCards
}

// slackNoise are the kinds of entry that tell of the channel, not what anybody said.
var slackNoise = map[string]bool{
	"channel_join": true, "channel_leave": true, "channel_topic": true, "channel_purpose": true, "channel_name": true, "channel_archive": true,
	"channel_unarchive": true, "group_join": true, "group_leave": true, "bot_add": true, "bot_remove": true, "pinned_item": true, "tombstone": true,
	"channel_convert_to_private": true, "channel_posting_permissions": true, "reminder_add": true, "message_changed": true, "message_deleted": true,
}

func readSlack(data []byte, names map[string]string) (Log, error) {
	var entries []slackMessage
	if err := json.Unmarshal(data, &entries); err != nil {
		return Log{}, broken(data, err)
	}
	log := Log{Form: "Slack export"}
	people := map[string]string{}
	for id, name := range names {
		people[id] = name
	}
	for _, e := range entries {
		for _, name := range []string{e.Profile.DisplayName, e.Profile.RealName, e.Profile.Name} {
			if name != "" && people[e.User] == "" {
				people[e.User] = name
			}
		}
	}
	for _, e := range entries {
		if e.Type != "message" || slackNoise[e.Subtype] {
			log.Noise++
			continue
		}
		if e.Text = firstOf(e.Text, e.slackCards.text()); e.Text == "" && len(e.Files) == 0 {
			log.Unread++
			continue
		}
		m := conversation.Message{ID: e.TS, Ref: conversation.ThreadRef{Thread: e.ThreadTS}, Text: slackText(e.Text, people), SentAt: slackTime(e.TS),
			Author: conversation.Author{ID: e.User, Name: firstOf(people[e.User], e.Username, e.User, "unknown"), Kind: conversation.Person}}
		if e.BotID != "" || e.Subtype == "bot_message" {
			m.Author.Kind, m.Author.ID = conversation.Bot, firstOf(e.User, e.BotID)
		}
		for _, f := range e.Files {
			m.Attachments = append(m.Attachments, conversation.Attachment{ID: f.ID, Name: f.Name, MIME: f.Mimetype, Kind: kindOf(f.Mimetype, f.Name)})
		}
		log.Messages = append(log.Messages, m)
	}
	return log, nil
}

// readNames reads the people of an export; without the file, messages show what they hold themselves.
func readNames(path string) map[string]string {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var users []struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Profile struct {
			DisplayName string `json:"display_name"`
			RealName    string `json:"real_name"`
		} `json:"profile"`
	}
	if json.Unmarshal(data, &users) != nil {
		return nil
	}
	names := map[string]string{}
	for _, u := range users {
		names[u.ID] = firstOf(u.Profile.DisplayName, u.Profile.RealName, u.Name)
	}
	return names
}

func slackTime(ts string) time.Time {
	seconds, rest, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}
	}
	micro, _ := strconv.ParseInt((rest + "000000")[:6], 10, 64)
	return time.Unix(s, micro*1000).UTC()
}

var (
	slackRef = regexp.MustCompile(`<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>`)
	entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// slackText makes what people read of Slack's own form: names for ids, links as they are.
func slackText(s string, people map[string]string) string {
	s = slackRef.ReplaceAllStringFunc(s, func(ref string) string {
		m := slackRef.FindStringSubmatch(ref)
		kind, target, label := m[1], m[2], m[3]
		switch kind {
		case "@":
			return "@" + firstOf(label, people[target], target)
		case "#":
			return "#" + firstOf(label, target)
		case "!":
			return "@" + firstOf(label, strings.TrimPrefix(target, "subteam^"))
		}
		if label != "" && label != target {
			return label + " (" + target + ")"
		}
		return target
	})
	return entities.Replace(s)
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// kindOf is the kind of a file as far as its type and name tell.
func kindOf(mime, name string) conversation.AttachmentKind {
	switch major, _, _ := strings.Cut(mime, "/"); major {
	case "image":
		return conversation.AttachmentImage
	case "audio":
		return conversation.AttachmentAudio
	case "video":
		return conversation.AttachmentVideo
	}
	switch ext := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:]); ext {
	case "png", "jpg", "jpeg", "gif", "webp", "heic", "avif", "bmp", "tiff":
		return conversation.AttachmentImage
	case "mp3", "m4a", "ogg", "opus", "wav", "flac":
		return conversation.AttachmentAudio
	case "mp4", "mov", "webm", "mkv":
		return conversation.AttachmentVideo
	}
	return conversation.AttachmentDocument
}
