package slack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/conversation"
)

func TestToCommonMark(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain", "hello", "hello"},
		{"bold", "a *bold* word", "a **bold** word"},
		{"bold at the edges", "*all of it*", "**all of it**"},
		{"italic is the same", "_so_", "_so_"},
		{"strike", "~gone~ now", "~~gone~~ now"},
		{"a product is not bold", "2 * 3 * 4", "2 * 3 * 4"},
		{"stars within words are not bold", "a*b*c", "a*b*c"},
		{"bold does not cross lines", "*one\ntwo*", "*one\ntwo*"},
		{"CommonMark bold stays", "**x**", "**x**"},
		{"bold around a link", "*see <https://e.com|this>*", "**see [this](https://e.com)**"},
		{"escapes", "1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"},
		{"escaped twice", "&amp;lt;", "&lt;"},
		{"quote", "&gt; said", "> said"},
		{"code span", "`a &lt; *b*`", "`a < *b*`"},
		{"link in code", "`<https://e.com|e.com>`", "`e.com`"},
		{"code block", "see ```x &amp;&amp; *y*``` done", "see \n```\nx && *y*\n```\n done"},
		{"code block on its lines", "```\nx\n```", "```\nx\n```"},
		{"open code block", "```x *y*", "```x **y**"},
		{"bare link", "<https://e.com/a?b=1&amp;c=2>", "https://e.com/a?b=1&c=2"},
		{"link", "<https://e.com|a [b]>", `[a \[b\]](https://e.com)`},
		{"mail", "<mailto:a@b.c|a@b.c>", "a@b.c"},
		{"user", "<@U0ANN00001> hi", "@Ann hi"},
		{"user with label", "<@U9|zed> hi", "@zed hi"},
		{"unknown user", "<@U9> hi", "@U9 hi"},
		{"self", "<@U0PARLEY01> hi", "@Parley hi"},
		{"channel", "<#C1|general> <#C2>", "#general #C2"},
		{"crowd", "<!here> <!channel|channel> <!everyone>", "@here @channel @everyone"},
		{"group of users", "<!subteam^S1|@ops> <!subteam^S2>", "@ops @S2"},
		{"date", "<!date^1700000000^{date}|14 Nov>", "14 Nov"},
		{"no form", "a < b <> <", "a < b <> <"},
		{"form without end", "<@U1 and more", "<@U1 and more"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _ := toCommonMark(tt.in, testSelf(), func(id string) string {
				if name := testPeople([]string{id})[id].name; name != "" {
					return name
				}
				return id
			})
			if got != strings.TrimSpace(tt.want) {
				t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestMentionsAreNoted(t *testing.T) {
	t.Parallel()
	_, mentions := toCommonMark("<@U0PARLEY01> <@U0ANN00001> <@U0ANN00001> <#C1|x> <!here> <!subteam^S1|@ops> `<@U0BOB00001>`",
		testSelf(), func(id string) string { return id })
	want := []conversation.Mention{
		{Kind: conversation.MentionSelf, ID: "U0PARLEY01", Name: "Parley"},
		{Kind: conversation.MentionUser, ID: "U0ANN00001", Name: "U0ANN00001"},
		{Kind: conversation.MentionChannel, ID: "C1", Name: "x"},
		{Kind: conversation.MentionEveryone, ID: "here", Name: "here"},
		{Kind: conversation.MentionRole, ID: "S1", Name: "ops"},
	}
	if len(mentions) != len(want) {
		t.Fatalf("mentions = %+v", mentions)
	}
	for i := range want {
		if mentions[i] != want[i] {
			t.Errorf("mention %d = %+v, want %+v", i, mentions[i], want[i])
		}
	}
}

// BenchmarkConversionOfHostileTexts prints what texts cost that have been slow, at two lengths: the nanoseconds a byte stay
// about the same where the work is linear.
func BenchmarkConversionOfHostileTexts(b *testing.B) {
	for _, unit := range []string{"<", "`", "*", "```", "<@", "~a", "<!here>", "*a* "} {
		for _, n := range []int{1 << 14, 1 << 17} {
			in := strings.Repeat(unit, n/len(unit))
			b.Run(fmt.Sprintf("%q/%d", unit, n), func(b *testing.B) {
				b.SetBytes(int64(len(in)))
				for b.Loop() {
					toCommonMark(in, testSelf(), func(id string) string { return id })
				}
			})
		}
	}
}

func TestTimestamps(t *testing.T) {
	t.Parallel()
	at, err := parseTS("1700000000.123456")
	if err != nil || !at.Equal(time.Unix(1700000000, 123456000)) {
		t.Errorf("parseTS = %v, %v", at, err)
	}
	if ts := formatTS(at); ts != "1700000000.123456" {
		t.Errorf("formatTS = %s", ts)
	}
	for _, bad := range []string{"", "x", "-5.0", "1700000000.", "1700000000.x", "1.1.1", "99999999999999999999", "1700000000.1234567890"} {
		if at, err := parseTS(bad); err == nil {
			t.Errorf("parseTS(%q) = %v", bad, at)
		}
	}
}
