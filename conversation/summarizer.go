package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"parley/conversation/prompts"
	"parley/conversation/summary"
	"parley/llm"
)

// SummarySource gives the messages that are summed up. PagedSource makes one of a function that gives pages.
type SummarySource interface {
	// Page gives messages after a position, oldest first, at most limit; none: that was all. Deleted messages are left
	// out or marked.
	Page(ctx context.Context, after Position, limit int) ([]Message, error)
	// Again gives those of the messages that exist still, as they are now, by id.
	Again(ctx context.Context, positions []Position) (map[string]Message, error)
}

// ChunkCache keeps what chunks were found to hold. CacheOf makes one of Readings.
type ChunkCache interface {
	// Chunk gives the kept chunk with this hash.
	Chunk(ctx context.Context, hash string) (Chunk, bool, error)
	// Keep stores a chunk.
	Keep(ctx context.Context, c Chunk) error
}

// SummaryStage says what a summary is at.
type SummaryStage string

// The stages.
const (
	StageReading SummaryStage = "reading"
	StageWriting SummaryStage = "writing"
)

// SummarizerOptions is what a Summarizer is made of. Model, ModelName and Logger are required.
type SummarizerOptions struct {
	Model Model
	// ModelName is a part of the hash of chunks, and what is recorded.
	ModelName string
	// Parallel is how many requests run at once; 0 is 3. More is what servers throttle.
	Parallel int
	Logger   *slog.Logger
	// Clock measures how long requests take, for Plan; nil is time.Now.
	Clock func() time.Time
}

// Summarizer sums up conversations of any length, and takes the notes of which standing summaries are made. It is safe
// for concurrent use; a job's memory is bounded by the model's window and by what is found, not by the conversation.
type Summarizer struct {
	SummarizerOptions
	prompts *prompts.Set

	mu   sync.Mutex
	pace time.Duration // how long a request took lately
}

// NewSummarizer checks the options and makes a Summarizer.
func NewSummarizer(o SummarizerOptions) (*Summarizer, error) {
	switch {
	case o.Model == nil:
		return nil, errors.New("make summarizer: no model")
	case o.ModelName == "":
		return nil, errors.New("make summarizer: no model name")
	case o.Logger == nil:
		return nil, errors.New("make summarizer: no logger")
	}
	set, err := prompts.Load()
	if err != nil {
		return nil, fmt.Errorf("make summarizer: %w", err)
	}
	if o.Parallel <= 0 {
		o.Parallel = 3
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Summarizer{SummarizerOptions: o, prompts: set}, nil
}

// SummaryJob is one conversation, or a part of it, to sum up. Source is required.
type SummaryJob struct {
	// Ref is what is summed up: chunks are kept under it, and the model's estimate is that of this conversation.
	Ref    ThreadRef
	Source SummarySource
	// Cache keeps what was found, so that an edit or new messages cost only their chunk; nil: nothing is kept.
	Cache ChunkCache
	// After excludes this position and everything before it.
	After Position
	// Total is how many messages there are, for Progress; 0 where that is not known.
	Total int
	// Language is that of the person who asks ("en", "de", …); empty: the conversation's own.
	Language string
	// Link gives the address of a message, "" where there is none; nil: lines carry no links. What it gives is trusted.
	Link func(messageID string) string
	// ThreadName gives the name of a thread by the id of its channel, "" where it is not known; nil: threads have none. It is
	// foreign text.
	ThreadName func(id string) string
	// SentAt tells by its id when a message was written; nil: nobody knows. With it threads that began before what is read are
	// called by their first message, where Source has it.
	SentAt func(messageID string) (time.Time, bool)
	// Location is the time zone in which days are told; nil: that of the messages' times.
	Location *time.Location
	// SectionMost is the most lines of one section; 0 is 40.
	SectionMost int
	// Standing marks the chunks as parts of the conversation's standing summary (Digest sets it).
	Standing bool

	// Ask is called before each request; its error ends the job. The function that it gives, unless that is nil, is called once
	// with what the request has used, also after one that failed and cost nothing. Requests run side by side: both are called
	// from several goroutines. nil: there is no limit.
	Ask func(ctx context.Context, r llm.Request) (account func(Spend), err error)
	// Progress is called as messages are taken in, one call at a time.
	Progress func(read, total int, stage SummaryStage)
	// Stream is called with the summary as far as it is written: all of it, checked, each time. Its error ends the job.
	Stream func(ctx context.Context, text string) error
}

// SummaryRef is a message that a line stands on.
type SummaryRef struct {
	// Number is its place among the messages that were read, from 1.
	Number int       `json:"number"`
	ID     string    `json:"id"`
	Link   string    `json:"link,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// SummaryItem is one line of a summary.
type SummaryItem struct {
	// Kind is lead, decision, action, question or fact.
	Kind     string       `json:"kind"`
	Text     string       `json:"text"`
	Owner    string       `json:"owner,omitempty"`
	Due      string       `json:"due,omitempty"`
	Topic    string       `json:"topic,omitempty"`
	Messages []SummaryRef `json:"messages"`
	// Thread is the ID of the SummaryThread that it stands in, empty for none.
	Thread string `json:"thread,omitempty"`
	// AnsweredBy and ReversedBy are set on a question or decision that no longer stands.
	AnsweredBy *SummaryRef `json:"answered_by,omitempty"`
	ReversedBy *SummaryRef `json:"reversed_by,omitempty"`
}

// SummaryResult is a finished summary.
type SummaryResult struct {
	// Text is CommonMark; every line carries its links.
	Text  string        `json:"text"`
	Items []SummaryItem `json:"items"`
	// Threads are those of a channel of which something is told, in the order in which they began; empty where what is
	// summed up is one conversation.
	Threads  []SummaryThread  `json:"threads,omitempty"`
	Coverage summary.Coverage `json:"coverage"`
	// CoverageLine is the last line of Text.
	CoverageLine string `json:"coverage_line"`
	// Checks says what became of what the model wrote.
	Checks summary.Tally `json:"checks"`
	// Chunks is 1 where one prompt held everything; Cached of them were read before.
	Chunks int `json:"chunks"`
	Cached int `json:"chunks_cached"`
	// Calls counts requests, MapCalls those of them that read a chunk.
	Calls    int `json:"calls"`
	MapCalls int `json:"map_calls"`
	// Usage is also in InputTokens and OutputTokens, for JSON.
	Usage        Usage   `json:"-"`
	InputTokens  int     `json:"input_tokens"`
	OutputTokens int     `json:"output_tokens"`
	CostUSD      float64 `json:"cost_usd"`
	Model        string  `json:"model"`
	// PromptHash names the templates that were used.
	PromptHash string `json:"prompt_hash"`
	// Language is that of the headings.
	Language string `json:"language"`
	// Extractive says that the model wrote nothing of use, so that its notes stand as they are.
	Extractive bool `json:"extractive,omitempty"`
	// From and Through are the first and the last message that was read.
	From    Position `json:"-"`
	Through Position `json:"-"`
	// KnownURLs are the links of Text: those of Link, and those that the cited messages contain.
	KnownURLs []string `json:"-"`
}

// errNothingRead says that the model gave no answer about anything.
var errNothingRead = errors.New("no part of the conversation could be read")

// ErrNoMessages says that there is nothing to sum up.
var ErrNoMessages = errors.New("there are no messages to sum up")
