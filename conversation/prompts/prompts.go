// Package prompts holds the words that Parley sends to a model: templates in files of their own, embedded, each with
// a hash that is stored with what was made of it.
//
// Foreign text stands between two lines with a delimiter that is random for each request, is announced as data before
// and after, and cannot begin a line of its own: line ends inside a message are indented. Callers neutralise control
// tokens first.
package prompts

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"text/template"
)

//go:embed *.tmpl
var files embed.FS

// Persona is the built-in character, used where SYSTEM_PROMPT is not set.
const Persona = "You are a helpful, friendly assistant in a team's chat. You answer briefly and to the point, " +
	"and you say so when you do not know something."

// Line is one message of the conversation. N is its number in the prompt, which stands for the platform's long id.
type Line struct {
	N          int
	Name, Text string
}

// String is the line as it stands in the prompt, without its line end: "N| name: text".
func (l Line) String() string {
	return fmt.Sprintf("%d| %s: %s", l.N, oneLine(l.Name), indent(l.Text))
}

// Reply asks for an answer to what a person wrote.
type Reply struct {
	// Self is the name under which people know the assistant here.
	Self string
	// Persona comes from the operator and is trusted.
	Persona string
	// Fence is a random delimiter that the conversation cannot contain.
	Fence string
	// Lines is what was said before, oldest first.
	Lines []Line
	// Omitted counts the older messages that did not fit.
	Omitted int
	// Asker is the name of the person who waits for the answer; Question is what they wrote.
	Asker, Question string
}

// Set is the parsed templates.
type Set struct {
	reply *template.Template
	hash  string
}

// Load parses the embedded templates.
func Load() (*Set, error) {
	source, err := files.ReadFile("reply.tmpl")
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	reply, err := template.New("reply").Option("missingkey=error").Parse(string(source))
	if err != nil {
		return nil, fmt.Errorf("parse template: %w", err)
	}
	sum := sha256.Sum256(source)
	return &Set{reply: reply, hash: hex.EncodeToString(sum[:8])}, nil
}

// ReplyHash names the reply template's text: the first 16 hex digits of its SHA-256.
func (s *Set) ReplyHash() string { return s.hash }

// Reply renders r.
func (s *Set) Reply(r Reply) (string, error) {
	r.Asker = oneLine(r.Asker)
	r.Question = indent(r.Question)
	var out bytes.Buffer
	if err := s.reply.Execute(&out, r); err != nil {
		return "", fmt.Errorf("render reply prompt: %w", err)
	}
	return strings.TrimSpace(out.String()), nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// indent keeps a message from forging a line of the transcript: only its first line begins at the margin.
func indent(s string) string {
	return strings.ReplaceAll(strings.TrimSpace(lineEnds.Replace(s)), "\n", "\n    ")
}
