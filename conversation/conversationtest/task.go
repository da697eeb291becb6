package conversationtest

import (
	"context"
	"slices"

	"parley/conversation"
)

// unfinished is a turn without an outcome.
type unfinished struct {
	conversation.Turn
	author string
	// stale: it has read a question that has changed since.
	stale bool
	// aside: it was handed over to a task, or is a digest.
	aside bool
	// cancel ends the attempt that Work runs, if any; told says that the attempt knows that it is stopped.
	cancel context.CancelCauseFunc
	told   bool
}

func (u *unfinished) digest() bool { return u.Task != nil && u.Task.Kind == conversation.TaskDigest }

// unfinished gives the thread's turns without an outcome.
func (th *thread) unfinished() []*unfinished {
	if th.turn == nil {
		return th.tasks
	}
	return append([]*unfinished{th.turn}, th.tasks...)
}

func (th *thread) find(turn int64) *unfinished {
	for _, u := range th.unfinished() {
		if u.ID == turn {
			return u
		}
	}
	return nil
}

// end takes a turn out of those without an outcome.
func (th *thread) end(u *unfinished) {
	if th.turn == u {
		th.turn = nil
	}
	th.tasks = slices.DeleteFunc(th.tasks, func(other *unfinished) bool { return other == u })
}

// BeginTask takes the oldest task of a conversation with a new lease. ok is false when there is none.
func (s *Store) BeginTask(ref conversation.ThreadRef) (t conversation.Turn, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	th := s.threads[ref]
	for th != nil && len(th.tasks) > 0 {
		u := th.tasks[0]
		if u.stale {
			u.Task = nil // a turn decides again
		}
		if s.attempt(th, u) {
			return u.Turn, true
		}
	}
	return t, false
}

// handOver makes a task of a turn.
func (s *Store) handOver(th *thread, u *unfinished, task conversation.Task) {
	th.end(u)
	u.aside, u.Task = true, &task
	if !slices.ContainsFunc(s.parts[u.ID], func(p conversation.Part) bool { return p.Number%(1<<20) >= conversation.FilePart }) {
		u.Attempt = 0
	}
	th.tasks = append(th.tasks, u)
}

// askDigest gives a conversation a digest, unless one waits or runs.
func (s *Store) askDigest(th *thread) {
	if slices.ContainsFunc(th.tasks, (*unfinished).digest) {
		return
	}
	s.turns++
	th.tasks = append(th.tasks, &unfinished{aside: true, Turn: conversation.Turn{
		ID: s.turns, ConversationID: th.id, Ref: th.ref, Place: th.place, QueuedAt: s.Clock(), Task: &conversation.Task{Kind: conversation.TaskDigest},
	}})
}
