package conversationtest

import (
	"errors"
	"slices"
	"strings"

	"parley/conversation"
)

var errNoCommand = errors.New("a command needs an Ask, and the Thread of its conversation must be the ID of its message")

func isCommand(ref conversation.ThreadRef) bool {
	return strings.HasPrefix(ref.Thread, conversation.CommandThread(""))
}

// command takes in a command.
func (s *Store) command(m conversation.Message, decide conversation.DecideFunc) (conversation.Accepted, error) {
	m.Root, m.Place = true, conversation.PlacePrivate
	if m.Ask == nil || m.ID != m.Ref.Thread || !isCommand(m.Ref) || !decide(m, conversation.View{}).Addressed {
		return conversation.Accepted{}, errNoCommand
	}
	ask := *m.Ask
	m.Ask = &ask
	return s.posted(m, decide), nil
}

// stop takes in that somebody wants no more of an answer.
func (s *Store) stop(e conversation.Stopped) conversation.Accepted {
	a := conversation.Accepted{Decision: conversation.Decision{Reason: conversation.ReasonStop}}
	if e.By == "" {
		return a
	}
	for _, th := range s.threads {
		if u := s.answering(th, e); u != nil {
			a.ConversationID, a.Decision.Stop = th.id, u.stop(e.By)
			return a
		}
	}
	if _, sent := s.sends[keyOf(e.Ref, e.MessageID)]; sent && e.MessageID != "" {
		return a // of an answer that is finished
	}
	if th := s.threads[e.Ref]; th != nil {
		a.ConversationID, a.Decision.Stop = th.id, s.stopFor(th, e.By)
	}
	return a
}

// answering gives the thread's unfinished turn of which the message is a part.
func (s *Store) answering(th *thread, e conversation.Stopped) *unfinished {
	for _, u := range th.unfinished() {
		if slices.ContainsFunc(s.parts[u.ID], func(p conversation.Part) bool {
			return p.MessageID != "" && p.MessageID == e.MessageID && keyOf(partAt(th.ref, p), "") == keyOf(e.Ref, "")
		}) {
			return u
		}
	}
	return nil
}

// stopFor ends what a person waits for in a conversation, and reports whether a turn was begun for it.
func (s *Store) stopFor(th *thread, author string) bool {
	for _, it := range th.items {
		if it.outcome == "" && s.messages[it.message].Author.ID == author && th.find(it.turn) == nil {
			s.close(it, conversation.Withdrawn, conversation.CodeStopped)
		}
	}
	any := false
	for _, u := range th.unfinished() {
		any = u.stop(author) || any
	}
	return any
}

func (u *unfinished) stop(author string) bool {
	if u.author != author || u.Stopped {
		return false
	}
	u.Stopped = true
	if u.cancel != nil && !u.told {
		u.cancel(conversation.ErrStopped)
	}
	return true
}

// close writes an outcome into a line of the ledger. What a command could be answered by goes.
func (s *Store) close(it *item, kind conversation.OutcomeKind, reason conversation.Code) {
	it.outcome, it.reason, it.closed = kind, reason, s.Clock()
	if m := s.messages[it.message]; m.Ask != nil {
		ask := *m.Ask
		ask.Handle = ""
		m.Ask = &ask
	}
}

// partAt is where a part of a conversation's answer stands.
func partAt(in conversation.ThreadRef, p conversation.Part) conversation.ThreadRef {
	if p.Ref == (conversation.ThreadRef{}) {
		return in
	}
	return p.Ref
}
