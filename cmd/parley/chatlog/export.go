package chatlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parley/conversation"
)

// readJSON reads an export: a list of messages is Slack's, an object with messages DiscordChatExporter's. names are those
// of a Slack export's people, by id.
func readJSON(data []byte, names map[string]string) (Log, error) {
	if bytes.TrimLeft(data, " \t\r\n")[0] == '[' {
		return readSlack(data, names)
	}
	return readDiscord(data)
}

// broken says where JSON breaks off, so that whoever exported it can look.
func broken(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var day *time.ParseError
	at := int64(len(data))
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &day):
		return fmt.Errorf("is no chat export: %.40s is no time such as \"2024-05-01T10:30:00+02:00\"", day.Value)
	case errors.As(err, &kind) && kind.Field == "":
		return errNoExport
	case errors.As(err, &kind):
		return fmt.Errorf("is no chat export: line %d holds %s where %s should stand", lineAt(data, kind.Offset), kind.Value, kind.Field)
	}
	return fmt.Errorf("is broken JSON: it ends or goes wrong in line %d, byte %d; export it again", lineAt(data, at), at)
}

func lineAt(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), int64(len(data)))], []byte("\n"))
}

// openFolder reads a channel's folder of a Slack export: a file for each day, and the names of people beside it.
func openFolder(path string) (Log, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return Log{}, err
	}
	names := readNames(filepath.Join(filepath.Dir(filepath.Clean(path)), "users.json"))
	log := Log{Name: filepath.Base(filepath.Clean(path))}
	var size int64
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		file := filepath.Join(path, e.Name())
		info, err := os.Stat(file)
		if err != nil {
			return Log{}, err
		}
		if !info.Mode().IsRegular() {
			continue // a pipe would be waited for
		}
		if size += info.Size(); size > sizeMost {
			return Log{}, errTooLong
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return Log{}, err
		}
		if data = decoded(data); len(bytes.TrimSpace(data)) == 0 {
			continue
		}
		one, err := readJSON(data, names)
		if err != nil {
			return Log{}, fmt.Errorf("%s %w", e.Name(), err)
		}
		log.Form, log.Noise, log.Unread = one.Form, log.Noise+one.Noise, log.Unread+one.Unread
		for key, name := range one.ThreadNames {
			if log.ThreadNames == nil {
				log.ThreadNames = map[string]string{}
			}
			log.ThreadNames[key] = name
		}
		log.Messages = append(log.Messages, one.Messages...)
	}
	if len(log.Messages) == 0 {
		return Log{}, errors.New("holds no .json file with messages: give the folder of one channel of a Slack export")
	}
	inOrder(&log)
	inThreads(&log)
	return log, nil
}

// inOrder sorts by time, and numbers in place of the platform's ids.
func inOrder(log *Log) {
	slices.SortStableFunc(log.Messages, func(a, b conversation.Message) int { return a.SentAt.Compare(b.SentAt) })
	began := map[string]string{} // of the messages that threads begin with: the number
	for _, m := range log.Messages {
		if m.Ref.Thread != "" {
			began[m.Ref.Thread] = "thread " + m.Ref.Thread
		}
	}
	for i := range log.Messages {
		id := fmt.Sprintf("M%d", i+1)
		if _, known := began[log.Messages[i].ID]; known {
			began[log.Messages[i].ID] = id
		}
		log.Messages[i].ID = id
	}
	for i := range log.Messages {
		if m := &log.Messages[i]; m.Ref.Thread != "" {
			m.Ref.Thread = began[m.Ref.Thread]
		}
	}
	names := map[string]string{}
	for key, name := range log.ThreadNames {
		if began[key] != "" {
			names[began[key]] = name
		}
	}
	log.ThreadNames = names
}

// inThreads names the channel in a log that has threads: without it, messages are one conversation, as they are in a log
// that holds nothing but one thread.
func inThreads(log *Log) {
	all := map[string]bool{}
	for _, m := range log.Messages {
		all[firstOf(m.Ref.Thread, m.ID)] = true
		if len(all) > 1 {
			break
		}
	}
	threads := len(all) > 1 && slices.ContainsFunc(log.Messages, func(m conversation.Message) bool { return m.Ref.Thread != "" && m.Ref.Thread != m.ID })
	for i := range log.Messages {
		if ref := &log.Messages[i].Ref; threads {
			ref.Channel = log.Name
		} else {
			ref.Thread = ""
		}
	}
}
