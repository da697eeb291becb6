package slacksim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// Message is a message as it stands now.
type Message struct {
	Channel  string
	TS       string // its id within the channel: seconds.micros
	ThreadTS string // the root's TS; empty outside a thread, equal to TS on a root with replies
	User     string
	BotID    string // set on the app's own messages
	Subtype  string // Slack's subtype: file_share, thread_broadcast, channel_join, tombstone, …
	Text     string // in mrkdwn, as the API gives it: &lt; escapes, <@U…> mentions
	Plain    string // what a person reads: blocks when there are any, else the text; entities decoded

	Blocks      json.RawMessage // array, or nil
	Attachments json.RawMessage // array of link previews and legacy attachments, or nil
	Metadata    json.RawMessage // {event_type, event_payload}, or nil
	ClientMsgID string
	Files       []File
	Reactions   []Reaction

	Edits     int    // how often its content was replaced, by a person or by chat.update
	EditedTS  string // set when people see "(edited)"
	Deleted   bool   // gone; a deleted root with replies stays visible as a tombstone
	Ephemeral string // the one user who sees it, for chat.postEphemeral

	ReplyCount  int // on a root
	ReplyUsers  []string
	LatestReply string

	Notifies []string // whom it alerted when posted: user ids, "here", "channel", "everyone"
	Previews []string // links of which Slack fetched a preview when it was posted
}

// Reaction is one emoji under a message with the ids of those who set it.
type Reaction struct {
	Name  string
	Users []string
}

// Messages returns what a member sees in the channel itself, oldest first: messages outside threads,
// roots, replies that were also sent to the channel, tombstones and ephemeral messages.
func (w *Workspace) Messages(channelID string) []Message {
	return w.selectMessages(channelID, func(m *Message) bool { return m.inChannel() })
}

// Thread returns the root and its replies, oldest first, as members see them now. It also takes the
// TS of a message without replies.
func (w *Workspace) Thread(channelID, ts string) []Message {
	return w.selectMessages(channelID, func(m *Message) bool { return m.TS == ts || m.ThreadTS == ts })
}

// AllMessages returns everything that members see in the channel and its threads, oldest first.
func (w *Workspace) AllMessages(channelID string) []Message {
	return w.selectMessages(channelID, func(*Message) bool { return true })
}

// Message returns one message, deleted ones included.
func (w *Workspace) Message(channelID, ts string) (Message, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, m := w.find(channelID, ts); m != nil {
		return w.view(m), true
	}
	return Message{}, false
}

func (w *Workspace) selectMessages(channelID string, keep func(*Message) bool) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channels[channelID]
	if c == nil {
		return nil
	}
	var out []Message
	for _, m := range c.messages {
		if m.visible() && keep(m) {
			out = append(out, w.view(m))
		}
	}
	return out
}

// view copies a message for the outside and fills in what is derived.
func (w *Workspace) view(m *Message) Message {
	out := *m
	out.Plain = w.plain(m)
	out.Files = slices.Clone(m.Files)
	out.ReplyUsers = slices.Clone(m.ReplyUsers)
	out.Reactions = make([]Reaction, len(m.Reactions))
	for i, r := range m.Reactions {
		out.Reactions[i] = Reaction{Name: r.Name, Users: slices.Clone(r.Users)}
	}
	return out
}

func (m *Message) visible() bool { return !m.Deleted || m.Subtype == subtypeTombstone }

func (m *Message) isReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

func (m *Message) inChannel() bool { return !m.isReply() || m.Subtype == subtypeBroadcast }

const (
	subtypeTombstone = "tombstone"
	subtypeBroadcast = "thread_broadcast"
	subtypeFileShare = "file_share"
)

func (w *Workspace) find(channelID, ts string) (*channel, *Message) {
	c := w.channels[channelID]
	if c == nil {
		return nil, nil
	}
	return c, c.message(ts)
}

func (c *channel) message(ts string) *Message {
	i, found := slices.BinarySearchFunc(c.messages, ts, func(m *Message, ts string) int { return cmp.Compare(m.TS, ts) })
	if !found {
		return nil
	}
	return c.messages[i]
}

// insert keeps the channel ordered; a message may be older than the last one (see At).
func (c *channel) insert(m *Message) {
	i, _ := slices.BinarySearchFunc(c.messages, m, func(a, b *Message) int { return cmp.Compare(a.TS, b.TS) })
	c.messages = slices.Insert(c.messages, i, m)
}

// post stores a message, counts it in its thread and tells the app when it is meant to know.
func (w *Workspace) post(c *channel, m *Message, announced bool) {
	m.Notifies = w.notified(c, m)
	c.insert(m)
	if root := c.message(m.ThreadTS); root != nil && m.isReply() && m.Ephemeral == "" {
		countReply(root, m)
	}
	if m.BotID != "" && m.Ephemeral == "" {
		delete(c.statuses, cmp.Or(m.ThreadTS, m.TS))
		w.publish(Change{Kind: StatusChanged, Channel: c.ID, ThreadTS: m.ThreadTS})
	}
	w.publish(Change{Kind: MessagePosted, Channel: c.ID, TS: m.TS, ThreadTS: m.ThreadTS, User: m.User})
	if announced && m.Ephemeral == "" {
		w.announcePost(c, m)
	}
}

const (
	announce = true
	quiet    = false
)

func countReply(root, reply *Message) {
	root.ThreadTS = root.TS
	root.ReplyCount++
	root.LatestReply = max(root.LatestReply, reply.TS)
	if !slices.Contains(root.ReplyUsers, reply.User) {
		root.ReplyUsers = append(root.ReplyUsers, reply.User)
	}
}

// notified lists whom a message alerts. Slack resolves mentions in text and blocks alike.
func (w *Workspace) notified(c *channel, m *Message) []string {
	var out []string
	for _, ref := range references(m.Text + "\n" + blockMarkup(m.Blocks)) {
		switch {
		case ref.kind == '!' && (ref.id == "here" || ref.id == "channel" || ref.id == "everyone"):
			out = append(out, ref.id)
		case ref.kind == '@' && w.users[ref.id] != nil:
			out = append(out, ref.id)
		}
	}
	if c.Kind == DirectMessage || c.Kind == GroupMessage {
		out = append(out, slices.DeleteFunc(slices.Clone(c.Members), func(id string) bool { return id == m.User })...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// threadRoot resolves a thread_ts as the platform does: a reply's ts stands for its thread.
func (c *channel) threadRoot(ts string) (string, error) {
	m := c.message(ts)
	if m == nil || !m.visible() || m.Ephemeral != "" {
		return "", fmt.Errorf("thread %s: %w", ts, ErrNoSuchMessage)
	}
	if m.isReply() {
		return m.ThreadTS, nil
	}
	return m.TS, nil
}
