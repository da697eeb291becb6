package prompts

// Translate asks for a text in another language.
type Translate struct {
	// Fence is a random delimiter that the text cannot contain.
	Fence string
	// Language is the English name of the language to translate into; it comes from the operator and is trusted.
	Language string
	Text     string
	// Part and Last say which part of a long text this is, from 1; Last is 0 for a text in one piece.
	Part, Last int
}

// Translate renders t.
func (s *Set) Translate(t Translate) (string, error) {
	t.Language, t.Text = oneLine(t.Language), indent(t.Text)
	return s.render("translate", t)
}
