package discord

import (
	"context"
	"net"
	"time"

	"parley/bots"
	"parley/conversation"
)

// SetGreetingTimeout shortens the wait for Hello and READY.
func (a *Adapter) SetGreetingTimeout(d time.Duration) { a.greeting = d }

// SetOnlineEvery shortens the wait between two notes that nothing is being missed.
func (a *Adapter) SetOnlineEvery(d time.Duration) { a.onlineEvery = d }

// Normalize decodes and normalises a payload as it would arrive in the given channel of the given directory.
func Normalize(raw []byte, d Directory) (conversation.Message, string, error) {
	n := newNames()
	n.setSelf(payloadUser{ID: d.SelfID, Username: d.SelfName})
	if _, err := decode(d.Guild, &struct{}{}); err == nil {
		(&Adapter{names: n, observe: func(string) {}}).learn("GUILD_CREATE", d.Guild)
	}
	p, _, err := decodeMessage(raw)
	if err != nil {
		return conversation.Message{}, "", err
	}
	where, _ := n.channel(p.ChannelID)
	m, why := normalize(p, where, n)
	return m, string(why), nil
}

// Directory is what the tests know beforehand.
type Directory struct {
	SelfID, SelfName string
	Guild            []byte
}

// Render is the text that is sent.
func Render(markdown string, known []string) string { return render(markdown, known) }

// Units counts as Discord does, never less.
func Units(s string) int { return bots.Units(s) }

// FrameScan feeds bytes through the frame scanner and gives the opcodes of the frames that it found.
func FrameScan(stream []byte) (opcodes []byte, payloads []string) {
	var d frames
	for _, b := range stream {
		if f, whole := d.next(b); whole {
			opcodes = append(opcodes, f.opcode)
			payloads = append(payloads, string(f.payload))
		}
	}
	return opcodes, payloads
}

// Tap is the connection below the gateway library.
type Tap struct{ *tap }

// NewTap taps a connection.
func NewTap(conn net.Conn) Tap { return Tap{newTap(conn, time.Now, time.Minute)} }

// Leave says that the connection is being closed.
func (t Tap) Leave() { t.leave() }

// Lanes runs jobs in the order of their key.
type Lanes struct{ l *lanes }

// NewLanes lets so many jobs wait.
func NewLanes(waiting int) Lanes { return Lanes{newLanes(waiting)} }

// Add queues a job that is tried until it reports true.
func (l Lanes) Add(ctx, work context.Context, key string, j func(ctx context.Context, try int) bool) bool {
	return l.l.add(ctx, work, key, j)
}

// Finish waits for all jobs.
func (l Lanes) Finish(ctx context.Context) bool { return l.l.finish(ctx) }

// Dialled is a gateway's address as the library is told it.
func Dialled(address string) (string, error) { return dialled(address) }

// Interaction decodes an interaction as it would arrive; nil is none of Parley's.
func (a *Adapter) Interaction(raw []byte) (conversation.Event, error) {
	i, err := decodeInteraction(raw)
	if err != nil {
		return nil, err
	}
	if e, _, ok := a.event(i, time.Now()); ok {
		return e, nil
	}
	return nil, nil
}
