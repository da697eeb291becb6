//go:build crash

package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/llm/llmsim"
	"parley/store/storetest"
)

// city is two simulated platforms with people on them, a simulated model and a database: all that a parley needs and
// all that outlives it.
type city struct {
	t       *testing.T
	slack   *slacksim.Server
	discord *discordsim.Server
	model   *llmsim.Server
	author  *author
	url     string        // of the database
	db      *pgxpool.Pool // the harness's own view of it

	people map[string][]string // by platform
	places map[string][]place
	roots  map[place][]string // messages that began a conversation there

	mu     sync.Mutex
	dice   *rand.Rand
	coined int // words so far
	words  []word
	procs  []*process
}

// The platforms, as the ledger names them.
const (
	onSlack   = "slack"
	onDiscord = "discord"
)

// place is where something can be said.
type place struct {
	platform string
	channel  string
	// person is the one who has this direct message; empty in a channel.
	person string
	// thread says that all that is said in the channel is one conversation.
	thread bool
}

// options say how a city differs from the usual.
type options struct {
	url      string // a database of its own
	channels int    // of each platform; 0 is four
	people   int    // on each platform; 0 is three
	timing   slacksim.Timing
}

// newCity makes the simulators and the people.
func newCity(t *testing.T, o options) *city {
	t.Helper()
	c := &city{
		t: t, url: o.url, people: map[string][]string{}, places: map[string][]place{}, roots: map[place][]string{},
		dice: rand.New(rand.NewPCG(*seed, uint64(len(t.Name())))),
	}
	if c.url == "" {
		c.url = storetest.New(t)
	}
	if o.channels == 0 {
		o.channels = 4
	}
	if o.people == 0 {
		o.people = 3
	}
	if o.timing.Ack == 0 {
		// Slack's 3 s and 0, 1, 5 min, at a speed for tests.
		o.timing = slacksim.Timing{Ack: 2 * time.Second, Retries: retries()}
	}
	c.slack = must(slacksim.New(slacksim.Options{Timing: o.timing}))(t)
	t.Cleanup(func() { _ = c.slack.Close() })
	c.discord = must(discordsim.New(discordsim.Options{MessageContentEnabled: true}))(t)
	t.Cleanup(func() { _ = c.discord.Close() })
	c.author = newAuthor(c.dice.Uint64())
	c.model = llmsim.New(llmsim.Options{Responder: c.author, Key: "model-secret"})
	if err := c.model.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.model.Close() })
	c.settle(o)
	c.db = must(pgxpool.New(context.Background(), c.url))(t)
	t.Cleanup(func() { c.db.Close() })
	t.Cleanup(c.endAll) // first of all: the binary must not see its servers go
	return c
}

// settle lets people move in.
func (c *city) settle(o options) {
	t := c.t
	bot := c.slack.BotUserID()
	for n := range o.people {
		name := fmt.Sprintf("Person%d", n)
		c.people[onSlack] = append(c.people[onSlack], c.slack.AddUser(name).ID)
		c.people[onDiscord] = append(c.people[onDiscord], c.discord.AddUser(name).ID)
	}
	guild := c.discord.AddGuild("Guild", c.people[onDiscord]...)
	for n := range o.channels {
		name := fmt.Sprintf("channel-%d", n)
		channel := must(c.slack.AddChannel(name, false, append([]string{bot}, c.people[onSlack]...)...))(t)
		c.places[onSlack] = append(c.places[onSlack], place{platform: onSlack, channel: channel.ID})
		if n == 1 {
			room := must(c.discord.AddChannel(guild.ID, name, discordsim.Text))(t)
			thread := must(c.discord.StartThread(c.people[onDiscord][0], room.ID, "", "a thread", false))(t)
			c.places[onDiscord] = append(c.places[onDiscord], place{platform: onDiscord, channel: thread.ID, thread: true})
			continue
		}
		room := must(c.discord.AddChannel(guild.ID, name, discordsim.Text))(t)
		c.places[onDiscord] = append(c.places[onDiscord], place{platform: onDiscord, channel: room.ID})
	}
	for _, person := range c.people[onSlack] {
		dm := must(c.slack.OpenDM(person))(t)
		c.places[onSlack] = append(c.places[onSlack], place{platform: onSlack, channel: dm.ID, person: person})
	}
	for _, person := range c.people[onDiscord] {
		dm := must(c.discord.OpenDM(person))(t)
		c.places[onDiscord] = append(c.places[onDiscord], place{platform: onDiscord, channel: dm.ID, person: person})
	}
}

// roll gives a number below n.
func (c *city) roll(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dice.IntN(n)
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// pick gives any of them.
func pick[T any](c *city, of []T) T { return of[c.roll(len(of))] }
