package conversation

import "parley/conversation/summary"

// took adds what became of a chunk to the job.
func (j *summing) took(m mapped) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.result.Chunks++
	if m.cached {
		j.result.Cached++
	}
	j.result.Checks = j.result.Checks.Plus(m.tally)
	j.notRead += m.unread
	if m.err != nil {
		j.why = m.err
	}
	j.excerpted += m.extracts
}

// tally adds what a check did.
func (j *summing) tally(t summary.Tally) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.result.Checks = j.result.Checks.Plus(t)
}

// unread counts messages that no model has read.
func (j *summing) unread() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.notRead
}

// progress tells how many messages have been dealt with.
func (j *summing) progress(read int) {
	if j.Progress != nil {
		j.Progress(read, max(j.Total, read), StageReading)
	}
}

// progressAt tells that a stage has begun.
func (j *summing) progressAt(stage SummaryStage) {
	if j.Progress != nil {
		j.Progress(j.reading.seen, max(j.Total, j.reading.seen), stage)
	}
}
