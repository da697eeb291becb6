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
	if r.takesLong() {
		r.out.Task = &Task{Kind: TaskMedia}
		return true, nil
	}
	want := r.wishOf(r.words())
	if r.files, err = r.look(ctx, want); err != nil {
		return false, err
	}
	if ask := r.t.Last().Message.Ask; len(r.files) == 0 && ask != nil && (ask.Verb == VerbDescribe || ask.Verb == VerbTranscribe) {
		r.out.Kind = Answered
		return true, r.deliver.finish(ctx, "There is no file in that message. Use this on a message with a picture, a sound, a film or a document.")
	}
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

// answerFiles answers what is wanted of the files where that takes no further model call. done is false where the model
// is to answer.
func (r *run) answerFiles(all []seen, want wish) (text string, done bool) {
	if len(all) == 0 || want.kind == wishQuestion && !r.allFailed(all) {
		return "", false
	}
	var parts []string
	for _, s := range all {
		if s.failure == nil && s.file.Verdict == VerdictRead && want.kind == wishDescription {
			return "", false // what a document says is for the model to put shortly
		}
		parts = append(parts, r.said(s, len(all) > 1))
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
func (r *run) said(s seen, named bool) string {
	if s.failure != nil {
		return verdictLine(s)
	}
	text := s.file.Description
	if s.alt != "" {
		text = s.alt
	}
	if s.file.Verdict == VerdictTranscribed {
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

// filesFor is what the prompt says of files, in at most room tokens, and the pictures that it shows. Each file gets an even
// share; pictures give way from the last tile on.
func (r *run) filesFor(all []seen, room int, profile llm.Profile) (lines []prompts.File, pictures []llm.Part, notes []string) {
	shown := room / 2 / max(profile.Image.Tokens, 1)
	if most := profile.Image.MaxImages; most > 0 {
		shown = min(shown, most)
	}
	for round := 0; len(pictures) < shown; round++ {
		more := false
		for _, s := range all {
			if round < len(s.pictures) && len(pictures) < shown {
				p := s.pictures[round]
				note := s.file.Name
				if p.Note != "" {
					note += ", " + p.Note
				}
				pictures, notes, more = append(pictures, p.Image), append(notes, llm.Neutralise(note)), true
			}
		}
		if !more {
			break
		}
	}
	texts := 0
	for _, s := range all {
		if s.file.Description != "" {
			texts++
		}
	}
	for _, s := range all {
		f := prompts.File{Name: llm.Neutralise(s.file.Name), Kind: string(s.file.Kind)}
		switch {
		case s.failure != nil:
			f.Text = "(could not be opened)"
		case s.file.Description != "":
			f.Text = window.Shorten(llm.Neutralise(s.file.Description), room/2/texts, profile.Bound)
		default:
			continue
		}
		lines = append(lines, f)
	}
	return lines, pictures, notes
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

// tell tells how far a task is. A turn of a moment tells nothing.
func (r *run) tell(ctx context.Context, text string) {
	if r.t.Task != nil {
		r.deliver.progress(ctx, text)
	}
}
