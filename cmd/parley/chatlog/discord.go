package chatlog

import (
	"encoding/json"
	"strings"
	"time"

	"parley/conversation"
)

// discordExport is the JSON of DiscordChatExporter (github.com/Tyrrrz/DiscordChatExporter). A thread is a file of its own;
// a reply by reference is no thread, neither here nor on Discord.
type discordExport struct {
	Channel struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		// Type is GuildPublicThread, GuildPrivateThread or GuildNewsThread for a thread.
		Type string `json:"type"`
	} `json:"channel"`
	Messages *[]struct {
		ID        string    `json:"id"`
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Content   string    `json:"content"`
		Author    struct {
			ID       string `json:"id"`
			Name     string `json:"name"`
			Nickname string `json:"nickname"`
			IsBot    bool   `json:"isBot"`
		} `json:"author"`
		Attachments []struct {
			ID       string `json:"id"`
			FileName string `json:"fileName"`
		} `json:"attachments"`
		discordCards
	} `json:"messages"`
}

func readDiscord(data []byte) (Log, error) {
	var export discordExport
	if err := json.Unmarshal(data, &export); err != nil {
		return Log{}, broken(data, err)
	}
	if export.Messages == nil {
		return Log{}, errNoExport
	}
	log := Log{Form: "DiscordChatExporter", Name: export.Channel.Name}
	thread := ""
	if strings.HasSuffix(export.Channel.Type, "Thread") {
		thread = export.Channel.ID // a thread has the id of the message that it was started from
		log.ThreadNames = map[string]string{thread: log.Name}
	}
	for _, e := range *export.Messages {
		switch e.Type {
		case "", "Default", "Reply", "20", "23": // the last two answer commands: docs.discord.com/developers/resources/message
		default:
			log.Noise++
			continue
		}
		if e.Content = firstOf(e.Content, e.discordCards.text()); e.Content == "" && len(e.Attachments) == 0 {
			log.Unread++
			continue
		}
		m := conversation.Message{ID: e.ID, Ref: conversation.ThreadRef{Thread: thread}, Text: e.Content, SentAt: e.Timestamp.UTC(),
			Author: conversation.Author{ID: e.Author.ID, Name: firstOf(e.Author.Nickname, e.Author.Name, "unknown"), Kind: conversation.Person}}
		if e.Author.IsBot {
			m.Author.Kind = conversation.Bot
		}
		for _, f := range e.Attachments {
			m.Attachments = append(m.Attachments, conversation.Attachment{ID: f.ID, Name: f.FileName, Kind: kindOf("", f.FileName)})
		}
		log.Messages = append(log.Messages, m)
	}
	return log, nil
}
