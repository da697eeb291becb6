package bots_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/bots"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

var known = []string{"https://known.example/a?b=c", "HTTPS://Docs.Example/"}

func TestInert(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain text":              {"Nothing: to (see) here [x].", "Nothing: to (see) here [x]."},
		"bare URL":                {"See https://evil.example/?q=1.", "See `https://evil.example/?q=1`."},
		"known URL":               {"See https://known.example/a?b=c.", "See https://known.example/a?b=c."},
		"host case and slash":     {"https://docs.example", "https://docs.example"},
		"path case":               {"https://known.example/A?b=c", "`https://known.example/A?b=c`"},
		"longer than known":       {"https://known.example/a?b=cd", "`https://known.example/a?b=cd`"},
		"link":                    {"a [text *here*](https://evil.example \"t\") b", "a text *here* (`https://evil.example`) b"},
		"known link":              {"[text](https://known.example/a?b=c)", "[text](https://known.example/a?b=c)"},
		"link that shows its URL": {"[https://e.example](https://e.example)", "`https://e.example`"},
		"link in angle brackets":  {"[a](<https://e.example/x y>)", "a (`https://e.example/x y`)"},
		"parens in the URL":       {"[a](https://e.example/x_(y))", "a (`https://e.example/x_(y)`)"},
		"link to a heading":       {"[Top](#top)", "Top"},
		"link without scheme":     {"[a](evil.example)", "a (`evil.example`)"},
		"script":                  {"[a](javascript:alert(1))", "a (`javascript:alert(1)`)"},
		"image":                   {"![alt](https://e.example/p.png)", "alt (`https://e.example/p.png`)"},
		"known image":             {"![](https://docs.example)", "[image](https://docs.example)"},
		"image in a link":         {"[![b](https://e.example/i)](https://e.example/l)", "b (`https://e.example/i`) (`https://e.example/l`)"},
		"autolink":                {"<https://e.example> and <mailto:a@b.c>", "`https://e.example` and <mailto:a@b.c>"},
		"Slack's link":            {"<https://e.example|click>", "click `https://e.example`"},
		"known autolink":          {"<https://docs.example>", "<https://docs.example>"},
		"definition":              {"[a][1]\n\n[1]: https://e.example 'x'", "[a][1]\n\n\\[1]: `https://e.example` 'x'"},
		"www":                     {"at www.e.example/x, ok", "at `www.e.example/x`, ok"},
		"domain with path":        {"e.example/x?y=z", "`e.example/x?y=z`"},
		"domain alone":            {"Node.js and and/or v1.2/api", "Node.js and and/or v1.2/api"},
		"escaped colon":           {`https\://e.example`, "`https\\://e.example`"},
		"entities":                {"https&#58;//e.example http&colon;&sol;&sol;x", "`https&#58;//e.example` `http&colon;&sol;&sol;x`"},
		"other scheme":            {"slack://open?x HTTPS://E.example", "`slack://open?x` `HTTPS://E.example`"},
		"URL in a code span":      {"`curl https://e.example`", "`curl https://e.example`"},
		"URL in a fence":          {"```\ncurl https://e.example @here\n```", "```\ncurl https://e.example @here\n```"},
		"URL in an open fence":    {"```sh\ncurl https://e.example", "```sh\ncurl https://e.example"},
		"URL after a fence":       {"```\nx\n```\nhttps://e.example", "```\nx\n```\n`https://e.example`"},
		"stray backtick":          {"a ` b https://e.example", "a \\` b `https://e.example`"},
		"code next to URL":        {"`a`https://e.example`b`", "`a` `https://e.example` `b`"},
		"code over two lines":     {"`a\nhttps://e.example\nb`", "\\`a\n`https://e.example`\nb\\`"},
		"table":                   {"| a | b |\n|---|---|\n| https://e.example/|x |", "| a | b |\n|---|---|\n| `https://e.example/`|x |"},
		"crowd":                   {"@everyone @HERE (@channel) @group", "@\u2060everyone @\u2060HERE (@\u2060channel) @\u2060group"},
		"no crowd":                {"@hereby a@here.example `@here`", "@hereby a@here.example `@here`"},
		"bold URL":                {"**https://e.example**", "**`https://e.example`**"},
		"parenthesis":             {"(see https://e.example)", "(see `https://e.example`)"},
		"unfinished link":         {"[text](https://e.exa", "[text](`https://e.exa`"},
		"unfinished image":        {"![text](https://e.exa", "![text](`https://e.exa`"},
		"quote":                   {"> a https://e.example\n> b", "> a `https://e.example`\n> b"},
		"non-ASCII":               {"größer→https://e.example/ü。", "größer→`https://e.example/ü。`"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := bots.Inert(c.in, known); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			checkInert(t, c.in)
		})
	}
}

// checkInert holds what is true of every text.
func checkInert(t testing.TB, in string) {
	t.Helper()
	out := bots.Inert(in, known)
	if again := bots.Inert(out, known); again != out {
		t.Errorf("not idempotent: %q\nfirst  %q\nsecond %q", in, out, again)
	}
	src := []byte(out)
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(src))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Image:
			t.Errorf("image %q left in %q, from %q", n.Destination, out, in)
		case *ast.Link:
			if !allowed(string(n.Destination)) {
				t.Errorf("link to %q left in %q, from %q", n.Destination, out, in)
			}
		case *ast.AutoLink:
			if url := string(n.URL(src)); n.AutoLinkType == ast.AutoLinkURL && !allowed(url) && !strings.HasPrefix(strings.ToLower(url), "mailto:") {
				t.Errorf("autolink to %q left in %q, from %q", url, out, in)
			}
		}
		return ast.WalkContinue, nil
	})
}

// hostile are texts of about n bytes that have been slow to read, or could be.
func hostile(n int) map[string]string {
	return map[string]string{
		"brackets": strings.Repeat("[", n), "closed brackets": strings.Repeat("[", n/2) + strings.Repeat("]", n/2),
		"links": strings.Repeat("[a](", n/4), "titles": strings.Repeat("[a](b \"", n/7), "nested": strings.Repeat("[", n/8) + strings.Repeat("](b)", n/8),
		"images": strings.Repeat("![", n/2), "backticks": strings.Repeat("` `` ``` ", n/9), "escapes": strings.Repeat("\\`", n/2),
		"escaped runs": strings.Repeat("\\``", n/3), "schemes": strings.Repeat("a://", n/4), "letters": strings.Repeat("a", n), "dots": strings.Repeat("a.", n/2),
		"angles": strings.Repeat("<a:", n/3), "at": strings.Repeat("@here", n/5), "definitions": strings.Repeat("[a]:\n", n/5), "open definitions": strings.Repeat("[a\n", n/3),
		"pipes": strings.Repeat("|a", n/2) + "\n" + strings.Repeat("|-", n/2), "quotes": strings.Repeat(">", n), "stops": "a://" + strings.Repeat(".", n),
		"parens": "a://" + strings.Repeat("(", n/2) + strings.Repeat(")", n/2), "URL then parens": "a://b" + strings.Repeat(")", n), "hyphens": strings.Repeat("-a", n/2) + ":",
	}
}

func TestInertOfHostileTexts(t *testing.T) {
	t.Parallel()
	for name, in := range hostile(2_000) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkInert(t, in)
		})
	}
}

// BenchmarkInertHostile prints what each hostile text costs at two lengths: the nanoseconds a byte stay about the same
// where the work is linear.
func BenchmarkInertHostile(b *testing.B) {
	for _, n := range []int{4_000, 32_000} {
		for name, in := range hostile(n) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.SetBytes(int64(len(in)))
				for b.Loop() {
					bots.Inert(in, nil)
				}
			})
		}
	}
}

func allowed(url string) bool {
	for _, k := range known {
		if strings.EqualFold(strings.TrimSuffix(k, "/"), strings.TrimSuffix(url, "/")) {
			return true
		}
	}
	return false
}

func FuzzInert(f *testing.F) {
	for _, s := range []string{
		"[a](b) ![c](d) <http://e> `f` @here", "[[a](b)](c)", "`a` http://x `", "``a`http://x``", "| a | http://x |\n|-|-|\n|`|`|",
		"\\`http://x`", "[a]: http://x", "[a]:\n<http://x>", "<http://x|`a`>", "```\nhttp://x\n```\n- `a\n  http://x`", "    http://x", "[](\v)", "[0](\x03)0",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkInert(t, s) })
}
