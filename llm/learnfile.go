package llm

import (
	"context"
	"regexp"
	"strings"
	"time"
)

// countFiles counts the pictures and recordings of a request.
func countFiles(req Request) (pictures, recordings int) {
	for _, m := range req.Messages {
		for _, part := range m.Parts {
			switch part.(type) {
			case Image:
				pictures++
			case Audio:
				recordings++
			}
		}
	}
	return pictures, recordings
}

// imageTokens is what pictures have cost by the server's own counts: the most that one took, and of how many that is known.
type imageTokens struct {
	Most    int `json:"most"`
	Samples int `json:"samples"`
}

const (
	// sureOfImages is how many requests must have been counted before a rule is believed to charge too much.
	sureOfImages = 3
	// besidePictures is the longest text, in tokens, beside which the cost of a picture can be told: the error of the
	// estimate must be small beside it.
	besidePictures = 1500
	mostPerImage   = 20_000
)

// of is the cost to reckon with, where a rule says so much. A count above the rule is believed at once.
func (t imageTokens) of(rule int) int {
	if t.Samples > 0 && t.Most > rule || t.Samples >= sureOfImages {
		return t.Most
	}
	return rule
}

// learnFiles learns what a picture costs. The ratio of text is not learnt from such a prompt.
func (c *Client) learnFiles(req Request, usage *Usage, pictures, recordings int) {
	if usage == nil || usage.Input == 0 || recordings > 0 || req.Purpose == probePurpose {
		return // a probe's picture is smaller than those of people
	}
	p := c.ProfileIn(req.Conversation)
	text := p.EstimateRequest(req) - pictures*p.Image.Tokens
	each := (usage.Input - text + pictures - 1) / pictures
	if text > besidePictures || each < 16 || each > mostPerImage {
		return
	}
	each += each/50 + 2 // the text's own error
	c.known.change(func(f *facts) {
		f.ImageTokens = imageTokens{max(f.ImageTokens.Most, each), min(f.ImageTokens.Samples+1, maxSamples)}
	})
}

// tooMany finds the number in the refusal of too many pictures: vLLM "At most 1 image(s) may be provided in one prompt.".
var tooMany = regexp.MustCompile(`(?i)at most ([0-9]{1,4}) (image|audio)`)

// learnRefusal takes from the refusal of a request with files what the model does not take: pictures, sound, or so many of them. The
// refusal holds for a day, or until the server tells otherwise.
func (c *Client) learnRefusal(ctx context.Context, req Request, fail *Error) {
	pictures, recordings := countFiles(req)
	text := strings.ToLower(fail.Message)
	if m := tooMany.FindStringSubmatch(text); m != nil && tokenCount(m[1]) > 0 {
		if m[2] == "image" {
			c.known.change(func(f *facts) { f.MaxImages = tokenCount(m[1]) })
		}
		return
	}
	if containsAny(text, fileSigns) {
		return // of this one file
	}
	ofSound, ofPictures := strings.Contains(text, "audio"), containsAny(text, []string{"image", "vision", "picture"})
	if !ofSound && !ofPictures {
		ofSound, ofPictures = true, true
	}
	now := &shown{Refused: true, At: time.Now().UTC()}
	c.known.change(func(f *facts) {
		if pictures > 0 && ofPictures {
			f.Vision = now
		}
		if recordings > 0 && ofSound {
			f.Hearing = now
		}
	})
	c.log.WarnContext(ctx, "the model server refuses files, none are sent for a day", "error", fail)
}

// fileSigns are the words by which a server refuses one file and not all of a kind.
var fileSigns = []string{"invalid image input", "image urls are not", "unsupported_format", "cannot identify image", "failed to decode image"}
