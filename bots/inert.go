package bots

import "strings"

// Inert makes Markdown that a model wrote harmless, as far as that is the same on every platform:
//
//   - A link that is not among known is shown and does not act: a bare URL and an autolink become inline code, and
//     [text](url) becomes text followed by the url as inline code. Link definitions are treated alike.
//   - An image becomes a link to it, or the same plain text if its URL is not known: nothing is loaded.
//   - @everyone, @here, @channel and @group get an invisible joiner after the sign.
//   - What steers a terminal or turns the direction of text is taken out, in code too: see Printable.
//
// Otherwise code is left as it is: fenced blocks, and code spans within one line. Indented code is no code on every platform,
// so URLs in it are treated like others. E-mail addresses and domains without a path stay.
//
// A URL is known if it is equal to one of known; case of scheme and host, and a slash at the end, do not matter.
// A fence that is open at the end counts as code to the end: see Split, which closes it.
//
// Inert(Inert(s)) is Inert(s). The time is linear in the text. Mention forms of one platform, such as <@U1> or
// <!here>, and the escaping of & < > are the adapters'.
func Inert(markdown string, known []string) string {
	markdown = Printable(markdown)
	if !strings.ContainsAny(markdown, "@:/[<") && !strings.Contains(strings.ToLower(markdown), "www.") {
		return markdown
	}
	urls := newURLSet(known)
	for range 3 { // once is enough but for odd uses of backticks; the last resort is below
		next := inertOnce(markdown, urls)
		if next == markdown {
			return markdown
		}
		markdown = next
	}
	if inertOnce(markdown, urls) != markdown {
		return linkMarks.Replace(markdown)
	}
	return markdown
}

// joiner is U+2060 WORD JOINER: it has no width and keeps a word from being recognised.
const joiner = "\u2060"

// linkMarks breaks whatever could be a link.
var linkMarks = strings.NewReplacer("](", "]"+joiner+"(", "://", ":"+joiner+"//", "www.", "www"+joiner+".")

// inertOnce treats each stretch of text in which inline syntax can reach from one end to the other.
func inertOnce(markdown string, urls urlSet) string {
	o := newOutline(markdown)
	var b strings.Builder
	b.Grow(len(markdown) + len(markdown)/8)
	for i := 0; i < len(o.lines); {
		l := o.lines[i]
		i++
		end := l.end
		switch {
		case l.fence != nil:
			b.WriteString(markdown[l.start:end])
			continue
		case l.table != nil:
			for _, cell := range cells(markdown[l.start:end]) {
				b.WriteString(newScan(cell, urls).inert())
			}
			continue
		}
		for i < len(o.lines) && !o.lines[i].begins && o.lines[i].fence == nil && o.lines[i].table == nil && !o.blank(i) {
			end = o.lines[i].end
			i++
		}
		b.WriteString(newScan(markdown[l.start:end], urls).inert())
	}
	return b.String()
}

// cells cuts a table row behind each bar that is not escaped.
func cells(row string) []string {
	var out []string
	start := 0
	for i := 0; i < len(row); i++ {
		if row[i] == '|' && (i == 0 || row[i-1] != '\\') {
			out = append(out, row[start:i+1])
			start = i + 1
		}
	}
	return append(out, row[start:])
}
