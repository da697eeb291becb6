package conversation

import "time"

// Verb is what a command asks for.
type Verb string

// The verbs. VerbHelp is answered without the model. VerbAsk puts what was written after the command to the model. VerbShare posts a private summary in the thread that it is of: the button under it.
const (
	VerbHelp       Verb = "help"
	VerbAsk        Verb = "ask"
	VerbSummarize  Verb = "summarize"
	VerbDescribe   Verb = "describe"
	VerbTranscribe Verb = "transcribe"
	VerbShare      Verb = "share"
)

// Ask is what somebody asked by a slash command, a shortcut, a message command or a button, and how they are
// answered without anybody else seeing it.
type Ask struct {
	Verb Verb
	// Source is the conversation that the command is about: the thread of the message that a shortcut was used on, a
	// channel that was named. Its Channel is empty where nothing was named: then it is the channel of the command.
	Source ThreadRef
	// MessageID is the message that a shortcut or message command was used on, else empty.
	MessageID string
	// From says that everything from MessageID on is meant ("Summarize from here"), and not that message's thread.
	From bool
	// Text is what was written after the verb, such as "since 2d" or "last 200"; for VerbShare the Thread of the
	// command that was answered.
	Text string
	// Handle is what the adapter needs to answer privately. It is a secret while it lasts, so the adapter seals it
	// (bots.Sealer): it is opaque to everybody else. It is stored only with the open command.
	Handle string
	// Expires is when the platform no longer takes answers by Handle: 30 minutes after a Slack command
	// (docs.slack.dev/interactivity/handling-user-interaction), 15 after a Discord one
	// (discord.com/developers/docs/interactions/receiving-and-responding).
	Expires time.Time
}

// Asked is a command. It is an addressed message like any other, in a conversation of its own: Message.Ref.Thread is
// CommandThread, Message.ID the same, Message.Place is PlacePrivate, Message.Ask is set and Message.Text holds the command
// in words, such as "/summarize last 200".
type Asked struct {
	Delivery Delivery
	Message  Message
}

// CommandThread is the Thread of a command's conversation, and the ID of its message, from the platform's own id of the
// interaction.
func CommandThread(id string) string { return "command:" + id }

// ShareThread is CommandThread for the button under the answer to a command, from that command's Thread and the id of the
// person who presses it. It is the same for each press, so that a second one shares nothing a second time.
func ShareThread(thread, by string) string { return CommandThread("share:" + by + ":" + thread) }

// Meta implements Event.
func (e Asked) Meta() Delivery { return e.Delivery }

// In implements Event.
func (e Asked) In() ThreadRef { return e.Message.Ref }

// Kind implements Event.
func (Asked) Kind() string { return "asked" }

func (Asked) event() {}
