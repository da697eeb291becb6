package discord

import (
	"context"
	"iter"
	"net/http"
	"strconv"

	"parley/conversation"
)

const (
	// recentDM is how much of a direct conversation is read: one page.
	recentDM = 100
	// beforeRoot is how many messages of the channel are read from before a reply chain.
	beforeRoot = 50
	// maxChain is how far a reply chain is followed, in messages.
	maxChain = 20
	// maxThread is how much of a thread is read, newest first.
	maxThread = 20_000
	// maxRoots bounds what is remembered of reply chains.
	maxRoots = 10_000
)

// History implements conversation.HistoryReader. Of a direct conversation it gives the last 100 messages up to the
// trigger; of a thread or forum post the newest 20,000 and the message that it was started from; of a guild channel
// the reply chain, up to 20 messages, and the last 50 messages of the channel before the chain's root.
func (a *Adapter) History(ctx context.Context, r conversation.HistoryRequest) iter.Seq2[[]conversation.Message, error] {
	return func(yield func([]conversation.Message, error) bool) {
		if !isSnowflake(r.Ref.Channel) || !isSnowflake(r.Trigger.ID) {
			yield(nil, failure(errNoChannel(r.Ref), conversation.CodeInternal))
			return
		}
		h := historyReader{a: a, r: r, yield: yield}
		if _, err := a.selfID(ctx); err != nil {
			h.fail(err)
			return
		}
		switch {
		case r.Place == conversation.PlaceThread:
			h.thread(ctx)
		case r.Ref.Workspace == directMessages:
			h.recent(ctx)
		default:
			h.chain(ctx)
		}
	}
}

// HistoryWhole implements conversation.HistoryWhole: where the channel is the conversation, each page of History holds
// all that was said between its oldest and its newest message.
func (a *Adapter) HistoryWhole(r conversation.HistoryRequest) bool {
	return r.Place == conversation.PlaceThread || r.Ref.Workspace == directMessages
}

type historyReader struct {
	a     *Adapter
	r     conversation.HistoryRequest
	yield func([]conversation.Message, error) bool
}

func (h historyReader) fail(err error) {
	h.yield(nil, failure(err, conversation.CodePlatformDown))
}

// recent reads a direct conversation.
func (h historyReader) recent(ctx context.Context) {
	page, err := h.a.page(ctx, h.r.Ref.Channel, "before", nextSnowflake(h.r.Trigger.ID), recentDM)
	if err != nil {
		h.fail(err)
		return
	}
	h.yield(h.messages(page, h.r.Ref), nil)
}

// thread reads a thread page by page, then the message that it was started from, which stands in the parent channel
// under the thread's own id.
func (h historyReader) thread(ctx context.Context) {
	before, starter := nextSnowflake(h.r.Trigger.ID), false
	var shown *payloadMessage // the starter as the thread itself shows it
	for range maxThread / pageSize {
		page, err := h.a.page(ctx, h.r.Ref.Channel, "before", before, pageSize)
		if err != nil {
			h.fail(err)
			return
		}
		for _, p := range page {
			starter = starter || p.ID == h.r.Ref.Channel
			if p.Type == typeThreadStarter && p.Referenced != nil {
				shown = p.Referenced
			}
		}
		if len(page) > 0 && !h.yield(h.messages(page, h.r.Ref), nil) {
			return
		}
		if len(page) < pageSize {
			break
		}
		before = nextSnowflake(page[len(page)-1].ID) // once more, so that no page leaves a gap to the next
	}
	if starter { // a forum post holds it itself
		return
	}
	p, ok, err := h.starter(ctx)
	if err != nil {
		h.fail(err)
		return
	}
	if !ok && shown != nil {
		p, ok = *shown, true
	}
	if ok {
		h.yield(h.messages([]payloadMessage{p}, h.r.Ref), nil)
	}
}

// starter is the message that the thread was started from; ok is false where there is none or it may not be read.
func (h historyReader) starter(ctx context.Context) (payloadMessage, bool, error) {
	parent := h.r.Trigger.Parent
	if parent == "" {
		c, err := h.a.find(ctx, h.r.Ref.Channel)
		if err != nil {
			return payloadMessage{}, false, err
		}
		parent = c.ParentID
	}
	if !isSnowflake(parent) {
		return payloadMessage{}, false, nil
	}
	p, ok, err := h.a.message(ctx, parent, h.r.Ref.Channel)
	if isRefused(err, 403) {
		return p, false, nil
	}
	return p, ok, err
}

// chain reads a reply chain upwards from the trigger, and what was said in the channel before its root. One page
// mostly holds both.
func (h historyReader) chain(ctx context.Context) {
	channel := h.r.Ref.Channel
	page, err := h.a.page(ctx, channel, "before", nextSnowflake(h.r.Trigger.ID), pageSize)
	if err != nil {
		h.fail(err)
		return
	}
	at := make(map[string]payloadMessage, len(page))
	for _, p := range page {
		at[p.ID] = p
	}
	root := h.r.Trigger.ID
	var links []payloadMessage
	for id := h.r.Trigger.ID; id != "" && len(links) < maxChain; {
		p, ok := at[id]
		if !ok {
			if p, ok, err = h.a.message(ctx, channel, id); err != nil {
				h.fail(err)
				return
			}
		}
		if !ok { // deleted: the chain ends above it
			break
		}
		root = id
		links = append([]payloadMessage{p}, links...)
		id = p.repliesTo()
	}
	if len(links) > 0 && !h.yield(h.messages(links, h.r.Ref), nil) {
		return
	}
	earlier, err := h.before(ctx, root, page)
	if err != nil {
		h.fail(err)
		return
	}
	if len(earlier) > 0 {
		ref := h.r.Ref
		ref.Thread = ""
		h.yield(h.messages(earlier, ref), nil)
	}
}

// before gives the messages of the channel before root: from the page if it reaches far enough, else from Discord.
func (h historyReader) before(ctx context.Context, root string, page []payloadMessage) ([]payloadMessage, error) {
	var older []payloadMessage
	for _, p := range page {
		if olderSnowflake(p.ID, root) && len(older) < beforeRoot {
			older = append(older, p)
		}
	}
	if len(older) == beforeRoot || len(page) < pageSize {
		return older, nil
	}
	return h.a.page(ctx, h.r.Ref.Channel, "before", root, beforeRoot)
}

// messages normalises a page and puts its messages into ref. What is no message of anybody is left out.
func (h historyReader) messages(page []payloadMessage, ref conversation.ThreadRef) []conversation.Message {
	where, _ := h.a.names.channel(ref.Channel)
	list := make([]conversation.Message, 0, len(page))
	for _, p := range page {
		if !isSnowflake(p.ID) {
			continue
		}
		if p.GuildID == "" && ref.Workspace != directMessages {
			p.GuildID = ref.Workspace // REST leaves it out
		}
		m, why := normalize(p, where, h.a.names)
		if why != keep {
			continue
		}
		m.Ref, m.Place, m.Parent = ref, h.r.Place, h.r.Trigger.Parent
		list = append(list, m)
	}
	return list
}

// message reads one message; ok is false when it is gone, or when the server gives none one by one.
func (a *Adapter) message(ctx context.Context, channel, id string) (p payloadMessage, ok bool, err error) {
	err = a.rest.get(ctx, routeMessage, join("channels", channel, "messages", id), &p)
	if isRefused(err, http.StatusNotFound) || isMissing(err) {
		return p, false, nil
	}
	return p, err == nil, err
}

// ResolveThread implements conversation.ThreadResolver: it follows the chain up to 20 messages. A message that was
// deleted ends the chain and is its root.
func (a *Adapter) ResolveThread(ctx context.Context, m conversation.Message) (string, error) {
	if m.Place != conversation.PlaceChannel || m.ReplyTo == "" {
		return m.Ref.Thread, nil
	}
	var walked []string
	root, id := m.ReplyTo, m.ReplyTo
	if isSnowflake(m.Ref.Thread) && m.Ref.Thread != m.ID && olderSnowflake(m.Ref.Thread, m.ReplyTo) {
		root, id = m.Ref.Thread, m.Ref.Thread // the event showed the way this far
	}
	for range maxChain {
		if known, ok := a.roots.get(id); ok {
			root = known
			break
		}
		p, ok, err := a.message(ctx, m.Ref.Channel, id)
		if err != nil {
			return "", failure(err, conversation.CodePlatformDown)
		}
		root = id
		walked = append(walked, id)
		if !ok || p.repliesTo() == "" {
			break
		}
		id = p.repliesTo()
		root = id
	}
	for _, id := range walked {
		a.roots.put(id, root)
	}
	return root, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
