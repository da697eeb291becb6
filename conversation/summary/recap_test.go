package summary_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"parley/conversation/summary"
)

func told(kind summary.Kind, text string, ids ...string) summary.Item {
	i := summary.Item{Kind: kind, Text: text}
	for _, id := range ids {
		i.Refs = append(i.Refs, summary.Ref{N: len(i.Refs) + 1, ID: id})
	}
	return i
}

// recapOfThree is a channel with three told threads, and a fourth of which nothing is told.
func recapOfThree() *summary.Recap {
	return &summary.Recap{
		Threads: []summary.Thread{
			{Key: "a", Root: "a", Title: "Ana: “one”", Messages: 12, People: 3}, {Key: "b", Root: "b", Title: "Bo: “two”", Messages: 2, People: 1},
			{Key: "c", Root: "c", Title: "Chen: “three”", Messages: 1, People: 1},
		},
		Place: map[string]string{"a1": "a", "a2": "a", "b1": "b", "c1": "c", "x": "x"}, All: 11, AllMessages: 46, OutsideMessages: 1040, OutsidePeople: 5,
	}
}

func TestARecapIsToldInEachLanguage(t *testing.T) {
	t.Parallel()
	items := []summary.Item{told(summary.Fact, "foo", "a1"), told(summary.Decision, "bar", "b1"), told(summary.Question, "baz", "c1")}
	for language, want := range map[string][]string{
		"en": {"**Threads**", "**Ana: “one”** (12 messages, 3 people)", "**Bo: “two”** (2 messages, 1 person) · *Decisions* 1", "*8 more threads with 31 messages*", "*Outside of threads: 1,040 messages*"},
		"de": {"**Threads**", "**Ana: “one”** (12 Nachrichten, 3 Personen)", " · *Entscheidungen* 1", "*8 weitere Threads mit 31 Nachrichten*", "*Außerhalb von Threads: 1.040 Nachrichten*"},
		"fr": {"**Fils**", "(12 messages, 3 personnes)", " · *Décisions* 1", "*8 autres fils avec 31 messages*", "*Hors des fils : 1\u202f040 messages*"},
		"es": {"**Hilos**", "(12 mensajes, 3 personas)", " · *Decisiones* 1", "*8 hilos más con 31 mensajes*", "*Fuera de los hilos: 1040 mensajes*"},
		"pt": {"**Threads**", "(12 mensagens, 3 pessoas)", " · *Decisões* 1", "*mais 8 threads com 31 mensagens*", "*Fora das threads: 1.040 mensagens*"},
		"it": {"**Thread**", "(12 messaggi, 3 persone)", " · *Decisioni* 1", "*altri 8 thread con 31 messaggi*", "*Fuori dai thread: 1.040 messaggi*"},
		"nl": {"**Threads**", "(12 berichten, 3 personen)", " · *Besluiten* 1", "*nog 8 threads met 31 berichten*", "*Buiten threads: 1.040 berichten*"},
		"ru": {"**Ветки**", "(12 сообщений, 3 человека)", "(1 сообщение, 1 человек)", " · *Решения* 1", "*ещё 8 веток (31 сообщение)*", "*Вне веток: 1\u00a0040 сообщений*"},
		"ja": {"**スレッド**", "**Ana: “one”**（メッセージ12件、3人）", " · *決定事項* 1", "*ほかのスレッド8件（メッセージ31件）*", "*スレッド外：メッセージ1,040件*"},
		"zh": {"**讨论串**", "**Ana: “one”**（12条消息，3人）", " · *决定* 1", "*另有8个讨论串（31条消息）*", "*讨论串之外：1,040条消息*"},
		"ko": {"**스레드**", "(메시지 12개, 3명)", " · *결정 사항* 1", "*그 밖의 스레드 8개(메시지 31개)*", "*스레드 밖: 메시지 1,040개*"},
	} {
		got := summary.Summary{Items: items, Coverage: summary.Coverage{Read: 1086, Total: 1086}}.Markdown(summary.Layout{Language: language, Recap: recapOfThree()})
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %s in\n%s", language, w, got)
			}
		}
	}
}

func TestSectionsGoThreadByThread(t *testing.T) {
	t.Parallel()
	items := []summary.Item{told(summary.Decision, "first of c", "c1"), told(summary.Decision, "outside", "x"), told(summary.Decision, "first of a", "a1"),
		told(summary.Decision, "mostly a", "x", "a1", "a2"), told(summary.Decision, "second of c", "c1")}
	got := summary.Summary{Items: items}.Markdown(summary.Layout{Recap: recapOfThree()})
	var order []string
	for line := range strings.Lines(got) {
		if text, is := strings.CutPrefix(strings.TrimSpace(line), "- "); is && !strings.HasPrefix(text, "*") {
			order = append(order, text)
		}
	}
	if want := []string{"first of a", "mostly a", "first of c", "second of c", "outside"}; !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
}

func TestABusyThreadSilencesNoOther(t *testing.T) {
	t.Parallel()
	var items []summary.Item
	for k := range 100 {
		items = append(items, told(summary.Fact, fmt.Sprintf("busy %d", k), "a1"))
	}
	items = append(items, told(summary.Fact, "quiet", "c1"), told(summary.Fact, "beside", "x"))
	got := summary.Summary{Items: items}.Markdown(summary.Layout{Most: 10, Recap: recapOfThree()})
	if !strings.Contains(got, "- quiet") || !strings.Contains(got, "- beside") || strings.Count(got, "- busy") != 8 || !strings.Contains(got, "*… 92 more*") {
		t.Errorf("got\n%s", got)
	}
	few := summary.Summary{Items: items}.Markdown(summary.Layout{Most: 2, Recap: recapOfThree()})
	if !strings.Contains(few, "*9 more threads with 33 messages*") || !strings.Contains(few, "*… 100 more*") {
		t.Errorf("got\n%s", few)
	}
}

func TestAThreadPointsToItsFirstLinesAbove(t *testing.T) {
	t.Parallel()
	var items []summary.Item
	r := recapOfThree()
	for k := range 5 {
		id := fmt.Sprintf("d%d", k)
		r.Place[id] = "b"
		items = append(items, told(summary.Decision, fmt.Sprintf("decision %d", k), id))
	}
	got := summary.Summary{Items: items}.Markdown(summary.Layout{Recap: r, Link: func(id string) string { return "https://x/" + id }})
	if want := "**Bo: “two”** [6](https://x/b) (2 messages, 1 person) · *Decisions* [1](https://x/d0) [2](https://x/d1) [3](https://x/d2) …\n"; !strings.Contains(got, want) {
		t.Errorf("no %s in\n%s", want, got)
	}
}

func TestAnEmptyRecapStillCounts(t *testing.T) {
	t.Parallel()
	got := summary.Summary{}.Markdown(summary.Layout{Recap: recapOfThree()})
	if !strings.Contains(got, "Nothing was found") || !strings.Contains(got, "*11 more threads with 46 messages*") || !strings.Contains(got, "*Outside of threads: 1,040 messages*") {
		t.Errorf("got\n%s", got)
	}
	if growing := (summary.Summary{}).Markdown(summary.Layout{Recap: recapOfThree(), Growing: true}); growing != "" {
		t.Errorf("got\n%s", growing)
	}
}

func TestATitleIsShortAndInert(t *testing.T) {
	t.Parallel()
	long := summary.Title(summary.Message{Author: "Ana", Text: strings.Repeat("word ", 60)}, true)
	if n := len([]rune(long)); n > 100 || !strings.HasSuffix(long, "…”") {
		t.Errorf("%d runes: %s", n, long)
	}
	if got := summary.Title(summary.Message{Author: "Ana", Text: "late\nreply"}, false); got != "Ana: “…late reply”" {
		t.Errorf("got %s", got)
	}
	if got := summary.Title(summary.Message{Author: "Ana"}, true); got != "Ana" {
		t.Errorf("got %s", got)
	}
	r := recapOfThree()
	r.Threads[0].Title = summary.Title(summary.Message{Author: "A[x](https://evil.example)", Text: "**big** <b> ![p](https://evil.example/p.png)\n# head"}, true)
	got := summary.Summary{Items: []summary.Item{told(summary.Fact, "foo", "a1")}}.Markdown(summary.Layout{Recap: r})
	if strings.Contains(got, "](https://evil") || strings.Contains(got, " <b>") || strings.Contains(got, "\n#") {
		t.Errorf("got\n%s", got)
	}
}

// TestManyThreadsAreCountedInLittleMemory: 100,000 messages, each of which begins a thread or might.
func TestManyThreadsAreCountedInLittleMemory(t *testing.T) {
	for _, replies := range []int{0, 1} {
		var threads summary.Threads
		before := heap()
		for n := range 100_000 {
			root := n - n%(replies+1)
			threads.Add(summary.Message{ID: fmt.Sprintf("1700000000.%06d", n), Thread: fmt.Sprintf("1700000000.%06d", root), Reply: n != root, Speaker: summary.Person, AuthorID: fmt.Sprintf("U%d", n%700)})
		}
		if grown := int64(heap()) - int64(before); grown > 4<<20 {
			t.Errorf("%d replies each: the heap grows by %d kB", replies, grown>>10)
		}
		got := threads.Recap(nil, 100_000)
		switch {
		case replies == 0 && got != nil:
			t.Errorf("threads where there are none: %+v", got)
		case replies == 1 && (got.All != 50_000 || got.AllMessages != 100_000 || got.OutsideMessages != 0):
			t.Errorf("%d threads with %d messages, %d outside", got.All, got.AllMessages, got.OutsideMessages)
		}
		runtime.KeepAlive(&threads)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestThreadsCountWhatCoverageCounts(t *testing.T) {
	t.Parallel()
	var threads summary.Threads
	for _, m := range []summary.Message{
		{ID: "1", Thread: "1", Speaker: summary.Person, AuthorID: "A"}, {ID: "2", Thread: "1", Reply: true, Speaker: summary.Self, AuthorID: "P"},
		{ID: "3", Thread: "1", Reply: true, Speaker: summary.Person, AuthorID: "A", Deleted: true}, {ID: "4", Thread: "4", Speaker: summary.Person, AuthorID: "B"},
		{ID: "5", Thread: "4", Reply: true, Speaker: summary.Bot, AuthorID: "X"}, {ID: "6", Thread: "0", Reply: true, Speaker: summary.Person, AuthorID: "C"},
	} {
		threads.Add(m)
	}
	got := threads.Recap(map[string]string{"5": "4", "6": "0", "1": "1"}, 4)
	if got == nil || got.All != 2 || got.AllMessages != 3 || got.OutsideMessages != 1 || got.OutsidePeople != 1 || len(got.Threads) != 2 {
		t.Fatalf("got %+v", got)
	}
	if first, second := got.Threads[0], got.Threads[1]; first.Key != "4" || !first.Begun || first.Messages != 2 || first.People != 1 || second.Key != "0" || second.Begun || second.First.ID != "6" {
		t.Errorf("got %+v", got.Threads)
	}
	if !threads.Known("4") || threads.Known("1") || threads.Known("9") {
		t.Error("a message by itself is a thread")
	}
}
