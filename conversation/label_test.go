package conversation_test

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	c "parley/conversation"
)

func TestLabel(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"a name":                      {"  Ana  María ", "Ana María"},
		"an override":                 {"invoice\u202efdp.exe", "invoicefdp.exe"},
		"isolates and marks":          {"\u2066a\u2069\u200eb\u200f\u061cc", "abc"},
		"what has no width":           {"a\u200bb\ufeffc\u00add\u2060e", "abcde"},
		"joiners between Latin":       {"a\u200db\u200cc", "abc"},
		"joiners at an end":           {"\u200dم\u200c", "م"},
		"a hidden joiner after joins": {"م\u200c\u202e\u200cی", "م\u200cی"},
		"Persian":                     {"می\u200cخواهم", "می\u200cخواهم"},
		"Hindi":                       {"क्\u200dष", "क्\u200dष"},
		"a family":                    {"👩\u200d👩\u200d👧 and 🏃🏽\u200d♀\ufe0f", "👩\u200d👩\u200d👧 and 🏃🏽\u200d♀\ufe0f"},
		"hidden tags":                 {"a\U000e0041\U000e0042b", "ab"},
		"an Arabic number sign":       {"\u0600١٢", "\u0600١٢"},
		"lines":                       {"a\nb\r\nc\u2028d\u0085e\x00f\x1b[31m", "a b c d e f [31m"},
		"a name that is not seen":     {"\u3164\u2800\u115f \u200b", ""},
	} {
		if got := c.Label(tt.text); got != tt.want {
			t.Errorf("%s: %q becomes %q, want %q", name, tt.text, got, tt.want)
		}
	}
}

func TestLabelIsOneVisibleLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.RuneFrom(nil, unicode.Cf, unicode.Cc)), 0, 40, -1).Draw(t, "text")
		got := c.Label(text)
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
				t.Fatalf("%q becomes %q", text, got)
			}
		}
		if again := c.Label(got); again != got || strings.TrimSpace(got) != got {
			t.Fatalf("%q becomes %q, then %q", text, got, again)
		}
	})
}
