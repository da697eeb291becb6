package conversation_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	c "parley/conversation"
)

var channelRef = c.ThreadRef{Platform: c.Slack, Workspace: "W", Channel: "C"}

// channel says things in a channel of Slack, each a minute after the other.
type channel struct{ thread }

func (h *channel) say(who, in, text string) (id string) {
	at := began.Add(time.Duration(len(h.thread)) * time.Minute)
	id = fmt.Sprintf("%d.%06d", at.Unix(), len(h.thread))
	of := channelRef
	if of.Thread = in; in == "" {
		of.Thread = id
	}
	h.thread = append(h.thread, c.Message{Ref: of, ID: id, SentAt: at, Root: of.Thread == id, Author: c.Author{ID: "U" + who, Name: who, Kind: c.Person}, Text: text})
	return id
}

func recapOf(t testing.TB, m c.Model, job c.SummaryJob) c.SummaryResult {
	t.Helper()
	if job.Ref.Channel == "" {
		job.Ref = channelRef
	}
	job.Link = link
	got, err := summarizer(t, m).Summarize(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// office is a channel with three threads, of which one is of no interest, and talk outside of them.
func office() *channel {
	var h channel
	importer := h.say("Ana", "", "The importer fails on files over two gigabytes")
	h.say("Bo", "", "Good morning everybody")
	fair := h.say("Chen", "", "Who comes to the trade fair in Lyon?")
	h.say("Dora", importer, "It runs out of memory while it reads the header")
	h.say("Ana", importer, "Decided: the importer reads in blocks from now on")
	h.say("Emil", fair, "I will book the stand in Lyon by Friday")
	h.say("Bo", "", "The coffee machine is broken again")
	h.say("Chen", fair, "Who pays for the train tickets?")
	lunch := h.say("Gus", "", "Lunch?")
	h.say("Hana", lunch, "Yes")
	h.say("Dora", importer, "Then the limit of two gigabytes is gone")
	return &h
}

// tellOffice is what a model says of it.
func tellOffice(kind string, lines []said) string {
	var b strings.Builder
	tell := func(letter, of, before string) {
		for _, l := range lines {
			if l.text == of {
				fmt.Fprintf(&b, "%s [%d] %s%s\n", letter, l.n, before, of)
			}
		}
	}
	if kind != "map" {
		tell("S", "Decided: the importer reads in blocks from now on", "")
	}
	if kind != "write" {
		tell("A", "I will book the stand in Lyon by Friday", "@Emil: ")
		tell("Q", "Who pays for the train tickets?", "")
		tell("D", "Decided: the importer reads in blocks from now on", "")
		tell("F", "It runs out of memory while it reads the header", "")
	}
	tell("F", "The coffee machine is broken again", "")
	return b.String()
}

func TestAChannelIsToldThreadByThread(t *testing.T) {
	t.Parallel()
	h := office()
	got := recapOf(t, &reader{answer: tellOffice}, c.SummaryJob{Source: h})
	_, recap, _ := strings.Cut(got.Text, "**Threads**\n\n")
	want := `**Ana: “The importer fails on files over two gigabytes”** [4](root0) (4 messages, 2 people) · *Decisions* [1](root4)

- It runs out of memory while it reads the header [5](root3)

**Chen: “Who comes to the trade fair in Lyon?”** [6](root2) (3 messages, 2 people) · *Action items* [2](root5) · *Open questions* [3](root7)

**Outside of threads** (2 messages, 1 person)

- The coffee machine is broken again [7](root6)

*1 more thread with 2 messages*

*11 of 11 messages, 23 May 09:10 to 23 May 09:20, 7 people*`
	for k, m := range h.thread {
		want = strings.ReplaceAll(want, fmt.Sprintf("(root%d)", k), "("+link(m.ID)+")")
	}
	if recap != want {
		t.Errorf("got\n%s\nwant\n%s", recap, want)
	}
	if strings.Index(got.Text, "**Open questions**") > strings.Index(got.Text, "**Threads**") || strings.Contains(got.Text, "**Topics**") {
		t.Errorf("sections:\n%s", got.Text)
	}
	if len(got.Threads) != 2 || got.Threads[0].ID != h.thread[0].ID || got.Threads[0].Messages != 4 || got.Threads[0].People != 2 || got.Threads[0].Link != link(h.thread[0].ID) {
		t.Errorf("threads %+v", got.Threads)
	}
	for _, i := range got.Items {
		if in := map[string]string{"decision": h.thread[0].ID, "action": h.thread[2].ID, "question": h.thread[2].ID}[i.Kind]; in != "" && i.Thread != in {
			t.Errorf("%s stands in %q", i.Kind, i.Thread)
		}
	}
}

func TestOneThreadIsNotToldByThread(t *testing.T) {
	t.Parallel()
	h := office()
	of := channelRef
	of.Thread = h.thread[0].ID
	for name, job := range map[string]c.SummaryJob{
		"a thread":                  {Ref: of, Source: h},
		"a channel without any":     {Source: thread(slices.DeleteFunc(slices.Clone(h.thread), func(m c.Message) bool { return m.Ref.Thread != m.ID }))},
		"a document or log":         {Ref: c.ThreadRef{Platform: c.Terminal, Channel: "log"}, Source: withoutRef(h.thread)},
		"a direct message, Discord": {Ref: c.ThreadRef{Platform: c.Discord, Channel: "C"}, Source: inOneChannel(h.thread)},
	} {
		got := recapOf(t, &reader{answer: tellOffice}, job)
		if strings.Contains(got.Text, "**Threads**") || !strings.Contains(got.Text, "**Topics**") || len(got.Threads) != 0 {
			t.Errorf("%s:\n%s", name, got.Text)
		}
	}
}

func withoutRef(list thread) (out thread) {
	for _, m := range list {
		m.Ref = c.ThreadRef{}
		out = append(out, m)
	}
	return out
}

func inOneChannel(list thread) (out thread) {
	for _, m := range list {
		m.Ref = c.ThreadRef{Platform: c.Discord, Channel: "C"}
		out = append(out, m)
	}
	return out
}

// TestDiscordThreadsAreChannels: a thread has the id of the message that it was started from, which stands in its parent.
func TestDiscordThreadsAreChannels(t *testing.T) {
	t.Parallel()
	parent := c.ThreadRef{Platform: c.Discord, Workspace: "W", Channel: "100"}
	say := func(n int, channel, who, text string) c.Message {
		return c.Message{Ref: c.ThreadRef{Platform: c.Discord, Workspace: "W", Channel: channel}, ID: fmt.Sprint(1000 + n), SentAt: began.Add(time.Duration(n) * time.Minute),
			Author: c.Author{ID: "U" + who, Name: who, Kind: c.Person}, Text: text}
	}
	chat := thread{
		say(0, "100", "Ana", "The importer fails on files over two gigabytes"),
		say(1, "1000", "Dora", "It runs out of memory while it reads the header"),
		say(2, "100", "Bo", "The coffee machine is broken again"),
		say(3, "900", "Emil", "I will book the stand in Lyon by Friday"), // in a thread that began before
		say(4, "1004", "Chen", "Who pays for the train tickets?"),        // a forum's post
	}
	got := recapOf(t, &reader{answer: tellOffice}, c.SummaryJob{Ref: parent, Source: chat})
	for _, want := range []string{
		"**Ana: “The importer fails on files over two gigabytes”** [4](" + link("1000") + ") (2 messages, 2 people)", "**Outside of threads** (1 message, 1 person)",
		"**Emil: “…I will book the stand in Lyon by Friday”** [1](" + link("1003") + ") (1 message, 1 person)", "**Chen: “Who pays for the train tickets?”** [3](" + link("1004") + ") (1 message, 1 person)",
	} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("no %s in\n%s", want, got.Text)
		}
	}
}

func TestAThreadIsCalledByItsName(t *testing.T) {
	t.Parallel()
	chat := thread{{Ref: c.ThreadRef{Platform: c.Discord, Workspace: "W", Channel: "900"}, ID: "1003", SentAt: began, Author: c.Author{ID: "U", Name: "Emil", Kind: c.Person},
		Text: "I will book the stand in Lyon by Friday"}}
	names := map[string]string{"900": "The *fair*\n [x](https://evil.example)"}
	got := recapOf(t, &reader{answer: tellOffice}, c.SummaryJob{Ref: c.ThreadRef{Platform: c.Discord, Workspace: "W", Channel: "100"}, Source: chat, ThreadName: func(id string) string { return names[id] }})
	if !strings.Contains(got.Text, "**The *fair* x https://evil.example** [1](") || strings.Contains(got.Text, "](https://evil") {
		t.Errorf("got\n%s", got.Text)
	}
}

// TestAnOldThreadIsLinkedToItsBegin: Slack names a thread by its first message, which may be older than what is read.
func TestAnOldThreadIsLinkedToItsBegin(t *testing.T) {
	t.Parallel()
	h := office()
	got := recapOf(t, &reader{answer: tellOffice}, c.SummaryJob{Source: h, After: h.thread[2].Position()})
	if want := "**Dora: “…It runs out of memory while it reads the header”** [4](" + link(h.thread[0].ID) + ") (3 messages, 2 people)"; !strings.Contains(got.Text, want) {
		t.Errorf("no %s in\n%s", want, got.Text)
	}
}

// TestAnOldThreadIsCalledByItsBeginWhereThatIsKnown: the source has the message, though it is no part of what is read.
func TestAnOldThreadIsCalledByItsBeginWhereThatIsKnown(t *testing.T) {
	t.Parallel()
	h := office()
	sentAt := func(id string) (time.Time, bool) {
		i := slices.IndexFunc(h.thread, func(m c.Message) bool { return m.ID == id })
		return h.thread[i].SentAt, true
	}
	got := recapOf(t, &reader{answer: tellOffice}, c.SummaryJob{Source: h, After: h.thread[2].Position(), SentAt: sentAt})
	if want := "**Ana: “The importer fails on files over two gigabytes”** [4](" + link(h.thread[0].ID) + ") (3 messages, 2 people)"; !strings.Contains(got.Text, want) || got.Coverage.Total != 8 || got.From != h.thread[0].Position() {
		t.Errorf("no %s in\n%s", want, got.Text)
	}
	h.thread[0].Author.Kind = c.Self // what Parley has said itself is not told again
	if got := recapOf(t, &reader{answer: tellOffice}, c.SummaryJob{Source: h, After: h.thread[2].Position(), SentAt: sentAt}); strings.Contains(got.Text, "The importer fails") || got.From == h.thread[0].Position() {
		t.Errorf("got\n%s", got.Text)
	}
}

// forgetful is a channel of which a message is gone by the time that it is looked at again.
type forgetful struct {
	*channel
	gone string
}

func (f forgetful) Again(ctx context.Context, positions []c.Position) (map[string]c.Message, error) {
	found, err := f.channel.Again(ctx, positions)
	delete(found, f.gone)
	return found, err
}

func TestADeletedMessageNamesNoThread(t *testing.T) {
	t.Parallel()
	h := office()
	got := recapOf(t, &reader{answer: tellOffice}, c.SummaryJob{Source: forgetful{h, h.thread[0].ID}})
	if strings.Contains(got.Text, "two gigabytes") || !strings.Contains(got.Text, "**23 May 09:10** ") {
		t.Errorf("got\n%s", got.Text)
	}
}

var (
	shownThread = regexp.MustCompile(`(?m)^\*\*.*\*\* \[\d+\]\(.*\) \(([\d,]+) messages?, ([\d,]+) (?:person|people)\)`)
	outsideOf   = regexp.MustCompile(`(?m)^\*+Outside of threads(?:\*\* \(|: )([\d,]+) messages?`)
	moreThreads = regexp.MustCompile(`(?m)^\*([\d,]+) more threads? with ([\d,]+) messages?\*$`)
)

func numberIn(t interface{ Fatal(...any) }, text string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// crowd is a channel with threads that go on side by side; sizes are those of the threads, 1 for a message without.
func crowd(sizes []int, order func(n int) int) *channel {
	var h channel
	roots := make([]string, len(sizes))
	left := slices.Clone(sizes)
	for open := slices.Collect(indexes(len(sizes))); len(open) > 0; {
		k := order(len(open))
		of := open[k]
		n := len(h.thread)
		id := h.say([]string{"Ana", "Bo", "Chen"}[n%3], roots[of], "we should look at "+uniqueWord(n)+" together and then see how the others want it")
		if roots[of] == "" {
			roots[of] = id
		}
		if left[of]--; left[of] == 0 {
			open = slices.Delete(open, k, k+1)
		}
	}
	return &h
}

func indexes(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for k := range n {
			if !yield(k) {
				return
			}
		}
	}
}

// TestNoThreadIsLostFromTheRecap: whatever is told, in one pass or in parts, threads and messages add up.
func TestNoThreadIsLostFromTheRecap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		sizes := rapid.SliceOfN(rapid.SampledFrom([]int{1, 1, 1, 2, 3, 7, 20}), 1, 60).Draw(rt, "sizes")
		every := rapid.IntRange(1, 40).Draw(rt, "every")
		most := rapid.SampledFrom([]int{0, 3, 10}).Draw(rt, "most")
		h := crowd(sizes, func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "next") })
		model := &reader{window: rapid.SampledFrom([]int{2048, 32768}).Draw(rt, "window"), answer: func(kind string, lines []said) string {
			var b strings.Builder
			for i, l := range lines {
				if i%every == 0 {
					fmt.Fprintf(&b, "%c [%d] %s\n", "FFDQA"[i/every%5], l.n, l.text)
				}
			}
			return b.String()
		}}
		got := recapOf(t, model, c.SummaryJob{Source: h, SectionMost: most})
		threads, messages, outside := 0, 0, 0
		for _, n := range sizes {
			if n > 1 {
				threads, messages = threads+1, messages+n
			} else {
				outside++
			}
		}
		var gotThreads, gotMessages, gotOutside int
		for _, m := range shownThread.FindAllStringSubmatch(got.Text, -1) {
			gotThreads, gotMessages = gotThreads+1, gotMessages+numberIn(rt, m[1])
		}
		for _, m := range moreThreads.FindAllStringSubmatch(got.Text, -1) {
			gotThreads, gotMessages = gotThreads+numberIn(rt, m[1]), gotMessages+numberIn(rt, m[2])
		}
		for _, m := range outsideOf.FindAllStringSubmatch(got.Text, -1) {
			gotOutside += numberIn(rt, m[1])
		}
		if threads == 0 {
			outside = 0 // it is told like any conversation
		}
		if gotThreads != threads || gotMessages != messages || gotOutside != outside {
			rt.Fatalf("%d threads with %d messages and %d outside, not %d with %d and %d:\n%s", gotThreads, gotMessages, gotOutside, threads, messages, outside, got.Text)
		}
	})
}

func TestTheRecapIsTheSameFromPartsThatWereReadBefore(t *testing.T) {
	t.Parallel()
	var sizes []int
	for k := range 120 {
		sizes = append(sizes, []int{1, 2, 5, 30}[k%4])
	}
	h := crowd(sizes, func(n int) int { return min(n-1, 3) })
	cache := &memory{}
	first := recapOf(t, &reader{window: 8192}, c.SummaryJob{Source: h, Cache: cache})
	again := recapOf(t, &reader{window: 8192}, c.SummaryJob{Source: h, Cache: cache})
	if first.Chunks < 3 || again.Cached != again.Chunks || again.MapCalls != 0 {
		t.Fatalf("%d chunks, %d kept, %d map calls", first.Chunks, again.Cached, again.MapCalls)
	}
	if first.Text != again.Text || len(shownThread.FindAllString(again.Text, -1)) < 20 || len(again.Threads) < 20 {
		t.Errorf("first\n%s\nagain\n%s", first.Text, again.Text)
	}
}

// TestThreadsOfWhichTheHeadIsSilentAreToldByTheirNotes: the last request tells of two threads; the notes hold more.
func TestThreadsOfWhichTheHeadIsSilentAreToldByTheirNotes(t *testing.T) {
	t.Parallel()
	sizes := make([]int, 30)
	for k := range sizes {
		sizes[k] = 30
	}
	h := crowd(sizes, func(int) int { return 0 })
	model := &reader{window: 8192, answer: func(kind string, lines []said) string {
		var b strings.Builder
		for i, l := range lines {
			if kind == "map" && i%10 == 0 || kind == "write" && i < 2 {
				fmt.Fprintf(&b, "F [%d] %s\n", l.n, l.text)
			}
		}
		return b.String()
	}}
	got := recapOf(t, model, c.SummaryJob{Source: h})
	facts := map[string]int{}
	for _, i := range got.Items {
		if i.Kind == "fact" {
			facts[i.Thread]++
		}
	}
	if len(facts) != 30 || len(shownThread.FindAllString(got.Text, -1)) != 30 {
		t.Errorf("%d threads are told of:\n%s", len(facts), got.Text)
	}
}
