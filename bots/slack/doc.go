// Package slack is Parley's Slack adapter: it turns Slack's deliveries into conversation events, and answers into
// Slack messages.
//
// It receives over Socket Mode, the HTTP Events API, or both; a delivery is acknowledged only after the Ingester
// has stored it, so that Slack delivers it again otherwise. What it does not know or cannot read is acknowledged,
// counted and never fatal. It writes with chat.postMessage and chat.update within the limits of the workspace;
// every text it sends is inert: it pings nobody, and no link acts or unfolds that the conversation does not contain.
//
// After a start, a time without an open socket, a sleep of the machine, or a time in which the store took nothing, it
// has what was missed read over REST (Missed). Replicas share the app's ten sockets by leases and divide Slack's
// limits.
//
// Guarantees: normalising is pure; a lookup of names never holds a delivery longer than a second; bodies, queues and
// caches are bounded; errors above this package are *conversation.Failure and never slack-go's own.
//
// It does not do: slash commands, interactivity, Slack's native message streams, OAuth, or more than the one
// workspace that the bot token belongs to. Dedupe of deliveries is the store's.
package slack
