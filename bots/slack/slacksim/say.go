package slacksim

import (
	"fmt"
	"time"
)

// SayOption refines Say.
type SayOption func(*saying)

type saying struct {
	thread    string
	files     []string
	broadcast bool
	verbatim  bool
	quiet     bool
	at        time.Time
}

// InThread posts into the thread of this message.
func InThread(ts string) SayOption { return func(s *saying) { s.thread = ts } }

// WithFiles attaches uploaded files (ids); the message gets the subtype file_share.
func WithFiles(ids ...string) SayOption { return func(s *saying) { s.files = append(s.files, ids...) } }

// AlsoToChannel sends a thread reply to the channel too (subtype thread_broadcast).
func AlsoToChannel() SayOption { return func(s *saying) { s.broadcast = true } }

// Verbatim takes the text as Slack's API would give it, without turning names, links and < into
// their wire form, and sends no rich_text block with it.
func Verbatim() SayOption { return func(s *saying) { s.verbatim = true } }

// Quiet posts without telling the app: a message of the time before it was installed, or one whose
// events were lost.
func Quiet() SayOption { return func(s *saying) { s.quiet = true } }

// At dates the message, to the microsecond. The time must be free in its channel.
func At(t time.Time) SayOption { return func(s *saying) { s.at = t } }

// Say posts as a person, the way Slack's composer would: @name and @here become mentions, #channel
// and links become links, &, < and > are escaped, and a rich_text block accompanies the text.
// Mentions already in wire form (<@U…> of a known user) are taken as such. When the bot is in the
// channel the app hears of it: as message, and outside DMs as app_mention too when the bot is
// mentioned (docs.slack.dev/reference/events/app_mention).
func (w *Workspace) Say(user, channelID, text string, opts ...SayOption) (Message, error) {
	var s saying
	for _, opt := range opts {
		opt(&s)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.writable(user, channelID)
	if err != nil {
		return Message{}, fmt.Errorf("say: %w", err)
	}
	m := &Message{Channel: c.ID, User: user, ClientMsgID: w.ids.uuid()}
	if m.TS, err = w.stamp(c, s.at); err != nil {
		return Message{}, fmt.Errorf("say: %w", err)
	}
	if s.thread != "" {
		if m.ThreadTS, err = c.threadRoot(s.thread); err != nil {
			return Message{}, fmt.Errorf("say: %w", err)
		}
		if s.broadcast {
			m.Subtype = subtypeBroadcast
		}
	}
	if m.Files, err = w.attach(c, m, s.files); err != nil {
		return Message{}, fmt.Errorf("say: %w", err)
	}
	if text == "" && len(m.Files) == 0 {
		return Message{}, fmt.Errorf("say: a message needs text or a file")
	}
	w.compose(m, text, s.verbatim)
	m.Previews = links(m.Text)
	w.post(c, m, !s.quiet)
	w.shared(c, m, !s.quiet)
	return w.view(m), nil
}

// compose sets text and blocks from what a person typed.
func (w *Workspace) compose(m *Message, typed string, verbatim bool) {
	if verbatim {
		m.Text, m.Blocks = typed, nil
		return
	}
	pieces := w.parseTyped(typed)
	m.Text, m.Blocks = wireText(pieces), richText(pieces)
}

func (w *Workspace) writable(user, channelID string) (*channel, error) {
	c := w.channels[channelID]
	switch {
	case c == nil:
		return nil, fmt.Errorf("channel %q: %w", channelID, ErrNoSuchChannel)
	case w.users[user] == nil:
		return nil, fmt.Errorf("user %q: %w", user, ErrNoSuchUser)
	case c.Archived:
		return nil, fmt.Errorf("channel %s is archived", channelID)
	case !c.has(user):
		return nil, fmt.Errorf("user %s in %s: %w", user, channelID, ErrNotMember)
	}
	return c, nil
}

func (w *Workspace) stamp(c *channel, at time.Time) (string, error) {
	if at.IsZero() {
		return w.ids.ts(w.clock()), nil
	}
	if at.Unix() < 1e9 {
		return "", fmt.Errorf("date message: %s is before September 2001, timestamps would not order as text", at)
	}
	ts := formatTS(at.UnixMicro())
	if c.message(ts) != nil {
		return "", fmt.Errorf("date message: %s already stands in %s", ts, c.ID)
	}
	return ts, nil
}
