package conversationtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"parley/conversation"
)

// Whispered is a message of a private answer as the person who gave the command saw it.
type Whispered struct {
	To, Text, Share string
	Part            int
	// ID is that of a further message.
	ID string
}

// Private is the capabilities that answer people alone and tell what they may read. It is a part of Messenger; its zero
// value lets everybody read everything.
type Private struct {
	// WhisperErr fails whispers while it is set, DirectErr every direct conversation.
	WhisperErr, DirectErr error
	// WhisperFaults fail the next whispers, in order; a nil Err passes.
	WhisperFaults []Fault
	// Follows is how many further messages a private answer may have: each whisper then takes the place of the one before.
	// Where it is 0 whispers are only added.
	Follows int
	// OnWhisper is called before each whisper; nil: nothing is.
	OnWhisper func()
	// Unreadable holds the channels that nobody may read but those named in Readers.
	Unreadable map[string]bool
	Readers    map[string][]string
	// Quiet holds the channels that nobody may write in.
	Quiet map[string]bool
	// ReadErr fails every question of what somebody may read.
	ReadErr error
	// RangeErr fails ReadRange while it is set.
	RangeErr error
	// Channels are the messages that ReadRange gives, by channel.
	Channels map[string][]conversation.Message

	// FileBytes are the files that OpenFile gives, by their ids.
	FileBytes map[string]string

	opened   int
	whispers []Whispered
	shown    []Whispered
	ranges   []conversation.RangeRequest
}

// SplitWhisper implements conversation.Whisperer: messages of at most 200 runes.
func (m *Messenger) SplitWhisper(text string, reserve int) (texts []string, whole bool) {
	texts = m.Split(text, reserve)
	if len(texts) > m.Follows+1 {
		return texts[:m.Follows+1], false
	}
	return texts, true
}

// Replaces implements conversation.Whisperer.
func (m *Messenger) Replaces() bool { return m.Follows > 0 }

// Whisper implements conversation.Whisperer.
func (m *Messenger) Whisper(_ context.Context, w conversation.Whisper) (string, error) {
	if m.OnWhisper != nil {
		m.OnWhisper()
	}
	fault := m.fault(&m.WhisperFaults)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.WhisperErr != nil {
		return "", m.WhisperErr
	}
	if fault.Err != nil && !fault.Lost {
		return "", fault.Err
	}
	seen := Whispered{To: w.To, Text: w.Text, Share: w.Share, Part: w.Part, ID: w.MessageID}
	switch {
	case w.MessageID != "":
		at := slices.IndexFunc(m.shown, func(s Whispered) bool { return s.ID == w.MessageID })
		if at < 0 {
			return "", &conversation.Failure{Code: conversation.CodeMessageGone, Err: errors.New("no such message")}
		}
		m.shown[at] = seen
	case w.Part > 0:
		seen.ID = fmt.Sprintf("w%d", len(m.whispers))
		m.shown = append(m.shown, seen)
	case m.Follows > 0 && len(m.shown) > 0:
		m.shown[0] = seen
	default:
		m.shown = append(m.shown, seen)
	}
	m.whispers = append(m.whispers, seen)
	if fault.Err != nil {
		return "", fault.Err
	}
	return seen.ID, nil
}

// Unwhisper implements conversation.Whisperer.
func (m *Messenger) Unwhisper(_ context.Context, w conversation.Whisper) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown = slices.DeleteFunc(m.shown, func(s Whispered) bool { return s.ID == w.MessageID })
	return nil
}

// Whispers gives every private message in order, also those whose place another has taken.
func (m *Messenger) Whispers() []Whispered {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.whispers)
}

// Shown gives the private messages as they stand.
func (m *Messenger) Shown() []Whispered {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.shown)
}

// Direct implements conversation.Whisperer: the channel is "D" and the person's id.
func (m *Messenger) Direct(_ context.Context, workspace, userID string) (conversation.ThreadRef, error) {
	if m.DirectErr != nil {
		return conversation.ThreadRef{}, m.DirectErr
	}
	return conversation.ThreadRef{Platform: conversation.Slack, Workspace: workspace, Channel: "D" + userID}, nil
}

// MayRead implements conversation.MembershipChecker.
func (m *Messenger) MayRead(_ context.Context, ref conversation.ThreadRef, userID string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ReadErr != nil {
		return false, m.ReadErr
	}
	if !m.Unreadable[ref.Channel] {
		return true, nil
	}
	for _, reader := range m.Readers[ref.Channel] {
		if reader == userID {
			return true, nil
		}
	}
	return false, nil
}

// Covers implements conversation.MembershipChecker.
func (m *Messenger) Covers(_ context.Context, source, audience conversation.ThreadRef) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return source.Channel == audience.Channel || !m.Unreadable[source.Channel], m.ReadErr
}

// ReadRange implements conversation.RangeReader: one page, newest first.
func (m *Messenger) ReadRange(_ context.Context, r conversation.RangeRequest) iter.Seq2[[]conversation.Message, error] {
	return func(yield func([]conversation.Message, error) bool) {
		m.mu.Lock()
		if m.ranges = append(m.ranges, r); m.RangeErr != nil {
			m.mu.Unlock()
			yield(nil, m.RangeErr)
			return
		}
		for _, p := range m.posts {
			if p.ID == r.Only && p.Ref == r.Ref {
				m.mu.Unlock()
				yield([]conversation.Message{{Ref: p.Ref, ID: p.ID, Author: conversation.Author{ID: "U0", Name: "Parley", Kind: conversation.Self}, Text: p.Text}}, nil)
				return
			}
		}
		all, known := m.Channels[r.Ref.Channel]
		m.mu.Unlock()
		if !known {
			yield(nil, &conversation.Failure{Code: conversation.CodeNotReadable, Err: errors.New("no such channel")})
			return
		}
		var page []conversation.Message
		for i := len(all) - 1; i >= 0; i-- {
			if r.Only != "" && all[i].ID != r.Only {
				continue
			}
			if r.Ref.Thread != "" && all[i].Ref.Thread != r.Ref.Thread || !r.After.Before(all[i].Position()) {
				continue
			}
			if r.Limit > 0 && len(page) == r.Limit {
				break
			}
			page = append(page, all[i])
		}
		yield(page, nil)
	}
}

// Ranges gives what ReadRange was asked for.
func (m *Messenger) Ranges() []conversation.RangeRequest {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]conversation.RangeRequest(nil), m.ranges...)
}

const linkBase = "https://chat.example/"

// Link implements conversation.Linker: https://chat.example/channel/thread/message.
func (m *Messenger) Link(ref conversation.ThreadRef, messageID string) string {
	return linkBase + ref.Channel + "/" + ref.Thread + "/" + messageID
}

// FindLink implements conversation.Linker.
func (m *Messenger) FindLink(text string) (ref conversation.ThreadRef, messageID string, ok bool) {
	_, rest, found := strings.Cut(text, linkBase)
	if !found {
		return ref, "", false
	}
	if i := strings.IndexAny(rest, " \n>)"); i >= 0 {
		rest = rest[:i]
	}
	parts := strings.Split(rest, "/")
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	return conversation.ThreadRef{Platform: conversation.Slack, Workspace: "T", Channel: parts[0], Thread: parts[1]}, parts[2], true
}
