package llm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// SSE gives the tests the reader: all events of a body, as "type|data".
func SSE(body io.Reader) (events []string, err error) {
	r := newSSEReader(body)
	for {
		event, err := r.next()
		if err != nil {
			return events, err
		}
		events = append(events, event.Type+"|"+string(event.Data))
	}
}

// Limiter gives the tests the limiter.
type Limiter = limiter

// NewLimiter makes one.
func NewLimiter(most int) *Limiter { return newLimiter(most) }

// Acquire, Release and Bound are its methods.
var (
	Acquire = (*limiter).acquire
	Release = (*limiter).release
)

// Bound is the present bound.
func Bound(l *Limiter) int { l.mu.Lock(); defer l.mu.Unlock(); return l.bound }

// RetryAfter is the reader of wait headers.
var RetryAfter = retryAfter

// ParseErrorBody tells the message that was found.
func ParseErrorBody(body []byte) string { return parseErrorBody(body).message }

// Clean is the scrubber.
func Clean(key, text string) string { return newScrubber(key).clean(text) }

// DecodeChunk gives the text of one chunk, and the error in its place.
func DecodeChunk(raw []byte) (text, finish string, fail *Error) {
	var c chunk
	if fail := c.decode(raw); fail != nil {
		return "", "", fail
	}
	return c.text(), c.finish(), nil
}

// DecodeBothWays gives what the scanner found and what encoding/json finds; scanned is false where it gave up.
func DecodeBothWays(raw []byte) (scanned bool, fast, slow string) {
	show := func(c *chunk) string {
		u := Usage{}
		if got := c.usage(); got != nil {
			u = *got
		}
		fail := c.problem(raw)
		return fmt.Sprintf("%q %q %q %q %v %v", c.text(), c.finish(), rawString(c.ID), rawString(c.Model), u, fail)
	}
	var a, b chunk
	if !a.scan(raw) {
		return false, "", ""
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return true, "", "" // the scanner passes over what it does not look at
	}
	return true, show(&a), show(&b)
}

// ParseModels reads a model list.
func ParseModels(raw []byte) ([]ModelInfo, error) {
	models, fail := parseModels(raw)
	if fail != nil {
		return nil, fail
	}
	return models, nil
}

// IsLocal tells whether a host gets a local server's patience.
var IsLocal = isLocal

// EmbeddedProfiles counts the entries of profiles.json.
func EmbeddedProfiles() int { return len(profileEntries()) }

// SaveNow keeps what was learnt, as Run does every few seconds.
func SaveNow(c *Client, ctx context.Context) { c.save(ctx) }

// Age makes what was seen of the model's abilities so much older.
func Age(c *Client, by time.Duration) {
	c.known.change(func(f *facts) {
		for _, one := range []**shown{&f.Vision, &f.Hearing} {
			if *one != nil {
				older := **one
				older.At = older.At.Add(-by)
				*one = &older
			}
		}
	})
}

// Base64Reader gives the base64 of some bytes.
func Base64Reader(raw []byte) io.Reader { return &base64Reader{rest: raw} }

// ReadTranscript reads the body of a transcription.
func ReadTranscript(body io.Reader) (Transcript, error) {
	t, fail := readTranscript(body)
	if fail != nil {
		return t, fail
	}
	return t, nil
}
