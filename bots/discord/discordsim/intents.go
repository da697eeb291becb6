package discordsim

// Intents is the set of event groups that a session asks for
// (discord.com/developers/docs/events/gateway#list-of-intents).
type Intents int

// The intents that the simulator gates events by.
const (
	IntentGuilds         Intents = 1 << 0
	IntentGuildMembers   Intents = 1 << 1
	IntentGuildPresences Intents = 1 << 8
	IntentGuildMessages  Intents = 1 << 9
	IntentGuildReactions Intents = 1 << 10
	IntentGuildTyping    Intents = 1 << 11
	IntentDMs            Intents = 1 << 12
	IntentDMReactions    Intents = 1 << 13
	IntentDMTyping       Intents = 1 << 14
	IntentMessageContent Intents = 1 << 15
)

// knownIntents has every bit that Discord has given a meaning; another bit closes with 4013.
const knownIntents Intents = 1<<17 - 1 | 1<<20 | 1<<21 | 1<<24 | 1<<25

// messageIntent is the intent that the messages of a channel belong to.
func messageIntent(c *channel) Intents {
	if c.GuildID == "" {
		return IntentDMs
	}
	return IntentGuildMessages
}

func typingIntent(c *channel) Intents {
	if c.GuildID == "" {
		return IntentDMTyping
	}
	return IntentGuildTyping
}

func reactionIntent(c *channel) Intents {
	if c.GuildID == "" {
		return IntentDMReactions
	}
	return IntentGuildReactions
}
