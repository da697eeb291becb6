// Package bots is what the platform adapters share: cutting Markdown into messages (Split), making text that a model
// wrote inert (Inert), and keeping an adapter running (Supervise).
//
// It guarantees that no part of a split text is over the platform's limit as the adapter measures it, that text
// which the model wrote cannot call a crowd or carry a live link that the conversation does not contain, and that an
// adapter that fails or panics is started again without hammering the platform. Split and Inert take time linear in
// the text, whatever the text is.
//
// It knows no platform: rendering, the escaping of a platform's own mention forms, and its rate limits belong to the
// adapters.
package bots
