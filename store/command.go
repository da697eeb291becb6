package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/conversation"
)

// errNoCommand says that what came as a command is none.
var errNoCommand = errors.New("a command needs an Ask, and the Thread of its conversation must be the ID of its message")

// ask is the stored form of conversation.Ask: its field names are a format. The handle is taken away when the item is
// closed.
type ask struct {
	Verb      string     `json:"verb"`
	Source    askSource  `json:"source"`
	MessageID string     `json:"message_id"`
	From      bool       `json:"from"`
	Text      string     `json:"text"`
	Handle    string     `json:"handle,omitempty"`
	Expires   *time.Time `json:"expires,omitempty"`
}

type askSource struct {
	Platform  string `json:"platform"`
	Workspace string `json:"workspace"`
	Channel   string `json:"channel"`
	Thread    string `json:"thread"`
}

func encodeAsk(a *conversation.Ask) ([]byte, error) {
	if a == nil {
		return nil, nil
	}
	source := normaliseRef(a.Source)
	encoded, err := json.Marshal(ask{
		Verb: clean(string(a.Verb)), Source: askSource{string(source.Platform), source.Workspace, source.Channel, source.Thread},
		MessageID: clean(a.MessageID), From: a.From, Text: clean(a.Text), Handle: clean(a.Handle), Expires: optional(a.Expires),
	})
	if err != nil {
		return nil, fmt.Errorf("encode command: %w", err)
	}
	return encoded, nil
}

func decodeAsk(encoded []byte) (*conversation.Ask, error) {
	if len(encoded) == 0 {
		return nil, nil
	}
	var a ask
	if err := json.Unmarshal(encoded, &a); err != nil {
		return nil, fmt.Errorf("decode command: %w", err)
	}
	out := &conversation.Ask{
		Verb: conversation.Verb(a.Verb), MessageID: a.MessageID, From: a.From, Text: a.Text, Handle: a.Handle,
		Source: conversation.ThreadRef{
			Platform: conversation.Platform(a.Source.Platform), Workspace: a.Source.Workspace, Channel: a.Source.Channel, Thread: a.Source.Thread,
		},
	}
	if a.Expires != nil {
		out.Expires = a.Expires.UTC()
	}
	return out, nil
}

// withoutHandle gives a stored command without what it could be answered by.
func withoutHandle(encoded []byte) (json.RawMessage, error) {
	a, err := decodeAsk(encoded)
	if a == nil || err != nil {
		return nil, err
	}
	a.Handle = ""
	return encodeAsk(a)
}

// isCommand reports whether a conversation is that of a command: nobody else is in it, and the platform holds none of it.
func isCommand(thread string) bool { return strings.HasPrefix(thread, conversation.CommandThread("")) }

// command takes in a command: a question in a conversation of its own, whole from its beginning. The channel's
// watermark does not move: it is no message there.
func (in *intake) command(ctx context.Context, d conversation.Delivery, m conversation.Message) (conversation.Accepted, error) {
	if m.Ask == nil || m.ID != m.Ref.Thread || !isCommand(m.ID) {
		return conversation.Accepted{}, errNoCommand
	}
	m.Root, m.Place = true, conversation.PlacePrivate
	c, _, err := in.enter(ctx, m)
	if errors.Is(err, errNotFound) {
		return conversation.Accepted{}, errNoCommand // by a program
	}
	if err != nil {
		return conversation.Accepted{}, err
	}
	if err := in.firstDelivery(ctx, m.Ref, d); err != nil {
		return conversation.Accepted{}, err
	}
	m.Seq = c.LastSeq
	decision, err := in.judge(ctx, c, m)
	if err != nil {
		return conversation.Accepted{}, err
	}
	if !decision.Respond {
		closed := *m.Ask
		closed.Handle = ""
		m.Ask = &closed
	}
	if err := in.insert(ctx, m); err != nil {
		return conversation.Accepted{}, err
	}
	if err := in.open(ctx, &c, m, decision); err != nil {
		return conversation.Accepted{}, err
	}
	return conversation.Accepted{Decision: decision, ConversationID: c.ID, Seq: m.Seq}, nil
}
