// Package bots is what the platform adapters share: cutting Markdown into messages, making model text inert,
// pacing calls within a platform's limits, keeping a connection running, and capped downloads.
//
// It guarantees that no part of a split text is over the platform's limit as the adapter measures it, that text
// which the model wrote cannot ping a crowd or carry a link that the conversation does not contain, that interim
// edits never delay a first post or a final flush, and that everything here is bounded in memory and time.
//
// It knows no platform: rendering, escaping of a platform's own mention forms, and the figures of its limits
// belong to the adapters.
package bots
