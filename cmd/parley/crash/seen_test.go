//go:build crash

package crash

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sight is one message or file of Parley's as a person sees it now.
type sight struct {
	platform, channel, id string
	text                  string
	file                  bool
}

// seen gives all that Parley has on the platforms, in the order of each channel.
func (c *city) seen() (all []sight) {
	for _, in := range c.places[onSlack] {
		for _, m := range c.slack.AllMessages(in.channel) {
			if m.BotID == "" || m.Deleted {
				continue
			}
			if len(m.Files) == 0 || m.Plain != "" {
				all = append(all, sight{platform: onSlack, channel: in.channel, id: m.TS, text: m.Plain})
			}
			for _, f := range m.Files {
				data, _ := c.slack.FileBytes(f.ID)
				all = append(all, sight{platform: onSlack, channel: in.channel, id: m.TS, text: string(data), file: true})
			}
		}
	}
	for _, in := range c.places[onDiscord] {
		for _, m := range c.discord.Messages(in.channel) {
			if m.Author.ID != c.discord.BotUserID() || m.Deleted {
				continue
			}
			if len(m.Attachments) == 0 || m.Content != "" {
				all = append(all, sight{platform: onDiscord, channel: in.channel, id: m.ID, text: m.Content})
			}
			for _, f := range m.Attachments {
				all = append(all, sight{platform: onDiscord, channel: in.channel, id: m.ID, text: string(f.Data), file: true})
			}
		}
	}
	return all
}

// answerText is what stands of the answer to one word.
type answerText struct {
	messages, files []token
}

type token struct {
	version, number, total int
	channel                string
	id                     string
}

// faults says what is wrong with what people see and with the ledger. Sentences that hold no answer are faults
// unless allowed says otherwise.
func (c *city) faults(allowed func(text string) bool) (faults []string) {
	found := map[string]*answerText{}
	for _, s := range c.seen() {
		matches := written.FindAllStringSubmatch(s.text, -1)
		text := strings.TrimSpace(s.text)
		switch {
		case strings.HasSuffix(text, "…") && !s.file:
			faults = append(faults, fmt.Sprintf("torso on %s: %.200q", s.platform, s.text))
		case len(matches) == 0 && (allowed == nil || !allowed(text)):
			faults = append(faults, fmt.Sprintf("no answer but a message on %s: %.200q", s.platform, s.text))
		}
		for _, m := range matches {
			a := found[m[1]]
			if a == nil {
				a = &answerText{}
				found[m[1]] = a
			}
			version, _ := strconv.Atoi(m[2])
			number, _ := strconv.Atoi(m[3])
			total, _ := strconv.Atoi(m[4])
			one := token{version: version, number: number, total: total, channel: s.channel, id: s.id}
			if s.file {
				a.files = append(a.files, one)
			} else {
				a.messages = append(a.messages, one)
			}
		}
	}
	ledger := map[string]entry{}
	entries := c.ledger()
	for _, e := range entries {
		ledger[e.Channel+e.MessageID] = e
	}
	for _, w := range c.said() {
		e, known := ledger[w.place.channel+w.id]
		delete(ledger, w.place.channel+w.id)
		var wrong string
		switch {
		case !known:
			wrong = "is not in the ledger"
		case e.Outcome == nil:
			wrong = "is open in the ledger"
		case *e.Outcome == "failed" && allowed != nil:
			continue
		case *e.Outcome != "answered":
			wrong = "has the outcome " + *e.Outcome + " " + e.Reason
		}
		if trouble := found[w.text].trouble(w); trouble != "" {
			wrong = strings.TrimSpace(wrong + " " + trouble)
		}
		if wrong != "" {
			faults = append(faults, fmt.Sprintf("%s (%s %s %s, said %s, turn %s): %s", w.text, w.place.platform, w.place.channel, w.id,
				w.at.Format("15:04:05.000"), number(e.Turn), wrong))
		}
	}
	for key := range ledger {
		faults = append(faults, "the ledger has a line for what nobody said: "+key)
	}
	return faults
}

func number(n *int64) string {
	if n == nil {
		return "none"
	}
	return strconv.FormatInt(*n, 10)
}

// trouble says what is wrong with an answer: it must stand once, whole, in one version, in the right channel.
func (a *answerText) trouble(w word) string {
	if a == nil {
		return "LOST: no answer"
	}
	all := slices.Concat(a.messages, a.files)
	version := all[0].version
	for _, t := range all {
		if t.version != version {
			return fmt.Sprintf("DUPLICATE: text of attempts %d and %d in messages %s and %s", version, t.version, all[0].id, t.id)
		}
		if t.channel != w.place.channel {
			return "the answer stands in channel " + t.channel
		}
	}
	want := all[0].total
	inMessages, inFiles := inOrder(a.messages), inOrder(a.files)
	switch {
	case inMessages < 0 || inFiles < 0:
		return fmt.Sprintf("DUPLICATE or out of order: tokens %v, in files %v", numbers(a.messages), numbers(a.files))
	case inMessages == want && inFiles == 0, inFiles == want:
		return ""
	}
	return fmt.Sprintf("TORSO: %d tokens in messages and %d in files of %d", inMessages, inFiles, want)
}

// inOrder gives the number of tokens, or -1 where one is missing, twice or in the wrong place.
func inOrder(list []token) int {
	for i, t := range list {
		if t.number != i {
			return -1
		}
	}
	return len(list)
}

func numbers(list []token) (out []int) {
	for _, t := range list {
		out = append(out, t.number)
	}
	return out
}

// check fails the test for every fault.
func (c *city) check(allowed func(string) bool) {
	c.t.Helper()
	faults := c.faults(allowed)
	for _, f := range faults[:min(len(faults), 30)] {
		c.t.Error(f)
	}
	if more := len(faults) - 30; more > 0 {
		c.t.Errorf("and %d more", more)
	}
	c.nothingLost()
}

// nothingLost asks `parley lost`, as an operator would.
func (c *city) nothingLost() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "lost")
	c.mu.Lock()
	cmd.Env = c.procs[len(c.procs)-1].cmd.Env
	c.mu.Unlock()
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Errorf("parley lost: %v\n%s", err, out)
	}
}
