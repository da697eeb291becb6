// Package llmsim is a simulated OpenAI-compatible model server on loopback. It speaks as one of the
// servers of [Dialect] does and is as strict with Gemma: most refuse a system role, roles that do not alternate and a
// prompt over their window, each in its own words. It counts tokens by a rule of its own (see [CountTokens]), so that no test of the window is circular.
//
// Answers come from a queue of scripted [Reply] values, or from a [Responder]; a reply can be slow, cut, stalled, or any
// fault that model servers have. [Offline] is a responder without any AI that still does something true with what it is
// given; `parley demo` runs on it.
//
// Pictures and sound are counted, taken or refused as the server that is simulated would; sound is heard by a recogniser that
// a test may set. Together and vLLM also have speech to text.
//
// It keeps a journal of all requests. It does not sample, has no state between requests but that journal, and offers
// only chat completions, speech to text, the model list and what each server tells of its window and of what it takes.
package llmsim
