package conversation

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"parley/llm"
)

// scansMost is how many pages without text are looked at.
const scansMost = 8

// Document gives the text of a document with its marks, as far as keptText goes; cut says that it goes on. Pages without
// text are read by the eyes.
func (p *Perceiver) Document(ctx context.Context, file MediaFile) (text string, cut bool, err error) {
	var b strings.Builder
	scans, unread := 0, 0
	for page, err := range file.Pages(ctx, p.scanRule(), picturesMost) {
		if err != nil {
			return "", false, fmt.Errorf("read document: %w", err)
		}
		text := strings.TrimSpace(page.Text)
		if text == "" && page.Scan {
			if scans == scansMost {
				unread++
				continue
			}
			scans++
			if text, err = p.readScan(ctx, page.Pictures); FailureOf(err).Code == CodeModelBlind && err != nil {
				unread++
				continue
			} else if err != nil {
				return "", false, err
			}
			p.tell(ctx, "Reading "+page.Mark)
		}
		if text == "" {
			continue
		}
		if b.Len()+len(text) > keptText {
			cut = true
			fmt.Fprintf(&b, "[%s]\n%s\n[… what follows is left out …]", page.Mark, firstBytes(text, max(keptText-b.Len(), 0)))
			break
		}
		fmt.Fprintf(&b, "[%s]\n%s\n", page.Mark, text)
	}
	if unread > 0 {
		fmt.Fprintf(&b, "[… %d pages without text could not be read …]", unread)
	}
	if b.Len() == 0 {
		b.WriteString("(The document holds no text.)")
	}
	return strings.TrimSpace(b.String()), cut, nil
}

// scanRule is that of the model which most likely reads the pages that are pictures. Which it is, is asked only where there
// are any.
func (p *Perceiver) scanRule() llm.ImageRule {
	if p.Vision != nil && !p.profile(p.Model).Sees {
		return p.profile(p.Vision).Image
	}
	return p.profile(p.Model).Image
}

// readScan reads the text of a page that is a picture.
func (p *Perceiver) readScan(ctx context.Context, pictures []MediaPicture) (string, error) {
	eyes, _, err := p.eyes(ctx)
	if err != nil {
		return "", err
	}
	text, err := p.prompts.ReadText()
	if err != nil {
		return "", err
	}
	return p.askAbout(ctx, eyes, pictures, text, "describe")
}

// firstBytes is the longest beginning of s in at most n bytes that cuts no rune.
func firstBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
