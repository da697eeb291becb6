package conversation

import (
	"context"
	"sync"
)

// addressesMost bounds how many messages are remembered on the way through a channel: more than one prompt takes in. Those that
// are told of a longer one are read again before.
const addressesMost = 1 << 15

// addresses is a source that knows where the messages of a channel stand that it has given: the link to a message of a thread
// tells the thread too (Slack: docs.slack.dev/reference/methods/chat.getPermalink).
type addresses struct {
	SummarySource
	linker Linker
	ref    ThreadRef

	mu sync.Mutex
	in map[string]ThreadRef
}

func newAddresses(source SummarySource, linker Linker, ref ThreadRef) *addresses {
	return &addresses{SummarySource: source, linker: linker, ref: ref, in: map[string]ThreadRef{}}
}

// Page implements SummarySource.
func (a *addresses) Page(ctx context.Context, after Position, limit int) ([]Message, error) {
	page, err := a.SummarySource.Page(ctx, after, limit)
	for _, m := range page {
		a.note(m, addressesMost)
	}
	return page, err
}

// Again implements SummarySource.
func (a *addresses) Again(ctx context.Context, positions []Position) (map[string]Message, error) {
	found, err := a.SummarySource.Again(ctx, positions)
	for _, m := range found {
		a.note(m, 2*addressesMost)
	}
	return found, err
}

func (a *addresses) note(m Message, most int) {
	if m.Ref == a.ref || m.Ref.Channel == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.in) < most {
		a.in[m.ID] = m.Ref
	}
}

// link is the address of a message; empty where the platform has none.
func (a *addresses) link(id string) string {
	if a.linker == nil {
		return ""
	}
	a.mu.Lock()
	ref, known := a.in[id]
	a.mu.Unlock()
	if !known {
		ref = a.ref
	}
	return a.linker.Link(ref, id)
}
