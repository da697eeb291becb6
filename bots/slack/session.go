package slack

import (
	"context"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"parley/conversation"
)

const (
	sessionMethod = "agents.sessions.setStatus"
	// sessionIdle is how long nothing may be heard of an answer before its session no longer counts as being worked on:
	// whatever ended it said nothing in the thread.
	sessionIdle = 3 * time.Minute
	// sessionWait bounds the call that ends a session's work.
	sessionWait = 20 * time.Second
)

// sessions keeps the threads in which Slack shows its own stop button, because an answer is being written there. Apps that
// are not declared as agents have none.
// Slack: docs.slack.dev/ai/agent-sessions, docs.slack.dev/reference/methods/agents.sessions.setStatus.
type sessions struct {
	now func() time.Time

	mu   sync.Mutex
	open map[conversation.ThreadRef]*session
}

type session struct {
	calling    sync.Mutex // one call at a time, in order
	processing bool       // guarded by calling
	touched    time.Time  // guarded by sessions.mu
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, open: map[conversation.ThreadRef]*session{}}
}

// touch notes that an answer is being written in a thread; where create says so, it begins there.
func (s *sessions) touch(ref conversation.ThreadRef, create bool) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.open[ref]
	if e == nil {
		if !create || len(s.open) >= maxPaced {
			return nil
		}
		e = &session{}
		s.open[ref] = e
	}
	e.touched = s.now()
	return e
}

// take gives a thread's session, and forgets it.
func (s *sessions) take(ref conversation.ThreadRef) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.open[ref]
	delete(s.open, ref)
	return e
}

// idle gives the threads of which nothing was heard for a while.
func (s *sessions) idle() []conversation.ThreadRef {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []conversation.ThreadRef
	for ref, e := range s.open {
		if s.now().Sub(e.touched) > sessionIdle {
			out = append(out, ref)
		}
	}
	return out
}

// beginSession has Slack show its stop button, once for each answer. What the limits have no room for is left out.
func (a *Adapter) beginSession(ctx context.Context, ref conversation.ThreadRef) {
	if self, known := a.Self(); !known || !self.Agent() || ref.Thread == "" || a.noSessions.Load() {
		return
	}
	e := a.sessions.touch(ref, true)
	if e == nil {
		return
	}
	e.calling.Lock()
	defer e.calling.Unlock()
	if e.processing || !a.limits.try(sessionMethod, tier3-answersReads) {
		return
	}
	e.processing = true // also where the answer of the call is lost
	if err := a.setSession(ctx, ref, "processing"); err != nil && errorCode(err) != "" {
		e.processing = false
	}
}

// endSession takes Slack's stop button away, if this process, or somebody who pressed it, knows of one. It does not wait.
func (a *Adapter) endSession(ctx context.Context, ref conversation.ThreadRef, pressed bool) {
	e := a.sessions.take(ref)
	if e == nil && !pressed || a.noSessions.Load() {
		return
	}
	detached := context.WithoutCancel(ctx)
	a.background.Go(func() {
		ctx, cancel := context.WithTimeout(detached, sessionWait)
		defer cancel()
		if e != nil {
			e.calling.Lock()
			defer e.calling.Unlock()
			if !e.processing && !pressed {
				return
			}
		}
		if a.limits.call(ctx, sessionMethod) == nil {
			_ = a.setSession(ctx, ref, "active") // logged there; a second press tries again
		}
	})
}

func (a *Adapter) setSession(ctx context.Context, ref conversation.ThreadRef, status string) error {
	_, err := a.api.SetAgentSessionStatusContext(ctx, slackapi.AgentSessionSetStatusParameters{
		ChannelID: ref.Channel, ThreadTS: ref.Thread, Status: status})
	switch {
	case err == nil || a.limited(ctx, sessionMethod, ref.Channel, err):
	case refusesMethod(err) || errorCode(err) == "not_authorized":
		if !a.noSessions.Swap(true) {
			a.log.InfoContext(ctx, "no agent sessions here: Slack shows no stop button of its own", "reason", errorCode(err))
		}
	default:
		a.log.DebugContext(ctx, "set session", "status", status, "err", shortError(err))
	}
	return err
}
