package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// period is a length of time that may also be given in days: 90d, beside what Go reads (6h, 45m).
type period time.Duration

// Decode implements envconfig.Decoder.
func (p *period) Decode(text string) error {
	d, err := parsePeriod(text)
	*p = period(d)
	return err
}

// parsePeriod reads whole days, or a Go duration; 0 needs no unit.
func parsePeriod(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || time.Duration(n) > (1<<63-1)/day {
			return 0, fmt.Errorf("%q is no number of days", text)
		}
		return time.Duration(n) * day, nil
	}
	return time.ParseDuration(text)
}
