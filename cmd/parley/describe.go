package main

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"parley/conversation"
	"parley/conversation/prompts"
	"parley/conversation/window"
	"parley/llm"
	"parley/llm/media"
)

func (a *app) describe() *cobra.Command {
	var alt, asJSON bool
	cmd := &cobra.Command{
		Use: "describe FILE…", Short: "Describe pictures, and say what films, sounds and documents hold", Args: needFiles,
		Long: "Describe pictures. Of a film it tells what is seen and said, of a sound what is said, of a document in short what it holds. A FILE of - is standard input.",
		RunE: func(c *cobra.Command, files []string) error {
			config, err := loadConfig(a.envFiles)
			if err != nil {
				return err
			}
			if missing := config.noKey(); missing != "" && config.VisionBaseURL == "" {
				return Faults{missing}
			}
			s, err := a.openSenses(c.Context(), config)
			if err != nil {
				return err
			}
			defer s.close()
			take := s.described
			if alt {
				take = s.altText
			}
			return a.perceive(c.Context(), s, files, asJSON, take)
		},
	}
	cmd.Flags().BoolVar(&alt, "alt", false, "one sentence for a screen reader, under 250 characters")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a list of what became of each file as JSON")
	withVariables(cmd)
	return cmd
}

// described says what a file holds.
func (s *senses) described(ctx context.Context, file conversation.MediaFile, p *perceived) (err error) {
	switch p.Verdict = conversation.VerdictDescribed; file.Kind() {
	case conversation.AttachmentImage:
		if err = s.sight(); err == nil {
			p.Description, err = s.Picture(ctx, file)
		}
		return err
	case conversation.AttachmentVideo:
		unseen := s.sight()
		s.findHearing(ctx)
		if p.Description, err = s.Film(ctx, s.hearing.begin(file)); err == nil {
			return nil
		}
		switch f := conversation.FailureOf(err); {
		case unseen != nil && (f.Code == conversation.CodeModelBlind || errors.Is(err, media.ErrNoSound)):
			return unseen
		case errors.Is(err, media.ErrNoSound): // else its frames would have been enough
			return &conversation.Failure{Code: conversation.CodeModelBlind, Safe: "This film has no sound track, and my model cannot see pictures.", Err: err}
		}
		return err
	case conversation.AttachmentAudio:
		if err = s.transcribed(ctx, file, p); err == nil && p.Transcript == "" {
			p.Transcript = "(Nothing is said.)"
		}
		p.Description, p.Transcript = p.Transcript, ""
		return err
	case conversation.AttachmentDocument:
		p.Verdict = conversation.VerdictRead
		_ = s.sight() // for scanned pages; text is read without it
		p.Description, err = s.gist(ctx, file, p.File)
		return err
	}
	return unsupported("This sort of file cannot be described.")
}

// altText is one sentence in a picture's place.
func (s *senses) altText(ctx context.Context, file conversation.MediaFile, p *perceived) (err error) {
	if file.Kind() != conversation.AttachmentImage && file.Kind() != conversation.AttachmentVideo {
		return unsupported("Alt text stands for a picture; this file is none. Without --alt it is told what the file holds.")
	}
	p.Verdict = conversation.VerdictDescribed
	if err = s.sight(); err == nil {
		p.Description, err = s.AltText(ctx, file)
	}
	return err
}

func unsupported(safe string) error {
	return &conversation.Failure{Code: conversation.CodeFileUnsupported, Safe: safe}
}

const (
	gistQuestion = "In a few sentences: what is this document, and what does it say that matters? Keep names, numbers and dates."
	gistMost     = 500 // tokens
)

// gist says in short what a document holds. One that is longer than the window, or than what is kept of a document, is told by
// what can be read of it.
func (s *senses) gist(ctx context.Context, file conversation.MediaFile, name string) (string, error) {
	text, cut, err := s.Document(ctx, file)
	if err != nil {
		return "", err
	}
	profile := s.language.ProfileIn("")
	ask := prompts.Reply{Self: "Parley", Persona: prompts.Persona, Fence: "=== " + rand.Text()[:8] + " ===", Asker: "the reader", Question: gistQuestion,
		Files: []prompts.File{{Name: llm.Neutralise(printableLine(name)), Kind: "document"}}}
	request := func() (llm.Request, error) {
		prompt, err := s.prompts.Reply(ask)
		return llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleUser, prompt)}, MaxOutput: min(gistMost, profile.MaxOutput, profile.Context/4), Purpose: "describe"}, err
	}
	frame, err := request()
	if err != nil {
		return "", err
	}
	room := profile.Context - frame.MaxOutput - profile.BoundRequest(frame)
	indented := func(t string) int { return profile.Bound(strings.ReplaceAll(t, "\n", "\n    ")) }
	ask.Files[0].Text = window.Shorten(llm.Neutralise(text), room, indented)
	full, err := request()
	if err != nil {
		return "", err
	}
	told, err := s.Ask(ctx, s.language, full)
	if err == nil && cut {
		told += "\n\n(Only the beginning was read: the document is long.)"
	}
	return told, err
}
