package media

import (
	"math"
	"slices"
	"time"
)

// The recogniser hears 16 kHz mono; Gemma 3n takes at most 30 s in one clip (ai.google.dev/gemma/docs/gemma-3n).
const (
	sampleRate  = 16000
	maxPiece    = 30 * time.Second
	cutWithin   = 10 * time.Second       // the cut lies in this much before the limit
	cutOverlap  = 500 * time.Millisecond // what is heard twice where speech had to be cut
	shortPause  = 160 * time.Millisecond // a shorter gap is a stop consonant or the gap between two words
	frame       = sampleRate / 100       // samples of one measurement, 10 ms
	silentLevel = 12                     // RMS of a 16-bit sample below which nothing can be heard, -69 dBFS
)

// samples converts a length of time to a number of samples.
func samples(d time.Duration) int { return int(d * sampleRate / time.Second) }

// duration converts a number of samples to a length of time.
func duration(n int) time.Duration { return time.Duration(n) * time.Second / sampleRate }

// cut chooses where to end a piece that fills the limit: the middle of the longest pause in the last ten seconds (of two
// equal ones the later). Where there is none it gives the quietest point, and overlap is true: a word may be cut there.
func cut(pcm []int16) (at int, overlap bool) {
	levels := frameLevels(pcm)
	first := len(levels) - samples(cutWithin)/frame
	if first < 1 {
		first = min(1, len(levels)-1)
	}
	quiet := pauseLevel(levels)
	best, length := 0, int(shortPause/(10*time.Millisecond))
	for start := first; start < len(levels); start++ {
		end := start
		for end < len(levels) && levels[end] <= quiet {
			end++
		}
		if end-start >= length {
			best, length = (start+end)/2, end-start
		}
		start = max(start, end)
	}
	if best > 0 {
		return best * frame, false
	}
	return quietest(levels, first) * frame, true
}

// frameLevels gives the RMS of each 10 ms.
func frameLevels(pcm []int16) []float64 {
	levels := make([]float64, 0, len(pcm)/frame)
	for part := range slices.Chunk(pcm, frame) {
		sum := 0.0
		for _, s := range part {
			sum += float64(s) * float64(s)
		}
		levels = append(levels, math.Sqrt(sum/float64(len(part))))
	}
	return levels
}

// pauseLevel gives the level under which a frame counts as a pause. It lies 20 dB under the speech; where the background is
// louder than that but still well apart from the speech, just above the background. Even noise or music has no pauses.
func pauseLevel(levels []float64) float64 {
	sorted := slices.Sorted(slices.Values(levels))
	background := sorted[len(sorted)/20]
	speech := sorted[len(sorted)*9/10]
	level := speech / 10
	if background < speech/3 {
		level = max(level, min(background*1.5, speech/2))
	}
	return max(level, silentLevel)
}

// quietest gives the middle of the quietest tenth of a second from the frame first on.
func quietest(levels []float64, first int) int {
	const width = 10
	if len(levels)-first <= width {
		return max(1, (first+len(levels))/2)
	}
	sum := 0.0
	for _, l := range levels[first : first+width] {
		sum += l
	}
	best, least := first, sum
	for at := first + 1; at+width <= len(levels); at++ {
		sum += levels[at+width-1] - levels[at-1]
		if sum <= least {
			best, least = at, sum
		}
	}
	return best + width/2
}

// inaudible reports whether nothing in these samples can be heard. A recogniser makes words up for silence.
func inaudible(pcm []int16) bool {
	return !slices.ContainsFunc(frameLevels(pcm), func(l float64) bool { return l > silentLevel })
}
