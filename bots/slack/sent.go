package slack

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parley/conversation"
)

const (
	// sentPages bounds the search for a message that may have been sent.
	sentPages = 10
	sentPage  = 200
)

var errTooFar = errors.New("too much was said since to be sure that the message was not sent")

// FindSent implements conversation.SentFinder: it looks through the thread, or outside threads the channel, from the
// answered message on for one of the app's own that carries out.SendID in its metadata, or in the name of its file.
func (a *Adapter) FindSent(ctx context.Context, out conversation.Outgoing, since time.Time) (string, bool, error) {
	method := "conversations.history"
	arguments := url.Values{"channel": {out.Ref.Channel}, "limit": {strconv.Itoa(sentPage)}, "include_all_metadata": {"1"}, "inclusive": {"1"}}
	if out.Ref.Thread != "" {
		method = "conversations.replies"
		arguments.Set("ts", out.Ref.Thread)
	}
	if oldest := sentAfter(out.ReplyTo, since); oldest != "" {
		arguments.Set("oldest", oldest)
	}
	self, _ := a.Self()
	n := normalizer{self: self}
	for range sentPages {
		p, err := a.read(ctx, method, out.Ref.Channel, arguments)
		if errorCode(err) == "thread_not_found" {
			return "", false, nil
		}
		if err != nil {
			return "", false, a.fail(method, err, false)
		}
		for i := range p.Messages {
			if m := &p.Messages[i]; n.isSelf(m) && carries(m, out.SendID) {
				return m.TS, true, nil
			}
		}
		if p.Meta.NextCursor == "" {
			return "", false, nil
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
	return "", false, &conversation.Failure{Code: conversation.CodeSendUnknown, Safe: safeBusy, Err: errTooFar}
}

// sentAfter gives the time from which to look: the answered message's, which is Slack's own clock, else since.
func sentAfter(replyTo string, since time.Time) string {
	if _, err := parseTS(replyTo); err == nil {
		return replyTo
	}
	if since.IsZero() {
		return ""
	}
	return formatTS(since)
}

func carries(m *wireMessage, sendID string) bool {
	if sendID == "" {
		return false
	}
	if m.Metadata != nil && m.Metadata.EventType == metadataType && m.Metadata.EventPayload.SendID == sendID {
		return true
	}
	for _, f := range m.Files {
		if strings.Contains(f.Name, sendID) {
			return true
		}
	}
	return false
}
