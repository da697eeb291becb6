package discord

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"

	"parley/conversation"
)

var errNotReadable = errors.New("the reader, or the bot, may not read this channel")

// ReadRange implements conversation.RangeReader. Of a channel it gives the messages and those of its public threads,
// merged, newest first: the active ones and up to 1,000 archived ones, of both the 500 with the newest messages. Private
// threads have other readers than their channel: each is read only by itself. Of a thread or forum post it gives the thread and the message that it
// was started from; of a reply chain, which is a Thread of a guild channel, the messages that lead to its root.
func (a *Adapter) ReadRange(ctx context.Context, r conversation.RangeRequest) iter.Seq2[[]conversation.Message, error] {
	return func(yield func([]conversation.Message, error) bool) {
		if err := a.readRange(ctx, r, func(page []conversation.Message) bool { return yield(page, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

func (a *Adapter) readRange(ctx context.Context, r conversation.RangeRequest, yield func([]conversation.Message) bool) error {
	if _, err := a.selfID(ctx); err != nil {
		return failure(err, conversation.CodePlatformDown)
	}
	c, may, err := a.rangeAccess(ctx, r)
	if err != nil {
		return failure(err, conversation.CodePlatformDown)
	}
	if may == nil {
		return notReadable(errNotReadable)
	}
	rr := rangeReader{a: a, channel: c, after: afterSnowflake(r.After), limit: r.Limit, yield: yield}
	switch {
	case r.Only != "":
		err = rr.only(ctx, r.Only)
	case r.Ref.Thread != "" && !c.isThread() && c.Type != channelDM:
		err = rr.chain(ctx, r.Ref.Thread)
	default:
		err = rr.merged(ctx, may)
	}
	if isRefused(err, 403, 404) {
		return notReadable(err)
	}
	return failure(err, conversation.CodePlatformDown)
}

func notReadable(err error) error {
	return &conversation.Failure{Code: conversation.CodeNotReadable, Err: err, Safe: "I cannot read that, or you may not: I can only tell you of what we can both see."}
}

// ThreadName implements conversation.ThreadNamer.
func (a *Adapter) ThreadName(ref conversation.ThreadRef) string {
	c, known := a.names.channel(ref.Channel)
	if !known || !c.isThread() {
		return ""
	}
	return c.Name
}

// threadJudge tells whether the reader may read a thread of the channel.
type threadJudge func(ctx context.Context, thread payloadChannel) (bool, error)

// rangeAccess looks at whether reader and bot may read the channel; the judge is nil where one of them may not.
func (a *Adapter) rangeAccess(ctx context.Context, r conversation.RangeRequest) (payloadChannel, threadJudge, error) {
	c, ok, err := a.readable(ctx, r.Ref)
	if err != nil || !ok || !isSnowflake(r.Reader) {
		return c, nil, err
	}
	if c.Type == channelDM {
		if c.recipient() != r.Reader {
			return c, nil, nil
		}
		return c, func(context.Context, payloadChannel) (bool, error) { return false, nil }, nil
	}
	g, holder, err := a.rules(ctx, c)
	if err != nil {
		_, err = gone(err)
		return c, nil, err
	}
	selfID, _ := a.names.self()
	var reader access
	for _, id := range []string{selfID, r.Reader} {
		// Discord gives an empty page, and no error, where the bot may not read the history.
		if reader, err = a.accessOf(ctx, g, id); err != nil {
			_, err = gone(err)
			return c, nil, err
		}
		if may, err := a.reads(ctx, reader, c, holder); err != nil || !may {
			return c, nil, err
		}
	}
	return c, func(ctx context.Context, thread payloadChannel) (bool, error) {
		if thread.Type == channelPrivateThread {
			return false, nil // what is made of the range may be told to whoever reads the channel
		}
		return a.reads(ctx, reader, thread, holder)
	}, nil
}

// afterSnowflake is the id that everything wanted is newer than.
func afterSnowflake(p conversation.Position) string {
	switch {
	case isSnowflake(p.MessageID):
		return p.MessageID
	case p.SentAt.IsZero():
		return "0"
	}
	at, err := strconv.ParseUint(snowflakeAt(p.SentAt), 10, 64)
	if err != nil || at == 0 {
		return "0"
	}
	return strconv.FormatUint(at-1, 10)
}

// rangeReader reads one range.
type rangeReader struct {
	a       *Adapter
	channel payloadChannel
	after   string
	limit   int // of what is still wanted, 0: all
	yield   func([]conversation.Message) bool
}

// message normalises a message of the range; ok is false for what nobody said.
func (r *rangeReader) message(p payloadMessage, where payloadChannel) (conversation.Message, bool) {
	p.GuildID, p.ChannelID = where.GuildID, where.ID // REST leaves the guild out
	m, why := normalize(p, where, r.a.names)
	m.Ref.Thread = ""
	return m, why == keep
}

// only reads one message (discord.com/developers/docs/resources/message#get-channel-message). The message that a thread was
// started from has the thread's id, and stands in its parent.
func (r *rangeReader) only(ctx context.Context, id string) error {
	if !isSnowflake(id) {
		return nil
	}
	var m conversation.Message
	var ok bool
	if r.channel.isThread() && id == r.channel.ID {
		var err error
		if m, ok, err = r.starter(ctx); err != nil {
			return err
		}
	} else {
		p, found, err := r.a.message(ctx, r.channel.ID, id)
		if err != nil {
			return err
		}
		if found && p.ID == id {
			m, ok = r.message(p, r.channel)
		}
	}
	if ok {
		r.yield([]conversation.Message{m})
	}
	return nil
}

// starter is the message that the thread was started from; ok is false where there is none.
func (r *rangeReader) starter(ctx context.Context) (conversation.Message, bool, error) {
	p, ok, err := r.a.message(ctx, r.channel.ParentID, r.channel.ID)
	if err != nil || !ok {
		return conversation.Message{}, false, err
	}
	m, ok := r.message(p, r.channel)
	return m, ok, nil
}

// chain reads a channel forwards from a root, and gives what answers the root or an answer to it. A limit is kept by
// giving the last ones.
func (r *rangeReader) chain(ctx context.Context, root string) error {
	if !isSnowflake(root) {
		return failure(errNoChannel(conversation.ThreadRef{Platform: conversation.Discord, Channel: r.channel.ID, Thread: root}), conversation.CodeInternal)
	}
	at, err := strconv.ParseUint(root, 10, 64)
	if err != nil || at == 0 {
		return nil
	}
	in := map[string]bool{root: true}
	after := strconv.FormatUint(at-1, 10)
	var kept []conversation.Message
	for range maxThread / pageSize {
		page, err := r.a.pageAs(ctx, classBackground, r.channel.ID, "after", after, pageSize)
		if err != nil {
			return err
		}
		for _, p := range slices.Backward(page) {
			if !in[p.ID] && !in[p.repliesTo()] {
				continue
			}
			in[p.ID] = true
			if m, ok := r.message(p, r.channel); ok && olderSnowflake(r.after, p.ID) {
				m.Ref.Thread = root
				kept = append(kept, m)
			}
		}
		if r.limit > 0 && len(kept) > r.limit {
			kept = slices.Clone(kept[len(kept)-r.limit:])
		}
		if r.limit == 0 && len(kept) > 0 {
			if !r.yield(kept) {
				return nil
			}
			kept = nil
		}
		if len(page) < pageSize || !olderSnowflake(after, page[0].ID) {
			break
		}
		after = page[0].ID
	}
	for page := range slices.Chunk(kept, pageSize) {
		if !r.yield(page) {
			return nil
		}
	}
	return nil
}
