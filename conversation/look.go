package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"parley/llm"
)

const (
	// filesPerTurn bounds the files that one answer looks at.
	filesPerTurn = 10
	// lookBack is how many messages before a question without files may hold the picture that it is about.
	lookBack = 10
	// keptText is the most of a document that is kept with its message, in bytes.
	keptText = 32 << 10
)

// seen is a file of a turn after it was looked at.
type seen struct {
	in   Message
	file Attachment
	// pictures are what the model itself is shown of it in this turn.
	pictures []MediaPicture
	// alt is the alt text, where that is wanted.
	alt string
	// digest is the summary of a long document, where that is wanted.
	digest string
	// cut says that the document goes on after what is kept of it.
	cut bool
	// failure is what people are told where the file could not be taken in.
	failure *Failure
}

// look takes in the files that came with the question, or else those of an earlier message that it may be about.
func (r *run) look(ctx context.Context, want wish) ([]seen, error) {
	if r.Media == nil || r.Files == nil {
		return nil, nil
	}
	var all []seen
	for _, item := range r.t.Items {
		for _, a := range item.Message.Attachments {
			if len(all) == filesPerTurn {
				all = append(all, seen{in: item.Message, file: a, failure: &Failure{Code: CodeFileTooLarge,
					Safe: fmt.Sprintf("I look at %d files at a time: please send the others again.", filesPerTurn)}})
				continue
			}
			s, err := r.lookAt(ctx, item.Message, a, want)
			if err != nil {
				r.keepPartly(all, want)
				return nil, err
			}
			all = append(all, s)
		}
	}
	if len(all) > 0 || r.t.Place == PlacePrivate {
		return all, nil
	}
	return r.lookBack(ctx, want)
}

// keepPartly puts what was made of whole files before what was made of the one that the budget did not suffice for.
func (r *run) keepPartly(done []seen, want wish) {
	if want.kind == wishQuestion {
		return
	}
	var parts []string
	for _, s := range done {
		if s.failure != nil || s.file.Description != "" || s.alt != "" {
			parts = append(parts, said(s, want, true))
		}
	}
	r.partly = strings.TrimSpace(strings.Join(append(parts, r.partly), "\n\n"))
}

// linked finds the files of the message that a command names by a link, for somebody who may read it.
func (r *run) linked(ctx context.Context) error {
	message := &r.t.Items[len(r.t.Items)-1].Message
	reader, can := r.m.(RangeReader)
	if r.Media == nil || r.Files == nil || message.Ask == nil || message.Ask.MessageID == "" || message.Ask.Source.Channel == "" || len(message.Attachments) > 0 || !can {
		return nil
	}
	if err := r.mayRead(ctx, message.Ask.Source); err != nil {
		return err
	}
	request := RangeRequest{Ref: message.Ask.Source, Only: message.Ask.MessageID, Reader: message.Author.ID}
	for page, err := range reader.ReadRange(ctx, request) {
		if err != nil {
			return fmt.Errorf("read linked message: %w", err)
		}
		for _, m := range page {
			if m.ID == message.Ask.MessageID {
				message.Attachments = m.Attachments
				return nil
			}
		}
	}
	return nil
}

// lookBack looks at the files of an earlier message: the one that the question replies to, else the newest of the last ones
// that has any. Pictures are shown to the model again, so that people can ask on about them; what else was taken in
// before stands in the history. What is wrong with a file concerns only whoever asked for it by name.
func (r *run) lookBack(ctx context.Context, want wish) ([]seen, error) {
	page, err := r.Store.History(ctx, HistoryQuery{Ref: r.t.Ref, Before: endOfTime, Limit: lookBack})
	if err != nil {
		return nil, storeError(err)
	}
	for _, m := range page {
		r.wantDescriptions(m.Attachments)
	}
	replied := r.t.Last().Message.ReplyTo
	slices.SortStableFunc(page, func(a, b Message) int {
		switch {
		case a.ID == replied && b.ID != replied:
			return -1
		case b.ID == replied && a.ID != replied:
			return 1
		}
		return 0
	})
	for _, m := range page {
		var found []seen
		for _, a := range m.Attachments {
			if len(found) == filesPerTurn || !r.wanted(a, want) {
				continue
			}
			s, err := r.lookAt(ctx, m, a, want)
			if err != nil {
				return nil, err
			}
			if s.failure == nil || want.kind != wishQuestion {
				found = append(found, s)
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, nil
}

// wanted reports whether a file of an earlier message is worth another look.
func (r *run) wanted(a Attachment, want wish) bool {
	switch a.Verdict {
	case VerdictTooLarge, VerdictUnsupported, VerdictUnreadable, VerdictGone:
		return false
	case "", VerdictDescribed, VerdictTranscribed, VerdictRead, VerdictUnseen:
	}
	switch {
	case want.kind == wishTranscript:
		return a.Kind == AttachmentAudio || a.Kind == AttachmentVideo
	case want.kind != wishQuestion:
		return a.Kind == AttachmentImage || a.Kind == AttachmentVideo
	case a.Kind == AttachmentImage:
		return r.profile().Sees || a.Description == ""
	}
	return a.Description == "" && !large(a)
}

// lookAt takes one file in. Only what ends the turn is an error: what is wrong with the file is told in its place.
func (r *run) lookAt(ctx context.Context, m Message, a Attachment, want wish) (seen, error) {
	s := seen{in: m, file: a}
	if a.Description != "" && (a.Kind != AttachmentImage || !want.pictures) {
		return s, nil // it was taken in before
	}
	err := r.takeIn(ctx, &s, want)
	if err == nil {
		return s, r.note(ctx, m, s.file)
	}
	if errors.Is(err, ErrBudget) && s.file.Description != "" {
		r.partly = said(s, want, false)
	}
	s.file.Description = "" // what is not whole is not kept for later
	if ctx.Err() != nil || errors.Is(err, errStore) || errors.Is(err, ErrFenced) || errors.Is(err, ErrBudget) {
		return s, err
	}
	s.failure = FailureOf(err)
	s.file.Verdict = verdictOf(s.failure.Code)
	r.log.InfoContext(ctx, "file not taken in", "file", a.ID, "kind", a.Kind, "verdict", s.file.Verdict, "error", err)
	if s.failure.Retry {
		return s, nil // it may be seen another time
	}
	return s, r.note(ctx, m, s.file)
}

// note keeps what became of a file with its message. A file of a message that a command names goes with that message, and
// not with the command: where that is not stored nothing is kept, because nothing would tell when it is gone.
func (r *run) note(ctx context.Context, m Message, a Attachment) error {
	r.Metrics.attachment(a)
	ref, id := m.Ref, m.ID
	if m.Ask != nil && m.Ask.MessageID != "" {
		id = m.Ask.MessageID
		if m.Ask.Source.Channel != "" {
			ref = m.Ask.Source
		}
	}
	return storeError(r.Files.NoteFile(ctx, r.t, ref, id, a))
}

// takeIn fetches the file, unless what it holds is known already, and makes text or pictures of it.
func (r *run) takeIn(ctx context.Context, s *seen, want wish) error {
	file, err := r.open(ctx, s.in, s.file)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	s.file.Kind, s.file.SHA256 = file.Kind(), file.SHA256()
	known, have, err := r.Files.Described(ctx, r.t.Ref, s.file.SHA256)
	if err != nil {
		return storeError(err)
	}
	if have && known.Description != "" {
		s.file.Verdict, s.file.Description, s.file.Tokens = known.Verdict, known.Description, known.Tokens
	}
	if err := r.perceive(ctx, s, file, want); err != nil {
		return err
	}
	if s.file.Tokens == 0 && s.file.Description != "" {
		s.file.Tokens = r.profile().Estimate(s.file.Description)
	}
	return nil
}

// perceive makes text of the file, where that is not kept already, or pictures that the model itself looks at.
func (r *run) perceive(ctx context.Context, s *seen, file MediaFile, want wish) (err error) {
	p := r.perceiver()
	f := &s.file
	switch {
	case file.Kind() == AttachmentImage && want.pictures && p.sees(ctx) == llm.Yes:
		s.pictures, err = file.Pictures(ctx, r.profile().Image, picturesShare(r.profile().Image, s.in))
		f.Verdict = VerdictDescribed
	case file.Kind() == AttachmentImage && want.kind == wishAltText:
		s.alt, err = p.AltText(ctx, file)
		f.Verdict = VerdictDescribed
	case f.Description != "":
	case file.Kind() == AttachmentImage:
		f.Description, err = p.Picture(ctx, file)
		f.Verdict = VerdictDescribed
	case file.Kind() == AttachmentVideo:
		f.Description, err = p.Film(ctx, file)
		f.Verdict = VerdictDescribed
	case file.Kind() == AttachmentAudio:
		f.Description, err = r.heard(ctx, p, file)
		f.Verdict = VerdictTranscribed
	case file.Kind() == AttachmentDocument:
		f.Description, s.cut, err = p.Document(ctx, file)
		f.Verdict = VerdictRead
		if err == nil && s.cut && want.kind == wishDescription {
			s.digest, err = r.sumUpDocument(ctx, file)
		}
	default:
		err = &Failure{Code: CodeFileUnsupported, Safe: "I cannot read this kind of file."}
	}
	return err
}

// picturesShare is how many pictures one file of a message is shown in. A request takes only so many: where the message has
// several images, each is cut into as many as are really sent.
func picturesShare(rule llm.ImageRule, m Message) int {
	images := 0
	for _, a := range m.Attachments {
		if a.Kind == AttachmentImage {
			images++
		}
	}
	if rule.MaxImages <= 0 {
		return picturesMost
	}
	return max(1, min(picturesMost, rule.MaxImages/max(images, 1)))
}

// nothingSaid is the transcript of a sound without speech.
const nothingSaid = "(Nothing is said.)"

func (r *run) heard(ctx context.Context, p *Perceiver, file MediaFile) (string, error) {
	text, language, err := p.Sound(ctx, file)
	switch {
	case text == "" && err == nil:
		text = nothingSaid
	case text != "" && language != "":
		text = "(" + language + ") " + text
	}
	return text, err
}

func (r *run) perceiver() *Perceiver {
	if r.senses != nil {
		return r.senses
	}
	r.senses = &Perceiver{prompts: r.prompts, PerceiverOptions: PerceiverOptions{
		Media: r.Media, Model: r.Model, Vision: r.Vision, Ask: r.ask, Tell: r.tell, Conversation: r.t.Ref.String(), MaxOutput: r.MaxOutput,
	}}
	if r.Transcriber != nil {
		r.senses.Transcriber = ears{r, r.Transcriber}
	}
	return r.senses
}

// open fetches a file from its platform. A platform that is busy is asked again.
func (r *run) open(ctx context.Context, m Message, a Attachment) (MediaFile, error) {
	opener, can := r.m.(FileOpener)
	if !can {
		return nil, &Failure{Code: CodeFileUnsupported, Safe: "I cannot open files here."}
	}
	for try := 0; ; try++ {
		file, err := r.load(ctx, opener, m, a)
		if err == nil || !FailureOf(err).Retry || try == historyTries-1 || !sleep(ctx, backoff(try)) {
			return file, err
		}
	}
}

func (r *run) load(ctx context.Context, opener FileOpener, m Message, a Attachment) (MediaFile, error) {
	body, err := opener.OpenFile(ctx, m.Ref, m.ID, a)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	defer func() { _ = body.Close() }()
	file, err := r.Media.Load(ctx, body, a.Name)
	if err != nil {
		return nil, fmt.Errorf("load file: %w", err)
	}
	return file, nil
}

// verdictOf is what a failure makes of a file.
func verdictOf(code Code) Verdict {
	switch code {
	case CodeFileTooLarge:
		return VerdictTooLarge
	case CodeFileUnsupported:
		return VerdictUnsupported
	case CodeFileGone:
		return VerdictGone
	case CodeFileUnreadable, CodeFileRefused:
		return VerdictUnreadable
	}
	return VerdictUnseen
}

// fileName is a file's name as it may stand in an answer: foreign text, in code so that nothing in it acts.
func fileLabel(a Attachment) string {
	name := Label(strings.ReplaceAll(a.Name, "`", ""))
	if name == "" {
		name = string(a.Kind)
	}
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:79]) + "…"
	}
	return "`" + name + "`"
}
