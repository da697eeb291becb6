package llmsim

import "strings"

// fileAnswer answers the prompts that are about nothing but a file, whose answers are kept as that file's text: short, and each says
// that no AI looked. is is false for every other prompt.
func fileAnswer(messages []Message) (answer string, is bool) {
	if len(messages) == 0 {
		return "", false
	}
	last := messages[len(messages)-1]
	asks := strings.ToLower(last.Text)
	begins := func(words ...string) bool {
		for _, w := range words {
			if strings.HasPrefix(asks, w) {
				return true
			}
		}
		return false
	}
	switch {
	case len(last.Audio) > 0 && begins("transcribe", "translate"):
		return heard(last.Audio), true
	case len(last.Images) == 0:
		return "", false
	case begins("what colour", "what color") && strings.Contains(asks, "one word"):
		return mainColour(last.Images[0]), true
	case begins("write the alt text"):
		return strings.TrimSuffix(describeImage(last.Images[0]), ".") + ", as the offline demo model measures it (no AI).", true
	case begins("write down all the text"):
		return "(The offline demo model is no AI and cannot read the text in a picture.)", true
	case begins("describe what the picture"):
		return describeImages(last.Images) + "\n\n(Measured by the offline demo model, which is no AI and does not know what it shows.)", true
	}
	return "", false
}

func heard(recordings []Audio) string {
	var texts []string
	for _, a := range recordings {
		texts = append(texts, a.Heard)
	}
	return strings.Join(texts, " ")
}

// mainColour is the commonest colour of a picture in one word.
func mainColour(img Image) string {
	decoded, err := decodeImage(img)
	if err != nil {
		return "Unknown."
	}
	for _, colour := range dominantColours(decoded) {
		name, _, _ := strings.Cut(colour, " ")
		return capital(name) + "."
	}
	return "Unknown."
}
