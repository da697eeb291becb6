package slack

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	slackapi "github.com/slack-go/slack"

	"parley/conversation"
)

const (
	// missedPage is how many messages are asked for at once, missedPages how often in one channel or thread.
	missedPage  = 200
	missedPages = 10
	// missedBytes bounds what one channel's messages may hold in memory.
	missedBytes = 16 << 20
	// laterTries is how often a call of a catch-up is made that does not come through.
	laterTries = 4
)

// Missed implements conversation.MissedReader. It looks into the conversations that the bot is in, at most 1,000, the
// most recently active first, and reads of each:
//
//   - what stands in the channel itself since its mark, or since Parley was last online where that is earlier or there
//     is no mark: the newest 2,000 messages or 16 MB;
//   - the replies to those messages;
//   - of the 200 most recently active threads of marks.Threads, the replies since their marks where there are any:
//     2,000 a thread.
//
// Everything is read from conversation.CatchUpOverlap before that, and nothing from before the bot joined the
// channel. A first mention in an older thread that Parley takes no part in cannot be found. Messages come oldest
// first within a channel and within a thread, as they stand now: deleted ones are not there. Calls are made in what
// calls for answers leave of the limits (38 channels and 30 threads a minute), so a long absence takes a while, and
// answers do not wait for it. A channel that may not be read is passed over. Where the conversations are not listed,
// those of the marks are read; on a server that does not have the methods, nothing is.
//
// Slack: docs.slack.dev/reference/methods/conversations.history and conversations.replies.
func (a *Adapter) Missed(ctx context.Context, marks conversation.Marks) iter.Seq2[[]conversation.Posted, error] {
	return func(yield func([]conversation.Posted, error) bool) {
		rooms, err := a.rooms(ctx, marks)
		if err != nil {
			yield(nil, a.fail("users.conversations", err, false))
			return
		}
		for _, p := range rooms {
			m := missed{a: a, room: p, online: marks.Online, yield: yield}
			if err := m.read(ctx); errors.Is(err, errEnough) {
				return
			} else if err != nil && !unreadable(err) {
				yield(nil, a.fail("conversations.history", err, false))
				return
			} else if errorCode(err) == methodUnknown {
				return // so it is with all channels; the log has it
			} else if err != nil {
				a.log.WarnContext(ctx, "cannot be caught up", "channel", p.channel, "err", shortError(err))
			}
		}
	}
}

// errEnough says that the reader wants no more.
var errEnough = errors.New("no more is wanted")

// unreadable reports whether Slack refuses what is asked for, for good, and not the token as such.
func unreadable(err error) bool {
	code := errorCode(err)
	return code != "" && !revoked(code) && ruleFor(code).code != conversation.CodePlatformDown
}

// missed reads what was missed in one conversation.
type missed struct {
	a      *Adapter
	room   room
	online time.Time
	yield  func([]conversation.Posted, error) bool

	from   time.Time // nothing older is taken in
	window []wireMessage
	cut    bool // the window holds less than there was
}

// since is until when everything of a mark is known to have been accepted. A mark that is newer than the last time
// online was moved by what came after the absence, and says nothing of what was said during it.
func (m *missed) since(mark conversation.Mark) time.Time {
	if at := mark.Newest.SentAt; !at.IsZero() && at.Before(m.online) {
		return at
	}
	return m.online
}

func (m *missed) read(ctx context.Context) error {
	m.from = m.since(m.room.mark).Add(-conversation.CatchUpOverlap)
	if err := m.readChannel(ctx); err != nil {
		return err
	}
	threads, err := m.threads(ctx)
	if err != nil {
		return err
	}
	if err := m.give(ctx, m.outside(threads)); err != nil {
		return err
	}
	m.window = nil
	for _, t := range threads {
		if err := m.readThread(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// readChannel fills the window, oldest first, and moves its beginning to where the bot joined. Slack gives the newest
// messages first where both ends of the time are told.
func (m *missed) readChannel(ctx context.Context) error {
	arguments := url.Values{"channel": {m.room.channel}, "limit": {strconv.Itoa(missedPage)}, "oldest": {formatTS(m.from)},
		"latest": {formatTS(m.a.o.Clock().Add(24 * time.Hour))}} // clocks differ
	size := 0
	for n := 0; ; n++ {
		p, err := m.a.readLater(ctx, "conversations.history", m.room.channel, arguments)
		if err != nil {
			return err
		}
		for i := range p.Messages {
			w := &p.Messages[i]
			size += len(w.Text) + len(w.Blocks) + len(w.Attachments)
			m.window = append(m.window, *w)
		}
		if p.Meta.NextCursor == "" {
			break
		}
		if n+1 >= missedPages || size > missedBytes {
			m.cut = true
			m.a.log.WarnContext(ctx, "more was missed in a channel than is read", "channel", m.room.channel, "read", len(m.window))
			break
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
	slices.SortFunc(m.window, func(x, y wireMessage) int { return compareTS(x.TS, y.TS) })
	self, _ := m.a.Self()
	for i := range m.window {
		w := &m.window[i]
		if at, err := parseTS(w.TS); err == nil && w.User == self.UserID && (w.Subtype == "channel_join" || w.Subtype == "group_join") {
			m.from = at
		}
	}
	return nil
}

// outside gives the messages that stand in the channel, without those replies that come with their thread.
func (m *missed) outside(threads []missedThread) []wireMessage {
	read := make(map[string]bool, len(threads))
	for _, t := range threads {
		read[t.root] = true
	}
	return slices.DeleteFunc(slices.Clone(m.window), func(w wireMessage) bool {
		return w.ThreadTS != "" && w.ThreadTS != w.TS && read[w.ThreadTS]
	})
}

// give hands messages over in pages, normalised like live ones.
func (m *missed) give(ctx context.Context, raw []wireMessage) error {
	n := m.a.normalizer(ctx, historyNames)
	for page := range slices.Chunk(raw, missedPage) {
		var out []conversation.Posted
		for i := range page {
			if at, err := parseTS(page[i].TS); err != nil || !at.After(m.from) {
				continue
			}
			if posted, ok := m.posted(ctx, n, page[i]); ok {
				out = append(out, posted)
			}
		}
		if len(out) > 0 && !m.yield(out, nil) {
			return errEnough
		}
	}
	return ctx.Err()
}

// posted normalises a message as an event that brings it; ok is false for what is none of anybody's, or unreadable.
func (m *missed) posted(ctx context.Context, n normalizer, w wireMessage) (out conversation.Posted, ok bool) {
	defer func() {
		if p := recover(); p != nil { // one message must not keep the others from being read
			m.a.observe("malformed")
			m.a.log.ErrorContext(ctx, "message panicked", "panic", p, "stack", string(debug.Stack()))
			out, ok = conversation.Posted{}, false
		}
	}()
	event := wireEvent{wireMessage: w, Channel: m.room.channel, ChannelType: m.room.kind}
	event.Type = "message"
	env := envelope{Type: "event_callback", ContextTeamID: m.room.team, Event: &event}
	result, err := n.event(env, conversation.Delivery{ReceivedAt: m.a.o.Clock()})
	if err != nil {
		m.a.malformed(ctx, w.TS, err)
		return conversation.Posted{}, false
	}
	out, ok = result.event.(conversation.Posted)
	return out, ok
}

// readLater makes one call for which nobody waits. It waits out Slack's limits, and tries again what may be mended by
// itself soon.
func (a *Adapter) readLater(ctx context.Context, method, channel string, arguments url.Values) (page, error) {
	for try := 1; ; {
		if err := a.limits.callLater(ctx, method); err != nil {
			return page{}, waitFailure(method, err)
		}
		p, err := a.pages.read(ctx, method, arguments)
		switch {
		case err == nil || ctx.Err() != nil:
			return p, err
		case a.limited(ctx, method, channel, err):
			continue // the next call waits as long as Slack has said
		case try >= laterTries || !passing(err):
			return p, err
		}
		timer := time.NewTimer(time.Duration(try)*time.Second + rand.N(time.Second))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return page{}, ctx.Err()
		}
		try++
	}
}

// passing reports whether an error may be mended by itself.
func passing(err error) bool {
	if code := errorCode(err); code != "" {
		return ruleFor(code).code == conversation.CodePlatformDown
	}
	status, ok := errors.AsType[slackapi.StatusCodeError](err)
	return !ok || status.Code >= 500
}
