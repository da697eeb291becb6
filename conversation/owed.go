package conversation

import "sync"

// maxOwed is how many messages are remembered. Repeats come within seconds, redeliveries within minutes; the store knows
// those that are older.
const maxOwed = 4096

// owed remembers which messages have their line in the ledger, so that the same message in another event (Slack tells a
// mention twice) does not go to the database again. Only what is committed stands here.
type owed struct {
	mu    sync.Mutex
	known map[messageKey]bool
	order [maxOwed]messageKey // a ring
	next  int
}

type messageKey struct {
	platform               Platform
	workspace, channel, id string
}

func newOwed() *owed { return &owed{known: make(map[messageKey]bool)} }

func keyOf(m Message) messageKey {
	return messageKey{platform: m.Ref.Platform, workspace: m.Ref.Workspace, channel: m.Ref.Channel, id: m.ID}
}

func (o *owed) has(m Message) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.known[keyOf(m)]
}

func (o *owed) add(m Message) {
	key := keyOf(m)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known[key] {
		return
	}
	delete(o.known, o.order[o.next])
	o.order[o.next], o.known[key] = key, true
	o.next = (o.next + 1) % maxOwed
}
