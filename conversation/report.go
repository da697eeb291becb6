package conversation

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// reportAfter is how long work goes on before people are told how far it is, reportEvery how often where that makes no noise.
	reportAfter = 3 * time.Second
	reportEvery = 4 * time.Second
	// reportRest is the least time to go that is worth telling.
	reportRest = 30 * time.Second
)

// report tells people how far a task is, without holding it up.
type report struct {
	latest chan string
	// rest estimates how long the remaining messages take.
	rest func(read, total int) time.Duration
	once sync.Once
	end  context.CancelFunc
	done chan struct{}
}

// report begins to report; stop must be called before anything else is delivered.
func (r *run) report(ctx context.Context) *report {
	ctx, cancel := context.WithCancel(ctx)
	began := r.Clock()
	p := &report{latest: make(chan string, 1), end: cancel, done: make(chan struct{}), rest: func(read, total int) time.Duration {
		return r.Clock().Sub(began) * time.Duration(total-read) / time.Duration(max(read, 1))
	}}
	go func() {
		defer close(p.done)
		if !sleep(ctx, max(reportAfter, r.deliver.hush()-r.elapsed())) {
			return
		}
		for {
			select {
			case <-ctx.Done():
				return
			case text := <-p.latest:
				_ = caught(ctx, r.log, func() error { r.progress(ctx, text); return nil })
			}
			if !sleep(ctx, reportEvery) {
				return
			}
		}
	}()
	return p
}

// tell takes the newest figure in the place of one that was not told yet.
func (p *report) tell(read, total int, stage SummaryStage) {
	text := fmt.Sprintf("Read %s of %s messages", counted(read), counted(total))
	if left := p.rest(read, total); read > 0 && left >= reportRest {
		text += ", about " + roughly(left) + " to go"
	}
	if stage == StageWriting {
		text = fmt.Sprintf("Read %s messages, writing the summary", counted(read))
	}
	for {
		select {
		case p.latest <- text:
			return
		default:
		}
		select {
		case <-p.latest:
		default:
		}
	}
}

// hushedProgress is what people are told of work on what not all of them may read.
const hushedProgress = "I am working on it"

// progress tells people how far the work is.
func (r *run) progress(ctx context.Context, text string) {
	if r.hushed {
		text = hushedProgress
	}
	r.deliver.progress(ctx, text)
}

// stop ends the reports and waits for the last one.
func (p *report) stop() {
	p.once.Do(p.end)
	<-p.done
}
