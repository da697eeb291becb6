package main

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"parley/conversation"
	"parley/conversation/summary"
)

func (a *app) transcribe() *cobra.Command {
	var to string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "transcribe FILE…", Short: "Write down what is said in sound and film", Args: needFiles,
		Long: "Write down what is said in sound and film. A FILE of - is standard input. Most formats need the program ffmpeg.",
		RunE: func(c *cobra.Command, files []string) error {
			language, err := languageOf(to)
			if err != nil {
				return err
			}
			config, err := loadConfig(a.envFiles)
			if err != nil {
				return err
			}
			if missing := config.noKey(); missing != "" && (config.TranscribeBaseURL == "" || language != "") {
				return Faults{missing}
			}
			s, err := a.openSenses(c.Context(), config)
			if err != nil {
				return err
			}
			defer s.close()
			return a.perceive(c.Context(), s, files, asJSON, func(ctx context.Context, file conversation.MediaFile, p *perceived) error {
				if err := s.transcribed(ctx, file, p); err != nil || language == "" {
					return err
				}
				p.Translation, err = s.translate(ctx, p.Transcript, language)
				if err != nil {
					return during(ctx, "not translated", err)
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "translate into this language, such as de or German")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of what became of each file as JSON")
	withVariables(cmd)
	return cmd
}

// languageOf gives a language's English name, for the prompt. What is no code is taken for a name; a code that is not known is
// refused, because a model would be asked to translate into nothing.
func languageOf(to string) (string, error) {
	if to == "" {
		return "", nil
	}
	name := strings.TrimSpace(to)
	if known := summary.LanguageName(strings.ToLower(name)); known != "" {
		return known, nil
	}
	if code := len(name) == 2 || len(name) == 3 && name == strings.ToLower(name); code && !strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", &usageError{fmt.Errorf("--to %q is no code of a language that is known here; give one such as en, de, es, fr or ja, or the language's name, as in: --to German", to)}
	}
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" -()", r)
	}
	if name == "" || len(name) > 40 || strings.ContainsFunc(name, odd) {
		return "", &usageError{fmt.Errorf("--to %q is no language; name it as in: --to German", to)}
	}
	return name, nil
}

// transcribed writes down what is said in a file. Where it fails on the way, what was heard before is kept.
func (s *senses) transcribed(ctx context.Context, file conversation.MediaFile, p *perceived) error {
	switch file.Kind() {
	case conversation.AttachmentImage, conversation.AttachmentDocument:
		return unsupported(fmt.Sprintf("This is neither sound nor film but %s; parley describe takes it.", withArticle(file.Kind())))
	}
	s.findHearing(ctx)
	text, language, err := s.Sound(ctx, s.hearing.begin(file))
	s.hearing.whole()
	p.Transcript, p.Language, p.Segments = text, language, s.hearing.segments
	if err == nil {
		p.Verdict = conversation.VerdictTranscribed
		return nil
	}
	var until time.Duration
	p.Transcript, until = s.hearing.heard()
	if p.Transcript != "" {
		return during(ctx, "the transcript ends at "+clock(until), err)
	}
	return err
}

func withArticle(kind conversation.AttachmentKind) string {
	if kind == conversation.AttachmentImage {
		return "a picture"
	}
	return "a document"
}
