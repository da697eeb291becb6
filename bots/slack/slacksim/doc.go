// Package slacksim is a simulated Slack workspace that keeps state: users, channels, messages,
// threads, files and agent sessions, reached by people through Go methods and by one installed app
// through Slack's own protocols (Web API, Socket Mode, HTTP Events API, slash commands, shortcuts, buttons, response
// URLs, file links).
//
// It guarantees what the documentation of the platform says and what was observed of it: tokens and
// scopes are checked, limits answer with the errors and headers that Slack uses, an unacknowledged
// event comes again, one post is announced as app_mention and as message, and ids and timestamps
// never repeat between two starts. Tests assert on what the workspace contains afterwards; faults
// can be switched on and off while it runs. Coverage lists the methods that it answers.
//
// It does not do: more than one workspace or app, user tokens, OAuth, modals, elements other than
// buttons, Slack's native message streams, search, or retention. It listens on
// loopback by default, keeps everything in memory and is not meant to face a network.
package slacksim
