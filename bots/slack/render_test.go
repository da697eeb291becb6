package slack

import (
	"regexp"
	"strings"
	"testing"
)

func TestToMrkdwn(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"emphasis", "**b** and *i* and ~~s~~", "*b* and _i_ and ~s~"},
		{"heading", "# Head *x*\n\ntext", "*Head _x_*\n\ntext"},
		{"escapes", "a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"},
		{"entities", "&lt;x&gt; &copy;", "&lt;x&gt; ©"},
		{"backslashes", `\*not bold\*`, "*not bold*"},
		{"list", "- one\n- two\n  - inner\n- three", "• one\n• two\n    • inner\n• three"},
		{"ordered list", "3. c\n4. d", "3. c\n4. d"},
		{"loose list", "- a\n\n- b", "• a\n\n• b"},
		{"list with code", "- a\n\n  ```\n  x\n  ```", "• a\n\n    ```\n    x\n    ```"},
		{"tasks", "- [x] done\n- [ ] open", "• ☑ done\n• ☐ open"},
		{"quote", "> a\n> b", "> a\n> b"},
		{"code block", "```go\nif a < b {}\n```", "```\nif a &lt; b {}\n```"},
		{"code span", "`a<b`", "`a&lt;b`"},
		{"link", "[x & y](https://e.com/?a=1&b=2)", "<https://e.com/?a=1&amp;b=2|x &amp; y>"},
		{"autolink", "<https://e.com>", "<https://e.com>"},
		{"link elsewhere", "[x](javascript:alert)", "x"},
		{"link with a bar", "[x](https://e.com/a|b)", "<https://e.com/a%7Cb|x>"},
		{"image", "![alt](https://e.com/i.png)", "<https://e.com/i.png|alt>"},
		{"table", "| a | b |\n|---|---|\n| 1 | 2<3 |", "```\na | b\n1 | 2&lt;3\n```"},
		{"html", "<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"},
		{"rule", "a\n\n---\n\nb", "a\n\n———\n\nb"},
		{"lines", "a\nb", "a\nb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := toMrkdwn(tt.in); got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestDisarm(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"<@U123|ann> and <@U123>", "@ann and @U123"},
		{"<!here> <!channel|all>", "@here all"},
		{"<!subteam^S1|@ops> <!date^1^{time}|noon>", "@ops noon"},
		{"<#C1|general> <#C2>", "general #C2"},
		{"&lt;!here&gt; and \\<!channel\\>", "@here and @channel"},
		{"<!DOCTYPE html> <!-- note -->", "<!DOCTYPE html> <!-- note -->"},
		{"a <b@example.com> c", "a <b@example.com> c"},
		{"x < y and #3", "x < y and #3"},
	}
	for _, tt := range tests {
		if got := disarm(tt.in); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestUnknownLinksDoNotAct(t *testing.T) {
	t.Parallel()
	r := render("see [this](https://evil.example/?q=secret) and [that](https://good.example/a) and ![i](https://evil.example/p.png)",
		[]string{"https://good.example/a"})
	if strings.Contains(r.mrkdwn, "<https://evil") || !strings.Contains(r.mrkdwn, "<https://good.example/a|that>") {
		t.Errorf("mrkdwn = %q", r.mrkdwn)
	}
	if strings.Contains(r.markdown, "](https://evil") || !strings.Contains(r.markdown, "[that](https://good.example/a)") {
		t.Errorf("markdown = %q", r.markdown)
	}
}

// FuzzRender holds that no text of a model, whatever it is, comes out with a form that Slack acts on.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		"**b** <!here> [x](https://e.com)", "<<!here>!channel>", "&lt;@U1&gt;", `\<!everyone\>`, "```\n<!here>\n", "| a |\n|-|\n| <@U1> |",
		"&amp;lt;!here&amp;gt;", "<!he\u2060re>", "[<!here>](https://e.com)", "<&#33;here>", "<\\!here>", "https://e.com/<!here>",
	} {
		f.Add(seed)
	}
	form := regexp.MustCompile(`<[^<>]*>`)
	link := regexp.MustCompile(`(?i)^<https?://[^<>|\s]*(\|[^<>\n]*)?>$`)
	dangerous := regexp.MustCompile(`(?i)<(!(here|channel|everyone|group|subteam|date)([|^][^<>]{0,100})?|[@#][A-Z0-9]{1,60}(\|[^<>]{0,100})?)>`)
	f.Fuzz(func(t *testing.T, markdown string) {
		r := render(markdown, []string{"https://e.com"})
		for _, found := range form.FindAllString(r.mrkdwn, -1) {
			if !link.MatchString(found) {
				t.Errorf("mrkdwn of %q holds %q", markdown, found)
			}
		}
		if found := dangerous.FindString(r.markdown); found != "" {
			t.Errorf("markdown of %q holds %q: %q", markdown, found, r.markdown)
		}
	})
}
