package conversation

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"parley/conversation/summary"
	"parley/llm"
)

// PagedSource is a SummarySource of anything that gives pages, such as Readings.Collected of a task.
type PagedSource func(ctx context.Context, after Position, limit int) ([]Message, error)

// Page implements SummarySource.
func (p PagedSource) Page(ctx context.Context, after Position, limit int) ([]Message, error) {
	return p(ctx, after, limit)
}

// againPage is how many messages are read at once to find some of them again; more of one instant are not looked through.
const againPage = 50

// Again implements SummarySource: a page for each stretch of neighbouring messages.
func (p PagedSource) Again(ctx context.Context, positions []Position) (map[string]Message, error) {
	found := make(map[string]Message, len(positions))
	wanted := make(map[string]bool, len(positions))
	for _, want := range positions {
		wanted[want.MessageID] = true
	}
	positions = slices.SortedFunc(slices.Values(positions), func(a, b Position) int {
		return cmp.Or(a.SentAt.Compare(b.SentAt), cmp.Compare(a.MessageID, b.MessageID))
	})
	for len(positions) > 0 {
		// Databases keep microseconds: the moment before is the last one that surely lies before the message.
		before := Position{SentAt: positions[0].SentAt.Add(-time.Microsecond), MessageID: "\uffff"}
		page, err := p(ctx, before, againPage)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			if wanted[m.ID] && m.DeletedAt.IsZero() {
				found[m.ID] = m
			}
		}
		seen := 1
		for len(page) > 0 && seen < len(positions) && !page[len(page)-1].Position().Before(positions[seen]) {
			seen++
		}
		positions = positions[seen:]
	}
	return found, nil
}

// CacheOf keeps the chunks of ref in the database, under a task's lease.
func CacheOf(r Readings, t Turn, ref ThreadRef) ChunkCache { return readingsCache{r, t, ref} }

type readingsCache struct {
	readings Readings
	turn     Turn
	ref      ThreadRef
}

func (c readingsCache) Chunk(ctx context.Context, hash string) (Chunk, bool, error) {
	chunk, known, err := c.readings.Chunk(ctx, c.ref, hash)
	return chunk, known, storeError(err)
}

func (c readingsCache) Keep(ctx context.Context, chunk Chunk) error {
	return storeError(c.readings.KeepChunk(ctx, c.turn, chunk))
}

// summaryPage is how many messages are read at once.
const summaryPage = 200

// reading takes messages in, page by page, and counts what it sees.
type reading struct {
	source   SummarySource
	location *time.Location
	clean    summary.Normaliser
	coverage summary.Coverage
	threads  threading
	from     Position
	through  Position
	numbered int
	seen     int
}

// messages yields what the model is to see, numbered from 1.
func (r *reading) messages(ctx context.Context, after Position) iter.Seq2[summary.Message, error] {
	return func(yield func(summary.Message, error) bool) {
		for {
			page, err := r.source.Page(ctx, after, summaryPage)
			if err != nil {
				yield(summary.Message{}, fmt.Errorf("read messages: %w", err))
				return
			}
			if len(page) == 0 {
				return
			}
			for _, m := range page {
				told, ok := r.take(m)
				if ok && !yield(told, nil) {
					return
				}
			}
			last := page[len(page)-1].Position()
			if !after.Before(last) {
				return // a source that does not move on
			}
			after = last
		}
	}
}

func (r *reading) take(m Message) (summary.Message, bool) {
	if r.seen == 0 {
		r.from = m.Position()
	}
	r.seen++
	r.through = m.Position()
	told := summaryMessage(m, r.location)
	r.coverage.Add(told)
	told.Thread, told.Reply = threadIn(m, r.threads.of)
	r.threads.counts.Add(told)
	told, cut, ok := r.clean.Clean(told)
	if !ok {
		return told, false
	}
	if cut {
		r.coverage.Shortened++
	}
	r.numbered++
	told.N = r.numbered
	return told, true
}

// summaryMessage is a message as package summary knows it: control tokens neutralised, what files show written out.
func summaryMessage(m Message, in *time.Location) summary.Message {
	told := summary.Message{ID: m.ID, AuthorID: m.Author.ID, Author: llm.Neutralise(Label(m.Author.Name)), At: m.SentAt,
		Root: m.Root || m.Ref.Thread != "" && m.Ref.Thread == m.ID, Deleted: !m.DeletedAt.IsZero()}
	if in != nil {
		told.At = told.At.In(in)
	}
	switch m.Author.Kind {
	case Self:
		told.Speaker = summary.Self
	case Bot:
		told.Speaker = summary.Bot
	case Person:
		told.Speaker = summary.Person
	}
	for _, mention := range m.Mentions {
		if mention.Kind == MentionUser && mention.Name != "" {
			told.Mentions = append(told.Mentions, Label(mention.Name))
		}
	}
	var text strings.Builder
	text.WriteString(m.Text)
	for _, a := range m.Attachments {
		told.Files = told.Files.Plus(countFile(a))
		switch {
		case a.Description != "":
			fmt.Fprintf(&text, "\n[%s %q: %s]", a.Kind, a.Name, unlinked(a.Description))
		default:
			fmt.Fprintf(&text, "\n[%s %q]", a.Kind, a.Name)
		}
	}
	told.Text = llm.Neutralise(strings.ToValidUTF8(text.String(), "\ufffd"))
	return told
}

func countFile(a Attachment) summary.Files {
	var f summary.Files
	switch a.Kind {
	case AttachmentImage:
		f.Images = 1
	case AttachmentAudio:
		f.Voice = 1
	case AttachmentVideo:
		f.Videos = 1
	case AttachmentDocument:
		f.Documents = 1
	case AttachmentOther:
		f.Others = 1
	}
	switch a.Verdict {
	case VerdictTooLarge, VerdictUnsupported, VerdictGone, VerdictUnreadable, VerdictUnseen:
		f.Unreadable = 1
	case "":
		f.Unopened = 1
	case VerdictDescribed, VerdictTranscribed, VerdictRead:
	}
	return f
}
