package bots_test

import (
	"testing"

	"parley/bots"
)

func TestInertLeavesNothingThatSteers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[invoice\u202efdp](https://known.example/a)":         "[invoicefdp](https://known.example/a)",
		"plain \u2066isolate\u2069 and \u202bembedding\u202c": "plain isolate and embedding",
		"```\nif a {\u202e }\n```":                            "```\nif a { }\n```",
		"\x1b[31mred\x1b[0m\x07 \x7f\u009b2J \x00end":         "[31mred[0m 2J end",
		"@every\x00one <\x01!channel>":                        "@\u2060everyone <!channel>",
		"https://evil\x1b.example/x":                          "`https://evil.example/x`",
		"``\x00`\ncode\n```":                                  "```\ncode\n```",
		"one\r\ntwo\rthree\tfour":                             "one\ntwo\nthree\tfour",
		"می\u200cخواهم 👩\u200d👧":                              "می\u200cخواهم 👩\u200d👧",
	} {
		if got := bots.Inert(text, []string{"https://known.example/a"}); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
