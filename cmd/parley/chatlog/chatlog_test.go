package chatlog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/cmd/parley/chatlog"
	"parley/conversation"
)

func read(t *testing.T, text, name string) chatlog.Log {
	t.Helper()
	log, err := chatlog.Read(strings.NewReader(text), name)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestEveryFormOfAnIRCLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"[11:22] <ana> hi there":                             "2006-06-01 11:22:00 ana: hi there",
		"[11:22] <zcat[1] > hi":                              "2006-06-01 11:22:00 zcat[1]: hi",
		"[11:22:33] <@ana> hi":                               "2006-06-01 11:22:33 ana: hi",
		"[11:22] * ana waves":                                "2006-06-01 11:22:00 ana: waves",
		"chan 2013-01-26 [15:04:04] <wiki-bugs>\t 03(mod) x": "2013-01-26 15:04:04 wiki-bugs: 03(mod) x",
		"2019-09-04 22:44:46 <ana> a <b> c":                  "2019-09-04 22:44:46 ana: a <b> c",
		"[2019-09-04T22:44:46Z] <ana> iso":                   "2019-09-04 22:44:46 ana: iso",
		"2019-09-04 22:44:46\tana\ttabs":                     "2019-09-04 22:44:46 ana: tabs",
		"11:22 < ana> irssi":                                 "2006-06-01 11:22:00 ana: irssi",
		"11:22  * ana irssi action":                          "2006-06-01 11:22:00 ana: irssi action",
		"[11:22] <ana> \x0304,02red\x03 \x02bold\x0f":        "2006-06-01 11:22:00 ana: red bold",
	} {
		log := read(t, line+"\n", "logs/2006-06-01.raw.txt")
		m := log.Messages[0]
		if got := m.SentAt.Format(time.DateTime) + " " + m.Author.Name + ": " + m.Text; got != want || log.Form != "IRC log" || m.ID != "L1" {
			t.Errorf("%q\n got %q (%s, %s)\nwant %q", line, got, log.Form, m.ID, want)
		}
	}
}

func TestNoiseIsCountedAndDaysGoOn(t *testing.T) {
	t.Parallel()
	log := read(t, strings.Join([]string{
		"=== bo [n=bo@host]  has joined #chan", "[23:58] <ana> late", "=== ana is now known as anna", "[00:03] <anna> past midnight", "-!- mode/#chan [+o bo]",
		"--- Day changed Sat Jun 03 2006", "[09:00] <bo> another day", "  and more of it",
	}, "\r\n"), "2006-06-01.txt")
	if len(log.Messages) != 3 || log.Noise != 4 || log.Undated {
		t.Fatalf("%d messages, %d noise, undated %t", len(log.Messages), log.Noise, log.Undated)
	}
	if got := log.Messages[1].SentAt; got != time.Date(2006, 6, 2, 0, 3, 0, 0, time.UTC) {
		t.Errorf("after midnight it is %v", got)
	}
	last := log.Messages[2]
	if last.SentAt != time.Date(2006, 6, 3, 9, 0, 0, 0, time.UTC) || last.Text != "another day\nand more of it" || last.ID != "L7" {
		t.Errorf("last message %+v", last)
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	log := read(t, "Ana Lee: We ship on Friday.\nBecause of the fair.\n\nBo: see https://example.org: it is there\n10:30 is fine\n", "notes.txt")
	if len(log.Messages) != 2 || log.Form != "plain text" || !log.Undated || log.Name != "notes" {
		t.Fatalf("%+v", log)
	}
	if log.Messages[0].Text != "We ship on Friday.\nBecause of the fair." || log.Messages[1].Author.Name != "Bo" || log.Messages[1].Text != "see https://example.org: it is there\n10:30 is fine" {
		t.Errorf("%+v", log.Messages)
	}
}

const slackDay = `[
 {"type":"message","user":"U1","text":"Hi <@U2>, see <#C9|general> &amp; <https://a.example/x|the page>","ts":"1558602600.000200","user_profile":{"display_name":"ana"}},
 {"type":"message","subtype":"channel_join","user":"U3","text":"<@U3> has joined the channel","ts":"1558602500.000100"},
 {"type":"message","subtype":"bot_message","bot_id":"B1","username":"deploys","text":"done","ts":"1558602700.000100","files":[{"id":"F1","name":"a.png","mimetype":"image/png"}]}
]`

func TestSlackExport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	channel := filepath.Join(dir, "general")
	for name, text := range map[string]string{
		"users.json": `[{"id":"U2","name":"bo","profile":{"real_name":"Bo B."}}]`, "general/2019-05-23.json": slackDay, "general/2019-05-24.json": "[]",
	} {
		if err := os.MkdirAll(channel, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log, err := chatlog.Open(channel)
	if err != nil {
		t.Fatal(err)
	}
	if len(log.Messages) != 2 || log.Noise != 1 || log.Name != "general" || log.Form != "Slack export" {
		t.Fatalf("%+v", log)
	}
	first, second := log.Messages[0], log.Messages[1]
	if first.Text != "Hi @Bo B., see #general & the page (https://a.example/x)" || first.Author.Name != "ana" || first.SentAt.Format(time.DateTime) != "2019-05-23 09:10:00" {
		t.Errorf("first %+v", first)
	}
	if second.Author.Kind != conversation.Bot || len(second.Attachments) != 1 || second.Attachments[0].Kind != conversation.AttachmentImage {
		t.Errorf("second %+v", second)
	}
}

func TestDiscordExport(t *testing.T) {
	t.Parallel()
	log := read(t, `{"guild":{"name":"g"},"channel":{"name":"dev"},"messages":[
	 {"id":"1","type":"Default","timestamp":"2024-02-01T10:00:00.5+01:00","content":"hello","author":{"id":"9","name":"ana","nickname":"Ana L","isBot":false}},
	 {"id":"2","type":"GuildMemberJoin","timestamp":"2024-02-01T10:01:00+01:00","content":"","author":{"id":"8","name":"bo"}},
	 {"id":"3","type":"Reply","timestamp":"2024-02-01T10:02:00+01:00","content":"","author":{"id":"8","name":"bo","isBot":true},"attachments":[{"id":"4","fileName":"a.ogg"}]}]}`, "x.json")
	if len(log.Messages) != 2 || log.Noise != 1 || log.Name != "dev" || log.Messages[0].Author.Name != "Ana L" || log.Messages[1].Attachments[0].Kind != conversation.AttachmentAudio {
		t.Fatalf("%+v", log)
	}
}

func TestWhatCannotBeReadIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"broken off":  {slackDay[:200], "is broken JSON: it ends or goes wrong in line"},
		"other JSON":  {`{"a":1}`, "is no chat export"},
		"wrong types": {`[{"type":"message","text":5}]`, "is no chat export"},
		"empty":       {" \n", "holds no messages"},
		"only joins":  {"=== a has joined #x\n=== b has left\n", "holds no messages"},
		"binary":      {"\x89PNG\x00\x00\x00", "is no text"},
	} {
		_, err := chatlog.Read(strings.NewReader(tt.text), "f")
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func TestOldLogsInLatin1(t *testing.T) {
	t.Parallel()
	if got := read(t, "[11:22] <ana> gr\xfc\xdfe\n", "f").Messages[0].Text; got != "grüße" {
		t.Errorf("got %q", got)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{slackDay, `{"messages":[]}`, "[11:22] <a> b\n=== c", "a: b\nc", "2019-09-04 22:44:46\ta\tb", "[", "{", "2024-05-01 10:00:30\t *\tbob waves", "11:25 -a:#b- c", "Oct 01 12:00:05 <a>\tb", "1/2/23, 9:15\u202fPM - A: b\nc", "[31.12.23, 21:15:04] A: b", "10:30 a | b", "\xff\xfea\x00:\x00 \x00b", `[{"type":"message","blocks":[{"text":{"text":"a"}}]}]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		log, err := chatlog.Read(strings.NewReader(text), "2001-02-03.txt")
		if err == nil && len(log.Messages) == 0 {
			t.Error("no error and no message")
		}
		for _, m := range log.Messages {
			if m.ID == "" || m.Author.Name == "" {
				t.Errorf("message without id or name: %+v", m)
			}
		}
	})
}
