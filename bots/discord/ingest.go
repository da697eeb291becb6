package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"parley/conversation"
	"parley/conversation/failpoint"
)

// intake brings events from the gateway's read loop to the Ingester, in the order of their channel.
type intake struct {
	a     *Adapter
	lanes *lanes
	// reading ends when the gateway is left; work ends later, when what was read is stored or time is up.
	reading, work context.Context
	// taking bounds the interactions that are being taken in.
	taking chan struct{}
}

// dispatch takes one event. It runs on the read loop: it only decodes, keeps the directory, and queues.
func (in *intake) dispatch(kind string, raw json.RawMessage) {
	defer func() {
		if r := recover(); r != nil {
			in.a.observe("panic")
			in.a.log.Error("discord event dropped: handling it panicked", "event", kind, "panic", fmt.Sprint(r))
		}
	}()
	switch kind {
	case "MESSAGE_CREATE", "MESSAGE_UPDATE":
		in.message(kind, raw)
	case "MESSAGE_DELETE", "MESSAGE_DELETE_BULK":
		in.gone(kind, raw)
	case "INTERACTION_CREATE":
		in.interaction(raw)
	default:
		in.a.learn(kind, raw)
	}
}

func (in *intake) message(kind string, raw json.RawMessage) {
	p, odd, err := decodeMessage(raw)
	if err != nil {
		in.a.observe("malformed")
		in.a.log.Warn("discord event dropped: it is no message", "event", kind, "error", err)
		return
	}
	if n := unknownComponents(p.Components); odd || n > 0 {
		in.a.observe("unknown_component")
		in.a.log.Debug("discord message has parts that are not known", "event", kind, "message", p.ID, "components", n)
	}
	in.a.names.addNicks(p)
	selfID, _ := in.a.names.self()
	own := p.Author != nil && p.Author.ID == selfID
	received := in.a.clock()
	if kind == "MESSAGE_CREATE" {
		if own {
			in.a.sent.note(p.ID, nonceText(p.Nonce))
		}
		in.queue(p.ChannelID, func(ctx context.Context, try int) bool { return in.a.posted(ctx, p, received, try) })
		return
	}
	edit := p.editedAt()
	if last, known := in.a.edits.get(p.ID); own || edit.IsZero() || known && !edit.After(last) {
		in.a.observe("update_without_edit")
		return
	}
	in.a.edits.put(p.ID, edit)
	in.queue(p.ChannelID, func(ctx context.Context, try int) bool { return in.a.edited(ctx, p, received, try) })
}

func (in *intake) gone(kind string, raw json.RawMessage) {
	var p struct {
		ID        string   `json:"id"`
		IDs       []string `json:"ids"`
		ChannelID string   `json:"channel_id"`
		GuildID   string   `json:"guild_id"`
	}
	_, err := decode(raw, &p)
	if p.ID != "" {
		p.IDs = append(p.IDs, p.ID)
	}
	if err != nil || !isSnowflake(p.ChannelID) || len(p.IDs) == 0 {
		in.a.observe("malformed")
		in.a.log.Warn("discord event dropped: it names no message", "event", kind, "error", err)
		return
	}
	e := deleted(p.ChannelID, p.GuildID, p.IDs, in.a.clock())
	in.queue(p.ChannelID, func(ctx context.Context, try int) bool { return in.a.ingest(ctx, e, try) })
}

// queue gives a job to the channel's lane. A panic in it costs the event, not the process.
func (in *intake) queue(channel string, j job) {
	in.lanes.add(in.reading, in.work, channel, func(ctx context.Context, try int) (done bool) {
		defer func() {
			if r := recover(); r != nil {
				done = true
				in.a.observe("panic")
				in.a.log.ErrorContext(ctx, "discord event dropped: handling it panicked", "channel", channel, "panic", fmt.Sprint(r))
			}
		}()
		return j(ctx, try)
	})
}

func (a *Adapter) posted(ctx context.Context, p payloadMessage, received time.Time, try int) bool {
	m, ok, done := a.domain(ctx, p, try)
	if !ok {
		return done
	}
	m.EditedAt, m.Revision = time.Time{}, 0
	return a.ingest(ctx, conversation.Posted{Delivery: conversation.Delivery{ReceivedAt: received}, Message: m}, try)
}

func (a *Adapter) edited(ctx context.Context, p payloadMessage, received time.Time, try int) bool {
	m, ok, done := a.domain(ctx, p, try)
	if !ok {
		return done
	}
	return a.ingest(ctx, conversation.Edited{Delivery: conversation.Delivery{ReceivedAt: received}, Message: m}, try)
}

// domain turns a payload into a message. Where ok is false, done says whether that is final.
func (a *Adapter) domain(ctx context.Context, p payloadMessage, try int) (m conversation.Message, ok, done bool) {
	if p.Author == nil || p.Content == nil {
		whole, found, err := a.message(ctx, p.ChannelID, p.ID)
		switch {
		case found && isSnowflake(whole.ID):
			whole.GuildID, whole.ChannelID, whole.ChannelType = p.GuildID, p.ChannelID, p.ChannelType
			p = whole
		case a.transient(err) && try < maxLookups:
			return m, false, false
		}
	}
	where, err := a.locate(ctx, p)
	if a.transient(err) && try < maxLookups {
		return m, false, false
	}
	m, why := normalize(p, where, a.names)
	if why != keep {
		a.observe("skipped_" + string(why))
		return m, false, true
	}
	return m, true, false
}

// maxLookups is how often a message waits for what Discord says of its channel; then it goes on without.
const maxLookups = 5

// locate gives the channel of a guild message: from the directory, else over REST where it may be a thread.
func (a *Adapter) locate(ctx context.Context, p payloadMessage) (payloadChannel, error) {
	where := payloadChannel{ID: p.ChannelID, GuildID: p.GuildID}
	if p.ChannelType != nil {
		where.Type = *p.ChannelType
	}
	if p.GuildID == "" || p.ChannelType != nil && !where.isThread() {
		return where, nil
	}
	found, err := a.find(ctx, p.ChannelID)
	if err != nil {
		return where, err
	}
	return found, nil
}

// transient reports whether an error may go away by itself.
func (a *Adapter) transient(err error) bool {
	return err != nil && conversation.FailureOf(failure(err, conversation.CodePlatformDown)).Retry
}

// ingest hands an event over and reports whether the engine took it.
func (a *Adapter) ingest(ctx context.Context, e conversation.Event, try int) bool {
	failpoint.Hit(failpoint.Decoded)
	if err := a.ingester.Ingest(ctx, e); err != nil {
		a.log.WarnContext(ctx, "discord event is not stored yet, trying again", "event", e.Kind(), "try", try+1, "error", err)
		return false
	}
	a.observe(e.Kind())
	return true
}

// learn keeps the directory.
func (a *Adapter) learn(kind string, raw json.RawMessage) {
	var err error
	switch kind {
	case "GUILD_CREATE", "GUILD_UPDATE":
		var g payloadGuild
		if _, err = decode(raw, &g); err == nil {
			a.names.addGuild(g)
		}
		if selfID, _ := a.names.self(); err == nil && kind == "GUILD_CREATE" && a.catcher != nil {
			a.absence.arrived(a.clock(), g.ID, reachOf(g, selfID))
		}
	case "GUILD_DELETE":
		var g struct {
			ID          string `json:"id"`
			Unavailable bool   `json:"unavailable"`
		}
		if _, err = decode(raw, &g); err == nil && a.catcher != nil && isSnowflake(g.ID) {
			a.absence.away(g.ID, g.Unavailable)
		}
	case "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE":
		var r struct {
			Role payloadRole `json:"role"`
		}
		if _, err = decode(raw, &r); err == nil {
			a.names.addRole(r.Role)
		}
	case "CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE":
		var c payloadChannel
		if _, err = decode(raw, &c); err == nil {
			a.names.addChannel(c)
		}
	case "THREAD_LIST_SYNC":
		var g payloadGuild
		if _, err = decode(raw, &struct {
			GuildID *string           `json:"guild_id"`
			Threads *[]payloadChannel `json:"threads"`
		}{&g.ID, &g.Threads}); err == nil {
			a.names.addGuild(g)
		}
	case "CHANNEL_DELETE", "THREAD_DELETE":
		var c payloadChannel
		if _, err = decode(raw, &c); err == nil {
			a.names.removeChannel(c.ID)
		}
	}
	if err != nil {
		a.observe("malformed")
		a.log.Warn("discord event ignored: it cannot be read", "event", kind, "error", err)
	}
}

// knownComponent has the component types of discord.com/developers/docs/components/reference#component-object-component-types.
func knownComponent(n int) bool { return n >= 1 && n <= 14 || n >= 17 && n <= 19 }

// unknownComponents counts components of kinds that are not known, and what is no component at all.
func unknownComponents(raw json.RawMessage) int { return countUnknown(raw, 0) }

func countUnknown(raw json.RawMessage, depth int) int {
	if len(raw) == 0 || string(raw) == "null" || depth > 5 {
		return 0
	}
	var list []struct {
		Type       int             `json:"type"`
		Components json.RawMessage `json:"components"`
	}
	if odd, err := decode(raw, &list); err != nil || odd {
		return 1
	}
	n := 0
	for _, c := range list {
		if !knownComponent(c.Type) {
			n++
		}
		n += countUnknown(c.Components, depth+1)
	}
	return n
}

// backoff is the pause before another try: 250 ms, doubling to 15 s, give or take a fifth.
func backoff(try int) time.Duration {
	d := min(250*time.Millisecond<<min(try, 6), 15*time.Second)
	return d*4/5 + rand.N(d*2/5)
}
