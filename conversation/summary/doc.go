// Package summary holds the parts of a summary that need no model and no database: it cuts a conversation into chunks at
// natural gaps, reads the line protocol in which a model tells what a chunk holds, merges what several chunks told, checks
// every citation against the messages, renders Markdown, and recognises that somebody asks for a summary.
//
// It is pure: it makes no call, starts no goroutine and reads no clock. It guarantees that
//   - chunk boundaries depend on the messages alone and are decided from the oldest on, so that new messages at the end
//     leave all chunks but the last as they were;
//   - no line is rendered whose citations, numbers, names or addresses are not in the messages that it cites;
//   - its memory is bounded by the chunk and by the items, not by the conversation.
//
// It knows messages by number and opaque id. It neutralises nothing: control tokens are the caller's, mentions and links
// are made inert by whoever posts the text.
package summary
