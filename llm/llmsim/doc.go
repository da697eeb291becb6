// Package llmsim is a simulated OpenAI-compatible model server on loopback. It speaks as Together, vLLM or llama.cpp do
// and is as strict as they are with Gemma: it refuses a system role, roles that do not alternate and a prompt over its
// window, and counts tokens by a rule of its own (see [CountTokens]), so that no test of the window is circular.
//
// Answers come from a queue of scripted [Reply] values, or from a [Responder]; a reply can be slow, cut, stalled, or any
// fault that model servers have. [Offline] is a responder without any AI that still does something true with what it is
// given; `parley demo` runs on it.
//
// It keeps a journal of all requests. It does not sample, has no state between requests but that journal, and offers
// only chat completions and the model list.
package llmsim
