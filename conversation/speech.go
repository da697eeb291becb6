package conversation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"parley/llm"
)

const (
	// longestSpeech is the longest recording that a server takes (Together: docs.together.ai/docs/speech-to-text, 4 hours).
	longestSpeech = 4 * time.Hour
	// thinnestSpeech is fewer bytes a second than any sound has in which speech can be understood.
	thinnestSpeech = 500
)

// ears is a turn's Transcriber: it asks the budget before each recording and counts what it cost.
type ears struct {
	run *run
	Transcriber
}

// Transcribe implements Transcriber.
func (e ears) Transcribe(ctx context.Context, request llm.TranscribeRequest) (llm.Transcript, error) {
	r, length := e.run, SpeechAtMost(request)
	if usd := SpeechCost(e.Transcriber, length); usd > 0 {
		if err := r.reserve(ctx, r.out.Usage.tokens(), r.out.CostUSD+usd); err != nil {
			return llm.Transcript{}, err
		}
	}
	if err := r.Store.Holds(r.t); err != nil {
		return llm.Transcript{}, err
	}
	got, err := e.Transcriber.Transcribe(ctx, request)
	if heard := SpeechHeard(request, got, err); heard > 0 {
		name := nameOf(e.Transcriber, "speech")
		r.out.Model = cmp.Or(r.out.Model, name)
		r.out.spend(Spend{Model: name, Heard: heard, CostUSD: SpeechCost(e.Transcriber, heard)})
	}
	return got, err
}

// SpeechCost is the price in US dollars of so much sound.
func SpeechCost(t Transcriber, length time.Duration) float64 {
	if pricer, can := t.(SpeechPricer); can {
		return pricer.SpeechCost(length)
	}
	return 0
}

// SpeechAtMost is how long a recording lasts, at most where its length is not told.
func SpeechAtMost(r llm.TranscribeRequest) time.Duration {
	if r.Length > 0 {
		return r.Length
	}
	size := max(r.Size, int64(len(r.Bytes)))
	return time.Duration(min(float64(size)/thinnestSpeech, longestSpeech.Seconds()) * float64(time.Second))
}

// SpeechHeard is how much of a recording is paid for: what the server says that it heard, else what was sent. A refused one
// costs nothing; one that was given up on the way may have been heard.
func SpeechHeard(r llm.TranscribeRequest, got llm.Transcript, err error) time.Duration {
	switch {
	case err != nil && !slices.Contains([]llm.Kind{llm.KindCancelled, llm.KindTimeout, llm.KindTruncated}, llm.KindOf(err)):
		return 0
	case err == nil && got.Duration > 0:
		return got.Duration
	}
	return SpeechAtMost(r)
}
