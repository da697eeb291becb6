package slacksim

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"
)

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// idSource makes ids in Slack's form. Every id carries a random part drawn at start and a random
// part of its own, so that ids of two starts never meet.
type idSource struct {
	start string

	mu   sync.Mutex
	next int
	last int64 // microseconds of the latest timestamp
}

func newIDSource() *idSource {
	return &idSource{start: randomText(4)}
}

// id returns a fresh id such as U0K3ZQ01A7X: prefix, start, counter, random.
func (s *idSource) id(prefix string) string {
	s.mu.Lock()
	s.next++
	n := s.next
	s.mu.Unlock()
	return fmt.Sprintf("%s0%s%s%s", prefix, s.start, base36(n, 3), randomText(2))
}

// secret returns n random hexadecimal digits.
func (s *idSource) secret(n int) string {
	b := make([]byte, (n+1)/2)
	_, _ = rand.Read(b) // crypto/rand.Read never returns an error
	return hex.EncodeToString(b)[:n]
}

// uuid returns a random id in UUID form, as client_msg_id and envelope_id have it.
func (s *idSource) uuid() string {
	h := s.secret(32)
	return strings.Join([]string{h[:8], h[8:12], "4" + h[13:16], "a" + h[17:20], h[20:]}, "-")
}

// ts returns a message timestamp at or after now that was never given out before.
func (s *idSource) ts(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last+1, now.UnixMicro())
	return formatTS(s.last)
}

func formatTS(micros int64) string {
	return fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6)
}

func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never returns an error
	for i := range b {
		b[i] = idAlphabet[int(b[i])%len(idAlphabet)]
	}
	return string(b)
}

func base36(n, width int) string {
	var b []byte
	for ; n > 0 || len(b) < width; n /= 36 {
		b = append([]byte{idAlphabet[n%36]}, b...)
	}
	return string(b)
}

// normalTS brings a timestamp such as 1712345678 or 1712345678.5 to the form that messages have, so
// that it can be compared as text; what is no number comes back as it is.
func normalTS(ts string) string {
	whole, fraction, _ := strings.Cut(ts, ".")
	if whole == "" || len(fraction) > 6 {
		return ts
	}
	whole = strings.Repeat("0", max(0, 10-len(whole))) + whole
	return whole + "." + fraction + strings.Repeat("0", 6-len(fraction))
}
