package slack

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	// maxThreads bounds the known threads that one catch-up looks into, and the threads that it reads in one channel.
	maxThreads = 200
	// rootsPage is how many messages are asked for when roots of threads are looked for.
	rootsPage = 100
)

// missedThread is a thread with replies that may have been missed.
type missedThread struct{ root, latest string }

// threads finds the threads to read, the most recently active first: of the messages in the window, and of the known
// threads, those with a reply that is newer than what was accepted of them.
func (m *missed) threads(ctx context.Context) ([]missedThread, error) {
	known := map[string]time.Time{}
	for _, t := range m.room.threads {
		if t.Ref.Thread != "" {
			known[t.Ref.Thread] = m.since(t)
		}
	}
	sought := maps.Clone(known)
	var found []missedThread
	see := func(w *wireMessage) {
		delete(sought, w.TS)
		after := m.from
		if mark := known[w.TS]; mark.After(after) {
			after = mark
		}
		if at, err := parseTS(w.LatestReply); err == nil && at.After(after) {
			found = append(found, missedThread{root: w.TS, latest: w.LatestReply})
		}
	}
	for i := range m.window {
		see(&m.window[i])
	}
	if err := m.roots(ctx, sought, see); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(x, y missedThread) int { return compareTS(y.latest, x.latest) })
	if len(found) > maxThreads {
		m.a.log.WarnContext(ctx, "more threads of a channel were missed than are read", "channel", m.room.channel, "threads", len(found))
		found = found[:maxThreads]
	}
	return found, nil
}

// roots calls see with the roots of the sought threads, as far as they still exist. A call gives many that stand close
// together, and always settles one; the newest are looked for first.
func (m *missed) roots(ctx context.Context, sought map[string]time.Time, see func(*wireMessage)) error {
	var rest []string
	for root := range sought {
		if at, err := parseTS(root); err == nil && (m.cut || !at.After(m.from)) {
			rest = append(rest, root) // a newer one would stand in the window if it were still there
		}
	}
	slices.SortFunc(rest, func(x, y string) int { return compareTS(y, x) })
	for len(rest) > 0 {
		p, err := m.a.readLater(ctx, "conversations.history", m.room.channel, url.Values{
			"channel": {m.room.channel}, "latest": {rest[0]}, "oldest": {rest[len(rest)-1]}, "inclusive": {"true"},
			"limit": {strconv.Itoa(rootsPage)}})
		if err != nil {
			return err
		}
		oldest := rest[0]
		for i := range p.Messages {
			w := &p.Messages[i]
			if compareTS(w.TS, oldest) < 0 {
				oldest = w.TS
			}
			if slices.Contains(rest, w.TS) {
				see(w)
			}
		}
		if !p.HasMore && p.Meta.NextCursor == "" {
			return nil
		}
		rest = slices.DeleteFunc(rest, func(root string) bool { return compareTS(root, oldest) >= 0 })
	}
	return nil
}

// readThread gives the replies of a thread since the window's beginning, oldest first.
func (m *missed) readThread(ctx context.Context, t missedThread) error {
	arguments := url.Values{"channel": {m.room.channel}, "ts": {t.root}, "oldest": {formatTS(m.from)},
		"limit": {strconv.Itoa(missedPage)}}
	for n := 0; ; n++ {
		p, err := m.a.readLater(ctx, "conversations.replies", m.room.channel, arguments)
		if code := errorCode(err); code == "thread_not_found" || code == methodUnknown {
			return nil // it is gone since, or cannot be had from this server
		}
		if err != nil {
			return err
		}
		replies := slices.DeleteFunc(p.Messages, func(w wireMessage) bool { return w.TS == t.root }) // it stands on each page
		slices.SortFunc(replies, func(x, y wireMessage) int { return compareTS(x.TS, y.TS) })
		if err := m.give(ctx, replies); err != nil {
			return err
		}
		if p.Meta.NextCursor == "" {
			return nil
		}
		if n+1 >= missedPages {
			m.a.log.WarnContext(ctx, "more was missed in a thread than is read", "channel", m.room.channel, "thread", t.root)
			return nil
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
}

// compareTS orders timestamps by time; what is none comes first.
func compareTS(x, y string) int {
	a, _ := parseTS(x)
	b, _ := parseTS(y)
	return a.Compare(b)
}
