//go:build crash

package crash

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"parley/conversation/failpoint"
)

// TestStoppedProcessWritesNothingMore stops a process at a step, for 10 s, in which another takes its turns over and
// answers; when the stopped one goes on, nothing that people see may change any more.
func TestStoppedProcessWritesNothingMore(t *testing.T) {
	t.Parallel()
	steps := []string{failpoint.Posting, failpoint.FinalEditing, failpoint.Finishing}
	if *kills > 0 {
		steps = append(steps, failpoint.Packed, failpoint.FirstToken, failpoint.Posted, failpoint.InterimEditing, failpoint.Delivered)
	}
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			c := newCity(t, options{channels: 2, people: 2})
			c.warmUp()
			stopped := c.start(step + ":1:stop")
			c.start("").ready()
			stopped.ready()
			for stopped.step() == "" && !t.Failed() {
				c.sayAnything(onSlack, 'm')
				c.sayAnything(onDiscord, 'm')
				pause(300 * time.Millisecond)
			}
			at := time.Now()
			c.quiet(time.Minute)
			answered := time.Since(at)
			if wait := 10*time.Second - answered; wait > 0 {
				stopped.diesWithin(wait)
			}
			before := c.changes()
			stopped.signal(syscall.SIGCONT)
			stopped.diesWithin(3 * time.Second)
			if after := c.changes(); !slices.Equal(before, after) {
				t.Errorf("the process that was stopped at %s has changed what people see:\n%q\n%q", step, before, after)
			}
			c.check(nil)
			t.Logf("answered by the other process %v after the stop", answered.Round(time.Millisecond))
			c.alive(stopped)
		})
	}
}

// changes are all messages of Parley's with how often each was written, deleted ones too.
func (c *city) changes() (all []string) {
	for _, in := range c.places[onSlack] {
		for _, m := range c.slack.AllMessages(in.channel) {
			if m.BotID != "" {
				all = append(all, fmt.Sprintf("%s %s edits=%d deleted=%v", in.channel, m.TS, m.Edits, m.Deleted))
			}
		}
	}
	for _, in := range c.places[onDiscord] {
		for _, m := range c.discord.History(in.channel) {
			if m.Author.ID == c.discord.BotUserID() {
				all = append(all, fmt.Sprintf("%s %s edits=%d deleted=%v", in.channel, m.ID, len(m.Revisions), m.Deleted))
			}
		}
	}
	return all
}

// alive asks that a process that was only stopped works again: it answers when it is the only one.
func (c *city) alive(p *process) {
	c.t.Helper()
	c.mu.Lock()
	others := slices.Clone(c.procs)
	c.mu.Unlock()
	for _, other := range others {
		if other != p && !other.dead() {
			other.kill()
		}
	}
	p.ready()
	c.sayAnything(onSlack, 's')
	c.sayAnything(onDiscord, 's')
	c.quiet(30 * time.Second)
	c.check(nil)
}
