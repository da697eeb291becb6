package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"parley/conversation/prompts"
	"parley/llm"
)

// passageMost is how many tokens of a text are translated at a time: small models lose sentences of longer ones.
const passageMost = 600

// translate has the chat model translate a text, passage by passage.
func (s *senses) translate(ctx context.Context, text, language string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	profile := s.language.ProfileIn("")
	output := min(profile.MaxOutput, profile.Context/3)
	all := passages(strings.ToValidUTF8(text, "\uFFFD"), min(passageMost, output/2), profile.Bound)
	var out []string
	for i, passage := range all {
		ask := prompts.Translate{Language: language, Text: passage}
		if len(all) > 1 {
			ask.Part, ask.Last = i+1, len(all)
			s.progress.show(fmt.Sprintf("Translating part %d of %d", ask.Part, ask.Last))
		}
		translated, err := s.translatePassage(ctx, ask, output)
		if err != nil {
			return strings.Join(out, " "), err
		}
		out = append(out, translated)
	}
	return strings.Join(out, " "), nil
}

// translatePassage translates one passage. A translation that reaches the length limit is none: then each half is asked for.
func (s *senses) translatePassage(ctx context.Context, ask prompts.Translate, output int) (string, error) {
	ask.Fence = "=== " + rand.Text()[:8] + " ==="
	ask.Text = llm.Neutralise(ask.Text)
	prompt, err := s.prompts.Translate(ask)
	if err != nil {
		return "", err
	}
	cool := 0.2
	text, finish, err := s.complete(ctx, s.language, llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleUser, prompt)},
		MaxOutput: output, Temperature: &cool, Purpose: "translate"})
	if err != nil || finish != llm.FinishLength || len(ask.Text) < 200 {
		return text, err
	}
	at := halve(ask.Text)
	var halves []string
	for _, half := range []string{ask.Text[:at], ask.Text[at:]} {
		ask.Text = half
		text, err := s.translatePassage(ctx, ask, output)
		if err != nil {
			return "", err
		}
		halves = append(halves, text)
	}
	return strings.Join(halves, " "), nil
}

// passages cuts a text into pieces that cost at most most each, in order, between sentences where that can be.
func passages(text string, most int, cost func(string) int) []string {
	text = strings.TrimSpace(text)
	at := halve(text)
	if text == "" {
		return nil
	}
	if cost(text) <= most || at == len(text) {
		return []string{text}
	}
	return append(passages(text[:at], most, cost), passages(text[at:], most, cost)...)
}

// halve gives the place to cut a text near its middle: after a sentence, else between words, else between characters; never
// at an end, unless the text is one character.
func halve(text string) int {
	middle := len(text) / 2
	for _, ends := range []string{".!?。！？\n", " \t"} {
		best := 0
		for i, r := range text {
			after := i + utf8.RuneLen(r)
			if after >= len(text) || !strings.ContainsRune(ends, r) || r < 0x80 && r != '\n' && ends[0] == '.' && text[after] != ' ' {
				continue
			}
			if abs(after-middle) < abs(best-middle) {
				best = after
			}
		}
		if best > len(text)/8 && best < len(text)*7/8 {
			return best
		}
	}
	for middle > 0 && !utf8.RuneStart(text[middle]) {
		middle--
	}
	if middle == 0 {
		_, size := utf8.DecodeRuneInString(text)
		return max(size, 0)
	}
	return middle
}

func abs(n int) int { return max(n, -n) }
