package slack

import (
	"net/url"
	"regexp"
	"strings"

	"parley/conversation"
)

// archived matches a link to a conversation or a message, mentioned the form of a mentioned channel.
// Slack: docs.slack.dev/reference/methods/chat.getPermalink, docs.slack.dev/messaging/formatting-message-text.
var (
	archived  = regexp.MustCompile(`https?://([^\s/<>|()"']{1,253})/archives/([CDG][A-Z0-9]{1,31})(?:/p(\d{16,20}))?(?:\?([^\s<>|()"'\]]*))?`)
	mentioned = regexp.MustCompile(`<#([CDG][A-Z0-9]{1,31})(?:\|[^<>]*)?>`)
)

// Link implements conversation.Linker: a permalink, with the thread's parameters for a reply. Without a message it leads to
// the thread, or to the channel. It is empty until auth.test has told the workspace's address.
func (a *Adapter) Link(ref conversation.ThreadRef, messageID string) string {
	self, _ := a.Self()
	if self.URL == "" || ref.Workspace != self.TeamID || !isID(ref.Channel) {
		return ""
	}
	link := strings.TrimSuffix(self.URL, "/") + "/archives/" + ref.Channel
	_, noThread := parseTS(ref.Thread)
	if messageID == "" {
		if noThread != nil {
			return link
		}
		messageID = ref.Thread
	}
	whole, micros, _ := strings.Cut(messageID, ".")
	if _, err := parseTS(messageID); err != nil || len(micros) != 6 {
		return ""
	}
	link += "/p" + whole + micros
	if noThread == nil && ref.Thread != messageID {
		link += "?thread_ts=" + ref.Thread + "&cid=" + ref.Channel
	}
	return link
}

// FindLink implements conversation.Linker: it finds a permalink of this workspace, or a channel in the form of a mention.
// The Thread of a message that is no reply is its own, as everywhere: it may have replies.
func (a *Adapter) FindLink(text string) (ref conversation.ThreadRef, messageID string, ok bool) {
	self, _ := a.Self()
	ref = conversation.ThreadRef{Platform: conversation.Slack, Workspace: self.TeamID}
	end := len(text)
	if m := mentioned.FindStringSubmatchIndex(text); m != nil {
		end, ok = m[0], true
		ref.Channel = text[m[2]:m[3]]
	}
	home, err := url.Parse(self.URL)
	if err != nil || home.Host == "" {
		return ref, "", ok
	}
	for _, m := range archived.FindAllStringSubmatch(text[:end], -1) {
		if !strings.EqualFold(m[1], home.Host) {
			continue
		}
		ref.Channel = m[2]
		if m[3] != "" {
			messageID = m[3][:len(m[3])-6] + "." + m[3][len(m[3])-6:]
			ref.Thread = messageID
		}
		query, err := url.ParseQuery(m[4])
		if thread := query.Get("thread_ts"); err == nil && thread != "" {
			if _, err := parseTS(thread); err == nil {
				ref.Thread = thread
			}
		}
		return ref, messageID, true
	}
	return ref, "", ok
}
