package conversation

import (
	"context"
	"slices"

	"parley/conversation/prompts"
	"parley/conversation/summary"
	"parley/llm"
)

const (
	// writeSlices is how many equal pieces of the conversation the notes of the last request are chosen from in turn.
	writeSlices = 12
	// quoteMost is the most tokens of a message that is quoted to the last request.
	quoteMost  = 80
	topicsMost = 8
)

// write asks for the head and the topics of the summary, from the merged items and the text of the messages that they
// cite. Decisions, tasks and questions are told as they were found.
func (j *summing) write(ctx context.Context, items []summary.Item) ([]summary.Item, error) {
	if len(items) == 0 {
		return nil, nil
	}
	items, fresh, err := j.refresh(ctx, items)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	if err := j.show(ctx, withoutFacts(items)); err != nil {
		return nil, err
	}
	budget := min(j.profile.Context*3/8, wholeMost/2)
	for try := range 3 {
		chosen, quoted := j.choose(items, fresh, budget)
		if len(chosen) == 0 {
			break
		}
		head, err := j.writeFrom(ctx, items, chosen, quoted)
		if err != nil && fatal(err) {
			return nil, err
		}
		if len(head) > 0 {
			told := append(head, withoutFacts(items)...)
			return j.lead(append(told, j.unheard(items, told)...)), nil
		}
		j.Logger.InfoContext(ctx, "the model wrote no head of a summary", "ref", j.Ref, "try", try, "error", err)
		if overflows(err) || try > 0 {
			budget /= 2
		}
	}
	j.result.Extractive = true
	return j.lead(items), nil
}

// refresh takes the messages that could be told once more, because some may have been edited or deleted since: what
// stands on none any more falls out. Only what can be told at all is kept.
func (j *summing) refresh(ctx context.Context, items []summary.Item) ([]summary.Item, map[string]summary.Message, error) {
	most := max(j.profile.Context/64, 20)
	var candidates []summary.Item
	for _, kind := range []summary.Kind{summary.Decision, summary.Action, summary.Question, summary.Fact} {
		var of []summary.Item
		for _, i := range items {
			if i.Kind == kind {
				of = append(of, i)
			}
		}
		if over := len(of) - most; kind == summary.Fact && over > 0 {
			of = spread(of, most)
			j.reading.coverage.Left += over
		}
		candidates = append(candidates, of...)
	}
	fresh := map[string]summary.Message{}
	var kept []summary.Item
	for batch := range slices.Chunk(candidates, 100) {
		var positions []Position
		for _, i := range batch {
			for _, r := range append(slices.Clone(i.Refs), i.Answered, i.Reversed) {
				if r.N > 0 {
					positions = append(positions, Position{SentAt: r.At, MessageID: r.ID})
				}
			}
		}
		now, err := j.Source.Again(ctx, positions)
		if err != nil {
			return nil, nil, err
		}
		for _, i := range batch {
			i.Refs = slices.DeleteFunc(slices.Clone(i.Refs), func(r summary.Ref) bool { _, there := now[r.ID]; return !there })
			if len(i.Refs) == 0 {
				continue
			}
			for _, r := range []*summary.Ref{&i.Answered, &i.Reversed} { // what is taken away undoes nothing
				if _, there := now[r.ID]; !there {
					*r = summary.Ref{}
				}
			}
			kept = append(kept, i)
			for _, r := range i.Refs {
				m := summaryMessage(now[r.ID], j.Location)
				m.N = r.N
				thread, _ := threadIn(now[r.ID], j.Ref)
				j.reading.threads.place(r.ID, thread)
				if short, _, ok := (&summary.Normaliser{Cost: j.cost, Most: quoteMost}).Clean(m); ok {
					fresh[r.ID] = short
				}
			}
		}
	}
	return kept, fresh, nil
}

// spread keeps most of the items, evenly.
func spread(items []summary.Item, most int) []summary.Item {
	out := make([]summary.Item, 0, most)
	for k := range most {
		out = append(out, items[k*len(items)/most])
	}
	return out
}

// choose takes items, evenly over the conversation and the weightier kinds first, until they and the messages that they
// cite cost budget. quoted are those messages, oldest first.
func (j *summing) choose(items []summary.Item, fresh map[string]summary.Message, budget int) (chosen []summary.Item, quoted []summary.Message) {
	piles := make([][]summary.Item, writeSlices)
	for _, i := range items {
		if i.Open() || i.Kind == summary.Decision {
			k := min(writeSlices-1, (i.Refs[0].N-1)*writeSlices/max(j.reading.numbered, 1))
			piles[k] = append(piles[k], i)
		}
	}
	taken := map[string]bool{}
	for full := false; !full; {
		full = true
		for k := range piles {
			if len(piles[k]) == 0 {
				continue
			}
			item := piles[k][0]
			price := j.cost(item.String()) + 2
			for _, r := range item.Refs {
				if m, there := fresh[r.ID]; there && !taken[r.ID] {
					price += j.cost(m.Line(100)) + 1
				}
			}
			if budget -= price; budget < 0 {
				full = true
				break
			}
			full = false
			piles[k] = piles[k][1:]
			chosen = append(chosen, item)
			for _, r := range item.Refs {
				if m, there := fresh[r.ID]; there && !taken[r.ID] {
					taken[r.ID] = true
					quoted = append(quoted, m)
				}
			}
		}
	}
	slices.SortFunc(quoted, func(a, b summary.Message) int { return a.N - b.N })
	slices.SortStableFunc(chosen, func(a, b summary.Item) int { return a.Refs[0].N - b.Refs[0].N })
	return chosen, quoted
}

// writeFrom is one request for the head and the topics, whose numbers are those of the quoted messages.
func (j *summing) writeFrom(ctx context.Context, items, chosen []summary.Item, quoted []summary.Message) ([]summary.Item, error) {
	if len(quoted) == 0 {
		return nil, nil
	}
	local := map[int]int{} // number in the conversation to number in the prompt
	original := slices.Clone(quoted)
	quoted = slices.Clone(quoted)
	for k := range quoted {
		local[quoted[k].N] = k + 1
		quoted[k].N = k + 1
	}
	checker := summary.NewChecker(quoted, false)
	var notes []summary.Item
	for _, i := range chosen {
		var refs []summary.Ref
		for _, r := range i.Refs {
			if n, there := local[r.N]; there {
				refs = append(refs, summary.Ref{N: n})
				checker.Vouch(n, i.Plain())
			}
		}
		if i.Reversed.N > 0 {
			i.Text, i.Reversed = i.Text+" (taken back later)", summary.Ref{}
		}
		if i.Refs = refs; len(refs) > 0 {
			notes = append(notes, i)
		}
	}
	prompt, err := j.prompts.Write(prompts.Write{Fence: newFence(), Rows: rows(quoted), Notes: summary.Lines(notes), First: 1, Last: len(quoted),
		Topics: topicsMost, Language: summary.LanguageName(j.language)})
	if err != nil {
		return nil, err
	}
	head := func(text string, cut bool, tally *summary.Tally) []summary.Item {
		checked := j.checked(summary.Parse(text, cut), checker, tally)
		var out []summary.Item
		for _, i := range checked {
			if i.Kind != summary.Lead && i.Kind != summary.Fact {
				continue // decisions and tasks are told as they were found
			}
			for k, r := range i.Refs {
				of := original[r.N-1]
				i.Refs[k] = summary.Ref{N: of.N, ID: of.ID, At: of.At}
			}
			out = append(out, i)
		}
		return out
	}
	text, finish, err := j.patient(ctx, prompt, j.writeOutput(), func(text string) error {
		if j.Stream == nil {
			return nil
		}
		var ignored summary.Tally
		return j.show(ctx, append(head(text, true, &ignored), withoutFacts(items)...))
	})
	if err != nil && (fatal(err) || overflows(err)) {
		return nil, err
	}
	var tally summary.Tally
	out := head(text, finish == llm.FinishLength || err != nil, &tally)
	if len(out) == 0 {
		return nil, err
	}
	j.tally(tally)
	return j.lead(out), nil
}

// withoutFacts are the items that are told as they were found.
func withoutFacts(items []summary.Item) []summary.Item {
	return slices.DeleteFunc(slices.Clone(items), func(i summary.Item) bool { return i.Kind == summary.Fact || i.Kind == summary.Lead })
}

// lead puts two items above where the model wrote no head: the last decision that holds, then what else weighs most.
func (j *summing) lead(items []summary.Item) []summary.Item {
	items = standing(items)
	if slices.ContainsFunc(items, func(i summary.Item) bool { return i.Kind == summary.Lead }) {
		return items
	}
	var head []summary.Item
	for _, kind := range []summary.Kind{summary.Decision, summary.Action, summary.Fact, summary.Question} {
		for k := len(items) - 1; k >= 0 && len(head) < 2; k-- {
			if i := items[k]; i.Kind == kind && i.Open() {
				text := i.Text
				if i.Owner != "" {
					text = i.Owner + ": " + text
				}
				head = append(head, summary.Item{Kind: summary.Lead, Refs: i.Refs, Text: text})
				break
			}
		}
	}
	return append(head, items...)
}

// standing leaves out the lines of the head that are outdated.
func standing(items []summary.Item) []summary.Item {
	return slices.DeleteFunc(slices.Clone(items), func(i summary.Item) bool { return i.Kind == summary.Lead && outdated(i, items) })
}

// outdated reports whether a line tells a decision that was taken back later, and not that it was.
func outdated(lead summary.Item, items []summary.Item) bool {
	cites := func(n int) bool { return slices.ContainsFunc(lead.Refs, func(r summary.Ref) bool { return r.N == n }) }
	return slices.ContainsFunc(items, func(i summary.Item) bool {
		return i.Kind == summary.Decision && i.Reversed.N > 0 && !cites(i.Reversed.N) &&
			slices.ContainsFunc(i.Refs, func(r summary.Ref) bool { return cites(r.N) })
	})
}

// show hands on what is written so far.
func (j *summing) show(ctx context.Context, items []summary.Item) error {
	if j.Stream == nil || len(items) == 0 {
		return nil
	}
	items = standing(items)
	layout, err := j.layout(ctx, items)
	if err != nil {
		return err
	}
	layout.Growing = true
	return j.Stream(ctx, summary.Summary{Items: items}.Markdown(layout))
}

// layout is how items are shown.
func (j *summing) layout(ctx context.Context, items []summary.Item) (summary.Layout, error) {
	most := j.SectionMost
	if most <= 0 {
		most = sectionMost
	}
	recap, err := j.recap(ctx, items)
	return summary.Layout{Language: j.result.Language, Link: j.Link, Most: most, Recap: recap}, err
}

// finish renders the summary and gathers what is known of it.
func (j *summing) finish(ctx context.Context, told []summary.Item) (SummaryResult, error) {
	layout, err := j.layout(ctx, told)
	if err != nil {
		return j.result, err
	}
	c := j.reading.coverage
	c.Thirds = j.citations(told)
	r := j.result
	r.Coverage, r.CoverageLine = c, c.In(r.Language)
	r.From, r.Through = j.reading.from, j.reading.through
	r.Text = summary.Summary{Items: told, Coverage: c}.Markdown(layout)
	r.Threads = j.toldThreads(layout.Recap)
	thread := func(summary.Item) (summary.Thread, bool) { return summary.Thread{}, false }
	if layout.Recap != nil {
		thread = layout.Recap.Finder()
		r.PromptHash += "+" + j.prompts.Hash("threads")
	}
	r.KnownURLs = knownURLs(r.Text)
	for _, i := range told {
		item := SummaryItem{Kind: i.Kind.Name(), Text: i.Text, Owner: i.Owner, Due: i.Due, Topic: i.Topic}
		for _, ref := range i.Refs {
			item.Messages = append(item.Messages, j.ref(ref))
		}
		if i.Answered.N > 0 {
			ref := j.ref(i.Answered)
			item.AnsweredBy = &ref
		}
		if i.Reversed.N > 0 {
			ref := j.ref(i.Reversed)
			item.ReversedBy = &ref
		}
		if t, in := thread(i); in {
			item.Thread = t.Root
		}
		r.Items = append(r.Items, item)
	}
	return r, nil
}

func (j *summing) ref(r summary.Ref) SummaryRef {
	out := SummaryRef{Number: r.N, ID: r.ID, At: r.At}
	if j.Link != nil {
		out.Link = j.Link(r.ID)
	}
	return out
}
