package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"parley/conversation"
)

// perceived is what became of one file; with --json it is an element of the list.
type perceived struct {
	File string `json:"file"`
	// Kind is what the content is, whatever the file is called; empty where it could not be read.
	Kind    conversation.AttachmentKind `json:"kind,omitempty"`
	Verdict conversation.Verdict        `json:"verdict"`
	// Description is of describe, or what was read or heard of what is no picture.
	Description string `json:"description,omitempty"`
	// Transcript is of transcribe; Translation is there with --to. Language is what the transcription server told.
	Transcript  string    `json:"transcript,omitempty"`
	Language    string    `json:"language,omitempty"`
	Translation string    `json:"translation,omitempty"`
	Segments    []segment `json:"segments,omitempty"`
	// Error is the sentence that stands on stderr otherwise.
	Error string `json:"error,omitempty"`
	// Seconds is how long it took.
	Seconds float64  `json:"seconds"`
	Usage   spending `json:"usage"`
}

// text is what is printed of the file.
func (p *perceived) text() string {
	for _, text := range []string{p.Translation, p.Transcript, p.Description} {
		if text != "" {
			return text
		}
	}
	return ""
}

// needFiles refuses a command line without files.
func needFiles(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return &usageError{errors.New("name at least one file; - is standard input")}
	}
	return nil
}

// perceive works through files. One that fails gets its sentence, and the others are still taken. Whatever there is of
// a file when it fails, or when the process is told to stop, is printed.
func (a *app) perceive(ctx context.Context, s *senses, files []string, asJSON bool, take func(context.Context, conversation.MediaFile, *perceived) error) error {
	all, failed := make([]perceived, 0, len(files)), false
	before := false // something is printed already
	for _, name := range files {
		if ctx.Err() != nil {
			break
		}
		p := perceived{File: name}
		s.used = spending{}
		begun := time.Now()
		err := s.open(ctx, a.in, name, &p, take)
		p.Seconds, p.Usage = time.Since(begun).Round(time.Millisecond).Seconds(), s.used
		s.progress.clear()
		if err != nil {
			failed, p.Error = true, sentence(ctx, err)
			if p.Verdict != conversation.VerdictTranscribed { // else only the translation failed
				p.Verdict = verdictOf(err)
			}
		}
		all = append(all, p)
		if !asJSON {
			before = a.tell(p, len(files) > 1, before) || before
		}
	}
	if asJSON {
		if err := newEncoder(a.out).Encode(all); err != nil {
			return err
		}
	}
	if failed || ctx.Err() != nil {
		return errSilent
	}
	return nil
}

// tell prints what became of one file, and reports whether that was any text. Several stand each under its name, as head(1)
// does it.
func (a *app) tell(p perceived, several, before bool) bool {
	name, text := printableLine(p.File), p.text()
	if text != "" {
		if several && before {
			fmt.Fprintln(a.out)
		}
		if several {
			fmt.Fprintf(a.out, "==> %s <==\n", name)
		}
		fmt.Fprintln(a.out, strings.TrimSpace(printable(text)))
	}
	if p.Error != "" {
		fmt.Fprintf(a.err, "parley: %s: %s\n", name, printableLine(p.Error))
	}
	return text != ""
}

// printableLine is foreign text that must not begin a line of its own.
func printableLine(s string) string { return strings.Join(strings.Fields(printable(s)), " ") }

// open gives one file to take.
func (s *senses) open(ctx context.Context, stdin io.Reader, name string, p *perceived, take func(context.Context, conversation.MediaFile, *perceived) error) error {
	in, err := reader(ctx, stdin, name)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	file, err := s.Media.Load(ctx, in, filepath.Base(name))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // the directory is removed at the end
	p.Kind = file.Kind()
	return take(ctx, file, p)
}

// reader opens a file, or standard input. A wait for standard input ends with ctx.
func reader(ctx context.Context, stdin io.Reader, name string) (io.ReadCloser, error) {
	if name != "-" {
		info, err := os.Stat(name)
		if err == nil {
			err = regular(info.Mode())
		}
		if err != nil {
			return nil, unopened(err)
		}
		file, err := os.Open(name)
		if err != nil {
			return nil, unopened(err)
		}
		return file, nil
	}
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { _ = out.CloseWithError(context.Cause(ctx)) })
	go func() {
		_, err := io.Copy(in, stdin)
		_ = in.CloseWithError(err)
	}()
	return out, nil
}

// regular refuses what is no file: opening a pipe waits for whoever writes to it, whatever signal comes, and a device has no
// end.
func regular(mode os.FileMode) error {
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return errors.New("it is a directory")
	}
	return errors.New("it is a pipe, a socket or a device, and no file; what comes from a pipe is read from standard input, with - for the file")
}

func unopened(err error) error {
	return &conversation.Failure{Code: conversation.CodeFileGone, Safe: "cannot be opened: " + reason(err).Error(), Err: err}
}

// stopped is said of a file whose turn ended with the process's.
const stopped = "stopped before the end"

// sentence is what is said of a failure. Who sits at the terminal runs Parley as well: of what is no file's fault they are
// told the cause, and what to set.
func sentence(ctx context.Context, err error) string {
	f, known := errors.AsType[*conversation.Failure](err)
	fault, ofModel := errors.AsType[*modelFault](err)
	switch {
	case known && strings.HasSuffix(f.Safe, stopped):
		return f.Safe
	case ctx.Err() != nil:
		return stopped
	case ofModel:
		return fault.sentence
	case !known:
		return err.Error()
	case f.Code == conversation.CodeModelBlind && strings.Contains(f.Safe, "cannot see"):
		return f.Safe + " Set VISION_MODEL to one that sees, or LLM_VISION=on if the model does."
	}
	return f.Safe
}

// during says what was going on when a failure came.
func during(ctx context.Context, what string, err error) error {
	return &conversation.Failure{Code: conversation.FailureOf(err).Code, Safe: what + ": " + sentence(ctx, err)}
}

// verdictOf is what a failure makes of a file.
func verdictOf(err error) conversation.Verdict {
	switch conversation.FailureOf(err).Code {
	case conversation.CodeFileTooLarge:
		return conversation.VerdictTooLarge
	case conversation.CodeFileUnsupported:
		return conversation.VerdictUnsupported
	case conversation.CodeFileGone:
		return conversation.VerdictGone
	case conversation.CodeFileUnreadable:
		return conversation.VerdictUnreadable
	}
	return conversation.VerdictUnseen
}

// progressLine is one line on a terminal that is written over; elsewhere nothing is written.
type progressLine struct {
	w     io.Writer
	shown bool
}

func newProgressLine(w io.Writer) *progressLine {
	if f, is := w.(*os.File); !is || !term.IsTerminal(int(f.Fd())) {
		return &progressLine{}
	}
	return &progressLine{w: w}
}

func (p *progressLine) show(text string) {
	if p.w != nil {
		p.shown = true
		fmt.Fprintf(p.w, "\r\x1b[K%s…", printableLine(text))
	}
}

func (p *progressLine) clear() {
	if p.shown {
		p.shown = false
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
