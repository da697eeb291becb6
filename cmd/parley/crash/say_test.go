//go:build crash

package crash

import (
	"fmt"
	"slices"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
)

// word is a word that a person said to Parley once and nowhere else, so that its answer can be told from all others.
type word struct {
	text  string
	place place
	id    string // of the message
	root  string // of the thread in which it stands, on Slack; empty outside one
	at    time.Time
}

// sizes are the last letters of words: how long an answer they ask for.
const sizes = "ssssmmmml"

// newWord makes a word. A size of 0 takes any.
func (c *city) newWord(size byte) string {
	if size == 0 {
		size = sizes[c.roll(len(sizes))]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.coined++
	return fmt.Sprintf("kq%d%c", c.coined, size)
}

// note keeps what was said.
func (c *city) note(w word) word {
	w.at = time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.words = append(c.words, w)
	return w
}

// said is everything that was said to Parley.
func (c *city) said() []word {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.words)
}

// sayAnything lets somebody say something, somewhere on that platform.
func (c *city) sayAnything(platform string, size byte) word {
	return c.say(pick(c, c.places[platform]), size)
}

// say lets somebody speak to Parley in a place: mostly anew, sometimes in a conversation that exists.
func (c *city) say(in place, size byte) word {
	c.mu.Lock()
	var root string
	if roots := c.roots[in]; len(roots) > 0 && c.dice.IntN(3) == 0 {
		root = roots[c.dice.IntN(len(roots))]
	}
	c.mu.Unlock()
	return c.sayUnder(in, root, size)
}

// sayUnder speaks in a place, under the message root where it is not empty.
func (c *city) sayUnder(in place, root string, size byte) word {
	c.t.Helper()
	person := in.person
	if person == "" {
		person = pick(c, c.people[in.platform])
	}
	return c.sayAs(person, in, root, size)
}

// sayAs lets this person speak.
func (c *city) sayAs(person string, in place, root string, size byte) word {
	c.t.Helper()
	text := c.newWord(size)
	w := word{text: text, place: in, root: root}
	if in.platform == onSlack {
		if in.person == "" && (root == "" || c.roll(2) == 0) {
			text = "@parley " + text
		}
		var options []slacksim.SayOption
		if root != "" {
			options = append(options, slacksim.InThread(root))
		}
		w.id = must(c.slack.Say(person, in.channel, text, options...))(c.t).TS
	} else {
		if in.person == "" {
			text = "<@" + c.discord.BotUserID() + "> " + text
		}
		var options []discordsim.SayOption
		if root != "" {
			options = append(options, discordsim.ReplyTo(root))
		}
		w.id = must(c.discord.Say(person, in.channel, text, options...))(c.t).ID
	}
	if root == "" && in.person == "" && !in.thread {
		c.mu.Lock()
		c.roots[in] = append(c.roots[in], w.id)
		c.mu.Unlock()
	}
	return c.note(w)
}

// chatter is what people say to each other before somebody mentions Parley there.
func (c *city) chatter() word {
	c.t.Helper()
	in := c.places[onSlack][0]
	root := must(c.slack.Say(c.people[onSlack][0], in.channel, "Shall we meet on Monday?"))(c.t).TS
	for range 3 {
		must(c.slack.Say(c.people[onSlack][1], in.channel, "Rather on Tuesday.", slacksim.InThread(root)))(c.t)
	}
	text := c.newWord('s')
	m := must(c.slack.Say(c.people[onSlack][0], in.channel, "@parley "+text, slacksim.InThread(root)))(c.t)
	return c.note(word{text: text, place: in, root: root, id: m.TS})
}
