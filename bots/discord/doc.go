// Package discord is Parley's adapter to Discord: it reads the gateway, turns messages into conversation events,
// and posts and edits answers over REST.
//
// It guarantees that an event which it has read reaches the Ingester, in the order of its channel, for as long as
// the process lives (Discord itself never sends one twice); that nothing which the model wrote can ping anybody; that
// a post whose outcome is unknown can be repeated without a second message (nonce with enforce_nonce); that a wrong
// token or a missing intent is told in one sentence and not retried until Discord bans the address; and that a silent
// or half-open gateway connection is noticed within two heartbeats and resumed.
//
// After a session that is no resumed one it has the Catcher read over REST what was said before it (see Missed for the
// limits), and tells every half minute that nothing is being missed. With a Leaser each shard of the gateway is held by one
// replica, and by another within seconds when that one ends or loses its claim.
//
// Slash commands, message commands and buttons come over the gateway too. Each is stored first and then acknowledged,
// within Discord's three seconds; one that cannot be stored in time is said to the person at once. They are registered at
// the start where Discord has other ones. A file that is given with a command stands in no message: its signed address is
// kept sealed, under a key that only the bot's token gives, and is of no use after a day.
//
// Who may read what is asked of Discord each time and computed here, and every doubt is a no.
//
// It does not find a first direct message that was written while no session was alive, nor, on its own, edits and
// deletes of that time. It keeps no state beyond the process: names and kinds of channels are a bounded cache, filled
// from the gateway and, where that is silent, over REST. The gateway is reached directly, without a proxy, and a session
// is resumed at the general address, not at the one that READY names: discordgo offers neither.
package discord
