package discord_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
	"parley/conversation/conversationtest"
)

// desk is a whole Parley on the rig's Discord: engine, store in memory, scripted model and one worker.
type desk struct {
	*rig
	engine *conversation.Engine
	store  *conversationtest.Store
	model  *conversationtest.Model
	marks  *watermarks
	wake   chan struct{}
}

// watermarks are those of a store that was online until a moment and has accepted nothing.
type watermarks struct {
	mu     sync.Mutex
	online time.Time
	noted  int
}

func (w *watermarks) Marks(context.Context, conversation.Platform) (conversation.Marks, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return conversation.Marks{Online: w.online}, nil
}

func (w *watermarks) Online(context.Context, conversation.Platform, time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.noted++
	return nil
}

func (w *watermarks) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.noted
}

// Ingest takes an event in and wakes the worker.
func (d *desk) Ingest(ctx context.Context, e conversation.Event) error {
	if err := d.engine.Ingest(ctx, e); err != nil {
		return err
	}
	d.poke()
	return nil
}

func (d *desk) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// CatchUp and Online make the desk a discord.Catcher.
func (d *desk) CatchUp(ctx context.Context, p conversation.Platform) error {
	defer d.poke()
	return d.engine.CatchUp(ctx, p)
}

func (d *desk) Online(ctx context.Context, p conversation.Platform) error {
	return d.engine.Online(ctx, p)
}

// newDesk makes a Parley that was online until a moment ago and is not running.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{
		store: conversationtest.NewStore(), model: &conversationtest.Model{Scripts: []conversationtest.Script{{Deltas: []string{"Here I am."}}}},
		marks: &watermarks{online: time.Now()}, wake: make(chan struct{}, 1),
	}
	d.rig = newRig(t, discordsim.Options{MessageContentEnabled: true, Limits: true}, func(o *discord.Options) {
		o.Ingester, o.Catcher = d, d
	})
	d.engine = must(conversation.New(conversation.Options{
		Store: d.store, Model: d.model, ModelName: "test", Logger: d.log, Watermarks: d.marks,
		Messengers: map[conversation.Platform]conversation.Messenger{conversation.Discord: d.adapter},
		Policy:     conversation.Policy{FollowUps: conversation.FollowUpsThread},
	}))(t)
	return d
}

// open runs adapter and worker until the test ends.
func (d *desk) open(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var worker sync.WaitGroup
	worker.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-d.wake:
			}
			for _, ref := range d.store.Owed() {
				if _, err := d.store.Work(ctx, d.engine, ref); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		worker.Wait()
	})
	d.start(t)
}

// answersTo gives the bot's messages that answer one.
func (d *desk) answersTo(m discordsim.Message) (list []discordsim.Message) {
	for _, a := range d.sim.Messages(m.ChannelID) {
		if a.Author.ID == d.sim.BotUserID() && a.ReplyTo == m.ID {
			list = append(list, a)
		}
	}
	return list
}

func (d *desk) idle() bool { return len(d.store.Owed()) == 0 }

func TestWhatWasAskedWhileAwayIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var asked []discordsim.Message
	for i := range 5 {
		c := must(d.sim.AddChannel(d.guild.ID, fmt.Sprint("room", i), discordsim.Text))(t)
		d.say(t, d.bob, c.ID, "nothing for the bot")
		asked = append(asked, d.say(t, d.ada, c.ID, d.bot()+" anybody here?"), d.say(t, d.bob, c.ID, d.bot()+" hello?"))
	}
	root := d.say(t, d.bob, d.channel.ID, "a plan")
	thread := must(d.sim.StartThread(d.bob.ID, d.channel.ID, root.ID, "plan", false))(t)
	asked = append(asked, d.say(t, d.ada, thread.ID, d.bot()+" what is the plan?"))
	d.open(t)
	all := func() bool {
		for _, m := range asked {
			if len(d.answersTo(m)) == 0 {
				return false
			}
		}
		return d.idle()
	}
	eventually(t, "everything is answered", all)
	// Another session that cannot be resumed reads the same again.
	noted := d.marks.count()
	d.sim.InvalidateSession(false)
	eventually(t, "caught up again", func() bool { return d.marks.count() > noted && d.idle() })
	for _, m := range asked {
		if n := len(d.answersTo(m)); n != 1 {
			t.Errorf("%q has %d answers", m.Content, n)
		}
	}
	if n := len(d.model.Requests()); n != len(asked) {
		t.Errorf("the model was asked %d times for %d questions", n, len(asked))
	}
	for _, c := range d.sim.Calls() {
		if c.Status == 429 {
			t.Errorf("%s was answered by 429", c.Route)
		}
	}
}

func TestTheFirstMentionInAChannelSeesWhatStandsBeforeIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 60 {
		d.say(t, d.bob, d.channel.ID, fmt.Sprintf("line %02d.", i))
	}
	d.open(t)
	d.connected(t)
	m := d.say(t, d.ada, d.channel.ID, d.bot()+" what did Bob say?")
	eventually(t, "an answer", func() bool { return len(d.answersTo(m)) == 1 && d.idle() })
	prompt := d.model.Prompt(0)
	for i := range 60 {
		if line := fmt.Sprintf("line %02d.", i); strings.Contains(prompt, line) != (i >= 10) {
			t.Errorf("%s in the prompt: %t", line, i < 10)
		}
	}
}
