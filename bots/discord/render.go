package discord

import (
	"regexp"
	"strings"

	"github.com/rivo/uniseg"

	"parley/bots"
)

// maxContent is the longest text of a message (discord.com/developers/docs/resources/message#create-message). Discord
// counts characters; we count UTF-16 units, which are never fewer.
const (
	maxContent = 2000
	// splitMargin is for links of which some are known and some are not: cost knows only all or none.
	splitMargin = 20
)

// maxPadded is the widest that a column of a table is padded to; longer cells stick out.
const maxPadded = 32

var (
	deep      = regexp.MustCompile(`^(\s{0,3})#{4,6}\s+(.+?)\s*#*\s*$`)
	task      = regexp.MustCompile(`^(\s*[-*+] )\[([ xX])\] `)
	thematic  = regexp.MustCompile(`^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$`)
	delimiter = regexp.MustCompile(`^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$`)
	cellLink  = regexp.MustCompile(`\[([^\]\n]*)\]\(([^)\s]+)\)`)
	crowd     = regexp.MustCompile(`@(everyone|here)`)
	tagged    = regexp.MustCompile(`<(@[!&]?\d|#\d)`)
)

// joiner, U+2060, breaks a tag without being seen.
const joiner = "\u2060"

// layout writes CommonMark in what Discord shows of it: tables become aligned text, deep headings bold, rules and
// task marks signs. Everything else Discord reads as it is
// (support.discord.com/hc/en-us/articles/210298617).
func layout(markdown string) string {
	lines := strings.Split(strings.ReplaceAll(markdown, "\r\n", "\n"), "\n")
	out := make([]string, 0, len(lines))
	fence := ""
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if mark := fenceMark(line); mark != "" {
			switch {
			case fence == "":
				fence = mark
				line = strings.Replace(line, mark, "```", 1)
			case mark[0] == fence[0] && len(mark) >= len(fence) && strings.Trim(line, " \t"+fence[:1]) == "":
				fence = ""
				line = strings.Replace(line, mark, "```", 1)
			}
			out = append(out, line)
			continue
		}
		if fence != "" {
			out = append(out, line)
			continue
		}
		if i+1 < len(lines) && strings.Contains(line, "|") && strings.Contains(lines[i+1], "|") && delimiter.MatchString(lines[i+1]) {
			rows := [][]string{cells(line)}
			for i += 2; i < len(lines) && strings.Contains(lines[i], "|"); i++ {
				rows = append(rows, cells(lines[i]))
			}
			i--
			out = append(out, "```", table(rows), "```")
			continue
		}
		out = append(out, layoutLine(line))
	}
	return strings.Join(out, "\n")
}

// fenceMark is the run of backticks or tildes that a fence line begins with, else empty.
func fenceMark(line string) string {
	line = strings.TrimLeft(line, " \t>")
	for _, c := range []string{"`", "~"} {
		n := len(line) - len(strings.TrimLeft(line, c))
		if n >= 3 && !(c == "`" && strings.Contains(line[n:], "`")) {
			return line[:n]
		}
	}
	return ""
}

func layoutLine(line string) string {
	if thematic.MatchString(line) {
		return "──────────"
	}
	if m := deep.FindStringSubmatch(line); m != nil {
		line = m[1] + "**" + strings.ReplaceAll(m[2], "**", "") + "**"
	}
	line = task.ReplaceAllStringFunc(line, func(s string) string {
		mark := "☑ "
		if strings.HasSuffix(s, "[ ] ") {
			mark = "☐ "
		}
		return s[:len(s)-len("[ ] ")] + mark
	})
	return line
}

// cells splits a row at the pipes that are not escaped, and takes the markup away: it would show in a code block.
func cells(row string) []string {
	row = strings.TrimSpace(row)
	row = strings.TrimPrefix(row, "|")
	if strings.HasSuffix(row, "|") && !strings.HasSuffix(row, `\|`) {
		row = row[:len(row)-1]
	}
	var list []string
	var b strings.Builder
	for i := 0; i < len(row); i++ {
		switch {
		case row[i] == '\\' && i+1 < len(row) && row[i+1] == '|':
			b.WriteByte('|')
			i++
		case row[i] == '|':
			list = append(list, plain(b.String()))
			b.Reset()
		default:
			b.WriteByte(row[i])
		}
	}
	return append(list, plain(b.String()))
}

var cellMarks = strings.NewReplacer("**", "", "`", "", "<br>", " ", "<br/>", " ")

func plain(cell string) string {
	return oneLine(cellLink.ReplaceAllString(cellMarks.Replace(cell), "$1 ($2)"))
}

// table aligns rows; the first is the header.
func table(rows [][]string) string {
	columns := len(rows[0])
	width := make([]int, columns)
	for _, row := range rows {
		for i := range min(len(row), columns) {
			width[i] = max(width[i], min(uniseg.StringWidth(row[i]), maxPadded))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		var line strings.Builder
		for i := range columns {
			cell := ""
			if i < len(row) {
				cell = row[i]
			}
			if i > 0 {
				line.WriteString(" | ")
			}
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", max(width[i]-uniseg.StringWidth(cell), 0)))
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		if n == 0 {
			b.WriteByte('\n')
			for i := range columns {
				if i > 0 {
					b.WriteString("-+-")
				}
				b.WriteString(strings.Repeat("-", width[i]))
			}
		}
		if n < len(rows)-1 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// disarm breaks every tag that Discord would turn into a mention, also in code: what Discord takes for code may differ
// from what we do. allowed_mentions keeps them from pinging in any case; this keeps them from looking like mentions.
func disarm(s string) string {
	s = crowd.ReplaceAllString(s, "@"+joiner+"$1")
	return tagged.ReplaceAllString(s, "<"+joiner+"$1")
}

// render is the text as it is sent: links that are not known do not act, and nothing mentions.
func render(markdown string, known []string) string {
	return strings.TrimSpace(disarm(layout(bots.Inert(markdown, known))))
}

// cost is the length of a rendered part: the longer one of all links known and none.
func cost(markdown string) int {
	return max(bots.Units(render(markdown, nil)), bots.Units(disarm(layout(markdown))))
}
