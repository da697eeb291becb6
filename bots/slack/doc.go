// Package slack is Parley's Slack adapter: it turns Slack's deliveries into conversation events, and answers into
// Slack messages.
//
// It receives events, slash commands, shortcuts and presses on its buttons over Socket Mode, over HTTP, or both; a delivery is acknowledged only after the Ingester
// has stored it, so that Slack delivers it again otherwise; what Slack does not deliver again, a command or a button, is
// answered within three seconds by what became of it. What it does not know or cannot read is acknowledged,
// counted and never fatal. It writes with chat.postMessage and chat.update within the limits of the workspace;
// every text it sends is inert: it pings nobody, and no link acts or unfolds that the conversation does not contain.
//
// After a start, a time without an open socket, a sleep of the machine, or a time in which the store took nothing, it
// has what was missed read over REST (Missed). Replicas share the app's ten sockets by leases and divide Slack's
// limits.
//
// What people may read is asked of Slack whenever it matters; what cannot be told is refused.
// The bot token goes to Slack's own hosts and to that of the API only, as do answers by a response_url.
//
// Guarantees: normalising is pure; a lookup of names never holds a delivery longer than a second; bodies, queues and
// caches are bounded; errors above this package are *conversation.Failure and never slack-go's own.
//
// It does not do: modals, Slack's native message streams, OAuth, or more than the one
// workspace that the bot token belongs to. Dedupe of deliveries is the store's.
package slack
