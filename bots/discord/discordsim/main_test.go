package discordsim_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"go.uber.org/goleak"

	"parley/bots/discord/discordsim"
)

func TestMain(m *testing.M) {
	// net/http lets a connection whose request it refused linger for half a second, by itself and bounded.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// start runs a simulated Discord for one test, with the Message Content intent on unless the
// options were given.
func start(t *testing.T, options ...discordsim.Options) *discordsim.Server {
	t.Helper()
	o := discordsim.Options{MessageContentEnabled: true}
	if len(options) == 1 {
		o = options[0]
	}
	o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	sim, err := discordsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return sim
}

// redirect sends what discordgo wants from discord.com to the simulator.
type redirect struct {
	base *url.URL
	next *http.Transport
}

func (r redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.URL.Scheme, out.URL.Host, out.Host = r.base.Scheme, r.base.Host, r.base.Host
	return r.next.RoundTrip(out)
}

// client makes a discordgo session that talks to the simulator. Every raw event goes to the
// channel that it returns. It does not reconnect by itself: a heartbeat that meets the closed
// connection at the end of a test would begin a loop that outlives it.
func client(t *testing.T, sim *discordsim.Server) (*discordgo.Session, <-chan *discordgo.Event) {
	t.Helper()
	session, err := discordgo.New("Bot " + sim.BotToken())
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(sim.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	session.Client = &http.Client{Transport: redirect{base, transport}, Timeout: 10 * time.Second}
	session.SyncEvents = true
	session.ShouldReconnectOnError = false
	session.ShouldRetryOnRateLimit = false
	session.MaxRestRetries = 0
	session.Identify.Intents = discordgo.IntentsAllWithoutPrivileged | discordgo.IntentMessageContent
	events := make(chan *discordgo.Event, 1000)
	session.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) { events <- e })
	t.Cleanup(func() {
		_ = session.Close()
		transport.CloseIdleConnections()
	})
	return session, events
}

// connected opens the session's gateway connection.
func connected(t *testing.T, sim *discordsim.Server) (*discordgo.Session, <-chan *discordgo.Event) {
	t.Helper()
	session, events := client(t, sim)
	if err := session.Open(); err != nil {
		t.Fatal(err)
	}
	return session, events
}

// next returns the next event with a name, and skips others.
func next(t *testing.T, events <-chan *discordgo.Event, name string) *discordgo.Event {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case e := <-events:
			if e.Type == name {
				return e
			}
		case <-timeout:
			t.Fatalf("no %s event", name)
		}
	}
}

// within is a context for waits.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// place is a guild with one person and one text channel.
type place struct {
	alice   discordsim.User
	guild   discordsim.Guild
	channel discordsim.Channel
}

func furnish(t *testing.T, sim *discordsim.Server) place {
	t.Helper()
	p := place{alice: sim.AddUser("alice")}
	p.guild = sim.AddGuild("Harbour", p.alice.ID)
	var err error
	if p.channel, err = sim.AddChannel(p.guild.ID, "general", discordsim.Text); err != nil {
		t.Fatal(err)
	}
	return p
}

// say is Say that must work.
func say(t *testing.T, sim *discordsim.Server, userID, channelID, content string, opts ...discordsim.SayOption) discordsim.Message {
	t.Helper()
	m, err := sim.Say(userID, channelID, content, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// lines joins the contents of a channel's messages.
func lines(sim *discordsim.Server, channelID string) string {
	var list []string
	for _, m := range sim.Messages(channelID) {
		list = append(list, m.Author.Name+": "+m.Content)
	}
	return strings.Join(list, "\n")
}
