package conversation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"parley/conversation/prompts"
	"parley/conversation/window"
	"parley/llm"
)

// Files that are larger than these take longer than a turn may: they become a task.
const (
	longSound    = 2 << 20 // about two minutes of speech
	longDocument = 5 << 20
)

// aboutFiles reports whether the turn's items hold files: "summarize this" is then about those.
func (r *run) aboutFiles() bool {
	return r.Media != nil && slices.ContainsFunc(r.t.Items, func(i Item) bool { return len(i.Message.Attachments) > 0 })
}

// takesLong reports whether the files of the question need a task of their own.
func (r *run) takesLong() bool {
	if r.t.Task != nil || r.Media == nil || r.Readings == nil {
		return false
	}
	for _, item := range r.t.Items {
		if slices.ContainsFunc(item.Message.Attachments, func(a Attachment) bool { return a.Description == "" && large(a) }) {
			return true
		}
	}
	return false
}

// large reports whether a file takes longer than people wait for an answer.
func large(a Attachment) bool {
	return a.Kind == AttachmentVideo || a.Kind == AttachmentAudio && a.Size > longSound || a.Kind == AttachmentDocument && a.Size > longDocument
}

// takeFiles looks at the files that the turn is about. done says that nothing is left to do: the answer was given without
// the model, or the work was handed over to a task.
func (r *run) takeFiles(ctx context.Context) (done bool, err error) {
	if err := r.linked(ctx); err != nil {
		return false, err
	}
	if r.takesLong() {
		r.out.Task = &Task{Kind: TaskMedia}
		return true, nil
	}
	want := r.wishOf(r.words())
	if r.files, err = r.look(ctx, want); err != nil {
		return false, err
	}
	for _, s := range r.files {
		r.wantDescriptions([]Attachment{s.file})
	}
	if ask := r.t.Last().Message.Ask; len(r.files) == 0 && ask != nil && (ask.Verb == VerbDescribe || ask.Verb == VerbTranscribe) {
		r.out.Kind = Answered
		return true, r.deliver.finish(ctx, "There is no file in that message. Use this on a message with a picture, a sound, a film or a document.")
	}
	r.noteSource()
	text, done := r.answerFiles(r.files, want)
	if !done {
		return false, nil
	}
	r.out.Kind = Answered
	if r.out.Model == "" {
		r.out.Model = r.ModelName
	}
	return true, r.deliver.finish(ctx, text)
}

// noteSource says what the answer to a command on a message is made of: it goes with that message.
func (r *run) noteSource() {
	ask := r.t.Last().Message.Ask
	dater, can := r.m.(Dater)
	if ask == nil || ask.MessageID == "" || ask.Source.Channel == "" || !can {
		return
	}
	if at, ok := dater.SentAt(ask.MessageID); ok {
		there := Position{SentAt: at, MessageID: ask.MessageID}
		r.out.Source = &Source{Ref: ask.Source, From: there, Through: there}
	}
}

// answerFiles answers what is wanted of the files where that takes no further model call. done is false where the model
// is to answer.
func (r *run) answerFiles(all []seen, want wish) (text string, done bool) {
	if len(all) == 0 || want.kind == wishQuestion && !r.allFailed(all) {
		return "", false
	}
	var parts []string
	for _, s := range all {
		if s.failure == nil && s.file.Verdict == VerdictRead && s.digest == "" && want.kind == wishDescription {
			return "", false // what a document says is for the model to put shortly
		}
		parts = append(parts, said(s, want, len(all) > 1))
	}
	return strings.Join(parts, "\n\n"), true
}

func (r *run) allFailed(all []seen) bool {
	for _, s := range all {
		if s.failure == nil {
			return false
		}
	}
	return strings.TrimSpace(r.words()) == ""
}

// said is what people read of one file.
func said(s seen, want wish, named bool) string {
	if s.failure != nil {
		return verdictLine(s)
	}
	text, film := s.file.Description, want.kind == wishTranscript && s.file.Kind == AttachmentVideo
	switch {
	case s.alt != "":
		text = s.alt
	case s.digest != "":
		text = s.digest
	case film:
		text = spoken(text)
	}
	if s.file.Verdict == VerdictTranscribed || film {
		text = "> " + strings.ReplaceAll(text, "\n", "\n> ")
	}
	if named {
		return "**" + fileLabel(s.file) + "**\n" + text
	}
	return text
}

// verdictLine tells why a file could not be taken in.
func verdictLine(s seen) string { return "*" + fileLabel(s.file) + ": " + s.failure.Safe + "*" }

// verdicts are the lines below an answer about files that could not be taken in.
func verdicts(all []seen) string {
	var b strings.Builder
	for _, s := range all {
		if s.failure != nil {
			b.WriteString("\n\n" + verdictLine(s))
		}
		if s.cut {
			fmt.Fprintf(&b, "\n\n*%s: I have read the beginning only, the document is long.*", fileLabel(s.file))
		}
	}
	return b.String()
}

// shown is what a prompt shows of files.
type shown struct {
	lines    []prompts.File
	pictures []llm.Part
	notes    []string // one for each picture
	tokens   int
}

// fileOverhead is what the frame of a file costs in the prompt.
const fileOverhead = 12

// filesFor is what the prompt shows of the turn's files, in at most room tokens. Pictures get half where there is text as
// well, and give way from the last tile on; each text gets an even share of the rest.
func (r *run) filesFor(room int, profile llm.Profile) (out shown) {
	texts := 0
	for _, s := range r.files {
		if s.file.Description != "" || s.failure != nil {
			texts++
		}
	}
	forPictures := room
	if texts > 0 {
		forPictures = room / 2
	}
	most := profile.Image.MaxImages
	for round, more := 0, true; more; round++ {
		more = false
		for _, s := range r.files {
			if round >= len(s.pictures) || most > 0 && len(out.pictures) == most {
				continue
			}
			note := s.file.Name
			if s.pictures[round].Note != "" {
				note += ", " + s.pictures[round].Note
			}
			note = llm.Neutralise(note)
			price := max(profile.Image.Tokens, 1) + profile.Bound(note) + 4
			if out.tokens+price > forPictures {
				continue
			}
			out.pictures, out.notes, out.tokens, more = append(out.pictures, s.pictures[round].Image), append(out.notes, note), out.tokens+price, true
		}
	}
	for _, s := range r.files {
		f := prompts.File{Name: llm.Neutralise(s.file.Name), Kind: string(s.file.Kind)}
		frame := profile.Bound(f.Name+f.Kind) + fileOverhead
		switch {
		case s.failure != nil:
			f.Text = "(could not be opened)"
		case s.file.Description != "":
			f.Text = window.Shorten(llm.Neutralise(s.file.Description), (room-out.tokens)/texts-frame, profile.Bound)
			texts--
		default:
			continue
		}
		if price := profile.Bound(f.Text) + frame; out.tokens+price <= room {
			out.lines, out.tokens = append(out.lines, f), out.tokens+price
		}
	}
	return out
}

// words is what the turn's items say, without notes of files.
func (r *run) words() string {
	var parts []string
	for _, item := range r.t.Items {
		if text := strings.TrimSpace(withoutSelf(item.Message)); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "\n")
}

// tell tells how far a task is, now and then. A turn of a moment tells nothing.
func (r *run) tell(ctx context.Context, text string) {
	now := r.Clock()
	if r.t.Task == nil {
		return
	}
	if r.told.IsZero() {
		r.told = now.Add(reportAfter - reportEvery)
	}
	if now.Sub(r.told) < reportEvery {
		return
	}
	r.told = now
	r.progress(ctx, text)
}
