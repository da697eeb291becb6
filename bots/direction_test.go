package bots_test

import (
	"testing"

	"parley/bots"
)

func TestInertTurnsNoDirection(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[invoice\u202efdp](https://known.example/a)":         "[invoicefdp](https://known.example/a)",
		"plain \u2066isolate\u2069 and \u202bembedding\u202c": "plain isolate and embedding",
		"```\nif a {\u202e }\n```":                            "```\nif a { }\n```",
		"می\u200cخواهم 👩\u200d👧":                              "می\u200cخواهم 👩\u200d👧",
	} {
		if got := bots.Inert(text, []string{"https://known.example/a"}); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
