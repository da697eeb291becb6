package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// envelope is the outer object of an Events API delivery, the same over HTTP and as a Socket Mode payload.
// Slack: docs.slack.dev/apis/events-api, "Callback field overview".
type envelope struct {
	Type           string      `json:"type"`
	Challenge      string      `json:"challenge"`
	TeamID         string      `json:"team_id"`
	ContextTeamID  string      `json:"context_team_id"`
	AppID          string      `json:"api_app_id"`
	EventID        string      `json:"event_id"`
	Event          *wireEvent  `json:"event"`
	Authorizations []grantedTo `json:"authorizations"`
}

type grantedTo struct {
	TeamID string `json:"team_id"`
}

// wireEvent is what is read of an inner event: a message with the fields that only events have.
type wireEvent struct {
	wireMessage
	Channel     string       `json:"channel"`
	ChannelType string       `json:"channel_type"`
	EventTS     string       `json:"event_ts"`
	DeletedTS   string       `json:"deleted_ts"`
	Tab         string       `json:"tab"`
	Message     *wireMessage `json:"message"`
	Previous    *wireMessage `json:"previous_message"`
}

// wireMessage is a message as events, conversations.history and conversations.replies carry it.
type wireMessage struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	User        string          `json:"user"`
	Username    string          `json:"username"`
	BotID       string          `json:"bot_id"`
	BotProfile  *wireBot        `json:"bot_profile"`
	AppID       string          `json:"app_id"`
	Text        string          `json:"text"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"`
	Edited      *wireEdit       `json:"edited"`
	Files       []wireFile      `json:"files"`
	Blocks      json.RawMessage `json:"blocks"`
	Attachments json.RawMessage `json:"attachments"`
	Metadata    *wireMetadata   `json:"metadata"`
	ReplyCount  int             `json:"reply_count"`
	LatestReply string          `json:"latest_reply"`
}

type wireBot struct {
	Name string `json:"name"`
}

type wireEdit struct {
	TS string `json:"ts"`
}

type wireMetadata struct {
	EventType    string `json:"event_type"`
	EventPayload struct {
		SendID string `json:"send_id"`
	} `json:"event_payload"`
}

// wireFile is a file object. Slack: docs.slack.dev/reference/objects/file-object.
type wireFile struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	Mimetype string `json:"mimetype"`
	Filetype string `json:"filetype"`
	Subtype  string `json:"subtype"`
	Mode     string `json:"mode"`
	Size     int64  `json:"size"`
	// Access is check_file_info where only files.info tells more.
	Access   string `json:"file_access"`
	External bool   `json:"is_external"`
	Private  string `json:"url_private"`
	Download string `json:"url_private_download"`
}

// decode reads JSON tolerantly: a field of another type than expected is left empty, since what Slack adds or
// changes must not cost a message. Only text that is not JSON is an error.
func decode(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	return err
}

// parseTS reads a Slack timestamp, "1700000000.123456": seconds and microseconds. It is the id of a message too.
func parseTS(ts string) (time.Time, error) {
	whole, frac, found := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<40 || len(frac) > 9 || found && frac == "" {
		return time.Time{}, fmt.Errorf("read timestamp %.40q: not seconds and microseconds", ts)
	}
	var nanos int64
	if frac != "" {
		n, err := strconv.ParseUint(frac, 10, 32)
		if err != nil {
			return time.Time{}, fmt.Errorf("read timestamp %.40q: not seconds and microseconds", ts)
		}
		nanos = int64(n)
		for range 9 - len(frac) {
			nanos *= 10
		}
	}
	return time.Unix(seconds, nanos).UTC(), nil
}

// formatTS writes t as a Slack timestamp.
func formatTS(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// SentAt implements conversation.Dater: a message's id is the time at which Slack took it. The id of a file tells none.
func (a *Adapter) SentAt(messageID string) (time.Time, bool) {
	at, err := parseTS(messageID)
	return at, err == nil
}
