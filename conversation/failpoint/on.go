//go:build failpoints

package failpoint

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"time"
)

var plan = sync.OnceValue(func() *rules {
	r, err := parse(os.Getenv("PARLEY_FAILPOINT"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "PARLEY_FAILPOINT:", err)
		os.Exit(2)
	}
	return r
})

// Hit says that the process has reached a step, and does what PARLEY_FAILPOINT wants there. Before the process ends or
// stops it says so on stderr, in one line "failpoint: NAME ACTION".
func Hit(name string) {
	act, ok := plan().at(name)
	if !ok {
		return
	}
	if act.kind != delay {
		_, _ = os.Stderr.WriteString("failpoint: " + name + " " + act.kind + "\n")
	}
	switch act.kind {
	case kill:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal has arrived
	case stop:
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case exit:
		os.Exit(1)
	case delay:
		time.Sleep(act.wait)
	}
}

// rules is what is wanted at which step.
type rules struct {
	mu    sync.Mutex
	named map[string][]*rule
	any   []*rule
	dice  *rand.Rand
}

// at counts a hit and gives the action that is due.
func (r *rules) at(name string) (action, bool) {
	if len(r.any) == 0 && len(r.named[name]) == 0 {
		return action{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rule := range r.named[name] {
		rule.hits++
		if rule.nth == 0 || rule.hits == rule.nth {
			return rule.action, true
		}
	}
	for _, rule := range r.any {
		if r.dice.Float64() < rule.probability {
			return rule.action, true
		}
	}
	return action{}, false
}
