package chatlog_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/cmd/parley/chatlog"
	"parley/conversation"
)

// told are the messages of a log, one after the other.
func told(log chatlog.Log) string {
	var all []string
	for _, m := range log.Messages {
		at := m.SentAt.Format("2006-01-02 15:04:05")
		if log.Undated {
			at = m.SentAt.Format("15:04:05")
		}
		if m.Author.Kind == conversation.Bot {
			at += " bot"
		}
		all = append(all, at+" "+m.Author.Name+": "+m.Text)
	}
	return strings.Join(all, "\n")
}

func TestLogsOfEveryProgram(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, want    string
		noise, unread int
	}{
		"WeeChat": {
			"2024-05-01 10:00:00\t-->\talice (~a@h) has joined #dev\n2024-05-01 10:00:10\talice\twe ship\n2024-05-01 10:00:20\tjean-luc\tI write\n" +
				"2024-05-01 10:00:30\t *\tbob waves\n2024-05-01 10:00:40\t--\tMode #dev [+o bob]\n2024-05-01 10:00:50\t@[x]=y\tops\n" +
				"2024-05-01 10:00:55\t  +a_b`^{}|\\\tvoiced\n2024-05-01 10:01:00\t<--\talice (~a@h) has quit\n2024-05-01 10:01:00\t\tend of the backlog\n",
			"2024-05-01 10:00:10 alice: we ship\n2024-05-01 10:00:20 jean-luc: I write\n2024-05-01 10:00:30 bob: waves\n2024-05-01 10:00:50 [x]=y: ops\n" +
				"2024-05-01 10:00:55 a_b`^{}|\\: voiced", 4, 0},
		"a WeeChat log of many joins": {
			strings.Repeat("2024-05-01 10:00:00\t-->\talice (~a@h) has joined #dev\n", 20) + "2024-05-01 10:00:10\talice\thi\n", "2024-05-01 10:00:10 alice: hi", 20, 0},
		"irssi and its notices": {
			"--- Log opened Thu Jun 01 11:22:00 2006\n11:22 -!- alice [a@h] has joined #dev\n11:22 <@alice> we ship\n11:23 < jean-luc> I write\n" +
				"11:24  * bob waves\n11:25 -ChanServ:#dev- bob is now op\n11:26 ?? what is this\n11:26 <+bob> review?\n--- Day changed Fri Jun 02 2006\n00:01 < alice> next\n",
			"2006-06-01 11:22:00 alice: we ship\n2006-06-01 11:23:00 jean-luc: I write\n2006-06-01 11:24:00 bob: waves\n2006-06-01 11:25:00 bot ChanServ: bob is now op\n" +
				"2006-06-01 11:26:00 bob: review?\n2006-06-02 00:01:00 alice: next", 3, 1},
		"ZNC and its notices": {
			"[15:04:05] *** Joins: alice (a@h)\n[15:04:06] <alice> one\n[15:04:07] * bob waves\n[15:04:08] -jean-luc- please identify\n[15:04:09] <bob> two\n",
			"15:04:06 alice: one\n15:04:07 bob: waves\n15:04:08 bot jean-luc: please identify\n15:04:09 bob: two", 1, 0},
		"HexChat": {
			"**** BEGIN LOGGING AT Sat Dec 31 12:00:00 2022\n\nDec 31 12:00:01 *\tNow talking on #dev\nDec 31 12:00:05 <alice>\twe ship\nDec 31 12:00:20 *\tbob waves\n" +
				"Dec 31 12:00:21 *\tbob has quit (bye)\nJan  1 09:00:00 <a-b>\tgood morning\n**** ENDING LOGGING AT Sun Jan  1 12:00:00 2023\n",
			"2022-12-31 12:00:05 alice: we ship\n2022-12-31 12:00:20 bob: waves\n2023-01-01 09:00:00 a-b: good morning", 4, 0},
		"WhatsApp of Android": {
			"12/31/23, 9:15\u202fPM - Messages are encrypted.\n12/31/23, 9:15\u202fPM - Alice: we ship: Friday\n12/31/23, 9:16\u202fPM - Bob B.: I write\nNote: second line\n" +
				"10:30 is fine\n1/1/24, 12:03\u202fam - +49 170 1: happy\n1/1/24, 12:04\u202fam - Bob left\n",
			"2023-12-31 21:15:00 Alice: we ship: Friday\n2023-12-31 21:16:00 Bob B.: I write\nNote: second line\n10:30 is fine\n2024-01-01 00:03:00 +49 170 1: happy", 2, 0},
		"WhatsApp of iOS": {
			"\u200e[31.12.23, 21:41:05] Alice: we ship\r\n[31.12.23, 21:42:05] Bob: I write\r\nmore\r\n\u200e[01.01.24, 00:43:05] Carol: \u200eimage omitted\r\n",
			"2023-12-31 21:41:05 Alice: we ship\n2023-12-31 21:42:05 Bob: I write\nmore\n2024-01-01 00:43:05 Carol: image omitted", 0, 0},
		"months first that only their order tells": {
			"[1/2/24, 08:00:00] A: x\n[1/10/24, 08:00:00] B: y\n[2/3/24, 08:00:00] A: z\n", "2024-01-02 08:00:00 A: x\n2024-01-10 08:00:00 B: y\n2024-02-03 08:00:00 A: z", 0, 0},
		"day, time and name":        {"2024-05-01 10:30 Alice: x\n2024-05-01 10:31 Bob: y\nz\n", "2024-05-01 10:30:00 Alice: x\n2024-05-01 10:31:00 Bob: y\nz", 0, 0},
		"day in brackets":           {"[2024-05-01 10:30:22] Alice: x\n[2024-05-01 10:31:22] Bob: y\n", "2024-05-01 10:30:22 Alice: x\n2024-05-01 10:31:22 Bob: y", 0, 0},
		"day of ISO 8601":           {"2024-05-01T10:30:22Z Alice: x\n2024-05-01T10:31:22.123+02:00 Bob: y\n", "2024-05-01 10:30:22 Alice: x\n2024-05-01 10:31:22 Bob: y", 0, 0},
		"ISO 8601 and a nick":       {"2024-05-01T10:30:22+02:00 <Alice> x\n", "2024-05-01 10:30:22 Alice: x", 0, 0},
		"time in brackets":          {"[10:30] Alice: x\n[23:31] Bob: y\n[00:10] Alice: z\n", "10:30:00 Alice: x\n23:31:00 Bob: y\n00:10:00 Alice: z", 0, 0},
		"time and nick":             {"10:30 <alice> x\n10:31 <jean-luc> y\n", "10:30:00 alice: x\n10:31:00 jean-luc: y", 0, 0},
		"time, nick and a bar":      {"10:30 alice | x: y\n10:31 jean-luc | z\n", "10:30:00 alice: x: y\n10:31:00 jean-luc: z", 0, 0},
		"one message of many lines": {"[10:30] Alice: traces:\n" + strings.Repeat("  at x\n", 12), "10:30:00 Alice: traces:" + strings.Repeat("\nat x", 12), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := read(t, tt.text, "x.log")
			if got := told(log); got != tt.want || log.Noise != tt.noise || log.Unread != tt.unread {
				t.Errorf("%s\n got %q\nwant %q\n%d noise, want %d; %d unread, want %d", log.Form, got, tt.want, log.Noise, tt.noise, log.Unread, tt.unread)
			}
		})
	}
}

func TestATextInWhichNobodySpeaksIsNoLog(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"prose":          "We ship on Friday.\nBecause of the fair.\nNobody said so.\n",
		"a long article": strings.Repeat("A sentence of an article.\n", 400) + "Note: it ends.\n",
	} {
		if log, err := chatlog.Read(strings.NewReader(text), "f"); err == nil || !strings.Contains(err.Error(), "lines of \"name: text\"") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %d messages, %v", name, len(log.Messages), err)
		}
	}
	notes := read(t, "Notes of today\n"+strings.Repeat("What was said goes on.\n", 10)+"Ana: we ship\nBo: fine\n", "f")
	if len(notes.Messages) != 3 || notes.Messages[1].Author.Name != "Ana" {
		t.Errorf("notes give %q", told(notes))
	}
}

func TestLongMessagesAreKeptWhole(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("word: <a> | ", 1<<14)
	for _, text := range []string{
		"[10:30] <ana> " + line, "[10:30] ana: " + line, "ana: " + line, "[10:30] <ana> paste:\n" + strings.Repeat(strings.Repeat("x", 100)+"\n", 10_000),
	} {
		if log := read(t, text, "f"); len(log.Messages) != 1 || len(log.Messages[0].Text) < 150_000 {
			t.Errorf("%.20q: %d messages", text, len(log.Messages))
		}
	}
}

// BenchmarkLongPaste reads one message of n lines: it is to cost ten times as much for ten times as many.
func BenchmarkLongPaste(b *testing.B) {
	for _, lines := range []int{10_000, 100_000} {
		text := "[10:30] <ana> paste:\n" + strings.Repeat(strings.Repeat("x", 100)+"\n", lines)
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			for b.Loop() {
				if _, err := chatlog.Read(strings.NewReader(text), "f"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
