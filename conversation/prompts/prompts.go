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

// File is a file as text: what it shows, says or holds.
type File struct {
	Name, Kind, Text string
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
	// Standing is the items of what was said before Lines, a line each; it is derived from foreign text. Empty: none.
	Standing string
	// Files are those that came with the question, as text.
	Files []File
	// Pictures says what each picture of the request shows a part of, in their order.
	Pictures []string
	// Asker is the name of the person who waits for the answer; Question is what they wrote.
	Asker, Question string
}

// Set is the parsed templates. It is safe for concurrent use.
type Set struct {
	templates *template.Template
	hashes    map[string]string
}

// Load parses the embedded templates.
func Load() (*Set, error) {
	templates, err := template.New("").Option("missingkey=error").ParseFS(files, "*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	s := &Set{templates: templates, hashes: map[string]string{}}
	for _, t := range templates.Templates() {
		source, err := files.ReadFile(t.Name())
		if err != nil {
			return nil, fmt.Errorf("read template: %w", err)
		}
		sum := sha256.Sum256(source)
		s.hashes[strings.TrimSuffix(t.Name(), ".tmpl")] = hex.EncodeToString(sum[:8])
	}
	return s, nil
}

// Hash names a template's text, such as that of "reply": the first 16 hex digits of its SHA-256; "" for one that does not
// exist.
func (s *Set) Hash(name string) string { return s.hashes[name] }

// render executes the template of that name.
func (s *Set) render(name string, data any) (string, error) {
	var out bytes.Buffer
	if err := s.templates.ExecuteTemplate(&out, name+".tmpl", data); err != nil {
		return "", fmt.Errorf("render %s prompt: %w", name, err)
	}
	return strings.TrimSpace(out.String()), nil
}

// Reply renders r.
func (s *Set) Reply(r Reply) (string, error) {
	r.Asker = oneLine(r.Asker)
	r.Question = indent(r.Question)
	for i, f := range r.Files {
		r.Files[i] = File{Name: oneLine(f.Name), Kind: f.Kind, Text: indent(f.Text)}
	}
	for i, note := range r.Pictures {
		r.Pictures[i] = oneLine(note)
	}
	r.Standing = strings.TrimSpace(r.Standing)
	return s.render("reply", r)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// indent keeps a message from forging a line of the transcript: only its first line begins at the margin.
func indent(s string) string {
	return strings.ReplaceAll(strings.TrimSpace(lineEnds.Replace(s)), "\n", "\n    ")
}
