package discordsim

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Fault is what goes wrong with requests to a route. Without Status, DropRequest and DropResponse
// the request is only delayed.
type Fault struct {
	// Status answers in place of the handler; nothing is stored.
	Status int
	// Body is the answer's body. When it is empty a JSON error is made, for 429 the documented
	// rate limit body.
	Body string
	// ContentType is application/json when empty.
	ContentType string
	// RetryAfter is written to a 429 as header (whole seconds, rounded up) and body.
	RetryAfter time.Duration
	// Global marks a 429 as the global limit.
	Global bool
	// Scope is X-RateLimit-Scope of a 429: user, global or shared; empty is user.
	Scope string
	// Skip lets so many requests pass first.
	Skip int
	// Times is how many requests it hits; 0 is all until the fault is cleared.
	Times int
	// Delay holds the request back before anything else.
	Delay time.Duration
	// DropRequest cuts the connection before anything is stored.
	DropRequest bool
	// DropResponse handles and stores the request, then cuts the connection without an answer.
	DropResponse bool
}

// CloudflareBan is the 429 that Cloudflare gives to a banned address: HTML, without the headers of
// Discord's own limits.
func CloudflareBan(retryAfter time.Duration) Fault {
	return Fault{
		Status: http.StatusTooManyRequests, RetryAfter: retryAfter, ContentType: "text/html; charset=UTF-8",
		Body: "<!DOCTYPE html>\n<html><head><title>Access denied | discord.com used Cloudflare to restrict access</title></head>" +
			"<body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>",
	}
}

type activeFault struct {
	route string
	Fault
}

// SetFault makes requests to a route go wrong until ClearFaults, or as often as f.Times says. The
// route is written as in [Coverage], "POST /channels/{channel}/messages", or "*" for every REST
// route. Faults of one route are used up in the order they were set. An unknown route is an error.
func (s *Server) SetFault(route string, f Fault) error {
	if route != "*" && !known(route) {
		return fmt.Errorf("set fault: no route %q", route)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = math.MaxInt
	}
	s.faults = append(s.faults, &activeFault{route: route, Fault: f})
	return nil
}

// ClearFaults ends every fault from SetFault.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault returns the fault that hits this request.
func (s *Server) takeFault(route string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.route != "*" && f.route != route || f.Times == 0 {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		f.Times--
		return f.Fault, true
	}
	return Fault{}, false
}

// answer is what a fault with a status writes.
func (f Fault) answer() answer {
	a := answer{status: f.Status, contentType: f.ContentType, header: http.Header{}, body: []byte(f.Body)}
	if f.Status == http.StatusTooManyRequests {
		a.header.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
		if f.ContentType == "" {
			scope := f.Scope
			if scope == "" {
				scope = "user"
			}
			if f.Global {
				scope = "global"
				a.header.Set("X-RateLimit-Global", "true")
			}
			a.header.Set("X-RateLimit-Scope", scope)
		}
	}
	if f.Body != "" {
		return a
	}
	body := map[string]any{"message": strconv.Itoa(f.Status) + ": " + http.StatusText(f.Status), "code": 0}
	if f.Status == http.StatusTooManyRequests {
		body = map[string]any{"message": "You are being rate limited.", "retry_after": f.RetryAfter.Seconds(), "global": f.Global}
	}
	a.body, _ = json.Marshal(body)
	return a
}
