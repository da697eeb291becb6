package slack

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"time"

	"parley/conversation"
)

const (
	// historyPage is how many messages of a thread are asked for at once, historyPages how often. Slack gives at most
	// 1,000, or 15 to a distributed app outside the Marketplace.
	// Slack: docs.slack.dev/reference/methods/conversations.replies.
	historyPage  = 1000
	historyPages = 20
	// recentMessages is how many of a direct conversation without threads are read.
	recentMessages = 200
	// historyNames is how long a page waits for names: it is not on the way to an acknowledgement.
	historyNames = 5 * time.Second
)

// History implements conversation.HistoryReader: all of a thread with conversations.replies, or the last 200 messages
// of a direct conversation without threads with conversations.history. Pages come oldest first. Of a thread with more
// than 20,000 replies the newest are read, as far as they lie evenly in time.
func (a *Adapter) History(ctx context.Context, r conversation.HistoryRequest) iter.Seq2[[]conversation.Message, error] {
	return func(yield func([]conversation.Message, error) bool) {
		if r.Ref.Thread == "" {
			messages, err := a.recent(ctx, r)
			if err != nil || len(messages) > 0 {
				yield(messages, err)
			}
			return
		}
		a.thread(ctx, r, yield)
	}
}

// HistoryWhole implements conversation.HistoryWhole: between the oldest and the newest message of a page nothing is
// left out that an event would have brought.
func (a *Adapter) HistoryWhole(conversation.HistoryRequest) bool { return true }

func (a *Adapter) thread(ctx context.Context, r conversation.HistoryRequest, yield func([]conversation.Message, error) bool) {
	arguments := url.Values{"channel": {r.Ref.Channel}, "ts": {r.Ref.Thread}, "limit": {strconv.Itoa(historyPage)}}
	last := ""
	for n := range historyPages {
		p, err := a.read(ctx, "conversations.replies", r.Ref.Channel, arguments)
		if err != nil {
			if errorCode(err) == "thread_not_found" && n == 0 {
				return // the root is gone: nothing is left to be read
			}
			yield(nil, a.fail("conversations.replies", err, false))
			return
		}
		fresh := slices.DeleteFunc(p.Messages, func(m wireMessage) bool {
			return last != "" && !tsAfter(m.TS, last) // Slack repeats the root on each page
		})
		if len(fresh) > 0 {
			last = fresh[len(fresh)-1].TS
			if messages := a.historical(ctx, r, fresh); len(messages) > 0 && !yield(messages, nil) {
				return
			}
		}
		if n == 0 && len(p.Messages) > 0 {
			if oldest := skipTo(p.Messages[0]); oldest != "" {
				arguments.Set("oldest", oldest)
				arguments.Del("cursor")
				continue
			}
		}
		if p.Meta.NextCursor == "" {
			return
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
}

// skipTo gives the time from which a thread of more replies than are read is read on, else nothing.
func skipTo(root wireMessage) string {
	const most = (historyPages - 2) * historyPage
	if root.ReplyCount <= most {
		return ""
	}
	first, err1 := parseTS(root.TS)
	latest, err2 := parseTS(root.LatestReply)
	if err1 != nil || err2 != nil || !latest.After(first) {
		return ""
	}
	span := float64(latest.Sub(first)) * float64(most) / float64(root.ReplyCount)
	return formatTS(latest.Add(-time.Duration(span)))
}

func (a *Adapter) recent(ctx context.Context, r conversation.HistoryRequest) ([]conversation.Message, error) {
	arguments := url.Values{"channel": {r.Ref.Channel}, "limit": {strconv.Itoa(recentMessages)}}
	if r.Trigger.ID != "" {
		arguments.Set("latest", r.Trigger.ID)
		arguments.Set("inclusive", "1")
	}
	p, err := a.read(ctx, "conversations.history", r.Ref.Channel, arguments)
	if err != nil {
		return nil, a.fail("conversations.history", err, false)
	}
	slices.Reverse(p.Messages)
	return a.historical(ctx, r, p.Messages), nil
}

// historical normalises messages as the platform holds them, all for the conversation that is asked for. What is no
// message of anybody (joins, topics, gravestones) and what cannot be read is left out.
func (a *Adapter) historical(ctx context.Context, r conversation.HistoryRequest, raw []wireMessage) []conversation.Message {
	n := a.normalizer(ctx, historyNames)
	var out []conversation.Message
	for i := range raw {
		if !spoken(&raw[i]) {
			continue
		}
		m, err := n.message(r.Ref.Workspace, r.Ref.Channel, channelType(r.Place), &raw[i])
		if err != nil {
			continue
		}
		m.Ref.Thread = r.Ref.Thread
		m.Root = r.Ref.Thread != "" && m.ID == r.Ref.Thread
		out = append(out, m)
	}
	return out
}

// spoken reports whether a message is somebody's: no join, topic or gravestone.
func spoken(w *wireMessage) bool {
	switch w.Subtype {
	case "", "file_share", "thread_broadcast", "me_message", "bot_message":
		return true
	}
	return false
}

func channelType(p conversation.Place) string {
	switch p {
	case conversation.PlaceDM:
		return "im"
	case conversation.PlaceGroup:
		return "mpim"
	case conversation.PlaceChannel, conversation.PlaceThread:
	}
	return ""
}

// read makes one call that gives messages, within the limits. Its errors are of slack-go's types.
func (a *Adapter) read(ctx context.Context, method, channel string, arguments url.Values) (page, error) {
	for try := 1; ; try++ {
		if err := a.limits.call(ctx, method); err != nil {
			return page{}, waitFailure(method, err)
		}
		p, err := a.pages.read(ctx, method, arguments)
		if err != nil && try < limitedTries && a.limited(ctx, method, channel, err) {
			continue
		}
		return p, err
	}
}

// tsAfter compares two timestamps of a channel.
func tsAfter(a, b string) bool {
	at, err1 := parseTS(a)
	bt, err2 := parseTS(b)
	return err1 == nil && err2 == nil && at.After(bt)
}
