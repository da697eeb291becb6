package discord

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"time"

	"parley/conversation"
)

const (
	// maxMissed is how many messages of a channel are caught up: the newest.
	maxMissed = 2000
	// maxMissedDMs and maxMissedThreads bound how many direct conversations, and threads that have been archived, are
	// looked into, the most recently active first: Discord does not tell what is new in them.
	maxMissedDMs     = 1000
	maxMissedThreads = 200
	// maxForbidden is how many channels may refuse to be read before no further one is asked.
	maxForbidden = 100
	// maxFailures is after how many channels in a row that could not be read the rest is left for another time.
	maxFailures = 3
)

// Missed implements conversation.MissedReader for what the last new gateway session told of. It reads, oldest first and
// in the form of live events:
//
//   - of every channel and active thread that the bot may read and whose newest message is newer than its mark: what
//     came since the mark; where there is no mark, since Parley was last online; both less the overlap, and never what
//     was said before the bot was invited;
//   - of the 1,000 most recently active direct conversations that have a mark, and the 200 threads with a mark that are archived by
//     now: what came since the mark less the overlap. Discord does not list direct conversations, so a first one
//     that was begun meanwhile is not found.
//
// Of one channel it reads the newest 2,000 messages at most and holds no more than those. A channel that cannot be read now
// does not keep the others back; the error comes last.
func (a *Adapter) Missed(ctx context.Context, marks conversation.Marks) iter.Seq2[[]conversation.Posted, error] {
	return func(yield func([]conversation.Posted, error) bool) {
		if _, err := a.selfID(ctx); err != nil {
			yield(nil, failure(err, conversation.CodePlatformDown))
			return
		}
		guilds, direct := a.absence.reach()
		var last error
		failures, forbidden := 0, 0
		for _, t := range missedIn(guilds, direct, marks) {
			pages, err := a.unread(ctx, t)
			switch {
			case isRefused(err, 403, 404):
				if forbidden++; forbidden > maxForbidden {
					a.log.WarnContext(ctx, "discord refuses too many channels to look for what was missed", "refused", forbidden)
					return
				}
				continue
			case err != nil && ctx.Err() != nil:
				yield(nil, failure(err, conversation.CodePlatformDown))
				return
			case err != nil:
				a.log.WarnContext(ctx, "cannot read what was missed", "channel", t.channel, "error", err)
				last = err
				if failures++; failures == maxFailures {
					yield(nil, failure(last, conversation.CodePlatformDown))
					return
				}
				continue
			}
			failures = 0
			for _, page := range pages {
				if !yield(page, nil) {
					return
				}
			}
		}
		if last != nil {
			yield(nil, failure(last, conversation.CodePlatformDown))
		}
	}
}

// missedChannel is a channel to read from an id on, which is excluded.
type missedChannel struct {
	guild, channel string
	after          string
	// newest orders the channels that the gateway tells nothing of.
	newest time.Time
}

// missedIn says where something may have been missed: direct conversations first.
func missedIn(guilds map[string]guildReach, direct bool, marks conversation.Marks) []missedChannel {
	marked := make(map[string]conversation.Mark, len(marks.Channels))
	for _, list := range [][]conversation.Mark{marks.Channels, marks.Threads} {
		for _, m := range list {
			if old, ok := marked[m.Ref.Channel]; isSnowflake(m.Ref.Channel) && (!ok || old.Newest.Before(m.Newest)) {
				marked[m.Ref.Channel] = m
			}
		}
	}
	online := marks.Online.Add(-conversation.CatchUpOverlap)
	var live []missedChannel
	for guild, g := range guilds {
		for _, c := range g.channels {
			id, last := strconv.FormatUint(c.id, 10), strconv.FormatUint(c.last, 10)
			from := online
			mark, ok := marked[id]
			if ok {
				delete(marked, id)
				from = mark.Newest.SentAt.Add(-conversation.CatchUpOverlap)
			}
			if olderSnowflake(last, snowflakeAt(online)) && (!ok || !olderSnowflake(mark.Newest.MessageID, last)) {
				continue
			}
			if from.Before(g.joined) {
				from = g.joined
			}
			live = append(live, missedChannel{guild: guild, channel: id, after: snowflakeAt(from), newest: snowflakeTime(last)})
		}
	}
	var dms, archived []missedChannel
	for id, m := range marked {
		c := missedChannel{channel: id, after: snowflakeAt(m.Newest.SentAt.Add(-conversation.CatchUpOverlap)), newest: m.Newest.SentAt}
		g, known := guilds[m.Ref.Workspace]
		switch {
		case m.Ref.Workspace == directMessages:
			if direct {
				dms = append(dms, c)
			}
		case known && m.Place == conversation.PlaceThread:
			c.guild = m.Ref.Workspace
			if olderSnowflake(c.after, snowflakeAt(g.joined)) {
				c.after = snowflakeAt(g.joined)
			}
			archived = append(archived, c)
		}
	}
	slices.SortFunc(live, func(x, y missedChannel) int {
		return cmp.Or(x.newest.Compare(y.newest), cmp.Compare(x.channel, y.channel))
	})
	return slices.Concat(newestOf(dms, maxMissedDMs), live, newestOf(archived, maxMissedThreads))
}

func newestOf(list []missedChannel, limit int) []missedChannel {
	slices.SortFunc(list, func(x, y missedChannel) int {
		return cmp.Or(y.newest.Compare(x.newest), cmp.Compare(x.channel, y.channel))
	})
	return list[:min(len(list), limit)]
}

// unread reads a channel backwards from its newest message, and gives the pages in the order in which they were
// written.
func (a *Adapter) unread(ctx context.Context, c missedChannel) ([][]conversation.Posted, error) {
	var pages [][]conversation.Posted
	side, before := "", ""
	for range maxMissed / pageSize {
		page, err := a.pageAs(ctx, classBackground, c.channel, side, before, pageSize)
		if err != nil {
			return nil, err
		}
		posted, whole, err := a.postedOf(ctx, c, page)
		if err != nil {
			return nil, err
		}
		if len(posted) > 0 {
			pages = append(pages, posted)
		}
		if whole || len(page) < pageSize {
			slices.Reverse(pages)
			return pages, nil
		}
		side, before = "before", page[len(page)-1].ID
	}
	a.log.WarnContext(ctx, "more was missed than is caught up: older messages are left out", "channel", c.channel, "read", maxMissed)
	a.observe("missed_overflow")
	slices.Reverse(pages)
	return pages, nil
}

var errUnclear = errors.New("discord does not tell now where a message stands")

// postedOf normalises a page, oldest first. whole says that it reaches back far enough.
func (a *Adapter) postedOf(ctx context.Context, c missedChannel, page []payloadMessage) (list []conversation.Posted, whole bool, err error) {
	received := a.clock()
	for _, p := range slices.Backward(page) {
		if !isSnowflake(p.ID) || !olderSnowflake(c.after, p.ID) {
			whole = true
			continue
		}
		p.GuildID, p.ChannelID = c.guild, c.channel // REST leaves the guild out
		m, ok, done := a.domain(ctx, p, 0)
		if !ok && !done {
			return nil, false, &callError{route: routeMessages, err: errUnclear}
		}
		if ok {
			list = append(list, conversation.Posted{Delivery: conversation.Delivery{ReceivedAt: received}, Message: m})
		}
	}
	return list, whole, nil
}
