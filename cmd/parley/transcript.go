package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"parley/conversation"
)

// transcript is a chat in memory as a source for the summarizer. Its messages have numbers for ids while they are summed
// up, padded so that their order is that of the chat, whatever their own ids and however coarse their times are.
type transcript struct {
	messages []conversation.Message
	own      []string // the ids that the chat has itself
	from     int      // the first that is summed up: those before only began threads
}

// newTranscript takes messages in the order of the chat. Where only times of day are known, no times are told at all: a
// day that nobody has said must not come out of them. A clock that was set back does not move a message to the front.
// Threads are named as the messages are that began them.
func newTranscript(messages []conversation.Message, undated bool) *transcript {
	t := &transcript{messages: make([]conversation.Message, len(messages)), own: make([]string, len(messages))}
	here := map[string]string{} // ids of messages that threads are named by
	for _, m := range messages {
		if m.Ref.Thread != "" {
			here[m.Ref.Thread] = m.Ref.Thread
		}
	}
	var latest time.Time
	for i, m := range messages {
		if m.SentAt.Before(latest) {
			m.SentAt = latest
		}
		latest = m.SentAt
		if undated {
			m.SentAt = time.Time{}
		}
		t.own[i], m.ID = m.ID, fmt.Sprintf("%09d", i)
		if _, names := here[t.own[i]]; names {
			here[t.own[i]] = m.ID
		}
		t.messages[i] = m
	}
	for i := range t.messages {
		if ref := &t.messages[i].Ref; ref.Thread != "" {
			ref.Thread = here[ref.Thread]
		}
	}
	return t
}

// place is the index of a message by the id that it has here.
func (t *transcript) place(id string) (int, bool) {
	i, err := strconv.Atoi(id)
	return i, err == nil && i >= 0 && i < len(t.messages)
}

// Page implements conversation.SummarySource.
func (t *transcript) Page(_ context.Context, after conversation.Position, limit int) ([]conversation.Message, error) {
	from := t.from
	if i, known := t.place(after.MessageID); known {
		from = i + 1
	}
	return t.messages[from:min(from+limit, len(t.messages))], nil
}

// Again implements conversation.SummarySource.
func (t *transcript) Again(_ context.Context, positions []conversation.Position) (map[string]conversation.Message, error) {
	found := make(map[string]conversation.Message, len(positions))
	for _, p := range positions {
		if i, known := t.place(p.MessageID); known {
			found[p.MessageID] = t.messages[i]
		}
	}
	return found, nil
}

// id gives the chat's own id for the one that a message has here; what is none stays as it is.
func (t *transcript) id(id string) string {
	if i, known := t.place(id); known {
		return t.own[i]
	}
	return id
}

// sentAt tells when a message was written, by the id that it has here.
func (t *transcript) sentAt(id string) (time.Time, bool) {
	if i, known := t.place(id); known {
		return t.messages[i].SentAt, true
	}
	return time.Time{}, false
}

// named gives the items of a summary the chat's own ids.
func (t *transcript) named(items []conversation.SummaryItem) []conversation.SummaryItem {
	for k := range items {
		items[k].Thread = t.id(items[k].Thread)
		for r := range items[k].Messages {
			items[k].Messages[r].ID = t.id(items[k].Messages[r].ID)
		}
		for _, ref := range []*conversation.SummaryRef{items[k].AnsweredBy, items[k].ReversedBy} {
			if ref != nil {
				ref.ID = t.id(ref.ID)
			}
		}
	}
	return items
}
