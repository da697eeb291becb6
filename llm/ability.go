package llm

import (
	"fmt"
	"strings"
	"time"
)

// Ability says whether a model takes pictures, or sound.
type Ability string

// What is known of an ability.
const (
	Unknown Ability = ""
	Yes     Ability = "yes"
	No      Ability = "no"
)

func ability(can bool) Ability {
	if can {
		return Yes
	}
	return No
}

// Setting is what the operator says of an ability (LLM_VISION, LLM_AUDIO).
type Setting string

// The settings.
const (
	Auto Setting = "auto" // what the server tells, what is known of it by name, or a probe; "" is the same
	On   Setting = "on"
	Off  Setting = "off"
)

func (s Setting) check(what string) error {
	switch s {
	case "", Auto, On, Off:
		return nil
	}
	return fmt.Errorf("%s must be auto, on or off", what)
}

// Finding is what one source says of an ability.
type Finding struct {
	Ability Ability
	Source  string // "set by the operator", the path that told it, "known of ollama", "a probe", "a refusal"; "" for none
}

// The sources that are no path.
const (
	sourceSet     = "set by the operator"
	sourceRefusal = "a refusal"
	sourceProbe   = "a probe"
)

// Abilities is what a model takes besides text.
type Abilities struct {
	Sees  Finding
	Hears Finding
}

// shown is what a probe or a refusal has shown, in the form in which it is kept.
type shown struct {
	Can     bool      `json:"can"`
	Refused bool      `json:"refused,omitempty"` // by the server, in answer to a request
	At      time.Time `json:"at"`
}

// shownFor is how long it holds: then the server may run something else.
const shownFor = 24 * time.Hour

func (s *shown) fresh(now time.Time) bool {
	return s != nil && now.Sub(s.At) < shownFor && !now.Before(s.At.Add(-shownFor))
}

// finding chooses among the sources, the most certain first: the operator, a refusal, what the server tells of itself, what is known of
// the model on this kind of server, a probe.
func finding(set Setting, told Ability, source string, known Ability, server string, seen *shown, now time.Time) Finding {
	switch {
	case set == On:
		return Finding{Yes, sourceSet}
	case set == Off:
		return Finding{No, sourceSet}
	case seen.fresh(now) && seen.Refused:
		return Finding{ability(seen.Can), sourceRefusal}
	case told != Unknown:
		return Finding{told, source}
	case known != Unknown:
		return Finding{known, "known of " + server}
	case seen != nil && !seen.Refused:
		return Finding{ability(seen.Can), sourceProbe}
	}
	return Finding{}
}

// abilities is what is known now, without asking anybody.
func (c *Client) abilities() Abilities {
	f, now := c.known.read(), time.Now()
	server := c.serverKind(f)
	rule := c.profile.servers[server]
	name := server
	if name == "" {
		name = "the model"
	}
	return Abilities{
		Sees:  finding(c.vision, f.Probed.Sees, f.Probed.AbilitySource, or(rule.Sees, c.profile.sees), name, f.Vision, now),
		Hears: finding(c.audio, f.Probed.Hears, f.Probed.AbilitySource, or(rule.Hears, c.profile.hears), name, f.Hearing, now),
	}
}

// serverKind is the kind of server, as a probe found it; Together is also known by its host.
func (c *Client) serverKind(f facts) string {
	if f.Probed.Server != "" {
		return f.Probed.Server
	}
	host := strings.ToLower(c.base.Hostname())
	for _, domain := range []string{"together.xyz", "together.ai"} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return serverTogether
		}
	}
	return ""
}

func or(a, b Ability) Ability {
	if a != Unknown {
		return a
	}
	return b
}
