package conversation_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

// command is a turn that answers a command of Ana's.
func (h *house) command(t *testing.T, ask c.Ask, text string) c.Turn {
	t.Helper()
	ref := h.ref
	ref.Thread = c.CommandThread("i1")
	ask.Handle, ask.Expires = "handle", time.Now().Add(30*time.Minute)
	m := c.Message{Ref: ref, Place: c.PlacePrivate, ID: ref.Thread, Author: c.Author{ID: "Ana", Name: "Ana", Kind: c.Person}, Text: text, SentAt: time.Now(), Ask: &ask}
	if err := h.Ingest(context.Background(), c.Posted{Message: m}); err != nil {
		t.Fatal(err)
	}
	turn, ok := h.store.Begin(ref)
	if !ok {
		t.Fatal("no turn is owed to the command")
	}
	return turn
}

func TestCommandIsAnsweredPrivately(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
		got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbAsk}, "/parley please answer"))
		if err != nil || got.Kind != c.Answered {
			t.Fatalf("outcome %+v, %v", got, err)
		}
		if w := h.chat.Whispers(); len(w) != 1 || w[0].To != "Ana" || w[0].Text != "ok" {
			t.Errorf("whispers %+v", w)
		}
		if len(h.chat.Posts()) != 0 {
			t.Errorf("everybody sees %+v", h.chat.Posts())
		}
	})
}

func TestLongOrLateWhisperBecomesADirectMessage(t *testing.T) {
	t.Parallel()
	gone := &c.Failure{Code: c.CodeHandleGone}
	for name, tt := range map[string]struct {
		answer string
		err    error
		wait   time.Duration
	}{
		"long":        {strings.Repeat("many words ", 30), nil, 0},
		"used up":     {"short", gone, 0},
		"out of date": {"short", nil, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, conversationtest.Script{Deltas: []string{tt.answer}, Pause: tt.wait})
				h.Options.TurnTimeout = 2 * time.Hour
				h.chat.WhisperErr = tt.err
				got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbAsk}, "/parley please answer"))
				if err != nil || got.Kind != c.Answered {
					t.Fatalf("outcome %+v, %v", got, err)
				}
				var all []string
				for _, p := range h.chat.Posts() {
					if p.Ref.Channel != "DAna" || p.ReplyTo != "" {
						t.Errorf("part stands in %v as answer to %q", p.Ref, p.ReplyTo)
					}
					all = append(all, p.Text)
				}
				if strings.Join(all, " ") != strings.TrimSpace(tt.answer) {
					t.Errorf("direct message %q", all)
				}
				for _, part := range got.Parts {
					if part.Ref.Channel != "DAna" {
						t.Errorf("part is recorded in %v", part.Ref)
					}
				}
			})
		})
	}
}

func TestWhoTakesNoDirectMessagesGetsTheBeginning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{strings.Repeat("many words ", 30)}})
		h.chat.DirectErr = &c.Failure{Code: c.CodePlatformRefused}
		got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbAsk}, "/parley please answer"))
		if err != nil || got.Kind != c.Answered {
			t.Fatalf("outcome %+v, %v", got, err)
		}
		w := h.chat.Whispers()
		if len(w) != 1 || !strings.HasPrefix(w[0].Text, "many words") || !strings.Contains(w[0].Text, "There is more") || len(h.chat.Posts()) != 0 {
			t.Errorf("whispers %+v, posts %+v", w, h.chat.Posts())
		}
	})
}

// told is what the person reads of a private answer, without what was left empty.
func told(seen []conversationtest.Whispered) string {
	var texts []string
	for _, w := range seen {
		if w.Text != "…" {
			texts = append(texts, w.Text)
		}
	}
	return strings.Join(texts, " ")
}

func TestLongWhisperFollowsInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := strings.TrimSpace(strings.Join(words(100), ""))
		h := newHouse(t, conversationtest.Script{Deltas: []string{answer}})
		h.chat.Follows = 4
		got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbAsk}, "/parley please answer"))
		if err != nil || got.Kind != c.Answered {
			t.Fatalf("outcome %+v, %v", got, err)
		}
		seen := h.chat.Shown()
		if len(seen) < 3 || told(seen) != answer || len(h.chat.Posts()) != 0 {
			t.Errorf("shown %+v, posts %+v", seen, h.chat.Posts())
		}
		for i, w := range seen {
			if w.Part != i || w.To != "Ana" {
				t.Errorf("part %d: %+v", i, w)
			}
		}
		if len(got.Parts) != 1 || got.Parts[0].Text != answer || got.Parts[0].Ref != (c.ThreadRef{}) {
			t.Errorf("kept as %+v", got.Parts)
		}
	})
}

// TestWhisperThatWasCutOffIsNeitherLostNorDoubled cuts an answer of several messages off at each of its calls.
func TestWhisperThatWasCutOffIsNeitherLostNorDoubled(t *testing.T) {
	t.Parallel()
	long, short := strings.TrimSpace(strings.Join(words(100), "")), "Short and whole."
	for calls := range 7 {
		for _, arrives := range []bool{false, true} {
			for _, second := range []string{long, short} {
				t.Run(fmt.Sprintf("at call %d, arrives %t, then %d runes", calls, arrives, len(second)), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						h := newHouse(t, conversationtest.Script{Deltas: []string{long}}, conversationtest.Script{Deltas: []string{second}})
						h.chat.Follows = 4
						h.chat.WhisperFaults = make([]conversationtest.Fault, calls)
						for range 3 { // as often as it is tried
							h.chat.WhisperFaults = append(h.chat.WhisperFaults, conversationtest.Fault{Err: &c.Failure{Code: c.CodeSendUnknown, Retry: true}, Lost: arrives})
						}
						turn := h.command(t, c.Ask{Verb: c.VerbAsk}, "/parley please answer")
						if _, err := h.RunTurn(t.Context(), turn); err == nil {
							t.Fatal("the attempt is not begun again")
						}
						again, ok := h.store.Begin(turn.Ref)
						if !ok {
							t.Fatal("the turn is not owed")
						}
						if got, err := h.RunTurn(t.Context(), again); err != nil || got.Kind != c.Answered {
							t.Fatalf("outcome %+v, %v", got, err)
						}
						if seen := h.chat.Shown(); told(seen) != second || len(h.chat.Posts()) != 0 {
							t.Errorf("shown %+v, posts %+v", seen, h.chat.Posts())
						}
					})
				})
			}
		}
	}
}

func TestWhisperThatIsRefusedHalfWayBecomesADirectMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := strings.TrimSpace(strings.Join(words(60), ""))
		h := newHouse(t, conversationtest.Script{Deltas: []string{answer}})
		h.chat.Follows = 4
		h.chat.WhisperFaults = []conversationtest.Fault{{}, {}, {}, {Err: &c.Failure{Code: c.CodeCallRefused}}}
		got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbAsk}, "/parley please answer"))
		if err != nil || got.Kind != c.Answered {
			t.Fatalf("outcome %+v, %v", got, err)
		}
		seen := h.chat.Shown()
		if len(seen) != 1 || !strings.Contains(seen[0].Text, "direct message") || strings.Join(h.posted("DAna"), " ") != answer {
			t.Errorf("shown %+v, direct message %q", seen, h.posted("DAna"))
		}
	})
}

func TestClosedPartOfAWhisperIsShownAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := strings.TrimSpace(strings.Join(words(40), ""))
		h := newHouse(t, conversationtest.Script{Deltas: []string{answer}})
		h.chat.Follows = 4
		h.chat.WhisperFaults = []conversationtest.Fault{{}, {}, {Err: &c.Failure{Code: c.CodeMessageGone}}}
		if got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbAsk}, "/parley please answer")); err != nil || got.Kind != c.Answered {
			t.Fatalf("outcome %+v, %v", got, err)
		}
		if seen := h.chat.Shown(); told(seen) != answer || len(h.chat.Posts()) != 0 {
			t.Errorf("shown %+v", seen)
		}
	})
}

// TestSummaryIsSharedFromWhereverItWent presses the button under a private summary, of one message, of several, and in a direct
// message.
func TestSummaryIsSharedFromWhereverItWent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		follows int
		err     error
		channel string
	}{
		"of several messages":           {8, nil, "secret"},
		"too long, in a direct message": {0, nil, "DAna"},
		"too late, in a direct message": {4, &c.Failure{Code: c.CodeHandleGone}, "DAna"},
		"too long for two messages":     {1, nil, "DAna"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, _ := newLibrary(t, 0)
				h.chat.Follows, h.chat.WhisperErr = tt.follows, tt.err
				h.chat.Unreadable = map[string]bool{"secret": true}
				h.chat.Readers = map[string][]string{"secret": {"Ana", "Bo"}}
				h.chat.Channels = map[string][]c.Message{"secret": h.chatter("secret", "s1", 40)}
				thread := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "secret", Thread: "s1"}
				h.ask(t, "i1", "Ana", "secret", c.Ask{Verb: c.VerbSummarize, Source: thread, MessageID: "secret-001"})
				button, places := "", 0
				for _, w := range h.chat.Shown() {
					if w.Share != "" {
						button, places = w.Share, places+1
					}
				}
				for _, p := range h.chat.Posts() {
					if p.Share != "" {
						button, places = p.Share, places+1
					}
				}
				if places != 1 || (tt.channel == "DAna") != (len(h.posted("DAna")) > 0) {
					t.Fatalf("%d buttons; shown %+v, direct message %q", places, h.chat.Shown(), h.posted("DAna"))
				}
				h.chat.WhisperErr = nil
				h.ask(t, "i2", "Bo", "DBo", c.Ask{Verb: c.VerbShare, Text: button})
				h.chat.Readers["secret"] = nil
				h.ask(t, "i3", "Ana", tt.channel, c.Ask{Verb: c.VerbShare, Text: button})
				if got := h.posted("secret"); len(got) != 0 {
					t.Fatalf("shared by somebody else, or by one who may no longer read: %q", got)
				}
				h.chat.Readers["secret"] = []string{"Ana"}
				h.ask(t, "i4", "Ana", tt.channel, c.Ask{Verb: c.VerbShare, Text: button})
				got := strings.Join(strings.Fields(everything(h.posted("secret"))), " ")
				if !strings.Contains(got, "wall37") || strings.Count(got, "40 of 40 messages") != 1 {
					t.Errorf("the thread reads %q", got)
				}
				for _, p := range h.chat.Posts() {
					if p.Ref.Channel == "secret" && (p.Ref.Thread != "s1" || p.Share != "") {
						t.Errorf("shared in %v with the button %q", p.Ref, p.Share)
					}
				}
			})
		})
	}
}

// TestProgressOfACommandMakesNoNoise makes a summary that takes a minute.
func TestProgressOfACommandMakesNoNoise(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		follows int
		text    string
		pause   time.Duration
		least   int
		most    int
		after   time.Duration
	}{
		"typed, quick":                   {0, "/parley summarize", time.Second, 0, 0, 0},
		"typed, where messages add":      {0, "/parley summarize", 10 * time.Second, 1, 1, 20 * time.Second},
		"a shortcut, where messages add": {0, "Summarize thread", 10 * time.Second, 1, 1, 3 * time.Second},
		"where messages are replaced":    {8, "/summarize", 10 * time.Second, 3, 99, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, model := newLibrary(t, 4096)
				h.chat.Follows = tt.follows
				h.chat.Channels = map[string][]c.Message{"C": h.chatter("C", "s1", 400)}
				began := time.Now()
				model.answer = func(kind string, lines []said) string {
					time.Sleep(tt.pause) // the bubble's clock
					return tellEach(kind, lines)
				}
				var first time.Duration
				h.chat.OnWhisper = func() {
					if first == 0 {
						first = time.Since(began)
					}
				}
				ref := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "C", Thread: c.CommandThread("i1")}
				ask := c.Ask{Verb: c.VerbSummarize, Handle: "handle", Expires: began.Add(30 * time.Minute)}
				m := c.Message{Ref: ref, Place: c.PlacePrivate, ID: ref.Thread, Author: c.Author{ID: "Ana", Name: "Ana", Kind: c.Person}, Text: tt.text, SentAt: began, Ask: &ask}
				if err := h.Ingest(t.Context(), c.Asked{Message: m}); err != nil {
					t.Fatal(err)
				}
				if _, err := h.store.Work(t.Context(), h.Engine, ref); err != nil {
					t.Fatal(err)
				}
				n := 0
				for _, w := range h.chat.Whispers() {
					if strings.HasPrefix(w.Text, "Read") {
						n++
					}
				}
				if n < tt.least || n > tt.most || n > 0 && (first < tt.after || first > tt.after+12*time.Second) {
					t.Errorf("progress was told %d times, first after %v: %+v", n, first, h.chat.Whispers())
				}
			})
		})
	}
}
