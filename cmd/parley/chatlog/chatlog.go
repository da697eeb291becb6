// Package chatlog reads logs of chats that were exported or kept elsewhere: Slack exports, DiscordChatExporter's JSON, IRC
// logs in the usual forms, and plain text of "name: text" lines. The form is told by the content. Files are foreign text:
// what is no message of a person or program is left out and counted, and what cannot be read is said in one sentence.
package chatlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"parley/conversation"
)

// Log is a chat log.
type Log struct {
	// Name is that of the channel where the log tells it, else of the file.
	Name string
	// Form is "Slack export", "DiscordChatExporter", "IRC log", "chat log" or "plain text".
	Form string
	// Messages are in the order of the log. ID is the message's place: "L" and the line's number in a text, "M" and the
	// number of the message in an export. Author.ID is the platform's id or, in a text, the name. Where the log has threads,
	// Ref.Channel is Name, and Ref.Thread the ID of the message that began the thread, or a key that is no ID where the log
	// does not hold it; it is empty outside of threads. Text has no threads, and a log that is one thread is not parted.
	Messages []conversation.Message
	// ThreadNames are the names of threads that have one, by Ref.Thread: foreign text.
	ThreadNames map[string]string
	// Noise counts lines and entries that are no message: joins, parts, renames, changes of topic.
	Noise int
	// Unread counts what may have been said and could not be read: lines of no known form, and entries without text.
	Unread int
	// Undated says that times of day are known, but not the day.
	Undated bool
}

// sizeMost is the most bytes of a log: a year of a very busy channel. Messages are held in memory.
const sizeMost = 512 << 20

// Errors of a log.
var (
	errEmpty    = errors.New("holds no messages")
	errTooLong  = fmt.Errorf("is larger than %d MB; split it", sizeMost>>20)
	errNoExport = errors.New("is no chat export: a Slack export is a list of messages, a DiscordChatExporter JSON has \"messages\"")
	errBinary   = errors.New("is no text: give a Slack export, a DiscordChatExporter JSON, an IRC log, or lines of \"name: text\"")
)

// Open reads a file, or the folder of a channel in a Slack export.
func Open(path string) (Log, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Log{}, err
	}
	if info.IsDir() {
		return openFolder(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return Log{}, err
	}
	defer func() { _ = file.Close() }()
	return Read(file, path)
}

// Read reads a log whose form its content tells. The name is that of the file: it may hold the day of an IRC log.
func Read(r io.Reader, name string) (Log, error) {
	data, err := io.ReadAll(io.LimitReader(r, sizeMost+1))
	if err != nil {
		return Log{}, err
	}
	if len(data) > sizeMost {
		return Log{}, errTooLong
	}
	data = decoded(data)
	var log Log
	switch trimmed := bytes.TrimLeft(data, " \t\r\n"); {
	case len(trimmed) == 0:
		return Log{}, errEmpty
	case (trimmed[0] == '[' || trimmed[0] == '{') && looksLikeJSON(trimmed):
		if log, err = readJSON(data, nil); err == nil {
			inOrder(&log)
		}
	case json.Valid(trimmed):
		return Log{}, errNoExport
	case bytes.IndexByte(data[:min(len(data), 4096)], 0) >= 0:
		return Log{}, errBinary
	default:
		log, err = readText(text(data), name)
	}
	if err != nil {
		return Log{}, err
	}
	if len(log.Messages) == 0 {
		return Log{}, errEmpty
	}
	if log.Name == "" {
		log.Name = baseName(name)
	}
	inThreads(&log)
	return log, nil
}

// looksLikeJSON tells an export from a text that begins with "[11:22] <nick>".
func looksLikeJSON(data []byte) bool {
	if data[0] == '{' {
		return true
	}
	rest := bytes.TrimLeft(data[1:], " \t\r\n")
	return len(rest) == 0 || rest[0] == '{' || rest[0] == ']' || json.Valid(data)
}
