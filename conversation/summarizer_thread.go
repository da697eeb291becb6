package conversation

import (
	"context"
	"slices"

	"parley/conversation/summary"
)

// SummaryThread is a thread of a channel that is summed up.
type SummaryThread struct {
	// Title is its name or, where it has none, who began it and with which words; after an ellipsis those of the first
	// message that was read.
	Title string `json:"title"`
	// ID is the message that Link leads to.
	ID   string `json:"id"`
	Link string `json:"link,omitempty"`
	// Messages and People count what was read of it.
	Messages int `json:"messages"`
	People   int `json:"people"`
}

// ThreadNamer is an optional capability of a Messenger whose threads have names of their own. It makes no call.
type ThreadNamer interface {
	// ThreadName gives the name of a thread that was read, foreign text; "" where it is not known.
	ThreadName(ref ThreadRef) string
}

// factsLeast is how many facts are told of a thread of a channel of which the head tells nothing.
const factsLeast = 2

// threadIn names the thread of a message in what is summed up; reply says that it stands in one. A message outside of
// threads is its own, because it may begin one: on Slack a message without replies has itself for a thread, and on Discord a
// thread has the id of the message that it was started from. Empty: what is summed up is one conversation.
func threadIn(m Message, of ThreadRef) (key string, reply bool) {
	switch {
	case of.Thread != "" || of.Channel == "" || m.Ref.Channel == "":
		return "", false
	case m.Ref.Channel != of.Channel:
		return m.Ref.Channel, true
	case m.Ref.Thread != "":
		return m.Ref.Thread, m.Ref.Thread != m.ID
	}
	return m.ID, false
}

// threading is what is known of the threads of a channel that is summed up.
type threading struct {
	of     ThreadRef // the channel; zero where nothing is grouped
	counts summary.Threads
	places map[string]string // of messages that may be cited: their threads
	titles map[string]string // of threads that are told
}

// place notes in which thread a message stands that may be cited.
func (t *threading) place(id, thread string) {
	if thread == "" {
		return
	}
	if t.places == nil {
		t.places = map[string]string{}
	}
	t.places[id] = thread
}

// recap gives the threads of the channel that is summed up, with the titles of those that items stand in; nil where it has
// none.
func (j *summing) recap(ctx context.Context, items []summary.Item) (*summary.Recap, error) {
	cited := map[string]string{}
	for _, i := range items {
		for _, ref := range i.Refs {
			if key := j.reading.threads.places[ref.ID]; key != "" {
				cited[ref.ID] = key
			}
		}
	}
	r := j.reading.threads.counts.Recap(cited, j.reading.coverage.Total)
	if r == nil {
		return nil, nil
	}
	if err := j.entitle(ctx, r.Threads); err != nil {
		return nil, err
	}
	for k := range r.Threads {
		t := &r.Threads[k]
		t.Root, t.Title = t.First.ID, j.reading.threads.titles[t.Key]
		if _, known := j.beginOf(*t); known || !t.Begun && j.Ref.Platform == Slack {
			t.Root = t.Key // the message that began it was written before what is read
		}
	}
	return r, nil
}

// entitle reads the messages that threads are called by, as they are now.
func (j *summing) entitle(ctx context.Context, threads []summary.Thread) error {
	titles := j.reading.threads.titles
	if titles == nil {
		titles = map[string]string{}
		j.reading.threads.titles = titles
	}
	threads = slices.DeleteFunc(slices.Clone(threads), func(t summary.Thread) bool {
		if _, known := titles[t.Key]; !known && j.ThreadName != nil {
			if name := summary.Named(j.ThreadName(t.Key)); name != "" {
				titles[t.Key] = name
			}
		}
		_, known := titles[t.Key]
		return known
	})
	for batch := range slices.Chunk(threads, 100) {
		var positions []Position
		for _, t := range batch {
			positions = append(positions, Position{SentAt: t.First.At, MessageID: t.First.ID})
			if before, known := j.beginOf(t); known {
				positions = append(positions, before)
			}
		}
		now, err := j.Source.Again(ctx, positions)
		if err != nil {
			return err
		}
		for _, t := range batch {
			first, there := now[t.First.ID]
			began, known := now[t.Key]
			switch {
			case known && began.Author.Kind != Self:
				titles[t.Key] = summary.Title(summaryMessage(began, j.Location), true)
				if p := began.Position(); p.Before(j.reading.from) {
					j.reading.from = p // an edit of it concerns the summary too
				}
			case there:
				titles[t.Key] = summary.Title(summaryMessage(first, j.Location), t.Begun)
			default:
				titles[t.Key] = summary.TitleAt(t.First.At, j.result.Language)
			}
		}
	}
	return nil
}

// beginOf is where the message stands that began a thread, where that is before what is read and its id is known. A thread
// of Discord has a channel's id, which may be that of no message.
func (j *summing) beginOf(t summary.Thread) (Position, bool) {
	if t.Begun || j.Ref.Platform == Discord || j.SentAt == nil {
		return Position{}, false
	}
	at, known := j.SentAt(t.Key)
	return Position{SentAt: at, MessageID: t.Key}, known
}

// unheard gives facts of the threads of which told tells nothing, so that whoever catches up learns of them too.
func (j *summing) unheard(items, told []summary.Item) []summary.Item {
	threads := &j.reading.threads
	heard := map[string]int{}
	for _, i := range told {
		for _, ref := range i.Refs {
			heard[threads.places[ref.ID]] = factsLeast
		}
	}
	var out []summary.Item
	for _, i := range items {
		key := threads.places[i.Refs[0].ID]
		if i.Kind == summary.Fact && threads.counts.Known(key) && heard[key] < factsLeast {
			heard[key]++
			out = append(out, i)
		}
	}
	return out
}

// toldThreads are those that the summary tells of.
func (j *summing) toldThreads(r *summary.Recap) (out []SummaryThread) {
	if r == nil {
		return nil
	}
	for _, t := range r.Threads {
		told := SummaryThread{Title: t.Title, ID: t.Root, Messages: t.Messages, People: t.People}
		if j.Link != nil {
			told.Link = j.Link(t.Root)
		}
		out = append(out, told)
	}
	return out
}
