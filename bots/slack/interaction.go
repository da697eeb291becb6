package slack

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"parley/conversation"
	"parley/conversation/failpoint"
)

const (
	// takeWithin is how long the store may take for an interaction. Slack shows an error after three seconds, and does not
	// deliver it again: docs.slack.dev/interactivity/handling-user-interaction, "Acknowledgment response".
	takeWithin = 2500 * time.Millisecond
	// takeAgain is the pause before an interaction that was not stored is tried again.
	takeAgain = 100 * time.Millisecond
	// handleLife is how long a response_url can be posted to, and handleNotice how long an apology by it may take.
	handleLife   = 30 * time.Minute
	handleNotice = 10 * time.Second
	// maxTaking bounds the interactions of all sockets that are being taken in at a time.
	maxTaking = 128
	// askerWait is how long a command waits for the name of whoever gave it.
	askerWait = 500 * time.Millisecond
	// maxTrigger bounds the id of an interaction, in bytes.
	maxTrigger = 200
)

// What the person sees at once.
const (
	safeWorking  = "Working on it…"
	safeNotTaken = "I could not take this in just now. Please try again in a moment."
	safeStarting = "I am just starting. Please try again in a moment."
)

// reply is the acknowledgement of a slash command: a sentence that only the person sees.
// Slack: docs.slack.dev/interactivity/implementing-slash-commands.
type reply struct {
	ResponseType string `json:"response_type"`
	Text         string `json:"text"`
}

func ephemeral(text string) *reply { return &reply{ResponseType: "ephemeral", Text: text} }

// wireCommand is a slash command: a form over HTTP, the same fields in JSON over a socket.
type wireCommand struct {
	Command     string `json:"command"`
	Text        string `json:"text"`
	TeamID      string `json:"team_id"`
	ChannelID   string `json:"channel_id"`
	UserID      string `json:"user_id"`
	UserName    string `json:"user_name"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
}

// wireInteraction is what somebody did by a shortcut or a button.
// Slack: docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload and block_actions-payload.
type wireInteraction struct {
	Type        string       `json:"type"`
	CallbackID  string       `json:"callback_id"`
	TriggerID   string       `json:"trigger_id"`
	ResponseURL string       `json:"response_url"`
	MessageTS   string       `json:"message_ts"`
	Message     *wireMessage `json:"message"`
	User        struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Username string `json:"username"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Team struct {
		ID string `json:"id"`
	} `json:"team"`
	Container struct {
		ChannelID string `json:"channel_id"`
		MessageTS string `json:"message_ts"`
		ThreadTS  string `json:"thread_ts"`
	} `json:"container"`
	Actions []struct {
		ActionID string `json:"action_id"`
		Value    string `json:"value"`
	} `json:"actions"`
}

var (
	errNoInteraction = errors.New("no trigger_id, channel or user")
	errPanicked      = errors.New("taking it in panicked")
)

// takeCommand stores a slash command and gives its acknowledgement; nil where there is nothing to say.
func (a *Adapter) takeCommand(ctx context.Context, c wireCommand, received time.Time) *reply {
	if _, known := a.Self(); !known {
		return ephemeral(safeStarting)
	}
	if c.TriggerID == "" || len(c.TriggerID) > maxTrigger || !isID(c.ChannelID) || !isID(c.UserID) {
		a.malformed(ctx, "slash command", errNoInteraction)
		return ephemeral(safeNotTaken)
	}
	ctx, cancel := context.WithDeadline(ctx, received.Add(takeWithin))
	defer cancel()
	asked := a.commanded(ctx, c)
	if err := a.store(ctx, asked); err != nil {
		return ephemeral(safeNotTaken)
	}
	if asked.Message.Ask.Verb == conversation.VerbHelp {
		return nil // it comes at once
	}
	return ephemeral(safeWorking)
}

// takeInteraction stores what was done by a shortcut or a button. Its acknowledgement says nothing: what went wrong is
// said by its response_url.
func (a *Adapter) takeInteraction(ctx context.Context, i wireInteraction, received time.Time) {
	if i.Channel.ID == "" {
		i.Channel.ID = i.Container.ChannelID
	}
	if i.Type != "message_action" && i.Type != "block_actions" {
		a.observe("unsupported")
		return
	}
	if i.TriggerID == "" || len(i.TriggerID) > maxTrigger || !isID(i.Channel.ID) || !isID(i.User.ID) {
		a.malformed(ctx, "interaction", errNoInteraction)
		return
	}
	taking, cancel := context.WithDeadline(ctx, received.Add(takeWithin))
	defer cancel()
	e, ok := a.interacted(taking, i)
	if !ok {
		a.observe("ignored")
		return
	}
	notice := safeStarting
	if _, known := a.Self(); known {
		if a.store(taking, e) == nil {
			return
		}
		notice = safeNotTaken
	}
	detached := context.WithoutCancel(ctx)
	a.background.Go(func() {
		saying, cancel := context.WithTimeout(detached, handleNotice)
		defer cancel()
		if err := a.hooks.post(saying, i.ResponseURL, answer{ResponseType: "ephemeral", Text: notice}); err != nil {
			a.log.WarnContext(saying, "cannot say that an interaction was not taken in", "err", shortError(err))
		}
	})
}

// store brings an event to the engine, again and again until ctx ends: Slack does not deliver it a second time.
func (a *Adapter) store(ctx context.Context, e conversation.Event) error {
	a.observe(e.Kind())
	failpoint.Hit(failpoint.Decoded)
	for {
		done := make(chan error, 1)
		go func() {
			defer func() { // nobody else guards this goroutine
				if p := recover(); p != nil {
					a.log.ErrorContext(ctx, "interaction panicked", "panic", p, "stack", string(debug.Stack()))
					done <- errPanicked
				}
			}()
			done <- a.o.Ingester.Ingest(ctx, e)
		}()
		var err error
		select {
		case err = <-done:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		if err == nil {
			return nil
		}
		timer := time.NewTimer(takeAgain)
		select {
		case <-timer.C:
			continue
		case <-ctx.Done():
			timer.Stop()
		}
		a.observe("not_stored")
		a.log.ErrorContext(ctx, "interaction is not stored: the person is told to try again", "event", e.Kind(), "err", shortError(err))
		return fmt.Errorf("store interaction: %w", err)
	}
}

// interact takes what came over a socket. It does not wait in the channel's lane: Slack gives it three seconds. What
// there is no room for is not acknowledged, so that Slack tells the person that it failed.
func (s *socket) interact(ctx context.Context, f frame) {
	received := time.Now()
	select {
	case s.a.taking <- struct{}{}:
	default:
		s.a.observe("overload")
		s.a.log.WarnContext(ctx, "too many interactions at once: the person sees that this one failed", "limit", maxTaking)
		return
	}
	s.lanes.running.Go(func() {
		defer func() {
			<-s.a.taking
			if p := recover(); p != nil {
				s.a.observe("malformed")
				s.a.log.ErrorContext(ctx, "interaction panicked", "panic", p, "stack", string(debug.Stack()))
			}
		}()
		ack := acknowledgement{EnvelopeID: f.EnvelopeID}
		if f.Type == "slash_commands" {
			ack.Payload = s.a.takeCommandFrame(ctx, f, received)
		} else {
			s.a.takeInteractionFrame(ctx, f, received)
		}
		s.ack(ctx, ack)
	})
}

func (a *Adapter) takeCommandFrame(ctx context.Context, f frame, received time.Time) *reply {
	var c wireCommand
	if err := decode(f.Payload, &c); err != nil {
		a.malformed(ctx, "slash command", err)
		return nil
	}
	if c.TriggerID == "" {
		c.TriggerID = f.EnvelopeID
	}
	return a.takeCommand(ctx, c, received)
}

func (a *Adapter) takeInteractionFrame(ctx context.Context, f frame, received time.Time) {
	var i wireInteraction
	if err := decode(f.Payload, &i); err != nil {
		a.malformed(ctx, "interaction", err)
		return
	}
	if i.TriggerID == "" {
		i.TriggerID = f.EnvelopeID
	}
	a.takeInteraction(ctx, i, received)
}
