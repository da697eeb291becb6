package conversation

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/conversation/failpoint"
	"parley/conversation/prompts"
	"parley/conversation/window"
	"parley/llm"
)

const (
	historyPage = 100
	// background is how many messages of a channel, from before a mention, a turn sees.
	background = 50
	// historyTries is how often the platform is asked for what was said before: one failed call must not make the
	// answer forgetful.
	historyTries = 3
)

// readHistory fetches, and stores, what was said in the conversation before Parley took part in it: once, and again
// after an absence, in which edits and deletes may have been missed. A platform
// that will not tell does not keep the answer back; the next turn asks again.
func (r *run) readHistory(ctx context.Context) error {
	reader, can := r.m.(HistoryReader)
	if r.t.HistoryKnown || !can {
		return nil
	}
	request := HistoryRequest{Ref: r.t.Ref, Place: r.t.Place, Trigger: r.t.Last().Message}
	whole := false
	if w, tells := r.m.(HistoryWhole); tells {
		whole = w.HistoryWhole(request)
	}
	var err error
	for try := range historyTries {
		if try > 0 {
			if !sleep(ctx, backoff(try)) {
				break
			}
		}
		err = nil
		for page, readErr := range reader.History(ctx, request) {
			if err = readErr; err != nil {
				break
			}
			if err = storeError(r.Store.SaveHistory(ctx, r.t, HistoryPage{Messages: page, Whole: whole}, r.Policy.Decide)); err != nil {
				break
			}
			failpoint.Hit(failpoint.HistorySaved)
		}
		if err == nil {
			return storeError(r.Store.HistoryDone(ctx, r.t))
		}
		if errors.Is(err, errStore) || errors.Is(err, ErrFenced) {
			return err
		}
		if !FailureOf(err).Retry {
			break
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.log.WarnContext(ctx, "cannot read what was said before; answering without it", "error", err)
	return nil
}

// pack makes the request: instructions and question whole, and of the conversation as much as fits, newest first.
func (r *run) pack(ctx context.Context, question string) (llm.Request, error) {
	return r.packInto(ctx, question, r.profile())
}

// profile is what is known of the model where this conversation is concerned.
func (r *run) profile() llm.Profile { return r.Model.ProfileIn(r.t.Ref.String()) }

func (r *run) packInto(ctx context.Context, question string, profile llm.Profile) (llm.Request, error) {
	output := r.maxOutput(profile)
	asker := r.t.Last().Message.Author.Name
	fence := "=== " + rand.Text()[:8] + " ==="
	prompt := prompts.Reply{
		Self: r.selfName(), Persona: r.Persona, Fence: fence, Omitted: 1 << 20,
		Lines: []prompts.Line{{N: 1}}, Asker: llm.Neutralise(asker),
	}
	if len(r.files) > 0 { // so that their frames are counted with the rest
		prompt.Files, prompt.Pictures = []prompts.File{{}}, []string{""}
	}
	cost := profile.Bound
	bare, err := r.prompts.Reply(prompt)
	if err != nil {
		return llm.Request{}, err
	}
	room := profile.Context - output - cost(bare) - profile.EstimateRequest(llm.Request{}) - 2*profile.PerMessage
	prompt.Question = window.Shorten(llm.Neutralise(question), room, cost)
	room -= cost(prompt.Question)
	if room < 0 {
		return llm.Request{}, &Failure{Code: CodeContextOverflow, Err: fmt.Errorf("instructions alone exceed a window of %d tokens", profile.Context),
			Safe: "My model's window is too small for my instructions. Please tell whoever runs me to check LLM_CONTEXT_TOKENS and SYSTEM_PROMPT."}
	}
	if r.short {
		room /= 2
	}
	files, pictures, notes := r.filesFor(r.files, room, profile)
	prompt.Files, prompt.Pictures = files, notes
	for _, f := range files {
		room -= cost(f.Kind+f.Name+f.Text) + fileOverhead
	}
	for _, note := range notes {
		room -= profile.Image.Tokens + cost(note) + 2
	}
	lines, omitted, err := r.history(ctx, room, cost)
	if err != nil {
		return llm.Request{}, err
	}
	prompt.Lines, prompt.Omitted = lines, omitted
	text, err := r.prompts.Reply(prompt)
	if err != nil {
		return llm.Request{}, err
	}
	r.out.Omitted = omitted
	r.out.PromptHash = r.prompts.Hash("reply")
	r.deliver.known = knownURLs(text)
	parts := append(pictures, llm.Text{Text: text})
	return llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: parts}}, MaxOutput: output,
		Purpose: "reply", Conversation: r.t.Ref.String()}, nil
}

// endOfTime comes after every message. An answer to an earlier question may have been posted after this one was
// asked, so history is not cut at the question.
var endOfTime = Position{SentAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}

// history gives what fits into room tokens of what else was said, oldest first, and how many older messages are known
// to be left out. It reads page by page and no further than what fits.
func (r *run) history(ctx context.Context, room int, cost func(string) int) ([]prompts.Line, int, error) {
	first := r.t.Items[0].Message
	skip := make(map[string]bool, len(r.t.Items)+len(r.t.Parts))
	for _, item := range r.t.Items {
		skip[item.Message.ID] = true
	}
	for _, p := range r.t.Parts {
		skip[p.MessageID] = true // an answer that is being written anew is not history
	}
	var newestFirst []Message
	used, omitted := 0, 0
	query := HistoryQuery{Ref: r.t.Ref, Before: endOfTime, Limit: historyPage}
	collect := func(page []Message, limit int) (full bool) {
		for _, m := range page {
			if skip[m.ID] || limit == 0 {
				continue
			}
			limit--
			if used += cost(r.line(len(newestFirst)+1, m, room/8, cost).String()) + 1; used > room {
				omitted++
				return true
			}
			newestFirst = append(newestFirst, m)
		}
		return false
	}
	full := false
	for !full {
		page, err := r.Store.History(ctx, query)
		if err != nil {
			return nil, 0, storeError(err)
		}
		full = collect(page, len(page))
		if len(page) < query.Limit {
			break
		}
		query.Before = page[len(page)-1].Position()
	}
	if !full && r.t.Place == PlaceChannel && r.t.Ref.Platform == Discord {
		before := first.Position()
		if n := len(newestFirst); n > 0 && newestFirst[n-1].Position().Before(before) {
			before = newestFirst[n-1].Position()
		}
		page, err := r.Store.ChannelBefore(ctx, HistoryQuery{Ref: r.t.Ref, Before: before, Limit: background})
		if err != nil {
			return nil, 0, storeError(err)
		}
		collect(page, background)
	}
	slices.Reverse(newestFirst)
	lines := make([]prompts.Line, len(newestFirst))
	for i, m := range newestFirst {
		lines[i] = r.line(i+1, m, room/8, cost)
	}
	return lines, omitted, nil
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

// fileOverhead is what the frame of a file costs in the prompt.
const fileOverhead = 12

// mostPerByte is more tokens than any estimate charges for a byte.
const mostPerByte = 4

// maxOutput is the output reserve: what is set, else the profile's, and never more than a quarter of the window.
func (r *run) maxOutput(p llm.Profile) int {
	output := r.MaxOutput
	if output <= 0 {
		output = p.MaxOutput
	}
	return max(min(output, p.Context/4), 1)
}

// selfName is how people call Parley where it was addressed.
func (r *run) selfName() string {
	for _, item := range r.t.Items {
		for _, mention := range item.Message.Mentions {
			if mention.Kind == MentionSelf && mention.Name != "" {
				return mention.Name
			}
		}
	}
	return "Parley"
}

var links = regexp.MustCompile(`https?://[^\s<>()\[\]"'` + "`" + `]+`)

// knownURLs are the links that the conversation contains: only those may stay links in the answer.
func knownURLs(text string) []string {
	found := links.FindAllString(text, -1)
	for i, u := range found {
		found[i] = strings.TrimRight(u, ".,;:!?*_")
	}
	slices.Sort(found)
	return slices.Compact(found)
}

var errEmptyAnswer = errors.New("model gave an empty answer")
