package prompts

// Describe asks what pictures of one file show.
type Describe struct {
	// Hint tells what the pictures are, where that is more than one picture of something; it is trusted.
	Hint string
	// Notes says which part of the file each picture is; empty ones are left out.
	Notes []string
}

// Describe renders d.
func (s *Set) Describe(d Describe) (string, error) {
	count := len(d.Notes)
	var notes []string
	for _, n := range d.Notes {
		if n = oneLine(n); n != "" && count > 1 {
			notes = append(notes, n)
		}
	}
	return s.render("describe", struct {
		Describe
		Count int
		Notes []string
	}{d, count, notes})
}

// AltText asks for one sentence that stands for a picture.
func (s *Set) AltText() (string, error) { return s.render("alt", nil) }

// ReadText asks for the text in a picture.
func (s *Set) ReadText() (string, error) { return s.render("read", nil) }

// Transcribe asks for what is said in a piece of sound. The wording is the one that Gemma 3n was trained with
// (ai.google.dev/gemma/docs/capabilities/audio).
func (s *Set) Transcribe() (string, error) { return s.render("transcribe", nil) }
