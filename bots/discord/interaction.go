package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"parley/conversation"
	"parley/conversation/failpoint"
)

// Interaction types (discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-type).
const (
	interactionCommand   = 2
	interactionComponent = 3
)

// Ways to answer an interaction (discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type).
const (
	respondMessage     = 4
	respondLater       = 5
	respondLaterUpdate = 6
)

const (
	// ackWithin is Discord's limit for the first response
	// (discord.com/developers/docs/interactions/receiving-and-responding#responding-to-an-interaction).
	ackWithin = 3 * time.Second
	// takeWithin is how long the store may take for a command; the rest of ackWithin is for saying that it did not.
	takeWithin = 2500 * time.Millisecond
	// lookWithin is how long may be spent on a message that a command names by a link.
	lookWithin = 1500 * time.Millisecond
	// handleLife is how long an interaction's token can be answered by.
	handleLife = 15 * time.Minute
	// maxTaking bounds the interactions that are being taken in at a time.
	maxTaking = 256
)

// safeNotTaken is what somebody sees whose command could not be stored in time.
const safeNotTaken = "I could not take this in just now. Please try again in a moment."

// payloadInteraction is what somebody did by a command or a button
// (discord.com/developers/docs/interactions/receiving-and-responding#interaction-object).
type payloadInteraction struct {
	ID            string         `json:"id"`
	ApplicationID string         `json:"application_id"`
	Type          int            `json:"type"`
	Token         string         `json:"token"`
	GuildID       string         `json:"guild_id"`
	ChannelID     string         `json:"channel_id"`
	Channel       payloadChannel `json:"channel"`
	// Member is set in guilds, User elsewhere.
	Member *struct {
		payloadMember
		User payloadUser `json:"user"`
	} `json:"member"`
	User *payloadUser    `json:"user"`
	Data payloadCommand  `json:"data"`
	On   *payloadMessage `json:"message"`
}

// payloadCommand is what was chosen
// (discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-data).
type payloadCommand struct {
	Name     string          `json:"name"`
	Type     int             `json:"type"`
	Options  []payloadOption `json:"options"`
	TargetID string          `json:"target_id"`
	CustomID string          `json:"custom_id"`
	Resolved struct {
		Messages    map[string]payloadMessage    `json:"messages"`
		Attachments map[string]payloadAttachment `json:"attachments"`
		Channels    map[string]payloadChannel    `json:"channels"`
	} `json:"resolved"`
}

// payloadOption is one filled-in option; Value is a string or a number.
type payloadOption struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// author is who did it; ok is false where Discord does not tell.
func (i payloadInteraction) author() (conversation.Author, bool) {
	u, m := payloadUser{}, (*payloadMember)(nil)
	switch {
	case i.Member != nil:
		u, m = i.Member.User, &i.Member.payloadMember
	case i.User != nil:
		u = *i.User
	}
	return conversation.Author{ID: u.ID, Name: displayName(u, m), Kind: conversation.Person}, isSnowflake(u.ID)
}

// errNoInteraction says that a payload cannot be answered.
var (
	errNoInteraction = errors.New("no id, channel, token or user in the interaction")
	errPanicked      = errors.New("taking it in panicked")
)

func decodeInteraction(raw []byte) (payloadInteraction, error) {
	var i payloadInteraction
	if _, err := decode(raw, &i); err != nil {
		return i, fmt.Errorf("decode interaction: %w", err)
	}
	if _, ok := i.author(); !ok || !isSnowflake(i.ID) || !isSnowflake(i.ChannelID) || !isSnowflake(i.ApplicationID) || i.Token == "" {
		return i, fmt.Errorf("decode interaction: %w", errNoInteraction)
	}
	return i, nil
}

// interaction takes one INTERACTION_CREATE. It does not wait in the channel's lane: Discord gives it three seconds.
func (in *intake) interaction(raw json.RawMessage) {
	received := time.Now()
	i, err := decodeInteraction(raw)
	if err != nil {
		in.a.observe("malformed")
		in.a.log.Warn("discord event dropped: it is no interaction", "error", err)
		return
	}
	select {
	case in.taking <- struct{}{}:
	default:
		in.a.observe("interaction_overflow")
		in.a.log.Warn("discord interaction dropped: too many are being taken in", "limit", maxTaking)
		return
	}
	in.lanes.running.Go(func() {
		defer func() {
			<-in.taking
			if r := recover(); r != nil {
				in.a.observe("panic")
				in.a.log.Error("discord interaction dropped: handling it panicked", "panic", fmt.Sprint(r))
			}
		}()
		in.a.interact(in.work, i, received)
	})
}

// interact stores what an interaction asks for and then acknowledges it. What cannot be stored in time is said at once,
// so that nobody waits for an answer that may not come.
func (a *Adapter) interact(ctx context.Context, i payloadInteraction, received time.Time) {
	e, later, ok := a.event(i, a.clock())
	switch {
	case !ok && i.Type == interactionComponent:
		a.observe("skipped_component")
		a.respond(ctx, i, received, response{Type: respondLaterUpdate})
	case !ok && i.Type == interactionCommand:
		a.observe("skipped_command")
		a.respond(ctx, i, received, ephemeral("I do not know this command. It may be an old one: restart Discord to see the current ones."))
	case !ok:
		a.observe("skipped_interaction")
	default:
		e, err := a.complete(ctx, e, received)
		if err == nil {
			err = a.store(ctx, e, received)
		}
		if err != nil {
			a.observe("interaction_refused")
			a.log.WarnContext(ctx, "discord interaction is not stored: the person is told to try again", "event", e.Kind(), "error", err)
			later = ephemeral(safeNotTaken)
		}
		a.respond(ctx, i, received, later)
	}
}

// event turns an interaction into what the engine takes, with how it is acknowledged. ok is false for what is none of
// Parley's.
func (a *Adapter) event(i payloadInteraction, received time.Time) (e conversation.Event, later response, ok bool) {
	if i.Type == interactionComponent && i.Data.CustomID == stopID {
		e, ok = stopped(i, received)
		return e, response{Type: respondLaterUpdate}, ok
	}
	asked, ok := a.asked(i, received)
	if ok && asked.Message.Ask.Verb == conversation.VerbShare {
		return asked, ephemeral(sharing), ok
	}
	return asked, deferred(), ok
}

// sharing is what a press on the button "Share in thread" shows until it is done. A second press shares nothing more and gets
// no other answer, so that it must not leave the person waiting.
const sharing = "It is shared in its thread, once."

// complete notes the files of a message that a command names by a link: nothing in the interaction tells them. Whoever
// may not read that message gets the same as for one without files.
func (a *Adapter) complete(ctx context.Context, e conversation.Event, received time.Time) (conversation.Event, error) {
	asked, ok := e.(conversation.Asked)
	if !ok {
		return e, nil
	}
	ask := asked.Message.Ask
	if ask.Verb != conversation.VerbDescribe && ask.Verb != conversation.VerbTranscribe || ask.MessageID == "" || asked.Message.Attachments != nil {
		return e, nil
	}
	ctx, cancel := context.WithDeadline(ctx, received.Add(lookWithin))
	defer cancel()
	if may, err := a.MayRead(ctx, ask.Source, asked.Message.Author.ID); err != nil || !may {
		return e, err
	}
	p, found, err := a.message(ctx, ask.Source.Channel, ask.MessageID)
	switch {
	case isRefused(err, http.StatusForbidden):
		return e, nil
	case err != nil:
		return e, fmt.Errorf("look at linked message: %w", err)
	}
	if found {
		p.ID, p.ChannelID = ask.MessageID, ask.Source.Channel
		asked.Message.Attachments = attachments(p)
	}
	return asked, nil
}

// store brings an event to the engine, again and again until takeWithin is over.
func (a *Adapter) store(ctx context.Context, e conversation.Event, received time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, received.Add(takeWithin))
	defer cancel()
	failpoint.Hit(failpoint.Decoded)
	for try := 0; ; try++ {
		done := make(chan error, 1)
		go func() {
			defer func() { // nobody else guards this goroutine
				if p := recover(); p != nil {
					a.log.ErrorContext(ctx, "discord interaction panicked", "panic", p, "stack", string(debug.Stack()))
					done <- errPanicked
				}
			}()
			done <- a.ingester.Ingest(ctx, e)
		}()
		var err error
		select {
		case err = <-done:
		case <-ctx.Done():
			return fmt.Errorf("store interaction: %w", context.Cause(ctx))
		}
		if err == nil {
			a.observe(e.Kind())
			return nil
		}
		if pause(ctx, backoff(try), nil) != nil {
			return fmt.Errorf("store interaction: %w", err)
		}
	}
}

// response is the answer to an interaction.
type response struct {
	Type int           `json:"type"`
	Data *responseData `json:"data,omitempty"`
}

type responseData struct {
	Content         string  `json:"content,omitempty"`
	Flags           int     `json:"flags"`
	AllowedMentions allowed `json:"allowed_mentions"`
}

// ephemeral is a sentence that only the person sees.
func ephemeral(text string) response {
	return response{Type: respondMessage, Data: &responseData{Content: text, Flags: flagEphemeral, AllowedMentions: allowed{Parse: []string{}}}}
}

// deferred promises an answer that only the person will see.
func deferred() response {
	return response{Type: respondLater, Data: &responseData{Flags: flagEphemeral, AllowedMentions: allowed{Parse: []string{}}}}
}

// respond acknowledges an interaction, with as many tries as its three seconds allow. An acknowledgement that fails
// costs nothing that was stored: the answer then comes as a direct message.
func (a *Adapter) respond(ctx context.Context, i payloadInteraction, received time.Time, r response) {
	ctx, cancel := context.WithDeadline(ctx, received.Add(ackWithin))
	defer cancel()
	raw, err := encode(r)
	for try := 0; err == nil; try++ {
		err = a.rest.do(ctx, request{
			route: routeRespond, path: join("interactions", i.ID, i.Token, "callback"), body: raw, contentType: "application/json", class: classCommand,
		}, nil)
		if isCode(err, errorAlreadyAcknowledged) || err == nil {
			return
		}
		if !a.transient(err) || pause(ctx, 100*time.Millisecond, nil) != nil {
			break
		}
		err = nil
	}
	a.observe("interaction_unacknowledged")
	a.log.WarnContext(ctx, "discord interaction is not acknowledged", "error", err)
}
