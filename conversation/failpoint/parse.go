//go:build failpoints

package failpoint

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of action.
const (
	kill  = "kill"
	stop  = "stop"
	exit  = "exit"
	delay = "delay"
)

// action is what happens at a step.
type action struct {
	kind string
	wait time.Duration
}

// rule is one entry of the plan.
type rule struct {
	nth, hits   int
	probability float64
	action      action
}

// parse reads PARLEY_FAILPOINT.
func parse(text string) (*rules, error) {
	r := &rules{named: map[string][]*rule{}, dice: rand.New(rand.NewPCG(0, 0))}
	for entry := range strings.SplitSeq(text, ",") {
		if entry == "" {
			continue
		}
		fields := strings.Split(entry, ":")
		if len(fields) < 2 {
			return nil, fmt.Errorf("%q: want name:nth[:action]", entry)
		}
		var one rule
		name, number, rest := fields[0], fields[1], fields[2:]
		var err error
		if name == "random" {
			if one.probability, err = strconv.ParseFloat(number, 64); err != nil || len(rest) == 0 {
				return nil, fmt.Errorf("%q: want random:probability:seed[:action]", entry)
			}
			seed, seedErr := strconv.ParseUint(rest[0], 10, 64)
			if seedErr != nil {
				return nil, fmt.Errorf("%q: the seed is no number", entry)
			}
			r.dice, rest = rand.New(rand.NewPCG(seed, seed)), rest[1:]
		} else {
			if !slices.Contains(Names(), name) {
				return nil, fmt.Errorf("%q: no step has this name", entry)
			}
			if one.nth, err = strconv.Atoi(number); err != nil || one.nth < 0 {
				return nil, fmt.Errorf("%q: nth is no number", entry)
			}
		}
		if one.action, err = parseAction(rest); err != nil {
			return nil, fmt.Errorf("%q: %w", entry, err)
		}
		if name == "random" {
			r.any = append(r.any, &one)
		} else {
			r.named[name] = append(r.named[name], &one)
		}
	}
	return r, nil
}

func parseAction(fields []string) (action, error) {
	if len(fields) == 0 {
		return action{kind: kill}, nil
	}
	a := action{kind: fields[0]}
	switch {
	case a.kind == delay && len(fields) == 2:
		wait, err := time.ParseDuration(fields[1])
		if err != nil || wait < 0 {
			return a, fmt.Errorf("%q is no duration", fields[1])
		}
		a.wait = wait
		return a, nil
	case (a.kind == kill || a.kind == stop || a.kind == exit) && len(fields) == 1:
		return a, nil
	}
	return a, fmt.Errorf("no action %q: want kill, stop, exit or delay:DURATION", strings.Join(fields, ":"))
}
