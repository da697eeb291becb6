package slack

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"time"

	"parley/conversation"
)

const (
	// rangePage is how many messages are asked for at once. Slack gives at most 15, once a minute, to a distributed app
	// outside the Marketplace: reading then takes long, and comes to its end all the same.
	// Slack: docs.slack.dev/apis/web-api/rate-limits.
	rangePage = 200
	// rangeBefore is how many pages before the range are looked through for threads that go on within it.
	rangeBefore = 2
)

const safeUnreadable = "I cannot read that, or you may not: I can only tell you of what we can both see."

var errUnreadable = errors.New("the reader, or the bot, may not read this conversation")

// ReadRange implements conversation.RangeReader with conversations.history and conversations.replies, in what answers
// leave of the limits. Of a channel it gives the messages, newest first, and after each page the threads that begin in it:
// their replies stand after the position too. Threads that began up to two pages before the position are looked at as
// well, and given with their first message; what was said in older ones Slack does not let anybody find. With a limit the newest of all are given, of a thread the
// last ones: as many messages are held in memory. Joins, topics and the like are left out.
func (a *Adapter) ReadRange(ctx context.Context, r conversation.RangeRequest) iter.Seq2[[]conversation.Message, error] {
	return func(yield func([]conversation.Message, error) bool) {
		err := a.readRange(ctx, r, func(page []conversation.Message) bool { return len(page) == 0 || yield(page, nil) })
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

func notReadable(err error) error {
	return &conversation.Failure{Code: conversation.CodeNotReadable, Safe: safeUnreadable, Err: err}
}

func (a *Adapter) readRange(ctx context.Context, r conversation.RangeRequest, yield func([]conversation.Message) bool) error {
	may, err := a.MayRead(ctx, r.Ref, r.Reader)
	if err != nil {
		return err
	}
	room, ok, err := a.room(ctx, r.Ref)
	if err != nil {
		return err
	}
	if !may || !ok {
		return notReadable(errUnreadable)
	}
	rr := rangeReader{a: a, ref: r.Ref, kind: eventType(room.listed()), after: afterTS(r.After), yield: yield}
	if r.Limit > 0 {
		rr.newest = &newest{limit: r.Limit}
	}
	method := "conversations.history"
	switch {
	case r.Only != "":
		method, err = rr.only(ctx, r.Only)
	case r.Ref.Thread == "":
		err = rr.channel(ctx)
	default:
		method = "conversations.replies"
		err = rr.thread(ctx, r.Ref.Thread, true)
	}
	if err == nil && rr.newest != nil {
		err = rr.rest()
	}
	switch code := errorCode(err); {
	case err == nil || errors.Is(err, errEnough):
		return err
	case code == "channel_not_found" || code == "not_in_channel" || code == "access_denied" || code == "thread_not_found":
		return notReadable(err)
	}
	return a.fail(method, err, false)
}

// afterTS is the timestamp that everything wanted is newer than, empty for everything.
func afterTS(p conversation.Position) string {
	if _, err := parseTS(p.MessageID); err == nil {
		return p.MessageID
	}
	if p.SentAt.IsZero() {
		return ""
	}
	return formatTS(p.SentAt)
}

// rangeReader reads one range.
type rangeReader struct {
	a      *Adapter
	ref    conversation.ThreadRef
	kind   string // Slack's channel_type
	after  string
	newest *newest // nil without a limit
	yield  func([]conversation.Message) bool
}

// channel reads the messages of a channel and the threads that begin there, newest first.
func (r *rangeReader) channel(ctx context.Context) error {
	// Slack gives the newest messages first where both ends of the time are told.
	arguments := url.Values{"channel": {r.ref.Channel}, "limit": {strconv.Itoa(rangePage)},
		"latest": {formatTS(r.a.o.Clock().Add(24 * time.Hour))}, "oldest": {"0"}}
	for before := 0; before <= rangeBefore; {
		p, err := r.a.readLater(ctx, "conversations.history", r.ref.Channel, arguments)
		if err != nil {
			return err
		}
		slices.SortFunc(p.Messages, func(x, y wireMessage) int { return compareTS(y.TS, x.TS) })
		if err := r.page(ctx, p.Messages); err != nil {
			return err
		}
		if n := len(p.Messages); n > 0 && !r.wants(p.Messages[n-1].TS) {
			before++
		}
		if p.Meta.NextCursor == "" {
			return nil
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
	return nil
}

// only reads one message, by one call, and tells its method: conversations.history has what stands in the channel itself,
// conversations.replies the other messages of a thread.
// Slack: docs.slack.dev/messaging/retrieving-messages, "Pulling a single message" and "Pulling a threaded reply".
func (r *rangeReader) only(ctx context.Context, ts string) (method string, err error) {
	r.after, r.newest = "", nil
	method = "conversations.history"
	arguments := url.Values{"channel": {r.ref.Channel}, "latest": {ts}, "oldest": {ts}, "inclusive": {"true"}, "limit": {"1"}}
	if r.ref.Thread != "" && r.ref.Thread != ts {
		method = "conversations.replies"
		arguments.Set("ts", r.ref.Thread)
		arguments.Set("limit", "2") // the first message of the thread may come with it
	}
	if _, err := parseTS(ts); err != nil {
		return method, nil // there is none
	}
	p, err := r.a.read(ctx, method, r.ref.Channel, arguments)
	if err != nil {
		return method, err
	}
	return method, r.give(ctx, slices.DeleteFunc(p.Messages, func(w wireMessage) bool { return w.TS != ts }))
}

// wants reports whether a message lies in the range, as far as is known.
func (r *rangeReader) wants(ts string) bool {
	return (r.after == "" || tsAfter(ts, r.after)) && (r.newest == nil || r.newest.wants(ts))
}

// page gives the messages of a page that are wanted, and the threads that begin there and go on in the range.
func (r *rangeReader) page(ctx context.Context, raw []wireMessage) error {
	if err := r.give(ctx, raw); err != nil {
		return err
	}
	for i := range raw {
		w := &raw[i]
		if w.ReplyCount == 0 || w.LatestReply != "" && !r.wants(w.LatestReply) {
			continue
		}
		if err := r.thread(ctx, w.TS, false); err != nil && errorCode(err) != "thread_not_found" {
			return err
		}
		if r.newest == nil && !r.wants(w.TS) && spoken(w) { // it tells what the replies are about
			if err := r.hand(ctx, raw[i:i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// thread reads the replies of a thread that are wanted, oldest first, and its first message where that is too.
func (r *rangeReader) thread(ctx context.Context, root string, withRoot bool) error {
	arguments := url.Values{"channel": {r.ref.Channel}, "ts": {root}, "limit": {strconv.Itoa(rangePage)}}
	oldest := r.after
	if r.newest != nil && r.newest.floor != "" && (oldest == "" || tsAfter(r.newest.floor, oldest)) {
		oldest = r.newest.floor
	}
	if oldest != "" {
		arguments.Set("oldest", oldest)
	}
	for first := true; ; first = false {
		p, err := r.a.readLater(ctx, "conversations.replies", r.ref.Channel, arguments)
		if err != nil {
			return err
		}
		fresh := slices.DeleteFunc(p.Messages, func(w wireMessage) bool { // the first message stands on each page
			return w.TS == root && (!withRoot || !first)
		})
		if err := r.give(ctx, fresh); err != nil {
			return err
		}
		if p.Meta.NextCursor == "" {
			return nil
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
}

// give hands messages over, or keeps them where only the newest are wanted.
func (r *rangeReader) give(ctx context.Context, raw []wireMessage) error {
	var wanted []wireMessage
	for _, w := range raw {
		if spoken(&w) && r.wants(w.TS) {
			wanted = append(wanted, w)
		}
	}
	return r.hand(ctx, wanted)
}

func (r *rangeReader) hand(ctx context.Context, raw []wireMessage) error {
	r.a.names.settle(ctx, authors(raw))
	n := r.a.normalizer(ctx, historyNames)
	var out []conversation.Message
	for i := range raw {
		m, err := n.message(r.ref.Workspace, r.ref.Channel, r.kind, &raw[i])
		if err != nil {
			continue
		}
		out = append(out, m)
	}
	if r.newest != nil {
		r.newest.add(out)
		return nil
	}
	if !r.yield(out) {
		return errEnough
	}
	return ctx.Err()
}

// authors are the people who wrote messages.
func authors(raw []wireMessage) []string {
	var out []string
	for i := range raw {
		if w := &raw[i]; !surelyBot(w) && !slices.Contains(out, w.User) {
			out = append(out, w.User)
		}
	}
	return out
}

// rest hands over what was kept, newest first.
func (r *rangeReader) rest() error {
	for page := range slices.Chunk(r.newest.sorted(), rangePage) {
		if !r.yield(page) {
			return errEnough
		}
	}
	return nil
}

// newest keeps the newest messages, each once.
type newest struct {
	limit int
	kept  []conversation.Message
	floor string // once there are enough: the oldest that is wanted
}

func (n *newest) wants(ts string) bool { return n.floor == "" || tsAfter(ts, n.floor) }

func (n *newest) add(page []conversation.Message) {
	n.kept = append(n.kept, page...)
	if len(n.kept) >= 2*n.limit+rangePage || n.floor == "" && len(n.kept) >= n.limit {
		n.sorted()
	}
}

// sorted puts what is kept in order, newest first, and drops what is too much.
func (n *newest) sorted() []conversation.Message {
	slices.SortFunc(n.kept, func(x, y conversation.Message) int { return compareTS(y.ID, x.ID) })
	n.kept = slices.CompactFunc(n.kept, func(x, y conversation.Message) bool { return x.ID == y.ID })
	if len(n.kept) >= n.limit {
		clear(n.kept[n.limit:])
		n.kept = n.kept[:n.limit]
		n.floor = n.kept[n.limit-1].ID
	}
	return n.kept
}
