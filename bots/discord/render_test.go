package discord_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
)

func TestDiscordShowsWhatCommonMarkMeans(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"a table becomes aligned text": {
			"See:\n\n| Name | **Age** |\n|:-----|----:|\n| Ada | 36 |\n| 東京 `x` | [b](https://b.example) |\n\nend",
			"See:\n\n```\nName   | Age\n-------+----------------------\nAda    | 36\n東京 x | b (https://b.example)\n```\n\nend",
		},
		"a table in a fence stays":       {"```\n| a | b |\n|---|---|\n```", "```\n| a | b |\n|---|---|\n```"},
		"a deep heading becomes bold":    {"# One\n#### Four **x** ####\n####### seven", "# One\n**Four x**\n####### seven"},
		"a fence of tildes":              {"~~~~go\nx ~~~\n~~~~", "```go\nx ~~~\n```"},
		"tasks":                          {"- [ ] a\n* [x] b\n- [link](https://b.example)", "- ☐ a\n* ☑ b\n- [link](https://b.example)"},
		"a rule":                         {"a\n\n***\n\nb", "a\n\n──────────\n\nb"},
		"an image becomes a link":        {"![cat](https://b.example)", "[cat](https://b.example)"},
		"a ragged table":                 {"| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |", "```\na | b\n--+--\n1 |\n1 | 2\n```"},
		"an escaped pipe in a cell":      {"a \\| b | c\n--|--\n1|2", "```\na | b | c\n------+--\n1     | 2\n```"},
		"mentions in code are broken":    {"`<@123> @everyone`", "`<@123> @everyone`"},
		"mentions of all kinds":          {"<@1> <@!2> <@&3> <#4> @here", "<@1> <@!2> <@&3> <#4> @here"},
		"what only looks like a mention": {"a <@b> #1 <#x> me@here.example", "a <@b> #1 <#x> me@here.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := discord.Render(c.in, []string{"https://b.example"})
			if visible := strings.ReplaceAll(got, "\u2060", ""); visible != c.want {
				t.Errorf("got\n%s\nwant\n%s", visible, c.want)
			}
		})
	}
}

var tag = regexp.MustCompile(`<@[!&]?\d|<#\d|@everyone|@here`)

func TestNothingThatIsRenderedMentions(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"<", "@", "!", "&", "#", "1", "23", ">", "everyone", "here", "`", "```", "\n", "|", "---", " ", "*", "[x](", ")", "https://a.example", "\\", "~~~", "é"})
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "pieces"), "")
		if got := discord.Render(s, nil); tag.MatchString(got) {
			t.Fatalf("%q renders as %q", s, got)
		}
	})
}

func TestEveryPartFitsOneMessage(t *testing.T) {
	t.Parallel()
	a := idle(t, discordsim.Options{}).adapter
	block := rapid.SampledFrom([]string{
		"A sentence with a [link](https://a.example/path?x=1) and <@1234567890> in it. ",
		"| a | b | a longer column |\n|---|---|---|\n| 1 | 2 | three |\n| four hundred | 5 | 6 |\n\n",
		"```go\nfunc main() { fmt.Println(\"😀\") }\n```\n\n", "#### Heading\n\n", "- item @everyone\n", "😀😀😀😀😀😀😀😀 ", "https://b.example/x ",
		strings.Repeat("word ", 100) + "\n\n", strings.Repeat("x", 700),
	})
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(block, 1, 60).Draw(t, "blocks"), "")
		for i, part := range a.Split(s, 80) {
			for _, known := range [][]string{nil, {"https://a.example/path?x=1"}, {"https://a.example/path?x=1", "https://b.example/x"}} {
				if n := discord.Units(discord.Render(part+" …", known)); n > 2000 {
					t.Fatalf("part %d has %d units with %d links known", i, n, len(known))
				}
			}
		}
	})
}
