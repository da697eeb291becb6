package conversation

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"

	"parley/conversation/summary"
)

// DigestResult is what Digest took notes of.
type DigestResult struct {
	// Chunks are the parts that were read, oldest first, with Standing set. They are in the job's cache already.
	Chunks []Chunk
	// Unread counts messages of which the model gave no notes; their chunk and those after it are missing, and a later
	// Digest reads them.
	Unread  int
	Calls   int
	Usage   Usage
	CostUSD float64
	Model   string
}

// Digest takes notes of the job's messages to their end, for a standing summary: one chunk after another is read, as
// Summarize does it, and kept in the job's cache with Standing set. It ends at the first chunk that cannot be read, so that
// what is kept has no gap. The caller chooses where to begin (job.After, the Through of the last standing chunk) and
// where Source ends.
func (s *Summarizer) Digest(ctx context.Context, job SummaryJob) (DigestResult, error) {
	job.Standing = true
	j, err := s.begin(job)
	if err != nil {
		return DigestResult{}, err
	}
	next, stop := iter.Pull2(j.reading.messages(ctx, job.After))
	defer stop()
	head, _, err := j.head(next)
	if err != nil || len(head) == 0 {
		return DigestResult{Model: s.ModelName}, err
	}
	j.decideLanguage(head)
	order := &ordered{cache: job.Cache}
	group, mapping := errgroup.WithContext(ctx)
	group.SetLimit(j.Parallel)
	for c, chunkErr := range summary.Chunks(chain(head, next), j.sizes, j.cost) {
		if err = chunkErr; err != nil || mapping.Err() != nil {
			break
		}
		k := order.next()
		group.Go(func() error {
			return caught(mapping, j.Logger, func() error {
				m, err := j.mapChunk(mapping, c, false)
				if err != nil {
					return err
				}
				j.took(m)
				return order.done(mapping, k, m.chunk)
			})
		})
	}
	if failed := group.Wait(); failed != nil {
		err = failed
	}
	return DigestResult{Chunks: order.kept, Unread: j.unread() + j.excerpted, Calls: j.result.Calls, Usage: j.result.Usage,
		CostUSD: j.result.CostUSD, Model: j.result.Model}, err
}

// ordered keeps chunks in their order, however they become ready, and none behind one that could not be read.
type ordered struct {
	cache ChunkCache // nil: nothing is kept

	mu    sync.Mutex
	ready []*Chunk
	kept  []Chunk
}

// next reserves a place.
func (o *ordered) next() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ready = append(o.ready, nil)
	return len(o.ready) - 1
}

// done fills place k, and keeps what has no gap before it.
func (o *ordered) done(ctx context.Context, k int, c Chunk) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ready[k] = &c
	for n := len(o.kept); n < len(o.ready) && o.ready[n] != nil && o.ready[n].Hash != ""; n++ {
		standing := *o.ready[n]
		standing.Standing = true
		if o.cache != nil {
			if err := o.cache.Keep(ctx, standing); err != nil {
				return fmt.Errorf("keep chunk: %w", err)
			}
		}
		o.kept = append(o.kept, standing)
	}
	return nil
}

// StandingNotes renders the notes of standing chunks for a prompt, oldest first, in at most budget tokens: what is said
// twice is told once, decisions, tasks and open questions come before other points, and of those the newest. The lines carry
// no numbers, because those of a prompt are others. Empty where nothing fits.
func StandingNotes(chunks []Chunk, budget int, cost func(string) int) string {
	var items []summary.Item
	n := 0
	for _, c := range chunks {
		for _, i := range summary.Kept(c.Text) {
			for k := range i.Refs {
				i.Refs[k].N += n
			}
			items = append(items, i)
		}
		n += len(c.MessageIDs)
	}
	merged, _ := summary.Merge(items)
	return summary.Brief(merged, budget, cost)
}
