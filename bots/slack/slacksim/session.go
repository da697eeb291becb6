package slacksim

import (
	"fmt"
	"slices"
	"time"
)

// Session is an agent session in a thread; see docs.slack.dev/reference/methods/agents.sessions.setStatus.
type Session struct {
	Status string // active, processing, suspended or closed
	Title  string
}

// Prompt is a suggestion that people see in an agent's messages tab.
type Prompt struct {
	Title   string `json:"title"`
	Message string `json:"message"`
}

// status is the "is thinking…" line under a thread.
type status struct {
	text    string
	loading []string
	expires time.Time
}

// Status returns the line that people see while the app works in a thread; empty when there is none
// (never set, cleared, older than two minutes, or the app has answered).
func (w *Workspace) Status(channelID, threadTS string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channels[channelID]
	if c == nil {
		return ""
	}
	line := c.statuses[threadTS]
	if w.clock().After(line.expires) {
		return ""
	}
	return line.text
}

// LoadingMessages returns the rotating lines set with the thread's status.
func (w *Workspace) LoadingMessages(channelID, threadTS string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.channels[channelID]; c != nil {
		return slices.Clone(c.statuses[threadTS].loading)
	}
	return nil
}

// ThreadTitle returns the title that the app gave a thread.
func (w *Workspace) ThreadTitle(channelID, threadTS string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.channels[channelID]; c != nil {
		return c.titles[threadTS]
	}
	return ""
}

// Prompts returns what the app suggests in a thread, or in the messages tab when threadTS is empty.
func (w *Workspace) Prompts(channelID, threadTS string) []Prompt {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.channels[channelID]; c != nil {
		return slices.Clone(c.prompts[threadTS])
	}
	return nil
}

// Session returns the app's agent session in a thread.
func (w *Workspace) Session(channelID, threadTS string) (Session, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.channels[channelID]; c != nil && c.sessions[threadTS] != nil {
		return *c.sessions[threadTS], true
	}
	return Session{}, false
}

// StopSession presses the native stop button of a thread whose session is processing. The app hears
// agent_session_stopped and has to set the status itself.
func (w *Workspace) StopSession(user, channelID, threadTS string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channels[channelID]
	if c == nil {
		return fmt.Errorf("stop session in %q: %w", channelID, ErrNoSuchChannel)
	}
	if s := c.sessions[threadTS]; s == nil || s.Status != "processing" {
		return fmt.Errorf("stop session in %s: nothing is processing in thread %s", channelID, threadTS)
	}
	w.emit("agent_session_stopped", "agent_session_stopped", c, object{
		"channel": c.ID, "thread_ts": threadTS, "user": user, "streaming_message_ts": []string{},
	})
	return nil
}

// OpenHome opens the app's messages tab as this person, who thereby has a DM with the bot.
func (w *Workspace) OpenHome(user string) (Channel, error) {
	dm, err := w.OpenDM(user)
	if err != nil {
		return Channel{}, fmt.Errorf("open messages tab: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.emit("app_home_opened", "app_home_opened", nil, object{"user": user, "channel": dm.ID, "tab": "messages"})
	return dm, nil
}
