//go:build crash

package crash

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
)

// TestThreeReplicas kills one of three under load, stops another and lets it go on: exactly one answer each, in order
// within a thread.
func TestThreeReplicas(t *testing.T) {
	t.Parallel()
	// Slack gives half of the events to the sockets of the process that is stopped, and gives up on a delivery only long
	// after that.
	again := slices.Repeat([]time.Duration{time.Second}, 20)
	c := newCity(t, options{timing: slacksim.Timing{Ack: time.Second, Retries: again}})
	c.warmUp()
	var replicas []*process
	for range 3 {
		replicas = append(replicas, c.start(""))
	}
	for _, p := range replicas {
		p.ready()
	}
	// Threads of one person each, in which every message, the first included, is taken in before the next is said: two
	// that are on their way at once, over the sockets of two processes, may arrive in either order.
	in := c.places[onSlack][0]
	const threads, turns = 4, 8
	var roots [threads]string
	var begun []word
	for n := range roots {
		w := c.sayAs(c.people[onSlack][n%3], in, "", 'm')
		roots[n], begun = w.id, append(begun, w)
	}
	c.accepted(begun...)
	c.mu.Lock()
	delete(c.roots, in) // the others talk elsewhere
	c.mu.Unlock()
	for turn := range turns {
		var said []word
		for n, root := range roots {
			said = append(said, c.sayAs(c.people[onSlack][n%3], in, root, 'm'))
		}
		c.chat(2)
		c.accepted(said...)
		switch turn {
		case 1:
			replicas[0].kill()
		case 2:
			replicas[1].signal(syscall.SIGSTOP)
		case 6:
			replicas[1].diesWithin(8 * time.Second)
			replicas[1].signal(syscall.SIGCONT)
		}
	}
	c.quiet(time.Minute)
	c.check(nil)
	for _, root := range roots {
		c.ordered(in, root)
	}
}

// ordered asks that the answers of a thread stand in the order of the questions.
func (c *city) ordered(in place, root string) {
	c.t.Helper()
	var questions, answers []string
	for _, m := range c.slack.Thread(in.channel, root) {
		if m.BotID == "" {
			questions = append(questions, asked.FindString(m.Plain))
			continue
		}
		for _, match := range written.FindAllStringSubmatch(m.Plain, -1) {
			if !slices.Contains(answers, match[1]) {
				answers = append(answers, match[1])
			}
		}
	}
	if !slices.Equal(questions, answers) {
		c.t.Errorf("thread %s: asked %s, answered %s", root, strings.Join(questions, " "), fmt.Sprint(answers))
	}
}
