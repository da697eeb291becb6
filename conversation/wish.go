package conversation

import (
	"strings"

	"parley/conversation/summary"
)

// wishKind is what people want of the files that they send.
type wishKind int

// A question is the model's to answer; the others need no second model call once the file was taken in.
const (
	wishQuestion wishKind = iota
	wishDescription
	wishAltText
	wishTranscript
)

// wish is what the turn wants of files.
type wish struct {
	kind wishKind
	// pictures says that the model that answers is to see pictures itself, where it can.
	pictures bool
}

// wishOf reads the wish from the question. A message that is nothing but files wants them described or written down.
func (r *run) wishOf(question string) wish {
	if ask := r.t.Last().Message.Ask; ask != nil {
		switch ask.Verb {
		case VerbDescribe:
			if wantsAlt(ask.Text) {
				return wish{kind: wishAltText}
			}
			return wish{kind: wishDescription}
		case VerbTranscribe:
			if strings.TrimSpace(ask.Text) == "" {
				return wish{kind: wishTranscript}
			}
		case VerbHelp, VerbAsk, VerbSummarize, VerbShare:
		}
		return wish{kind: wishQuestion, pictures: true}
	}
	if r.aboutFiles() {
		if _, sums := summary.ParseRequest(question, r.t.Last().Message.SentAt); sums {
			return wish{kind: wishDescription}
		}
	}
	words := strings.Fields(strings.ToLower(strings.Trim(question, " \t\n.!?。！？:")))
	switch {
	case len(words) == 0:
		return wish{kind: wishDescription}
	case wantsAlt(question):
		return wish{kind: wishAltText}
	case len(words) > shortWish:
	case isWord(words[0], "transcribe", "transcript", "transkribiere", "transkript", "transcris", "transcrire", "transcribir", "transcribe:", "transcreva",
		"trascrivi", "транскрибируй", "расшифруй", "转写", "文字起こし", "받아쓰기"):
		if !strings.Contains(question, " to ") && !strings.Contains(question, " into ") && !strings.Contains(strings.ToLower(question), "translat") {
			return wish{kind: wishTranscript}
		}
	case isWord(words[0], "describe", "beschreibe", "beschreib", "décris", "decris", "décrire", "describir", "describa", "descreva", "descreve",
		"descrivi", "опиши", "描述", "説明して", "설명해줘"):
		return wish{kind: wishDescription}
	}
	return wish{kind: wishQuestion, pictures: true}
}

// shortWish is how many words a wish may have that is no question of its own: "describe this picture please".
const shortWish = 4

func wantsAlt(text string) bool {
	text = strings.ToLower(text)
	for _, form := range []string{"alt text", "alt-text", "alttext", "alternativtext", "texte alternatif", "texto alternativo", "testo alternativo", "代替テキスト", "替代文本"} {
		if strings.Contains(text, form) {
			return len(strings.Fields(text)) <= 2*shortWish
		}
	}
	return false
}

func isWord(word string, of ...string) bool {
	for _, w := range of {
		if word == w {
			return true
		}
	}
	return false
}
