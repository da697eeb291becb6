package conversation

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/conversation/summary"
	"parley/llm"
)

// errTooDear says that a summary costs more than may be spent without asking.
var errTooDear = errors.New("the summary is dear and was not confirmed")

// chatLink matches an address of a conversation, in whatever workspace.
var chatLink = regexp.MustCompile(`(?i)^https?://(?:[^/]*\.)?(?:slack\.com/archives|discord(?:app)?\.com/channels)/`)

// wantsSummary reports whether the turn asks for a summary, and of what stretch.
func (r *run) wantsSummary() (summary.Request, bool) {
	if r.Readings == nil {
		return summary.Request{}, false
	}
	message := r.t.Last().Message
	if message.Ask == nil {
		request, wanted := summary.ParseRequest(r.words(), message.SentAt)
		if wanted && r.aboutFiles() && !request.Thread && !request.Channel && request.Link == "" {
			return request, false
		}
		if wanted && request.Link != "" {
			linker, can := r.m.(Linker)
			if !can {
				return request, false
			}
			if _, _, found := linker.FindLink(request.Link); !found {
				wanted = chatLink.MatchString(request.Link) // else it is somebody else's page, and an ordinary question
			}
		}
		return request, wanted
	}
	if message.Ask.Verb != VerbSummarize {
		return summary.Request{}, false
	}
	request, _ := summary.ParseRange(message.Ask.Text, message.SentAt) // a command is one: unclear says what is not understood
	return request, true
}

// unclear is what people are told where they gave what is not understood or does not exist; empty: all is clear. Nothing is
// summed up then, for something else than was asked for would be.
func (r *run) unclear(request summary.Request) string {
	if request.Future {
		return "That time has not come yet, so there is nothing to sum up: name one that has passed, such as `since yesterday` or `since 2d`."
	}
	message := r.t.Last().Message
	ask := message.Ask
	if ask == nil {
		return ""
	}
	_, understood := summary.ParseRange(ask.Text, message.SentAt)
	more := ask.Source.Channel != "" && (request.Link != "" || request.Name != "") // beside the place that is meant already
	// A command of Slack's knows no thread but that of a link (docs.slack.dev/interactivity/implementing-slash-commands).
	blind := request.Thread && ask.Source.Channel == "" && r.t.Ref.Platform == Slack
	if understood && !more && !blind {
		return ""
	}
	return "I do not understand which messages you mean: write since when (`since yesterday`, `since 2d`), how many (`last 200`), " +
		"one #channel or one link to a message, or nothing for this whole channel."
}

// missed reports whether a channel or an address was named that is none that Parley knows of.
func (r *run) missed(request summary.Request) bool {
	message := r.t.Last().Message
	if ask := message.Ask; ask != nil && ask.Source.Channel != "" {
		return false
	}
	if request.Link != "" {
		linker, can := r.m.(Linker)
		if !can {
			return true
		}
		_, _, found := linker.FindLink(request.Link)
		return !found
	}
	return request.Name != "" && !slices.ContainsFunc(message.Mentions, func(m Mention) bool { return m.Kind == MentionChannel && m.ID != "" })
}

// summarize answers with a summary: who may have it is asked before it is made and once more before it is shown.
func (r *run) summarize(ctx context.Context, request summary.Request) error {
	if r.missed(request) {
		return errNotReadable(errors.New("no such channel or link is known"))
	}
	scope := r.scopeOf(r.words())
	if request.Channel && scope.own {
		scope = channelOf(scope.ref)
	}
	if request.In != "" {
		request.Language = request.In
	}
	if err := r.mayRead(ctx, scope.ref); err != nil {
		return err
	}
	stopStatus := r.showStatus(ctx)
	defer stopStatus()
	if err := r.hush(ctx, scope.ref); err != nil {
		return err
	}
	source, err := r.source(ctx, scope, request)
	if err != nil {
		return err
	}
	result, err := r.makeSummary(ctx, scope, request, source)
	switch {
	case errors.Is(err, ErrNoMessages):
		r.out.Kind = Answered
		return r.finishFor(ctx, "There is nothing to sum up there.", nil)
	case errors.Is(err, errTooDear):
		return nil // it was asked
	case err != nil:
		return err
	}
	if err := r.mayRead(ctx, scope.ref); err != nil {
		r.deliver.shown, r.out.Source = "", nil // what was shown as it grew does not stay
		return err
	}
	r.hushed = r.hushed || r.aside(ctx, scope.ref)
	r.out.Kind, r.out.PromptHash = Answered, result.PromptHash
	r.out.Source = &Source{Ref: scope.ref, From: result.From, Through: result.Through, Summary: true}
	if r.t.Place == PlacePrivate && r.mayPost(ctx, scope.ref) == nil {
		r.deliver.share = r.t.Ref.Thread
	}
	return r.finishFor(ctx, result.Text, result.KnownURLs)
}

// hush finds out whether somebody who reads here may not read ref. What an earlier attempt has shown here, when everybody
// still could, goes at once.
func (r *run) hush(ctx context.Context, ref ThreadRef) error {
	r.hushed = r.aside(ctx, ref)
	if !r.hushed || len(r.deliver.t.Parts) == 0 {
		return nil
	}
	err := r.deliver.finish(ctx, hushedProgress+writing)
	r.deliver.shown = "" // it is no part of an answer
	return err
}

// finishFor answers where it was asked or, where somebody reads who may not read what the answer is made of, the person
// alone.
func (r *run) finishFor(ctx context.Context, text string, known []string) error {
	r.deliver.known = known
	if !r.hushed {
		return r.deliver.finish(ctx, text)
	}
	public := r.deliver
	public.known = nil
	r.deliver = newDeliveryAt(r, asidePart)
	r.deliver.known = known
	if err := r.deliver.direct(ctx, text); err != nil {
		if !noDirect(err) {
			if r.deliver.t.To == (ThreadRef{}) { // nothing of it may stand here, not even as a part of what is said of the failure
				r.deliver = public
			}
			return err
		}
		r.deliver = public
		r.out.Kind, r.out.Reason, r.out.Source = Refused, FailureOf(err).Code, nil
		return public.finish(ctx, "Not everybody here can read that, and I may not send you direct messages. Please allow them, or ask me there.")
	}
	if err := public.finish(ctx, "Not everybody here can read that, so I have sent it to you as a direct message."); err != nil {
		return err
	}
	r.deliver.parts = append(r.deliver.parts, public.parts...)
	return nil
}

// source finds what is to be read, and has it at hand in pages.
func (r *run) source(ctx context.Context, scope scope, request summary.Request) (*stretch, error) {
	s := &stretch{limit: request.Last, skip: map[string]bool{}}
	for _, item := range r.t.Items {
		s.skip[item.Message.ID] = true // the request is no part of what it is about
	}
	if !request.Since.IsZero() {
		s.after = Position{SentAt: request.Since.Add(-time.Microsecond), MessageID: "\uffff"}
	}
	asker := r.t.Last().Message.Author.ID
	if request.SinceLastSummary {
		through, ok, err := r.Readings.LastSummary(ctx, scope.ref, asker)
		if err != nil {
			return nil, storeError(err)
		}
		if ok {
			s.after = through
		}
	}
	if request.SinceSpoke {
		s.until = func(m Message) bool { return m.Author.ID == asker }
	}
	if scope.own {
		return s, r.readOwn(ctx, s)
	}
	return s, r.collect(ctx, scope, s)
}

// stretch is the part of a conversation that a summary is of.
type stretch struct {
	pages PagedSource
	// after excludes this position and everything before it; limit is how many of the newest messages count, 0 all.
	after Position
	limit int
	// until ends the walk back at the first message that it holds for.
	until func(Message) bool
	skip  map[string]bool
	total int
}

// all is the whole stretch as a source: what of it was used is known when the summary is whole.
func (s *stretch) all(ref ThreadRef, now time.Time) *Source {
	return &Source{Ref: ref, From: s.after, Through: Position{SentAt: now.Add(time.Hour), MessageID: strings.Repeat("9", 40)}}
}

// walk goes back over a page, newest first, and reports whether the beginning of the stretch was found.
func (s *stretch) walk(m Message) (done bool) {
	if s.skip[m.ID] || m.Author.Kind == Self {
		return false
	}
	if !s.after.Before(m.Position()) || s.until != nil && s.until(m) || s.limit > 0 && s.total == s.limit {
		if s.after.Before(m.Position()) {
			s.after = m.Position()
		}
		return true
	}
	s.total++
	return false
}

// readOwn reads the turn's own conversation from the store, which has all of it once the platform was asked.
func (r *run) readOwn(ctx context.Context, s *stretch) error {
	if err := r.readHistory(ctx); err != nil {
		return err
	}
	query := HistoryQuery{Ref: r.t.Ref, Before: endOfTime, Limit: historyPage}
	for done := false; !done; {
		page, err := r.Store.History(ctx, query)
		if err != nil {
			return storeError(err)
		}
		for _, m := range page {
			if done = s.walk(m); done {
				break
			}
		}
		if len(page) < query.Limit {
			break
		}
		query.Before = page[len(page)-1].Position()
	}
	s.pages = s.without(func(ctx context.Context, after Position, limit int) ([]Message, error) {
		page, err := r.Readings.Since(ctx, r.t.Ref, after, limit)
		return page, storeError(err)
	})
	return nil
}

// without leaves the request itself out of the pages.
func (s *stretch) without(pages PagedSource) PagedSource {
	return func(ctx context.Context, after Position, limit int) ([]Message, error) {
		page, err := pages(ctx, after, limit)
		for i := range page {
			if s.skip[page[i].ID] {
				page[i].DeletedAt = page[i].SentAt // it is passed over like a deleted one
			}
		}
		return page, err
	}
}

// collect reads another conversation, or a channel, from its platform into the task's own copy.
func (r *run) collect(ctx context.Context, scope scope, s *stretch) error {
	reader, can := r.m.(RangeReader)
	if !can {
		return errNotReadable(errors.New("this platform's channels cannot be read"))
	}
	request := RangeRequest{Ref: scope.ref, After: s.after, Reader: r.t.Last().Message.Author.ID}
	if s.limit > 0 {
		request.Limit = s.limit + s.limit/4 + spareMessages // some of them may be Parley's own
	}
	if scope.from != "" {
		if dater, can := r.m.(Dater); can {
			if at, ok := dater.SentAt(scope.from); ok {
				if from := (Position{SentAt: at.Add(-time.Microsecond), MessageID: "\uffff"}); s.after.Before(from) {
					request.After = from
				}
			}
		}
		s.after = request.After
	}
	var err error
	for try := range historyTries {
		if try > 0 && !sleep(ctx, backoff(try)) {
			break
		}
		if err = r.collectOnce(ctx, reader, request, s); err == nil || !FailureOf(err).Retry || errors.Is(err, errStore) || errors.Is(err, ErrFenced) {
			break
		}
	}
	if err != nil {
		return err
	}
	s.pages = s.without(func(ctx context.Context, after Position, limit int) ([]Message, error) {
		page, err := r.Readings.Collected(ctx, r.t, after, limit)
		return page, storeError(err)
	})
	return s.cut(ctx)
}

// spareMessages are read beyond the newest that are wanted.
const spareMessages = 20

// cut leaves out the oldest messages of what was read where more was read than is wanted.
func (s *stretch) cut(ctx context.Context) error {
	for s.limit > 0 && s.total > s.limit {
		page, err := s.pages(ctx, s.after, historyPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, m := range page {
			if s.total == s.limit {
				return nil
			}
			s.after = m.Position()
			if m.DeletedAt.IsZero() && m.Author.Kind != Self {
				s.total--
			}
		}
	}
	return nil
}

func (r *run) collectOnce(ctx context.Context, reader RangeReader, request RangeRequest, s *stretch) error {
	s.total = 0
	seen := map[string]bool{}
	for page, err := range reader.ReadRange(ctx, request) {
		if err != nil {
			if FailureOf(err).Code == CodeNotReadable {
				return errNotReadable(err)
			}
			return fmt.Errorf("read what is to be summed up: %w", err)
		}
		r.measure(page)
		if err := storeError(r.Readings.Collect(ctx, r.t, page)); err != nil {
			return err
		}
		for _, m := range page {
			if !seen[m.ID] && request.After.Before(m.Position()) { // else it only tells what a thread is about
				seen[m.ID] = true
				if s.until != nil && request.Ref.Thread == "" && s.walk(m) {
					return nil
				} else if s.until == nil && !s.skip[m.ID] && m.Author.Kind != Self {
					s.total++
				}
			}
		}
		r.tell(ctx, "Reading: "+counted(len(seen))+" messages so far")
	}
	return nil
}

// makeSummary has the summary made, and tells how far it is.
func (r *run) makeSummary(ctx context.Context, scope scope, request summary.Request, s *stretch) (SummaryResult, error) {
	if s.total == 0 {
		return SummaryResult{}, ErrNoMessages
	}
	linker, _ := r.m.(Linker)
	source := newAddresses(s.pages, linker, scope.ref)
	job := SummaryJob{
		Ref: scope.ref, Source: source, Cache: CacheOf(r.Readings, r.t, scope.ref), After: s.after, Total: s.total, Language: request.Language,
		Link: source.link,
	}
	if namer, can := r.m.(ThreadNamer); can {
		job.ThreadName = func(id string) string {
			ref := scope.ref
			ref.Channel = id
			return namer.ThreadName(ref)
		}
	}
	if dater, can := r.m.(Dater); can {
		job.SentAt = dater.SentAt
	}
	spend := r.spending()
	job.Ask = spend.ask
	if err := r.confirm(ctx, job, request); err != nil {
		return SummaryResult{}, err
	}
	report := r.report(ctx)
	defer report.stop()
	job.Progress = report.tell
	if !r.hushed {
		job.Stream = func(ctx context.Context, text string) error {
			report.stop()
			if !r.grown.IsZero() {
				return r.grow(ctx, text)
			}
			// It may have taken long to come so far.
			if r.hushed = r.hushed || r.mayRead(ctx, scope.ref) != nil || r.aside(ctx, scope.ref); r.hushed {
				return ctx.Err()
			}
			r.out.Source = s.all(scope.ref, r.Clock()) // also of what is left of it when it is stopped, or fails
			return r.grow(ctx, text)
		}
	}
	result, err := r.summarizer.Summarize(ctx, job)
	report.stop()
	spend.record(r)
	var refused *llm.Error
	switch {
	case errors.Is(err, errStore), errors.Is(err, ErrFenced):
	case errors.As(err, &refused):
		err = modelFailure(err)
	case errors.Is(err, errNothingRead):
		err = &Failure{Code: CodeModelEmpty, Err: err, Safe: "The model said nothing of use about this. Please try again."}
	}
	return result, err
}

// confirm asks before a summary that costs more than may be spent unasked, unless the person has said "anyway".
func (r *run) confirm(ctx context.Context, job SummaryJob, request summary.Request) error {
	if r.SummaryAskUSD <= 0 || slices.ContainsFunc(anyway(), func(word string) bool { return strings.Contains(strings.ToLower(r.words()), word) }) {
		return nil
	}
	plan, err := r.summarizer.Plan(ctx, job)
	if err != nil || plan.CostUSD <= r.SummaryAskUSD {
		return err
	}
	r.out.Kind = Answered
	text := fmt.Sprintf("These are %s messages. To sum them up takes about %s and costs up to $%.2f. If you want it, ask again and add “anyway”.",
		counted(job.Total), roughly(plan.Takes), plan.CostUSD)
	if err := r.finishFor(ctx, text, nil); err != nil {
		return err
	}
	return errTooDear
}

// anyway are the words with which a dear summary is confirmed.
func anyway() []string {
	return []string{"anyway", "trotzdem", "quand même", "de todos modos", "mesmo assim", "comunque", "toch", "всё равно", "все равно", "それでも", "그래도", "无论如何"}
}

// counted is a number as people read it: 2,112.
func counted(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// roughly is a length as people say it.
func roughly(d time.Duration) string {
	if d < time.Minute {
		return "a minute"
	}
	return fmt.Sprintf("%d minutes", int((d+time.Minute-1)/time.Minute))
}

// growEvery is how often a summary that is being written is shown anew.
const growEvery = 1500 * time.Millisecond

// grow shows a summary as far as it is written. That it cannot be shown now is no reason to stop.
func (r *run) grow(ctx context.Context, text string) error {
	if r.deliver.private() || r.deliver.started() && r.Clock().Sub(r.grown) < growEvery {
		return nil
	}
	r.grown = r.Clock()
	if r.deliver.started() && r.m.AwaitEdit(ctx, r.deliver.t.Target()) != nil {
		return ctx.Err()
	}
	err := r.deliver.show(ctx, text)
	if err == nil || errors.Is(err, ErrFenced) || errors.Is(err, errStore) || ctx.Err() != nil {
		return err
	}
	r.log.DebugContext(ctx, "interim summary not shown", "error", err)
	return nil
}
