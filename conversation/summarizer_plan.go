package conversation

import (
	"context"
	"fmt"
	"time"

	"parley/conversation/summary"
	"parley/llm"
)

// SummaryPlan says what a summary will take.
type SummaryPlan struct {
	// Messages is how many would be read; Total counts also those that need no reading.
	Messages, Total int
	// Chunks is how many parts there are, Cached how many of them were read before, Calls how many requests are left.
	Chunks, Cached, Calls int
	// Tokens is the most that is read and written.
	Tokens int
	// CostUSD is the most that it costs; 0 where the model has no price.
	CostUSD float64
	// Takes is how long it will take, by what requests took lately.
	Takes time.Duration
}

// String is the plan in words: "2,112 messages in 9 parts, 10 requests to the model, about 40 s, at most $0.004".
func (p SummaryPlan) String() string {
	takes := p.Takes.Round(time.Second)
	if takes > 2*time.Minute {
		takes = takes.Round(time.Minute)
	}
	text := fmt.Sprintf("%d messages, %d requests to the model, about %s", p.Messages, p.Calls, takes)
	if p.CostUSD > 0 {
		text += fmt.Sprintf(", at most $%.4f", p.CostUSD)
	}
	return text
}

// usualPace is taken for a request as long as none was made.
const usualPace = 8 * time.Second

// Plan reads the job's messages once, asks no model, and says what Summarize would take: exactly as many requests, but for
// parts that have to be asked about again.
func (s *Summarizer) Plan(ctx context.Context, job SummaryJob) (SummaryPlan, error) {
	j, err := s.begin(job)
	if err != nil {
		return SummaryPlan{}, err
	}
	j.reading.threads.of = job.Ref
	var plan SummaryPlan
	var head []summary.Message
	most, used := min(j.profile.Context*3/8, wholeMost), 0
	counted := func(yield func(summary.Message, error) bool) {
		for m, err := range j.reading.messages(ctx, job.After) {
			if err == nil {
				if used <= most {
					head = append(head, m)
				}
				used += j.cost(m.Line(m.N)) + 1
			}
			if !yield(m, err) {
				return
			}
		}
	}
	fresh := 0
	for c, err := range summary.Chunks(counted, j.sizes, j.cost) {
		if err != nil {
			return plan, err
		}
		if j.result.Language == "" {
			j.decideLanguage(head)
		}
		plan.Chunks++
		known := false
		if j.Cache != nil {
			if _, known, err = j.Cache.Chunk(ctx, j.hash(c, false)); err != nil {
				return plan, fmt.Errorf("read chunk: %w", err)
			}
		}
		if known {
			plan.Cached++
		} else {
			fresh += c.Tokens
		}
	}
	plan.Messages, plan.Total = j.reading.numbered, j.reading.coverage.Total
	instructions := 700
	// At the most every part holds more than an answer can tell, and so do its halves.
	parts := (1<<(denser+1) - 1) * (plan.Chunks - plan.Cached)
	usage := llm.Usage{Input: (denser+1)*fresh + parts*instructions, Output: parts * j.mapOutput()}
	plan.Calls = plan.Chunks - plan.Cached + 1
	waves := (plan.Chunks - plan.Cached + s.Parallel - 1) / s.Parallel
	switch {
	case used <= most:
		plan.Chunks, plan.Cached, plan.Calls, waves = min(plan.Chunks, 1), 0, min(plan.Chunks, 1), 0
		usage = llm.Usage{Input: used + instructions, Output: j.wholeOutput()}
	default:
		usage.Input += min(j.profile.Context*3/8, wholeMost/2) + instructions
		usage.Output += j.writeOutput()
	}
	plan.Tokens, plan.CostUSD = usage.Input+usage.Output, j.profile.Cost(usage)
	s.mu.Lock()
	pace := s.pace
	s.mu.Unlock()
	if pace == 0 {
		pace = usualPace
	}
	plan.Takes = pace * time.Duration(waves+min(plan.Calls, 1))
	return plan, nil
}
