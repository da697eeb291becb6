package conversation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/conversation/prompts"
	"parley/llm"
)

const (
	// framesMost is how many frames of a film are looked at.
	framesMost = 8
	// picturesMost bounds the pictures of one file: all of it, and the six tiles in which a screen of 1920 by 1080 can be read.
	picturesMost = 7
	// altMost is the most characters of an alt text (issue of accessibility: screen readers read it in one go).
	altMost = 250
)

// eyes is the model that looks at pictures; own says that it is the one that answers.
func (p *Perceiver) eyes(ctx context.Context) (eyes Model, own bool, err error) {
	sees := p.sees(ctx)
	switch {
	case sees == llm.Yes:
		return p.Model, true, nil
	case p.Vision != nil:
		return p.Vision, false, nil
	case sees == llm.Unknown:
		return nil, false, &Failure{Code: CodeModelUnavailable, Retry: true, Err: errors.New("it is not known yet whether the model sees"),
			Safe: "I could not find out yet whether my model sees pictures. Please ask again in a minute."}
	}
	return nil, false, &Failure{Code: CodeModelBlind, Err: errors.New("no model that sees is set up"),
		Safe: "My model cannot see pictures, and no other is set up that can."}
}

// Picture says what an image shows.
func (p *Perceiver) Picture(ctx context.Context, file MediaFile) (string, error) {
	eyes, _, err := p.eyes(ctx)
	if err != nil {
		return "", err
	}
	pictures, err := file.Pictures(ctx, p.profile(eyes).Image, picturesMost)
	if err != nil {
		return "", fmt.Errorf("prepare picture: %w", err)
	}
	return p.describe(ctx, eyes, pictures, "")
}

// AltText is one sentence about an image, for people who cannot see it, in fewer than 250 characters.
func (p *Perceiver) AltText(ctx context.Context, file MediaFile) (string, error) {
	eyes, _, err := p.eyes(ctx)
	if err != nil {
		return "", err
	}
	pictures, err := file.Pictures(ctx, p.profile(eyes).Image, 1)
	if err != nil {
		return "", fmt.Errorf("prepare picture: %w", err)
	}
	return p.altText(ctx, eyes, pictures)
}

// describe has a model say what pictures of one file show, or read the text in them. hint tells what they are.
func (p *Perceiver) describe(ctx context.Context, eyes Model, pictures []MediaPicture, hint string) (string, error) {
	text, err := p.prompts.Describe(prompts.Describe{Notes: notesOf(pictures), Hint: hint})
	if err != nil {
		return "", err
	}
	return p.askAbout(ctx, eyes, pictures, text, "describe")
}

// altText is one sentence for people who cannot see the picture.
func (p *Perceiver) altText(ctx context.Context, eyes Model, pictures []MediaPicture) (string, error) {
	text, err := p.prompts.AltText()
	if err != nil {
		return "", err
	}
	alt, err := p.askAbout(ctx, eyes, pictures[:1], text, "describe")
	if err != nil {
		return "", err
	}
	return oneSentence(alt, altMost), nil
}

// askAbout asks one question about pictures.
func (p *Perceiver) askAbout(ctx context.Context, eyes Model, pictures []MediaPicture, text, purpose string) (string, error) {
	cool := 0.2
	parts := make([]llm.Part, 0, len(pictures)+1)
	for _, p := range pictures {
		parts = append(parts, p.Image)
	}
	request := llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: append(parts, llm.Text{Text: text})}},
		MaxOutput: min(describeMost, p.maxOutput(eyes)), Temperature: &cool, Purpose: purpose}
	return p.Ask(ctx, eyes, request)
}

// describeMost is the most tokens of a description.
const describeMost = 700

func notesOf(pictures []MediaPicture) []string {
	notes := make([]string, len(pictures))
	for i, p := range pictures {
		notes[i] = p.Note
	}
	return notes
}

// oneSentence is the first sentence of a text, in at most most characters.
func oneSentence(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	for i, c := range runes {
		if (c == '.' || c == '!' || c == '?') && i+1 < len(runes) && runes[i+1] == ' ' && i > 20 || c == '。' {
			runes = runes[:i+1]
			break
		}
	}
	if len(runes) < most {
		return string(runes)
	}
	short := string(runes[:most-2])
	if i := strings.LastIndex(short, " "); i > most/2 {
		short = short[:i]
	}
	return short + "…"
}

// What is told of a film says which is which.
const (
	filmSeen = "Seen: "
	filmSaid = "Said: "
)

// spoken is what is said in a film, of all that is told of it.
func spoken(description string) string {
	if said, only := strings.CutPrefix(description, filmSaid); only {
		return said
	}
	if _, said, has := strings.Cut(description, "\n\n"+filmSaid); has {
		return said
	}
	return nothingSaid
}

// Film says what the frames of a film show and what is said in it. Where the budget ends it on the way, what there is so far
// comes with the error.
func (p *Perceiver) Film(ctx context.Context, file MediaFile) (string, error) {
	var parts []string
	eyes, _, unseen := p.eyes(ctx)
	if unseen != nil && FailureOf(unseen).Retry {
		return "", unseen
	}
	if unseen == nil {
		frames, err := file.Pictures(ctx, p.profile(eyes).Image, framesMost)
		if err != nil {
			return "", fmt.Errorf("take frames: %w", err)
		}
		p.tell(ctx, "Looking at the film")
		shown, err := p.describe(ctx, eyes, frames, "These are frames of one film, in order.")
		if err != nil {
			return "", err
		}
		parts = append(parts, filmSeen+shown)
	}
	heard, _, err := p.Sound(ctx, file)
	if heard != "" && (err == nil || errors.Is(err, ErrBudget)) {
		parts = append(parts, filmSaid+heard)
	}
	switch {
	case errors.Is(err, ErrBudget):
		return strings.Join(parts, "\n\n"), err
	case err != nil && (len(parts) == 0 || FailureOf(err).Retry || ctx.Err() != nil):
		return "", err
	}
	if len(parts) == 0 {
		return "", unseen
	}
	return strings.Join(parts, "\n\n"), nil
}
