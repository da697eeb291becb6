package discord

import (
	"cmp"
	"context"
	"net/url"
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
// any more it takes what this process does not know as another part: first a message that answers out.ReplyTo by
// reference, then one without a reference that follows a known part, or stands alone in a channel that is the conversation.
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
	id := search.best(out.Ref.Thread == "")
	return id, id != "", nil
}

// sentSearch looks at the messages after a question, oldest first.
type sentSearch struct {
	sent   *sentLog
	out    conversation.Outgoing
	selfID string
	since  time.Time
	// afterKnown says that the own message before is one that this process knows: what follows it without a
	// reference is the next part of the same answer.
	afterKnown                   bool
	reply, following, unattached string
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
	afterKnown := s.afterKnown
	s.afterKnown = s.sent.other(m.ID, s.out.SendID)
	if nonce != "" || s.afterKnown || snowflakeTime(m.ID).Before(s.since) {
		return false
	}
	switch to := m.repliesTo(); {
	case to == "":
		s.unattached = cmp.Or(s.unattached, m.ID)
		if afterKnown {
			s.following = cmp.Or(s.following, m.ID)
		}
	case to == s.out.ReplyTo:
		s.reply = cmp.Or(s.reply, m.ID)
	}
	return false
}

// best is the candidate. Messages without a reference that follow nothing known count only where one conversation has
// the channel to itself.
func (s *sentSearch) best(ownChannel bool) string {
	found := cmp.Or(s.reply, s.following)
	if found == "" && ownChannel {
		return s.unattached
	}
	return found
}

// pageSize is the most that Discord gives at once (discord.com/developers/docs/resources/message#get-channel-messages).
const pageSize = 100

// page reads messages of a channel, newest first, on one side of an id.
func (a *Adapter) page(ctx context.Context, channel, side, id string, limit int) ([]payloadMessage, error) {
	query := url.Values{side: {id}, "limit": {itoa(limit)}}
	var page []payloadMessage
	if err := a.rest.getQuery(ctx, routeMessages, join("channels", channel, "messages"), query, &page); err != nil {
		return nil, err
	}
	return page, nil
}
