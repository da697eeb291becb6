package slack

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/conversation"
)

const (
	// sentPages bounds the search for a message that may have been sent.
	sentPages = 10
	sentPage  = 200
)

var errTooFar = errors.New("too much was said since to be sure that the message was not sent")

// FindSent implements conversation.SentFinder: it looks through the thread, or outside threads the channel, from the
// answered message on for one of the app's own that carries out.SendID in its metadata, or in the name of its file.
//
// Where it cannot tell, because more was said since than is read or because it may not read, it fails with
// CodeSendUnknown and without Retry: the answer is then given up, and not sent a second time.
//
// A server may drop metadata. Where none of the app's messages there has any, the newest one since the attempt that
// neither this answer nor this process knows is taken for the one that is sought.
func (a *Adapter) FindSent(ctx context.Context, out conversation.Outgoing, since time.Time) (string, bool, error) {
	method := "conversations.history"
	arguments := url.Values{"channel": {out.Ref.Channel}, "limit": {strconv.Itoa(sentPage)}, "include_all_metadata": {"1"}, "inclusive": {"1"}}
	if out.Ref.Thread != "" {
		method = "conversations.replies"
		arguments.Set("ts", out.Ref.Thread)
	}
	if oldest := sentAfter(out.ReplyTo, since); oldest != "" {
		arguments.Set("oldest", oldest)
	}
	self, _ := a.Self()
	n := normalizer{self: self}
	stray := strays{out: out, known: a.posted, since: since}
	for range sentPages {
		p, err := a.read(ctx, method, out.Ref.Channel, arguments)
		if errorCode(err) == "thread_not_found" {
			return "", false, nil
		}
		if err != nil {
			return "", false, untold(a.fail(method, err, false))
		}
		for i := range p.Messages {
			m := &p.Messages[i]
			if !n.isSelf(m) {
				continue
			}
			if carries(m, out.SendID) {
				return m.TS, true, nil
			}
			stray.see(m)
		}
		if p.Meta.NextCursor == "" {
			return stray.newest, stray.newest != "", nil
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
	return "", false, untold(errTooFar)
}

// untold is the failure of a search that no other try would bring further; what may pass later stays as it is.
func untold(err error) error {
	if f := conversation.FailureOf(err); f.Retry || f.Code == conversation.CodePlatformRefused {
		return err
	}
	return &conversation.Failure{Code: conversation.CodeSendUnknown, Safe: safeBusy, Err: err}
}

// sentAfter gives the time from which to look: the answered message's, which is Slack's own clock, else since.
func sentAfter(replyTo string, since time.Time) string {
	if _, err := parseTS(replyTo); err == nil {
		return replyTo
	}
	if since.IsZero() {
		return ""
	}
	return formatTS(since)
}

func carries(m *wireMessage, sendID string) bool {
	if sendID == "" {
		return false
	}
	if m.Metadata != nil && m.Metadata.EventType == metadataType && m.Metadata.EventPayload.SendID == sendID {
		return true
	}
	for _, f := range m.Files {
		if strings.Contains(f.Name, sendID) {
			return true
		}
	}
	return false
}

// strays looks for an own message without metadata of which no record knows.
type strays struct {
	out    conversation.Outgoing
	known  *posted
	since  time.Time
	newest string
	kept   bool // the server keeps metadata: what has none is not from here
}

func (s *strays) see(m *wireMessage) {
	if m.Metadata != nil && m.Metadata.EventType != "" {
		s.kept, s.newest = true, ""
	}
	sent, err := parseTS(m.TS)
	switch {
	case s.kept || err != nil || s.out.Part >= conversation.FilePart || len(m.Files) > 0 || s.out.ReplyTo == "":
	case m.Subtype != "" && m.Subtype != "bot_message":
	case m.TS == s.out.Ref.Thread || !tsAfter(m.TS, s.out.ReplyTo) || sent.Before(s.since):
	case slices.Contains(s.out.KnownIDs, m.TS) || s.known.has(s.out.Ref.Channel, m.TS):
	case s.newest == "" || tsAfter(m.TS, s.newest):
		s.newest = m.TS
	}
}

// maxPosted is how many of the process's own messages are remembered.
const maxPosted = 4096

// posted remembers the messages that this process has posted and been told the ids of, the last ones.
type posted struct {
	mu   sync.Mutex
	ids  map[[2]string]bool
	ring [maxPosted][2]string
	next int
}

func newPosted() *posted { return &posted{ids: make(map[[2]string]bool)} }

func (p *posted) add(channel, ts string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := [2]string{channel, ts}
	delete(p.ids, p.ring[p.next])
	p.ring[p.next], p.ids[key] = key, true
	p.next = (p.next + 1) % maxPosted
}

func (p *posted) has(channel, ts string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ids[[2]string{channel, ts}]
}
