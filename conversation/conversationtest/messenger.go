package conversationtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"parley/conversation"
)

// Posted is a message as people see it in the recording messenger.
type Posted struct {
	ID, ReplyTo, SendID, Text string
	Ref                       conversation.ThreadRef
	Stop                      bool     // the button stands under it
	Known                     []string // the links that may act in it now
	Share                     string   // what the button "Share in thread" under it brings back
	Versions                  []string // every text that it has had, the present one last
	File                      bool
}

// Fault makes a messenger fail. Lost says that the message arrives although the call fails.
type Fault struct {
	Err  error
	Lost bool
}

// Messenger is a platform in memory, with every optional capability. Its zero value posts whatever it gets in messages
// of at most 200 runes.
type Messenger struct {
	// Past is what History gives; PastErr fails it as often as it holds errors.
	Past    []conversation.Message
	PastErr []error
	// PostFaults fail the next posts, EditFaults the next edits, in order; a nil Err passes.
	PostFaults, EditFaults []Fault
	// FileErr fails every file, EditErr every edit, LostErr every post, which arrives nowhere.
	FileErr, EditErr, LostErr error
	// Few makes edits scarce.
	Few bool
	// Pace is how long an interim edit waits.
	Pace time.Duration
	Private

	mu       sync.Mutex
	posts    []*Posted
	statuses int
	reads    int
	lost     int
}

// Split implements conversation.Messenger: at most 200 runes, cut at spaces.
func (m *Messenger) Split(text string, reserve int) []string {
	var parts []string
	text = strings.TrimSpace(text)
	for limit := 200 - reserve; text != ""; {
		if utf8.RuneCountInString(text) <= limit {
			return append(parts, text)
		}
		cut := strings.LastIndex(text[:limit], " ")
		if cut <= 0 {
			cut = limit
		}
		parts = append(parts, strings.TrimSpace(text[:cut]))
		text = strings.TrimSpace(text[cut:])
	}
	return parts
}

// Post implements conversation.Messenger.
func (m *Messenger) Post(_ context.Context, out conversation.Outgoing) (string, error) {
	return m.post(m.fault(&m.PostFaults), out, false)
}

// fault takes the next fault of a list.
func (m *Messenger) fault(faults *[]Fault) Fault {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(*faults) == 0 {
		return Fault{}
	}
	f := (*faults)[0]
	*faults = (*faults)[1:]
	return f
}

func (m *Messenger) post(f Fault, out conversation.Outgoing, file bool) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.Err != nil && !f.Lost {
		return "", f.Err
	}
	if m.LostErr != nil {
		m.lost++
		return "", m.LostErr
	}
	p := &Posted{ID: fmt.Sprintf("p%d", len(m.posts)+1), ReplyTo: out.ReplyTo, SendID: out.SendID, Ref: out.Ref, Stop: out.Stop, Share: out.Share, Known: out.KnownURLs, Text: out.Text, Versions: []string{out.Text}, File: file}
	m.posts = append(m.posts, p)
	if f.Err != nil {
		return "", f.Err
	}
	return p.ID, nil
}

// PostFile implements conversation.FilePoster.
func (m *Messenger) PostFile(_ context.Context, out conversation.Outgoing, file conversation.File) (string, error) {
	if m.FileErr != nil {
		return "", m.FileErr
	}
	out.Text = file.Text
	return m.post(m.fault(&m.PostFaults), out, true)
}

// AwaitEdit implements conversation.Messenger.
func (m *Messenger) AwaitEdit(ctx context.Context, _ conversation.ThreadRef) error {
	timer := time.NewTimer(m.Pace)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Scarce implements conversation.Sparer.
func (m *Messenger) Scarce(conversation.ThreadRef) bool { return m.Few }

// Edit implements conversation.Messenger.
func (m *Messenger) Edit(_ context.Context, id string, out conversation.Outgoing) error {
	if f := m.fault(&m.EditFaults); f.Err != nil {
		return f.Err
	}
	if m.EditErr != nil {
		return m.EditErr
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.posts {
		if p.ID == id {
			p.Text, p.Known, p.Stop, p.Share = out.Text, out.KnownURLs, out.Stop, out.Share
			p.Versions = append(p.Versions, out.Text)
			return nil
		}
	}
	return &conversation.Failure{Code: conversation.CodeMessageGone, Err: errors.New("no such message")}
}

// Delete implements conversation.Deleter.
func (m *Messenger) Delete(_ context.Context, _ conversation.ThreadRef, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, p := range m.posts {
		if p.ID == id {
			m.posts = append(m.posts[:i:i], m.posts[i+1:]...)
			return nil
		}
	}
	return nil
}

// FindSent implements conversation.SentFinder.
func (m *Messenger) FindSent(_ context.Context, out conversation.Outgoing, _ time.Time) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.posts {
		if p.SendID == out.SendID {
			return p.ID, true, nil
		}
	}
	return "", false, nil
}

// SetStatus implements conversation.StatusSetter.
func (m *Messenger) SetStatus(context.Context, conversation.ThreadRef, string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.statuses++
	return nil
}

// StatusEvery implements conversation.StatusSetter.
func (m *Messenger) StatusEvery() time.Duration { return 8 * time.Second }

// History implements conversation.HistoryReader.
func (m *Messenger) History(context.Context, conversation.HistoryRequest) iter.Seq2[[]conversation.Message, error] {
	return func(yield func([]conversation.Message, error) bool) {
		m.mu.Lock()
		m.reads++
		var err error
		if len(m.PastErr) > 0 {
			err, m.PastErr = m.PastErr[0], m.PastErr[1:]
		}
		past := m.Past
		m.mu.Unlock()
		if err != nil {
			yield(nil, err)
			return
		}
		yield(past, nil)
	}
}

// Posts gives what people see now.
func (m *Messenger) Posts() []Posted {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Posted, len(m.posts))
	for i, p := range m.posts {
		out[i] = *p
	}
	return out
}

// Statuses counts calls of SetStatus.
func (m *Messenger) Statuses() int { m.mu.Lock(); defer m.mu.Unlock(); return m.statuses }

// Reads counts calls of History.
func (m *Messenger) Reads() int { m.mu.Lock(); defer m.mu.Unlock(); return m.reads }

// Lost counts posts that LostErr swallowed.
func (m *Messenger) Lost() int { m.mu.Lock(); defer m.mu.Unlock(); return m.lost }
