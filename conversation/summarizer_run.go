package conversation

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"parley/conversation/prompts"
	"parley/conversation/summary"
	"parley/llm"
)

const (
	// wholeMost is the most tokens of a conversation that one prompt takes in: a small model loses the middle of more.
	wholeMost = 24000
	// thirdLeast is the least messages of a third of which something must be told.
	thirdLeast = 20
	// againMost is how many chunks of such a third are read again.
	againMost = 3
	// sectionMost is the most lines of a section.
	sectionMost = 40
)

// Summarize reads the job's messages to their end and sums them up. Up to three eighths of the window one request does it;
// beyond, each chunk is read by one request (kept ones are not read again), what was found is merged and checked here, and
// one request writes the head and the topics. Every line that is told has passed the check of its citations.
//
// It fails with ErrNoMessages, with what Ask, the source or the cache failed with, or with the *llm.Error of a failure that
// every request would meet. Chunks that were read by then are kept.
func (s *Summarizer) Summarize(ctx context.Context, job SummaryJob) (SummaryResult, error) {
	j, err := s.begin(job)
	if err != nil {
		return SummaryResult{}, err
	}
	j.reading.threads.of = job.Ref
	next, stop := iter.Pull2(j.reading.messages(ctx, job.After))
	defer stop()
	head, whole, err := j.head(next)
	switch {
	case err != nil:
		return j.result, err
	case len(head) == 0:
		return j.result, ErrNoMessages
	}
	j.decideLanguage(head)
	var told []summary.Item
	if whole {
		told, err = j.whole(ctx, head)
	} else {
		told, err = j.parts(ctx, head, next)
	}
	if err != nil {
		return j.result, err
	}
	return j.finish(ctx, told)
}

// head takes in as many messages as one prompt may hold. whole says that there are no more.
func (j *summing) head(next func() (summary.Message, error, bool)) (head []summary.Message, whole bool, err error) {
	most, used := min(j.profile.Context*3/8, wholeMost), 0
	for used <= most {
		m, err, more := next()
		if err != nil || !more {
			return head, true, err
		}
		head = append(head, m)
		used += j.cost(m.Line(m.N)) + 1
	}
	return head, false, nil
}

// decideLanguage chooses the language to write in, by the first messages.
func (j *summing) decideLanguage(head []summary.Message) {
	var sample strings.Builder
	for _, m := range head[:min(len(head), 300)] {
		sample.WriteString(m.Text + "\n")
		if sample.Len() > 20000 {
			break
		}
	}
	j.spoken = summary.Language(sample.String())
	if j.Language != "" && j.Language != j.spoken {
		j.language = j.Language
	}
	j.result.Language = j.spoken
	if j.Language != "" {
		j.result.Language = j.Language
	}
}

// whole sums up what fits into one prompt, in one request. Where the model says nothing of use, or the server's window is
// smaller than thought, it is read in parts after all.
func (j *summing) whole(ctx context.Context, messages []summary.Message) ([]summary.Item, error) {
	prompt, err := j.prompts.Whole(prompts.Notes{Fence: newFence(), Rows: rows(messages), First: messages[0].N, Last: messages[len(messages)-1].N,
		Language: summary.LanguageName(j.language)})
	if err != nil {
		return nil, err
	}
	j.progressAt(StageWriting)
	for _, m := range messages {
		j.reading.threads.place(m.ID, m.Thread)
	}
	j.result.PromptHash, j.result.Chunks = j.prompts.Hash("whole"), 1
	checker := summary.NewChecker(messages, true)
	text, finish, err := j.patient(ctx, prompt, j.wholeOutput(), func(text string) error {
		if j.Stream == nil {
			return nil
		}
		var ignored summary.Tally
		items, _ := summary.Merge(j.checked(summary.Parse(text, true), checker, &ignored))
		return j.show(ctx, items)
	})
	if err != nil && fatal(err) {
		return nil, err
	}
	var tally summary.Tally
	items := j.checked(summary.Parse(text, finish == llm.FinishLength || err != nil), checker, &tally)
	if len(items) == 0 || err != nil || finish == llm.FinishLength { // what is missing would be missing at the end
		j.Logger.InfoContext(ctx, "one request does not do for a summary, reading it in parts", "ref", j.Ref, "finish", finish, "error", err)
		return j.parts(ctx, messages, func() (summary.Message, error, bool) { return summary.Message{}, nil, false })
	}
	j.tally(tally)
	j.reading.coverage.Read = j.reading.coverage.Total
	for third := range j.silent(items) {
		from, to := j.third(third)
		piece := summary.Chunk{Messages: messages[from:to]}
		found, err := j.mapChunk(ctx, piece, true)
		if err != nil {
			return nil, err
		}
		j.tally(found.tally)
		items = append(items, found.items...)
	}
	return j.lead(merged(items, &j.reading.coverage)), nil
}

// merged joins items and notes how many had to be left out.
func merged(items []summary.Item, coverage *summary.Coverage) []summary.Item {
	all, left := summary.Merge(items)
	coverage.Left += left
	return all
}

// part is what is remembered of a chunk: where it lies, and how many items it gave.
type part struct {
	before      Position // of the message before its first
	first, last int      // numbers
	items       int
}

// parts reads chunk by chunk, a few side by side, and then writes the head of the summary.
func (j *summing) parts(ctx context.Context, head []summary.Message, next func() (summary.Message, error, bool)) ([]summary.Item, error) {
	j.result.Chunks = 0
	items, parts, err := j.mapAll(ctx, head, next)
	if err != nil {
		return nil, err
	}
	again, err := j.readAgain(ctx, items, parts)
	if err != nil {
		return nil, err
	}
	items = merged(append(items, again...), &j.reading.coverage)
	j.result.PromptHash = j.prompts.Hash("map") + "+" + j.prompts.Hash("write")
	j.progressAt(StageWriting)
	return j.write(ctx, items)
}

// mapAll reads all chunks. What they hold comes in their order.
func (j *summing) mapAll(ctx context.Context, head []summary.Message, next func() (summary.Message, error, bool)) ([]summary.Item, []part, error) {
	var (
		mu     sync.Mutex
		found  [][]summary.Item
		parts  []part
		before = j.After
		failed error
		done   int
	)
	group, mapping := errgroup.WithContext(ctx)
	group.SetLimit(j.Parallel)
	j.progress(0)
	for c, err := range summary.Chunks(chain(head, next), j.sizes, j.cost) {
		if err != nil {
			failed = err
			break
		}
		if mapping.Err() != nil {
			break
		}
		own := c.Own()
		k := len(parts)
		mu.Lock()
		parts = append(parts, part{before: before, first: own[0].N, last: own[len(own)-1].N})
		found = append(found, nil)
		mu.Unlock()
		before = Position{SentAt: own[len(own)-1].At, MessageID: own[len(own)-1].ID}
		group.Go(func() error {
			if mapping.Err() != nil { // it waited for its turn meanwhile
				return nil
			}
			var m mapped
			err := caught(mapping, j.Logger, func() (err error) {
				m, err = j.mapChunk(mapping, c, false)
				return err
			})
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			found[k] = m.items
			parts[k].items = len(m.items)
			done += len(own)
			j.took(m)
			j.progress(done)
			return nil
		})
	}
	if err := errors.Join(group.Wait(), failed); err != nil {
		return nil, nil, err
	}
	c := &j.reading.coverage
	c.Read = c.Total - j.unread()
	c.Extracts = j.excerpted
	if len(parts) > 0 && j.unread() >= j.reading.numbered {
		return nil, nil, errors.Join(errNothingRead, j.why)
	}
	return slices.Concat(found...), parts, nil
}

// chain yields the messages that were taken in already, and then the others.
func chain(head []summary.Message, next func() (summary.Message, error, bool)) iter.Seq2[summary.Message, error] {
	return func(yield func(summary.Message, error) bool) {
		for _, m := range head {
			if !yield(m, nil) {
				return
			}
		}
		for {
			m, err, more := next()
			if !more || !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// readAgain reads once more the chunks of a third of which nothing is told.
func (j *summing) readAgain(ctx context.Context, items []summary.Item, parts []part) ([]summary.Item, error) {
	var out []summary.Item
	for third := range j.silent(items) {
		from, to := j.third(third)
		var within []part
		for _, p := range parts {
			if p.items == 0 && p.first <= to && p.last > from {
				within = append(within, p)
			}
		}
		slices.SortStableFunc(within, func(a, b part) int { return (b.last - b.first) - (a.last - a.first) })
		for _, p := range within[:min(len(within), againMost)] {
			c, err := j.reread(ctx, p)
			if err != nil {
				return nil, err
			}
			if len(c.Messages) == 0 {
				continue
			}
			m, err := j.mapChunk(ctx, c, true)
			if err != nil {
				return nil, err
			}
			j.mu.Lock()
			j.result.Checks = j.result.Checks.Plus(m.tally)
			j.mu.Unlock()
			out = append(out, m.items...)
		}
	}
	return out, nil
}

// reread takes in the messages of a chunk a second time.
func (j *summing) reread(ctx context.Context, p part) (summary.Chunk, error) {
	r := &reading{source: j.Source, location: j.Location, clean: summary.Normaliser{Cost: j.cost, Most: j.sizes.Paste}, numbered: p.first - 1}
	r.threads.of = j.reading.threads.of
	var c summary.Chunk
	for m, err := range r.messages(ctx, p.before) {
		if err != nil {
			return c, err
		}
		if m.N > p.last {
			break
		}
		c.Messages = append(c.Messages, m)
	}
	return c, nil
}

// third gives the bounds of a third of the numbered messages: from excluded, to included.
func (j *summing) third(k int) (from, to int) {
	return j.reading.numbered * k / 3, j.reading.numbered * (k + 1) / 3
}

// citations counts the citations of each third.
func (j *summing) citations(items []summary.Item) (thirds [3]int) {
	for _, i := range items {
		for _, r := range i.Refs {
			thirds[min(2, (r.N-1)*3/max(j.reading.numbered, 1))]++
		}
	}
	return thirds
}

// silent yields the thirds of which nothing is told although much was said.
func (j *summing) silent(items []summary.Item) iter.Seq[int] {
	counts := j.citations(items)
	return func(yield func(int) bool) {
		for k, n := range counts {
			if from, to := j.third(k); n == 0 && to-from > thirdLeast && !yield(k) {
				return
			}
		}
	}
}
