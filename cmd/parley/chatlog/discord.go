package chatlog

import (
	"encoding/json"
	"errors"
	"time"

	"parley/conversation"
)

// discordExport is the JSON of DiscordChatExporter (github.com/Tyrrrz/DiscordChatExporter).
type discordExport struct {
	Channel struct {
		Name string `json:"name"`
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
	} `json:"messages"`
}

func readDiscord(data []byte) (Log, error) {
	var export discordExport
	if err := json.Unmarshal(data, &export); err != nil {
		return Log{}, broken(data, err)
	}
	if export.Messages == nil {
		return Log{}, errors.New("is no chat export: a Slack export is a list of messages, a DiscordChatExporter JSON has \"messages\"")
	}
	log := Log{Form: "DiscordChatExporter", Name: export.Channel.Name}
	for _, e := range *export.Messages {
		if e.Type != "" && e.Type != "Default" && e.Type != "Reply" || e.Content == "" && len(e.Attachments) == 0 {
			log.Noise++
			continue
		}
		m := conversation.Message{Text: e.Content, SentAt: e.Timestamp.UTC(),
			Author: conversation.Author{ID: e.Author.ID, Name: firstOf(e.Author.Nickname, e.Author.Name, "unknown"), Kind: conversation.Person}}
		if e.Author.IsBot {
			m.Author.Kind = conversation.Bot
		}
		for _, f := range e.Attachments {
			m.Attachments = append(m.Attachments, conversation.Attachment{ID: f.ID, Name: f.FileName, Kind: kindOf("", f.FileName)})
		}
		log.Messages = append(log.Messages, m)
	}
	inOrder(&log)
	return log, nil
}
