package llm

import "math"

// Calibration is what was learnt of the estimate from a server's own counts: a moving ratio of true over guessed tokens, and
// how far single requests lie from it. The zero Calibration has learnt nothing.
type Calibration struct {
	Log     float64 `json:"log"`     // moving mean of ln(true/guessed)
	Spread  float64 `json:"spread"`  // moving mean of its distance from the mean
	Samples int     `json:"samples"` // requests seen, counted up to maxSamples
}

const (
	// The ratio is believed only so far: beyond it the server has cut the prompt, or counts something else.
	leastRatio, mostRatio = 0.8, 1.6
	// smallestSample is the prompt, in tokens, from which a count says something of the text and not only of the template.
	smallestSample = 100
	maxSamples     = 50
	// newest is the weight of the newest sample once there are some.
	newest = 0.2
)

// Ratio is what an estimate is to be multiplied with: 0.8 to 1.6, and 1 as long as nothing was learnt.
func (c Calibration) Ratio() float64 {
	return min(max(math.Exp(c.Log), leastRatio), mostRatio)
}

// slack is the part of a script's margin that is kept: all of it at first, and a fifth when ten requests have agreed. Where
// requests differ among themselves more is kept.
func (c Calibration) slack() float64 {
	if c.Samples < 3 {
		return 1
	}
	certain := 2.0/float64(c.Samples) + 8*c.Spread
	return min(1, max(0.2, certain))
}

// add learns from one prompt. A ratio beyond what is believed counts as the bound.
func (c Calibration) add(guessed, counted int) Calibration {
	if guessed < smallestSample || counted < smallestSample/2 {
		return c
	}
	sample := math.Log(min(max(float64(counted)/float64(guessed), leastRatio), mostRatio))
	step := max(newest, 1/float64(c.Samples+1))
	if c.Samples > 0 {
		c.Spread += step * (math.Abs(sample-c.Log) - c.Spread)
	}
	c.Log += step * (sample - c.Log)
	c.Samples = min(c.Samples+1, maxSamples)
	return c
}
