package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/conversation"
)

// officeLog is a channel of a Slack export with two threads and talk outside of them.
func officeLog() []byte {
	type profile struct {
		Name string `json:"display_name"`
	}
	type said struct {
		Type    string  `json:"type"`
		User    string  `json:"user"`
		Text    string  `json:"text"`
		TS      string  `json:"ts"`
		Thread  string  `json:"thread_ts,omitempty"`
		Profile profile `json:"user_profile"`
	}
	var all []said
	at := func(minute int) string { return fmt.Sprintf("%d.000100", 1893488400+60*minute) }
	for k, s := range []struct {
		in        int
		who, text string
	}{
		{0, "Ana", "The importer fails on files over two gigabytes"}, {-1, "Bo", "Good morning everybody"}, {2, "Chen", "Who comes to the trade fair in Lyon?"},
		{0, "Bo", "It runs out of memory while it reads the header"}, {0, "Ana", "Decided: the importer reads in blocks from now on."},
		{2, "Bo", "I will book the stand in Lyon by Friday."}, {-1, "Bo", "The coffee machine is broken again"}, {2, "Chen", "Who pays for the train tickets?"},
	} {
		one := said{Type: "message", User: "U" + s.who, Text: s.text, TS: at(k), Profile: profile{s.who}}
		if s.in >= 0 {
			one.Thread = at(s.in)
		}
		all = append(all, one)
	}
	data, _ := json.Marshal(all)
	return data
}

func TestSummarizeTellsASlackExportThreadByThread(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "general"), 0o700); err != nil {
		t.Fatal(err)
	}
	place(t, filepath.Join(dir, "general"), "2030-01-01.json", officeLog())
	file := place(t, dir, "general.json", officeLog())
	for name, tt := range map[string]struct {
		args []string
		want []string
	}{
		"file": {[]string{file}, []string{
			"**Ana: “The importer fails on files over two gigabytes”** [M1] (3 messages, 2 people) · *Decisions* [M5]\n",
			"**Chen: “Who comes to the trade fair in Lyon?”** [M3] (3 messages, 2 people) · *Action items* [M6]", "**Outside of threads** (2 messages, 1 person)"}},
		"folder": {[]string{filepath.Join(dir, "general")}, []string{"”** [M1] (3 messages, 2 people)", "”** [M3] (3 messages, 2 people)"}},
		"threads that began before the stretch": {[]string{file, "--last", "4"}, []string{
			"**Ana: “The importer fails on files over two gigabytes”** [M1] (1 message, 1 person) · *Decisions* [M5]",
			"**Chen: “Who comes to the trade fair in Lyon?”** [M3] (2 messages, 2 people)", "*4 of 4 messages, 1 Jan 09:04 to 1 Jan 09:07, 3 people*"}},
	} {
		code, stdout, stderr := alone(t, nil, "", append([]string{"summarize"}, tt.args...)...)
		for _, want := range tt.want {
			if code != exitOK || strings.Count(stdout, want) != 1 {
				t.Errorf("%s: exit %d, no %q in\n%s\n%s", name, code, want, stdout, stderr)
			}
		}
	}
}

func TestSummarizeGivesThreadsAsJSON(t *testing.T) {
	t.Parallel()
	file := place(t, t.TempDir(), "general.json", officeLog())
	for _, args := range [][]string{nil, {"--last", "4"}} {
		_, stdout, _ := alone(t, nil, "", append([]string{"summarize", "--json", file}, args...)...)
		var got conversation.SummaryResult
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Threads) != 2 || got.Threads[0].ID != "M1" || got.Threads[0].Link != "M1" || got.Threads[1].ID != "M3" {
			t.Errorf("%v: threads %+v", args, got.Threads)
		}
		for _, i := range got.Items {
			if want := map[string]string{"decision": "M1", "action": "M3", "question": "M3"}[i.Kind]; want != "" && i.Thread != want {
				t.Errorf("%v: %s stands in %q", args, i.Kind, i.Thread)
			}
		}
	}
}

func TestSummarizeWithoutThreadsTellsNone(t *testing.T) {
	t.Parallel()
	for name, log := range map[string]string{"Slack export": slackLog, "replies on Discord": discordLog} {
		code, stdout, _ := alone(t, nil, log, "summarize", "--json")
		var got conversation.SummaryResult
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitOK {
			t.Fatalf("%s: exit %d, %v", name, code, err)
		}
		if len(got.Threads) > 0 || strings.Contains(got.Text, "**Threads**") {
			t.Errorf("%s: %s", name, got.Text)
		}
	}
}
