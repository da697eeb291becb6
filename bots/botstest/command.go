package botstest

import (
	"fmt"
	"strings"
	"testing"

	"parley/conversation"
	"parley/conversation/conversationtest"
)

// CommandHouse is a House whose people give commands. A place is one that Thread gave.
type CommandHouse interface {
	House
	// Summarize has the person who asks give the command for a summary of a thread.
	Summarize(t *testing.T, p Place)
	// Private gives the bot's messages that only this person sees where the command was given, in the order in which they
	// stand there; Mail its direct messages to this person.
	Private() []Private
	Mail() []Private
	// Others gives what another person sees of the bot, in private and by direct message.
	Others() []string
	// Press presses the button under one of those messages.
	Press(t *testing.T, m Private)
	// EndCommands lets the commands that were given be too old to be answered.
	EndCommands()
	// LosePrivate has the next call that makes a private message end without an answer; arrives says that the message is
	// seen all the same. twice tells that the platform lets nobody find out, so that its text may stand there twice.
	LosePrivate(t *testing.T, arrives bool) (twice bool)
	// PrivateCalls counts the calls by which private messages were made: those of which the platform takes a few only.
	PrivateCalls() int
}

// Private is a message that one person sees.
type Private struct {
	// ID is what Press needs to find it.
	ID string
	// Text is its text, Button the text that its button "Share in thread" brings back, empty where there is none, and File
	// the content of a file that came with it.
	Text, Button, File string
}

// ExerciseCommands runs the suite of private answers on houses of one platform.
func ExerciseCommands(t *testing.T, platform conversation.Platform, build func(*testing.T, Ingester) CommandHouse) {
	t.Helper()
	for name, tt := range map[string]struct {
		lines int // at most 40 of a kind are told in one summary
		pad   int
		late  bool
		lost  func(*testing.T, CommandHouse) bool
		mail  bool
	}{
		"a short answer is one private message":                        {lines: 2},
		"a long private answer arrives whole and in order":             {lines: 40},
		"one that is too long goes by direct message":                  {lines: 40, pad: 5, mail: true},
		"one that is late goes by direct message":                      {lines: 2, late: true, mail: true},
		"one that is late and long goes by direct message":             {lines: 40, late: true, mail: true},
		"a private message that is lost and arrives is not said twice": {lines: 40, lost: func(t *testing.T, h CommandHouse) bool { return h.LosePrivate(t, true) }},
		"a private message that is lost is not missing":                {lines: 40, lost: func(t *testing.T, h CommandHouse) bool { return h.LosePrivate(t, false) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var house CommandHouse
			script := conversationtest.Script{Deltas: []string{told(tt.lines, tt.pad)}, Before: func() {
				if tt.late {
					house.EndCommands()
				}
			}}
			w := openWith(t, platform, func(t *testing.T, in Ingester) House { house = build(t, in); return house },
				func(o *conversation.Options) { o.Readings = o.Store.(*conversationtest.Store) },
				conversationtest.Script{Deltas: []string{"Noted."}}, script)
			p := w.Thread(t, said(tt.lines, tt.pad), "remember this")
			w.answered(t, p, "Noted.")
			twice := tt.lost != nil && tt.lost(t, house)
			house.Summarize(t, p)
			w.until(t, "the command is answered", func() bool {
				return len(w.store.Owed()) == 0 && len(w.model.Requests()) > 1 && (len(house.Private())+len(house.Mail())) > 0
			})
			seen := house.Private()
			if tt.mail {
				if !tt.late && (len(seen) == 0 || !strings.Contains(seen[len(seen)-1].Text, "direct message")) {
					t.Errorf("the person is not told where the answer went: %+v", seen)
				}
				seen = house.Mail()
			} else if len(house.Mail()) > 0 {
				t.Errorf("it went by direct message too: %+v", house.Mail())
			}
			if twice {
				seen = seen[len(seen)-1:]
			}
			whole(t, seen, tt.lines)
			if others := house.Others(); len(others) > 0 {
				t.Errorf("others see %q", others)
			}
			if n := house.PrivateCalls(); n > 5 {
				t.Errorf("%d private messages were made", n)
			}
			before := len(w.Seen(p))
			for range 2 { // a double click
				house.Press(t, button(t, seen))
			}
			w.until(t, "it is shared", func() bool { return len(w.store.Owed()) == 0 && len(w.Seen(p)) > before })
			var shared []string
			for _, m := range w.Seen(p)[before:] {
				shared = append(shared, m.Text, m.File)
			}
			if all := strings.Join(shared, "\n"); missing(all, tt.lines) != "" || strings.Count(all, "messages, ") < 1 {
				t.Errorf("the thread lacks %s:\n%s", missing(all, tt.lines), all)
			}
		})
	}
}

// said are the messages of a thread, each with so many clauses more; told is what the model says of them.
func said(lines, pad int) []string {
	var out []string
	for i := range lines {
		line := fmt.Sprintf("We agreed to paint wall%d green in building%d", i, i)
		for k := range pad {
			line += fmt.Sprintf(" before crew%d comes along gate%d of the harbour", k*40+i, k*40+i)
		}
		out = append(out, line+".")
	}
	return out
}

func told(lines, pad int) string {
	var b strings.Builder
	for i, line := range said(lines, pad) {
		kind := "D"
		if i == 0 {
			kind = "S"
		}
		fmt.Fprintf(&b, "%s [%d] %s\n", kind, i+1, line)
	}
	return b.String()
}

// missing names the first line that a text does not hold.
func missing(text string, lines int) string {
	for i := range lines {
		if !strings.Contains(text, fmt.Sprintf("wall%d green", i)) {
			return fmt.Sprintf("wall%d", i)
		}
	}
	return ""
}

// whole asserts that private messages, or the file that came with them, hold each line once and in order, and that the
// last message alone has a button.
func whole(t *testing.T, seen []Private, lines int) {
	t.Helper()
	var texts []string
	file, last := "", 0
	for i, m := range seen {
		texts = append(texts, m.Text)
		file += m.File
		if m.Text != "" && m.File == "" {
			last = i
		}
	}
	for i, m := range seen {
		if (m.Button != "") != (i == last) {
			t.Errorf("message %d of %d has the button %q", i+1, len(seen), m.Button)
		}
	}
	all, at := strings.Join(texts, "\n"), 0
	if file != "" {
		all = file
	}
	for i := 1; i < lines; i++ {
		word := fmt.Sprintf("wall%d green", i)
		n := strings.Index(all[at:], word)
		if n < 0 || strings.Count(all, word) != 1 {
			t.Fatalf("%s stands %d times, or out of order, in %d messages:\n%s", word, strings.Count(all, word), len(seen), all)
		}
		at += n
	}
}

// button finds the message with the button.
func button(t *testing.T, seen []Private) Private {
	t.Helper()
	for _, m := range seen {
		if m.Button != "" {
			return m
		}
	}
	t.Fatalf("there is no button: %+v", seen)
	return Private{}
}
