// Package demo is the web page of `parley demo`: one page on which a person acts as the people of a simulated Slack
// workspace and of a simulated Discord server, side by side, and sees what Parley answers there.
//
// It reads and changes only the two simulators; it knows neither the engine nor the adapters, which reach the same
// simulators over the platforms' own protocols. What has become of files it is told by Describe. It guarantees that every tab shows the simulators' present state: a tab
// gets everything once and then what changed, and a tab that falls behind or loses its connection begins anew.
// Foreign text never becomes HTML, a file is shown in place only as the picture, sound or film that its bytes are, requests from other sites change nothing, and every request body is bounded.
//
// It does not know logins: whoever reaches the page may act as anybody in the simulation, and every tab is sent the private
// answers of all people and shows only those of whom it acts as. It keeps nothing.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
)

// Options configures a Demo. Slack and Discord are required.
type Options struct {
	// Slack is the simulated workspace; New adds people, channels and a few messages to it.
	Slack *slacksim.Server
	// Discord is the simulated Discord; New adds a guild with the same people to it.
	Discord *discordsim.Server
	// Model is what the page says of the model that answers, such as "offline demo model"; it holds no secret.
	Model string
	// Logger gets faults of the page's own; nil discards them.
	Logger *slog.Logger
}

// Demo is the page and what stands behind it.
type Demo struct {
	sides  []side
	meta   meta
	files  *verdicts
	log    *slog.Logger
	closed chan struct{}
	once   sync.Once
}

// New seeds both simulators with the same fictional people and their project, and prepares the page. It starts no
// goroutine. Call it before the bot connects, so that what was said before is history to the bot.
func New(o Options) (*Demo, error) {
	if o.Slack == nil || o.Discord == nil {
		return nil, errors.New("make demo page: both simulators are needed")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	slack, err := seedSlack(o.Slack)
	if err != nil {
		return nil, fmt.Errorf("seed simulated slack: %w", err)
	}
	discord, err := seedDiscord(o.Discord)
	if err != nil {
		return nil, fmt.Errorf("seed simulated discord: %w", err)
	}
	m := newMeta(o.Model, slack, discord)
	return &Demo{
		sides:  []side{slackSide{server: o.Slack, kinds: &kinds{}}, discordSide{server: o.Discord, dms: discord.dms, kinds: &kinds{}}},
		meta:   m,
		files:  &verdicts{people: m.People, log: o.Logger},
		log:    o.Logger,
		closed: make(chan struct{}),
	}, nil
}

// Describe sets where the page learns what has become of the files that a person posted: read gets the platform's name and
// the person's id there. It is called at most twice a second for each person, and only while a page is open. Without it no
// verdicts are shown. Call it before the page is served.
func (d *Demo) Describe(read func(ctx context.Context, platform, userID string) ([]File, error)) {
	d.files.read = read
}

// Handler serves the page at /, its parts under /assets/ and what it asks for under /api/.
func (d *Demo) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", servePage)
	mux.Handle("GET /assets/", serveAssets())
	mux.HandleFunc("GET /api/events", d.serveEvents)
	mux.HandleFunc("GET /api/files/{platform}/{id}", d.serveFile)
	mux.HandleFunc("POST /api/messages", d.postMessage)
	mux.HandleFunc("PUT /api/messages", d.editMessage)
	mux.HandleFunc("DELETE /api/messages", d.deleteMessage)
	mux.HandleFunc("POST /api/threads", d.startThread)
	mux.HandleFunc("POST /api/commands", d.giveCommand)
	mux.HandleFunc("POST /api/menu", d.chooseCommand)
	mux.HandleFunc("POST /api/buttons", d.pressButton)
	mux.HandleFunc("POST /api/stops", d.pressStop)
	return secured(mux)
}

// Close ends the pages' event streams, so that a server with open pages can shut down. Calling it again does nothing.
func (d *Demo) Close() { d.once.Do(func() { close(d.closed) }) }

func (d *Demo) side(platform string) (side, error) {
	for _, s := range d.sides {
		if s.platform() == platform {
			return s, nil
		}
	}
	return nil, fmt.Errorf("platform %q is unknown: it is slack or discord", platform)
}
