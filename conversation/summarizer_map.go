package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"parley/conversation/prompts"
	"parley/conversation/summary"
	"parley/llm"
)

// checkVersion is a part of the hash of chunks: what is kept was checked by these rules.
const checkVersion = "4"

const (
	notesMost = 40 // notes that are asked for of one chunk
	halvings  = 3  // how often a chunk is parted that does not fit
	denser    = 2  // how often a chunk is parted of which there is more to tell than an answer holds
	fullEvery = 3  // an answer with a note for every so many messages is not asked for again in halves
	excerpts  = 3  // messages that stand for a piece about which the model says nothing
)

// mapped is what one chunk was found to hold.
type mapped struct {
	items    []summary.Item // with the numbers of the whole conversation
	chunk    Chunk          // what is kept of it; its Hash is empty where it was not read whole
	unread   int            // of the chunk's own messages
	extracts int
	tally    summary.Tally
	cached   bool
	err      error // why messages are unread
}

// mapChunk gives the notes of a chunk, from the cache where it was read before. Its error ends the job.
func (j *summing) mapChunk(ctx context.Context, c summary.Chunk, again bool) (mapped, error) {
	local := c
	local.Messages = slices.Clone(c.Messages)
	for i := range local.Messages {
		local.Messages[i].N = i + 1
	}
	hash := j.hash(c, again)
	if j.Cache != nil {
		kept, known, err := j.Cache.Chunk(ctx, hash)
		if err != nil {
			return mapped{}, fmt.Errorf("read chunk: %w", err)
		}
		if known && len(kept.MessageIDs) == len(c.Messages) {
			m := mapped{cached: true, chunk: kept, items: summary.Kept(kept.Text)}
			m.globalise(c)
			return m, nil
		}
	}
	checker := summary.NewChecker(local.Messages, true)
	m, err := j.notes(ctx, local, checker, again, 0)
	if err != nil {
		return mapped{}, err
	}
	if m.unread == 0 && m.extracts == 0 {
		m.chunk = j.chunk(c, hash, m.items)
		if j.Cache != nil && !j.Standing { // Digest keeps its chunks in order
			if err := j.Cache.Keep(ctx, m.chunk); err != nil {
				return mapped{}, fmt.Errorf("keep chunk: %w", err)
			}
		}
	}
	m.globalise(c)
	return m, nil
}

// hash names what c holds and what it is read with.
func (j *summing) hash(c summary.Chunk, again bool) string {
	with := []string{"notes", checkVersion, j.prompts.Hash("map"), j.ModelName, j.language, fmt.Sprint(again)}
	if summary.Threaded(c.Messages) {
		with = append(with, j.prompts.Hash("threads"))
	}
	return c.Hash(with...)
}

// chunk is what is kept of c; items have its own numbers.
func (j *summing) chunk(c summary.Chunk, hash string, items []summary.Item) Chunk {
	// The halves of a chunk may end under a title and begin without one: a line without a title must not come behind one.
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b summary.Item) int { return min(len(a.Topic), 1) - min(len(b.Topic), 1) })
	text := summary.Lines(items)
	kept := Chunk{Ref: j.Ref, Hash: hash, Standing: j.Standing, Text: text, Tokens: j.cost(text),
		From:    Position{SentAt: c.Messages[0].At, MessageID: c.Messages[0].ID},
		Through: Position{SentAt: c.Messages[len(c.Messages)-1].At, MessageID: c.Messages[len(c.Messages)-1].ID}}
	for _, m := range c.Messages {
		kept.MessageIDs = append(kept.MessageIDs, m.ID)
		if !slices.Contains(kept.AuthorIDs, m.AuthorID) {
			kept.AuthorIDs = append(kept.AuthorIDs, m.AuthorID)
		}
	}
	return kept
}

// globalise turns numbers within the chunk into those of the whole conversation.
func (m *mapped) globalise(c summary.Chunk) {
	kept := m.items[:0]
	for _, item := range m.items {
		for _, r := range []*summary.Ref{&item.Answered, &item.Reversed} {
			if r.N >= 1 && r.N <= len(c.Messages) {
				of := c.Messages[r.N-1]
				*r = summary.Ref{N: of.N, ID: of.ID, At: of.At}
			} else {
				*r = summary.Ref{}
			}
		}
		refs := item.Refs[:0]
		for _, r := range item.Refs {
			if r.N >= 1 && r.N <= len(c.Messages) {
				of := c.Messages[r.N-1]
				refs = append(refs, summary.Ref{N: of.N, ID: of.ID, At: of.At})
			}
		}
		if item.Refs = refs; len(refs) > 0 {
			kept = append(kept, item)
		}
	}
	m.items = kept
}

// plus joins what two halves were found to hold.
func (m mapped) plus(n mapped) mapped {
	return mapped{items: append(m.items, n.items...), unread: m.unread + n.unread, extracts: m.extracts + n.extracts,
		tally: m.tally.Plus(n.tally), err: errors.Join(m.err, n.err)}
}

// notes asks the model about a chunk. What does not fit, is answered with nothing or nothing that holds, or holds more than one answer can tell
// is asked about again in halves; what is left then is told in excerpts or counted as unread. Nothing is lost silently.
func (j *summing) notes(ctx context.Context, c summary.Chunk, checker *summary.Checker, again bool, depth int) (mapped, error) {
	prompt, err := j.prompts.Map(prompts.Notes{Fence: newFence(), Rows: rows(c.Messages), First: c.Messages[0].N,
		Last: c.Messages[len(c.Messages)-1].N, Most: notesMost, Language: summary.LanguageName(j.language), Again: again})
	if err != nil {
		return mapped{}, err
	}
	text, finish, err := j.unbroken(ctx, prompt)
	if err != nil && fatal(err) {
		return mapped{}, err
	}
	cut := finish == llm.FinishLength || err != nil
	answer := summary.Parse(text, cut)
	said := len(answer.Items) > 0 || answer.None && finish != llm.FinishFilter
	var told mapped
	deepest := 1 // for a model that says nothing, or the same again and again: a smaller piece may help once
	switch {
	case overflows(err):
		deepest = halvings
	case err != nil: // what it told before it broke off holds, but is not all
		if deepest = 0; said {
			told.items = j.checked(answer, checker, &told.tally)
		}
	case said:
		told.items = j.checked(answer, checker, &told.tally)
		if said = len(told.items) > 0 || len(answer.Items) == 0 || j.Standing; !said {
			break // none of it holds: that is as good as no answer, but notes for the model alone need no excerpts
		}
		switch {
		case !cut && len(answer.Items) != notesMost: // beyond what it was asked for, a model has told what it had to
			return told, nil
		case len(answer.Items)*fullEvery >= len(c.Own()):
			deepest = 0 // it tells nearly every message: there is nothing to gain
		case 2*len(summary.Lines(answer.Items)) >= len(text):
			deepest = denser // it had more to say
		}
	}
	if depth < deepest {
		if halves, can, err := j.halves(ctx, c, checker, again, depth+1, told.items); can || err != nil {
			return halves, err
		}
	}
	switch {
	case err != nil:
		j.Logger.WarnContext(ctx, "a part of a conversation is not read", "ref", j.Ref, "messages", len(c.Own()), "error", err)
		told.unread, told.err = len(c.Own()), err
		return told, nil
	case said: // the lines before the cut are whole
		told.tally.Cut++
		j.Logger.InfoContext(ctx, "a part of a conversation holds more than the model can tell of it", "ref", j.Ref, "messages", len(c.Own()), "finish", finish)
		return told, nil
	}
	j.Logger.InfoContext(ctx, "the model gives no notes of a part of a conversation that hold, quoting it", "ref", j.Ref, "messages", len(c.Own()), "finish", finish, "lines", len(answer.Items))
	told.items, told.extracts = summary.Excerpts(c.Own(), excerpts), len(c.Own())
	return told, nil
}

// unbroken asks for notes, and once more where the answer broke off in the middle: patient repeats only what failed before
// its first word.
func (j *summing) unbroken(ctx context.Context, prompt string) (text string, finish llm.Finish, err error) {
	for range 2 {
		text, finish, err = j.patient(ctx, prompt, j.mapOutput(), nil)
		j.mu.Lock()
		j.result.MapCalls++
		j.mu.Unlock()
		if err == nil || text == "" || fatal(err) || overflows(err) {
			break
		}
	}
	return text, finish, err
}

// halves asks about the two halves of a chunk; can is false for one that cannot be parted. before is what an answer about all
// of it told until it was cut: it stands for a half of which the model then tells nothing.
func (j *summing) halves(ctx context.Context, c summary.Chunk, checker *summary.Checker, again bool, depth int, before []summary.Item) (both mapped, can bool, err error) {
	first, second, can := c.Half()
	if !can {
		return mapped{}, false, nil
	}
	for _, half := range []summary.Chunk{first, second} {
		m, err := j.notes(ctx, half, checker, again, depth)
		if err != nil {
			return mapped{}, true, err
		}
		if m.unread+m.extracts > 0 {
			if told := within(before, half); len(told) > 0 && m.extracts > 0 && m.unread == 0 {
				m.items, m.extracts = told, 0
			} else {
				m.items = append(m.items, told...)
			}
		}
		both = both.plus(m)
	}
	return both, true, nil
}

// within gives the items that stand on a message of c's own.
func within(items []summary.Item, c summary.Chunk) []summary.Item {
	own := c.Own()
	return slices.DeleteFunc(slices.Clone(items), func(i summary.Item) bool { return i.Refs[0].N < own[0].N || i.Refs[0].N > own[len(own)-1].N })
}

// checked keeps the items of an answer that hold against the messages.
func (j *summing) checked(answer summary.Answer, checker *summary.Checker, tally *summary.Tally) []summary.Item {
	tally.Unread += answer.Unread
	checker.Ask(j.language)
	var kept []summary.Item
	titles := map[string]string{}
	for _, item := range answer.Items {
		if _, seen := titles[item.Topic]; !seen {
			titles[item.Topic] = checker.Title(item.Topic)
		}
		item.Topic = titles[item.Topic]
		if item, ok := checker.Check(item, j.translated(), tally); ok {
			kept = append(kept, item)
		}
	}
	return kept
}

// translated reports whether the summary is in another language than the conversation.
func (j *summing) translated() bool {
	return j.language != "" && j.spoken != "" && j.language != j.spoken
}
