package chatlog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/cmd/parley/chatlog"
)

// threads are the channel, and for each message its id and thread.
func threads(log chatlog.Log) string {
	var all []string
	for _, m := range log.Messages {
		all = append(all, m.ID+"<"+m.Ref.Thread)
		if (m.Ref.Channel != "") != (log.Messages[0].Ref.Channel == log.Name) {
			all = append(all, "channel "+m.Ref.Channel)
		}
	}
	return strings.Join(all, " ")
}

// say is a message of a Slack export.
func say(ts, thread string) string {
	return fmt.Sprintf(`{"type":"message","user":"U1","text":"words of %s","ts":"%s","thread_ts":"%s"}`, ts, ts, thread)
}

func TestThreadsOfASlackExport(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		says []string
		want string
	}{
		"by the message that began them":     {[]string{say("1.1", "1.1"), say("2.1", ""), say("3.1", "1.1")}, "M1<M1 M2< M3<M1"},
		"out of order":                       {[]string{say("3.1", "1.1"), say("2.1", ""), say("1.1", "1.1")}, "M1<M1 M2< M3<M1"},
		"whose begin is not in the export":   {[]string{say("2.1", ""), say("3.1", "1.1"), say("4.1", "1.1")}, "M1< M2<thread 1.1 M3<thread 1.1"},
		"none":                               {[]string{say("1.1", ""), say("2.1", "")}, "M1< M2<"},
		"replies were left out":              {[]string{say("1.1", "1.1"), say("2.1", "")}, "M1< M2<"},
		"one and nothing else":               {[]string{say("1.1", "1.1"), say("2.1", "1.1")}, "M1< M2<"},
		"a key that looks like a number":     {[]string{say("2.1", ""), say("3.1", "M1")}, "M1< M2<thread M1"},
		"one that is a reply in another one": {[]string{say("1.1", "1.1"), say("2.1", "1.1"), say("3.1", "2.1")}, "M1<M1 M2<M1 M3<M2"},
	} {
		log := read(t, "["+strings.Join(tt.says, ",\n")+"]", "general.json")
		if got := threads(log); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
		if grouped := strings.Contains(strings.ReplaceAll(tt.want, "< ", ""), "<M") || strings.Contains(tt.want, "thread"); (log.Messages[0].Ref.Channel == "general") != grouped {
			t.Errorf("%s: channel %q", name, log.Messages[0].Ref.Channel)
		}
	}
}

func TestThreadsGoOnInTheNextFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "general")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"1.json": say("1.1", "1.1") + "," + say("2.1", ""), "2.json": say("90000.1", "1.1")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("["+text+"]"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log, err := chatlog.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := threads(log); got != "M1<M1 M2< M3<M1" || log.Messages[2].Ref.Channel != "general" {
		t.Errorf("got %q in %q", got, log.Messages[2].Ref.Channel)
	}
}

func TestThreadsOfDiscordAreFilesOfTheirOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	channel := `{"channel":{"id":"5","type":"GuildTextChat","name":"dev"},"messages":[
	 {"id":"10","type":"Default","timestamp":"2030-01-01T09:00:00Z","content":"a plan","author":{"id":"1","name":"ana"}},
	 {"id":"11","type":"Reply","timestamp":"2030-01-01T09:10:00Z","content":"yes","author":{"id":"2","name":"bo"},"reference":{"messageId":"10","channelId":"5"}}]}`
	thread := `{"channel":{"id":"10","type":"GuildPublicThread","categoryId":"5","name":"the plan"},"messages":[
	 {"id":"12","type":"Default","timestamp":"2030-01-01T09:05:00Z","content":"more of it","author":{"id":"1","name":"ana"}}]}`
	for name, text := range map[string]string{"a.json": channel, "b.json": thread} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log, err := chatlog.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := threads(log); got != "M1< M2<M1 M3<" || log.ThreadNames["M1"] != "the plan" || log.Messages[0].Ref.Channel == "" {
		t.Errorf("got %q, names %q", got, log.ThreadNames)
	}
	for name, text := range map[string]string{"a reply": channel, "a thread by itself": thread} {
		log := read(t, text, "x.json")
		if got := threads(log); strings.Contains(got, "<M") || strings.Contains(got, "thread") || log.Messages[0].Ref.Channel != "" {
			t.Errorf("%s is told by thread: %q", name, got)
		}
	}
}
