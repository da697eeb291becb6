package discord

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"time"

	"parley/conversation"
)

const (
	// nonceWindow is how long posting again with the same nonce surely gives back the first message. Discord
	// says "the past few minutes" (discord.com/developers/docs/resources/message#create-message).
	nonceWindow = 2 * time.Minute
	// maxSent bounds what is remembered of own messages.
	maxSent = 4096
	// maxSearch is how many messages after the question FindSent looks through.
	maxSearch = 500
)

// sentLog remembers which message came of which send: from the answers to posts, and from the gateway, which gives the
// nonce back to its sender. So the id is known even where the answer to a post was lost.
type sentLog struct {
	mu     sync.Mutex
	byID   bounded[string]
	bySend bounded[string]
}

func newSentLog() *sentLog {
	return &sentLog{byID: newBounded[string](maxSent), bySend: newBounded[string](maxSent)}
}

// note records a message of our own; sendID is empty where only the message is known.
func (s *sentLog) note(messageID, sendID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, known := s.byID.get(messageID); !known || old == "" {
		s.byID.put(messageID, sendID)
	}
	if sendID != "" {
		s.bySend.put(sendID, messageID)
	}
}

func (s *sentLog) message(sendID string) (messageID string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bySend.get(sendID)
}

// other reports whether the message is known to be of another send, or to have been edited by this process, which
// edits only what the store knows.
func (s *sentLog) other(messageID, sendID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, known := s.byID.get(messageID)
	return known && of != sendID
}

// FindSent implements conversation.SentFinder. It knows a message by its nonce. Where Discord does not tell the nonce
// any more it takes an own message that no record knows, written since then:
//
//   - as the first part one that answers out.ReplyTo by reference, and as the file one that does and holds a file;
//   - as a further part the first one without a reference after the last recorded part and before the next answer to anything;
//   - in a channel that is the conversation, also one that has lost its reference.
//
// Within the nonce window "not found" is safe even if Discord does hold the message: posting again gives it back.
func (a *Adapter) FindSent(ctx context.Context, out conversation.Outgoing, since time.Time) (string, bool, error) {
	if id, ok := a.sent.message(out.SendID); ok {
		return id, true, nil
	}
	after := snowflakeAt(since)
	if isSnowflake(out.ReplyTo) {
		after = out.ReplyTo
	}
	selfID, err := a.selfID(ctx)
	if err != nil {
		return "", false, failure(err, conversation.CodePlatformDown)
	}
	search := sentSearch{sent: a.sent, out: out, selfID: selfID, since: since}
	if out.Part > 0 && out.Part < conversation.FilePart {
		after = newestSnowflake(after, out.KnownIDs)
		search.following = len(out.KnownIDs) > 0
	}
	for range maxSearch / pageSize {
		page, err := a.page(ctx, out.Ref.Channel, "after", after, pageSize)
		if isRefused(err, 403) && a.clock().Sub(since) < nonceWindow {
			return "", false, nil
		}
		if err != nil {
			return "", false, failure(err, conversation.CodePlatformDown)
		}
		// Pages are newest first.
		for i := len(page) - 1; i >= 0; i-- {
			if search.exact(page[i]) {
				a.sent.note(page[i].ID, out.SendID)
				return page[i].ID, true, nil
			}
		}
		if len(page) < pageSize {
			break
		}
		after = page[0].ID
	}
	return search.found, search.found != "", nil
}

// newestSnowflake is the newest of the ids.
func newestSnowflake(id string, others []string) string {
	for _, other := range others {
		if isSnowflake(other) && olderSnowflake(id, other) {
			id = other
		}
	}
	return id
}

// sentSearch looks at the messages after a question, or after the last recorded part, oldest first.
type sentSearch struct {
	sent   *sentLog
	out    conversation.Outgoing
	selfID string
	since  time.Time
	// following says that a part of the same answer is recorded, and no own message after it answers anything else.
	following bool
	// found is the candidate; loose that it is one only for want of a better one.
	found string
	loose bool
}

// exact reports whether m is the message by its nonce; else it notes m as a candidate.
func (s *sentSearch) exact(m payloadMessage) bool {
	if m.Author == nil || m.Author.ID != s.selfID {
		return false
	}
	nonce := nonceText(m.Nonce)
	if nonce != "" && nonce == s.out.SendID {
		return true
	}
	to := m.repliesTo()
	if to != "" {
		s.following = false
	}
	if nonce != "" || slices.Contains(s.out.KnownIDs, m.ID) || s.sent.other(m.ID, s.out.SendID) || snowflakeTime(m.ID).Before(s.since) {
		return false
	}
	first, file := s.out.Part == 0, s.out.Part >= conversation.FilePart
	if file != (len(m.Attachments) > 0) {
		return false
	}
	switch {
	case to == "" && s.found == "" && (s.following || s.out.Ref.Thread == ""):
		s.found, s.loose = m.ID, !s.following
	case to != "" && to == s.out.ReplyTo && (first || file) && (s.found == "" || s.loose):
		s.found, s.loose = m.ID, false
	}
	return false
}

// pageSize is the most that Discord gives at once (discord.com/developers/docs/resources/message#get-channel-messages).
const pageSize = 100

// page reads messages of a channel, newest first, on one side of an id.
func (a *Adapter) page(ctx context.Context, channel, side, id string, limit int) ([]payloadMessage, error) {
	return a.pageAs(ctx, classRead, channel, side, id, limit)
}

// pageAs is page with an urgency of its own; without a side it gives the newest messages.
func (a *Adapter) pageAs(ctx context.Context, c class, channel, side, id string, limit int) ([]payloadMessage, error) {
	r := request{route: routeMessages, path: join("channels", channel, "messages"), class: c, query: url.Values{"limit": {itoa(limit)}}}
	if side != "" {
		r.query.Set(side, id)
	}
	var page []payloadMessage
	if err := a.rest.do(ctx, r, &page); err != nil {
		return nil, err
	}
	return page, nil
}
