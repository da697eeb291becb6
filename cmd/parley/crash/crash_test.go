//go:build crash

package crash

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/conversation/failpoint"
)

// catchUp says that parley reads what it missed over REST. Where it does not, people speak on Discord only while a
// process is there that will not be killed before it has taken the message in.
var catchUp = os.Getenv("CRASH_CATCH_UP") != "off"

// retries are Slack's redeliveries, at a speed for tests.
func retries() []time.Duration {
	if catchUp {
		return []time.Duration{0, 2 * time.Second, 6 * time.Second}
	}
	second := time.Second
	return []time.Duration{0, second, 3 * second, 5 * second, 5 * second, 5 * second, 5 * second, 5 * second, 5 * second}
}

// Kills that are no step of the program.
const (
	random = "random" // SIGKILL at a random moment
	seen   = "seen"   // when people see the first words, and the response of the platform is still on its way
	late   = "late"   // while a post is on its way to the platform, which takes it after the process is gone
	sown   = "sown"   // at any step, with some probability
)

// TestCrashShort kills once at every step: alone, and beside a second replica.
func TestCrashShort(t *testing.T) {
	if *kills != 0 {
		t.Skip("the long run covers it")
	}
	plan := append(failpoint.Names(), random, seen, late, sown)
	crash(t, plan, 2)
}

// TestCrash is the long run.
func TestCrash(t *testing.T) {
	if *kills == 0 {
		t.Skip("give -kills for the long run")
	}
	steps := append(failpoint.Names(), random, random, random, random, random, random, random, random, seen, seen, late, late, sown, sown, sown, sown)
	var plan []string
	for len(plan) < *kills {
		plan = append(plan, steps...)
	}
	crash(t, plan[:*kills], 4)
}

// crash shares the kills among cities, of which every second one has two replicas.
func crash(t *testing.T, plan []string, cities int) {
	for n := range cities {
		t.Run(fmt.Sprintf("city %d", n), func(t *testing.T) {
			t.Parallel()
			c := newCity(t, options{})
			var mine []string
			for i := n; i < len(plan); i += cities {
				mine = append(mine, plan[i])
			}
			c.crash(mine, n%2 == 1)
		})
	}
}

// crash kills once for each step of the plan and counts at the end.
func (c *city) crash(plan []string, second bool) {
	w, stop := c.watchTakeOvers()
	defer stop()
	c.warmUp()
	var survivor *process
	if second {
		survivor = c.start("")
		survivor.ready()
	}
	count := map[string]int{}
	for i, step := range plan {
		alone := !second || step == failpoint.Trimming || step == failpoint.Trimmed || step == failpoint.CaughtUp
		if second && alone { // the other would do what is to be cut off
			survivor.kill()
		}
		hit := ""
		for try := 0; hit == "" && try < 3; try++ { // another process may have done what this one was to die of
			hit = c.round(step, !alone)
		}
		if hit == "" {
			c.t.Errorf("step %s is never reached", step)
		}
		if !second && i%3 == 2 {
			c.recover(w)
		}
		if second && alone {
			survivor = c.start("")
			survivor.ready()
		}
		count[hit]++
		c.t.Logf("%d of %d: wanted %s, died at %s", i+1, len(plan), step, hit)
	}
	if !second {
		c.start("")
	}
	c.quiet(2 * time.Minute)
	c.check(nil)
	stop()
	c.t.Logf("%d kills, %d messages, %d take-overs, the longest after %v; at %v", len(plan), len(c.said()), w.n, w.longest.Round(time.Millisecond), count)
	if w.longest > 10*time.Second {
		c.t.Errorf("a turn was taken over only after %v", w.longest)
	}
}

// warmUp lets every place be known, since nothing tells a bot of direct messages that began while it was away.
func (c *city) warmUp() {
	p := c.start("")
	p.ready()
	for _, places := range c.places {
		for _, in := range places {
			c.say(in, 's')
		}
	}
	c.quiet(time.Minute)
	p.kill()
}

// recover lets a process live until it has taken over what the dead ones left. A process that is killed sooner, again and
// again, gets nothing done.
func (c *city) recover(w *watch) {
	p := c.start("")
	p.ready()
	for n := 0; w.orphans() > 0 && n < 20; n++ {
		pause(time.Second / 2)
	}
	p.kill()
}

// round starts a process, lets people talk, and sees to it that the process dies. It gives where; empty says
// that it came through, and was killed in the end.
func (c *city) round(step string, second bool) string {
	plan := ""
	switch step {
	case random, seen, late:
	case sown:
		plan = fmt.Sprintf("random:0.01:%d", c.roll(1<<30))
	case failpoint.Decoded, failpoint.Accepting, failpoint.Accepted, failpoint.Acknowledging, failpoint.Acknowledged, failpoint.Finished, failpoint.TurnBegun:
		plan = fmt.Sprintf("%s:%d", step, 1+c.roll(6))
	case failpoint.Trimming, failpoint.Trimmed:
		// The answer of the first attempt is longer than that of the next.
		first := c.start("")
		first.ready()
		w := c.sayAnything(onSlack, 'f')
		c.until("people see most of a long answer", 30*time.Second, func() bool {
			n := 0
			for _, s := range c.seen() {
				if strings.Contains(s.text, w.text+"v") {
					n++
				}
			}
			return n >= 4
		})
		first.kill()
		plan = step + ":1"
	case failpoint.CaughtUp:
		// It happens before anybody speaks to this process, if something was said while nobody was there.
		c.talk(step, second)
		plan = step + ":1"
	case failpoint.Posting, failpoint.Posted, failpoint.Intended, failpoint.Sent, failpoint.Packed, failpoint.InterimEditing:
		plan = fmt.Sprintf("%s:%d", step, 1+c.roll(3))
	default:
		plan = step + ":1"
	}
	if catchUp && !second && c.roll(2) == 0 {
		c.talk(step, second) // nobody is there to hear it
	}
	p := c.start(plan)
	p.ready()
	c.slow(step)
	defer c.slow("")
	before, asked := len(c.seen()), c.author.count()
	talk := func() {
		c.talk(step, second)
	}
	talk()
	switch step {
	case random:
		p.diesWithin(time.Duration(c.roll(2500)) * time.Millisecond)
	case seen:
		c.until("people see something", 10*time.Second, func() bool { return len(c.seen()) > before })
	case late:
		c.until("the model is asked", 10*time.Second, func() bool { return c.author.count() > asked })
		p.diesWithin(time.Duration(20+c.roll(400)) * time.Millisecond)
	default:
		for range 4 {
			if p.diesWithin(2500 * time.Millisecond) {
				break
			}
			talk()
		}
	}
	if p.dead() {
		return p.step()
	}
	p.kill()
	if step == random || step == seen || step == late || step == sown {
		return step
	}
	return ""
}

// slow makes the platforms slow to answer posts, or to take them, where the step wants it.
func (c *city) slow(step string) {
	const wait = 400 * time.Millisecond
	const posts = "POST /channels/{channel}/messages"
	c.slack.ClearFault("chat.postMessage")
	c.discord.ClearFaults()
	switch step {
	case seen:
		c.slack.SetFault("chat.postMessage", slacksim.Fault{DelayResponse: wait})
	case late:
		c.slack.SetFault("chat.postMessage", slacksim.Fault{Delay: wait})
		if err := c.discord.SetFault(posts, discordsim.Fault{Delay: wait}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// talk lets people say a few things, of which some ask for long answers.
func (c *city) talk(step string, second bool) {
	for range 2 + c.roll(3) {
		c.sayAnything(onSlack, 0)
	}
	if step == failpoint.HistorySaved {
		c.chatter()
	}
	if second || catchUp {
		for range 2 + c.roll(3) {
			c.sayAnything(onDiscord, 0)
		}
	}
	if c.roll(6) == 0 {
		c.sayAnything(onSlack, 'f')
	}
}
