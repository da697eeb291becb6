// Package llm talks to OpenAI-compatible model servers: hosted ones such as Together and local ones such as vLLM,
// llama.cpp, LM Studio and Ollama.
//
// It guarantees:
//   - an answer counts as complete only when the server said so (a finish reason or [DONE]); a cut stream is an
//     [Error] of kind [KindTruncated] that carries the text so far;
//   - every failure is an [*Error] with a [Kind] that says what to do about it; its text never holds the API key;
//   - nothing is sent a second time after the first token was handed on;
//   - the key goes to the host of the base URL and to no other, and no environment variable is read;
//   - every body, line and wait is bounded, and a cancelled context ends the request at once;
//   - requests have the form that the model's [Profile] asks for (Gemma: no system role, strict alternation), and
//     text in them cannot forge a turn (see [Neutralise]);
//   - what a server tells or shows of itself (its window, its own counts, fields that it refuses, prices) is used from
//     then on and kept in a [Memory]; it is asked nowhere but at the host of the base URL.
//
// Besides chat it has recordings written down by a server's speech to text (see [Client.Transcribe]), and finds out whether the
// model takes pictures and sound (see [Client.Abilities]). Files are sent as they are read, never copied whole.
//
// It does not choose what goes into a prompt, does not keep a request within the window (the caller packs, with
// [Profile.BoundRequest]), and does not call tools.
package llm
