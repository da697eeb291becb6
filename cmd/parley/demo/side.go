package demo

import (
	"context"
	"time"
)

// side is one simulated platform as the page needs it. All ids are the platform's own.
type side interface {
	platform() string
	// read gives everything that the page shows, each thing under a key of its own.
	read(put func(key string, value any))
	// watch calls changed after every change until ctx ends, the simulator closes, or changes came too fast to follow.
	watch(ctx context.Context, changed func())
	// post says something as a person and returns the message's id.
	post(d draft) (string, error)
	edit(m messageRef, text string) error
	remove(m messageRef) error
	// startThread opens a thread under a message and returns the thread's channel.
	startThread(m messageRef, name string) (string, error)
	// command gives a slash command and waits until the app has taken it.
	command(ctx context.Context, d draft) error
	// choose picks a command of Parley's from a message's menu.
	choose(ctx context.Context, m messageRef, command string) error
	// press presses a button under a message.
	press(ctx context.Context, m messageRef, button string) error
	// stop presses the platform's own stop button; m.id is the thread that is being answered.
	stop(m messageRef) error
	// content returns a file that was uploaded.
	content(id string) (upload, bool)
}

// messageRef names a message and the person who acts on it.
type messageRef struct {
	person, channel, id string
}

// draft is a message before it is sent.
type draft struct {
	person, channel string
	thread          string // Slack: the thread's first message
	replyTo         string // Discord: the message that this one answers
	text            string
	files           []upload
}

// upload is a file with its content.
type upload struct {
	name, mime string
	data       []byte
}

// acknowledgement is how long a platform waits for the app to take a command: three seconds on both
// (docs.slack.dev/interactivity/handling-user-interaction, discord.com/developers/docs/interactions/receiving-and-responding).
const acknowledgement = 3 * time.Second

// shownMessages is how many of a channel's newest messages the page shows.
const shownMessages = 400

func newest[T any](all []T) []T { return all[max(0, len(all)-shownMessages):] }
