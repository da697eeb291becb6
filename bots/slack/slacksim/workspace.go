package slacksim

import (
	"errors"
	"sync"
	"time"
)

// Errors of the methods through which people act. Methods wrap them with what was asked for.
var (
	ErrNoSuchUser    = errors.New("no such user in the simulated workspace")
	ErrNoSuchChannel = errors.New("no such channel in the simulated workspace")
	ErrNoSuchMessage = errors.New("no such message in the simulated workspace")
	ErrNoSuchFile    = errors.New("no such file in the simulated workspace")
	ErrNotMember     = errors.New("the user is not a member of the channel")
)

// object is a JSON object on its way to the app.
type object = map[string]any

// team names the workspace and the app installed in it.
type team struct {
	ID, Name, Domain string
	AppID, BotID     string
}

// Workspace is the state that people see and change. Its methods may be called at the same time
// from any number of goroutines. Each change that Slack would tell the app about is handed to the
// server's deliveries in the order of the changes.
type Workspace struct {
	ids   *idSource
	clock func() time.Time
	hub   *hub
	team  team
	bot   User
	base  string // scheme and host of links to files

	statusTTL time.Duration
	replied   bool // also send message_replied
	maxFile   int64
	subs      map[string]bool
	scopes    map[string]bool
	tell      func(name string, payload object) // never takes mu

	mu       sync.Mutex
	users    map[string]*User
	channels map[string]*channel
	files    map[string]*file
	hooks    map[string]*responseHook // by the token in their URLs
	turn     int                      // alternates the order of app_mention and message
}

func (w *Workspace) publish(c Change) { w.hub.publish(c) }

// Team returns the workspace's id, which events carry as team_id.
func (w *Workspace) Team() string { return w.team.ID }

// AppID returns the app's id (A…).
func (w *Workspace) AppID() string { return w.team.AppID }

// BotID returns the bot's id (B…), which the app's own messages carry as bot_id.
func (w *Workspace) BotID() string { return w.team.BotID }

// BotUserID returns the id by which people mention the bot (U…).
func (w *Workspace) BotUserID() string { return w.bot.ID }
