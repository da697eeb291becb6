package conversation

import (
	"context"
	"slices"
	"strings"
	"time"

	"parley/conversation/prompts"
	"parley/conversation/window"
	"parley/llm"
)

const (
	// wholePaste is the part of the room for history that one message may take; of more, the middle is left out.
	wholePaste = 8
	// shortPaste is the part to which a long message is shortened before an older one falls out.
	shortPaste = 64
	// leastPaste is what a shortened message keeps at least, in tokens.
	leastPaste = 64
	// tailShare is the part of the room for history that messages which are neither in the prompt nor in the notes may
	// take before notes are made of them.
	tailShare = 8
)

// packing fills a prompt with what was said.
type packing struct {
	*run
	cost     func(string) int // tokens
	parts    func(string) int // the same in parts of a token, for what is added up
	frame    int              // what stands around notes, in tokens
	readable map[ThreadRef]bool

	walked []Message     // newest first, as far as they were offered to the packer
	items  []window.Item // in parts of a token
	full   bool

	lines    []prompts.Line
	standing string
	omitted  int
	digest   bool
	derived  *Source
}

// endOfTime comes after every message. An answer to an earlier question may have been posted after this one was
// asked, so history is not cut at the question.
var endOfTime = Position{SentAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}

// fill takes what fits of the conversation, newest first. Where not all does, notes on what was said long ago take a share.
func (p *packing) fill(ctx context.Context, size int, needs window.Needs) error {
	room := p.recent(size, needs)
	packer := window.New(room * llm.TokenParts)
	if err := p.walk(ctx, packer, room); err != nil {
		return err
	}
	packed, within := packer.Pack(), room
	if p.full && p.Readings != nil {
		chunks, err := p.Readings.Standing(ctx, p.t.Ref)
		if err != nil {
			return storeError(err)
		}
		if len(chunks) > 0 {
			packed, within = p.note(size, needs, chunks)
		}
		if err := p.wantDigest(ctx, chunks, packed, room); err != nil {
			return err
		}
	}
	p.write(packed, room)
	p.writePart(packed, within*llm.TokenParts-packed.Used)
	return nil
}

// recent is the room for history.
func (p *packing) recent(size int, needs window.Needs) int {
	budget, fits := window.Divide(size, needs)
	if !fits {
		return 0
	}
	if p.short {
		return budget.Recent / 2
	}
	return budget.Recent
}

// walk offers the conversation to the packer, page by page and no further than what fits. In a channel of Discord what
// stood there before the conversation follows.
func (p *packing) walk(ctx context.Context, packer *window.Packer, room int) error {
	skip := map[string]bool{}
	for _, item := range p.t.Items {
		skip[item.Message.ID] = true
	}
	for _, part := range p.t.Parts {
		skip[part.MessageID] = true // an answer that is being written anew is not history
	}
	var answers []Message // whose question comes next
	offer := func(m Message) {
		if m.Author.Kind == Self {
			answers = append(answers, m)
			return
		}
		question := ""
		if m.Author.Kind == Person {
			question = m.ID
		}
		for _, a := range answers {
			p.offer(packer, a, question, room)
		}
		answers = answers[:0]
		p.offer(packer, m, "", room)
	}
	query := HistoryQuery{Ref: p.t.Ref, Before: endOfTime, Limit: historyPage}
	for !p.full {
		page, err := p.Store.History(ctx, query)
		if err != nil {
			return storeError(err)
		}
		for _, m := range page {
			if !skip[m.ID] && p.known(ctx, m) {
				offer(m)
			}
		}
		if len(page) < query.Limit {
			break
		}
		query.Before = page[len(page)-1].Position()
	}
	for _, a := range answers {
		p.offer(packer, a, "", room)
	}
	if p.full || p.t.Place != PlaceChannel || p.t.Ref.Platform != Discord {
		return nil
	}
	before := p.t.Items[0].Message.Position()
	if n := len(p.walked); n > 0 && p.walked[n-1].Position().Before(before) {
		before = p.walked[n-1].Position()
	}
	page, err := p.Store.ChannelBefore(ctx, HistoryQuery{Ref: p.t.Ref, Before: before, Limit: background})
	if err != nil {
		return storeError(err)
	}
	for _, m := range page {
		if !skip[m.ID] && p.known(ctx, m) {
			p.offer(packer, m, "", room)
		}
	}
	return nil
}

// known leaves out what was derived from a conversation that the person who asks, or somebody who reads the answer, may not
// read now. What is answered from it carries its source on, and can carry one: of several the newest stays.
func (p *packing) known(ctx context.Context, m Message) bool {
	if m.Source == (ThreadRef{}) {
		return true
	}
	may, asked := p.readable[m.Source]
	if !asked {
		may = (p.derived == nil || p.derived.Ref == m.Source) && !p.aside(ctx, m.Source) && p.mayRead(ctx, m.Source) == nil
		p.readable[m.Source] = may
	}
	if may {
		if p.derived == nil {
			p.derived = &Source{Ref: m.Source, Through: m.Position()}
		}
		p.derived.From = m.Position() // the walk goes back
	}
	return may
}

// offer gives the packer the next older message. answered is the message that it answers.
func (p *packing) offer(packer *window.Packer, m Message, answered string, room int) {
	if p.full {
		return
	}
	n := len(p.walked) + 1
	item := window.Item{ID: m.ID, Answers: answered}
	long, short := max(room/wholePaste, leastPaste), max(room/shortPaste, leastPaste)
	item.Tokens = p.price(p.line(n, m, long, p.cost))
	if item.Tokens > short*2*llm.TokenParts {
		item.Short = p.price(p.line(n, m, short, p.cost))
	}
	p.walked, p.items = append(p.walked, m), append(p.items, item)
	p.full = !packer.Add(item)
}

// price is what a line costs with its end, in parts of a token.
func (p *packing) price(l prompts.Line) int { return p.parts(l.String()) + llm.TokenParts }

// note puts notes on older messages into the prompt, and packs the walk anew into what they leave.
func (p *packing) note(size int, needs window.Needs, chunks []Chunk) (packed window.Packed, room int) {
	needs.Standing = p.frame
	for _, c := range chunks {
		needs.Standing += c.Tokens + 2
	}
	budget, _ := window.Divide(size, needs)
	p.standing = p.standingNotes(chunks, budget.Standing-p.frame)
	if needs.Standing = 0; p.standing != "" {
		needs.Standing = p.cost(p.standing) + p.frame
	}
	room = p.recent(size, needs)
	packer := window.New(room * llm.TokenParts)
	for _, item := range p.items {
		if !packer.Add(item) {
			break
		}
	}
	return packer.Pack(), room
}

// wantDigest asks for new notes where what is neither in the prompt nor in the notes takes more than its share.
func (p *packing) wantDigest(ctx context.Context, chunks []Chunk, packed window.Packed, room int) error {
	if len(packed.Keep) == 0 {
		return nil
	}
	var after Position
	if n := len(chunks); n > 0 {
		after = chunks[n-1].Through
	}
	oldest := p.walked[packed.Keep[len(packed.Keep)-1].Index].Position()
	page, err := p.Readings.Since(ctx, p.t.Ref, after, historyPage)
	if err != nil {
		return storeError(err)
	}
	tail := 0
	for _, m := range page {
		if !m.Position().Before(oldest) {
			break
		}
		tail += max(m.Tokens, len(m.Text)/4) + 8
	}
	p.digest = tail > room/tailShare || tail > 0 && len(page) == historyPage && page[historyPage-1].Position().Before(oldest)
	return nil
}

// write makes the lines of what was packed, oldest first.
func (p *packing) write(packed window.Packed, room int) {
	p.omitted = packed.Dropped
	if p.full {
		p.omitted = max(p.omitted, 1)
	}
	p.lines = make([]prompts.Line, 0, len(packed.Keep))
	for i, kept := range slices.Backward(packed.Keep) {
		limit := max(room/wholePaste, leastPaste)
		if kept.Short {
			limit = max(room/shortPaste, leastPaste)
		}
		p.lines = append(p.lines, p.line(len(packed.Keep)-i, p.walked[kept.Index], limit, p.cost))
	}
}

// writePart puts of the first message that does not fit whole what the rest of the room holds, in parts of a token.
func (p *packing) writePart(packed window.Packed, rest int) {
	next := 0
	if n := len(packed.Keep); n > 0 {
		next = packed.Keep[n-1].Index + 1
	}
	if !p.full || next >= len(p.walked) || p.walked[next].Author.Kind != Person {
		return
	}
	n, m := len(p.lines)+1, p.walked[next]
	for limit := rest / llm.TokenParts; limit >= leastPaste/2; {
		line := p.line(1, m, limit, p.cost)
		over := p.price(line) - rest
		if over <= 0 {
			p.lines = slices.Insert(p.lines, 0, line)
			for i := range n {
				p.lines[i].N = i + 1
			}
			return
		}
		limit -= over/llm.TokenParts + 1
	}
}

// line is a message as the model sees it. A paste longer than limit tokens is shortened with a visible mark.
func (r *run) line(n int, m Message, limit int, cost func(string) int) prompts.Line {
	text, name := m.Text, m.Author.Name
	if m.Author.Kind == Self {
		name = r.selfName()
	}
	if files := fileNotes(m.Attachments); files != "" {
		text = strings.TrimSpace(text + "\n" + files)
	}
	text = llm.Neutralise(text)
	if mostPerByte*len(text) > limit { // else it is short enough, and need not be measured
		text = window.Shorten(text, limit, cost)
	}
	return prompts.Line{N: n, Name: llm.Neutralise(name), Text: text}
}

// mostPerByte is more tokens than any estimate charges for a byte.
const mostPerByte = 4
