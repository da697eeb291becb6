package discord

import (
	"regexp"

	"parley/conversation"
)

// address is a link to a channel or message, as the clients write it (support.discord.com/hc/en-us/articles/206346498).
var address = regexp.MustCompile(`https?://(?:(?:www|ptb|canary)\.)?discord(?:app)?\.com/channels/(@me|\d{1,20})/(\d{1,20})(?:/(\d{1,20}))?(\d?)`)

// Link implements conversation.Linker.
func (a *Adapter) Link(ref conversation.ThreadRef, messageID string) string {
	if ref.Workspace != directMessages && !isSnowflake(ref.Workspace) || !isSnowflake(ref.Channel) {
		return ""
	}
	link := "https://discord.com/channels/" + ref.Workspace + "/" + ref.Channel
	switch {
	case messageID == "":
		return link
	case !isSnowflake(messageID):
		return ""
	}
	return link + "/" + messageID
}

// FindLink implements conversation.Linker. A thread is its own channel.
func (a *Adapter) FindLink(text string) (ref conversation.ThreadRef, messageID string, ok bool) {
	for _, m := range address.FindAllStringSubmatch(text, -1) {
		if m[4] != "" { // a number that is longer than any id
			continue
		}
		return conversation.ThreadRef{Platform: conversation.Discord, Workspace: m[1], Channel: m[2]}, m[3], true
	}
	return conversation.ThreadRef{}, "", false
}
