package summary_test

import (
	"strings"
	"testing"
	"time"

	"parley/conversation/summary"
)

func TestMarkdownHasItsSections(t *testing.T) {
	t.Parallel()
	items := summary.Parse("S [1] The importer ships\nS [4] The key is missing\nS [4] A third line\nD [1] Ships on Friday\nA [2,3] @Ana: writes the guide (due 3 pm)\nA [2] @Bo: \nQ [4] Who has the key?\nT Office\nF [5] It rains\nF [6] a <b> [x](y) `c", false).Items
	for k := range items {
		for r := range items[k].Refs {
			items[k].Refs[r].ID = "id" + string(rune('0'+items[k].Refs[r].N))
		}
	}
	var c summary.Coverage
	for i := range 412 {
		m := summary.Message{AuthorID: string(rune('A' + i%9)), Speaker: summary.Person, At: time.Date(2031, 5, 23, 9, 10, 0, 0, time.UTC).Add(time.Duration(i) * 3392 * time.Minute / 411)}
		switch i {
		case 3, 4, 5:
			m.Files.Images = 1
		case 9:
			m.Files.Voice = 1
		}
		if i < 2 {
			m.Files.Unreadable = 1
		}
		c.Add(m)
	}
	c.Read = 412
	got := summary.Summary{Items: items, Coverage: c}.Markdown(summary.Layout{Language: "en", Link: func(id string) string { return "https://x/" + id }})
	want := `**TL;DR**

The importer ships [1](https://x/id1)

The key is missing [2](https://x/id4)

**Decisions**

- Ships on Friday [1](https://x/id1)

**Action items**

- **Ana**: writes the guide (due 3 pm) [3](https://x/id2) [4](https://x/id3)

**Open questions**

- Who has the key? [2](https://x/id4)

**Topics**

- **Office**: It rains [5](https://x/id5) a \<b> x y 'c [6](https://x/id6)

*412 of 412 messages, 23 May 09:10 to 25 May 17:42, 9 people; 3 images, 1 voice note; 2 files unreadable*`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	empty := summary.Summary{Coverage: c}.Markdown(summary.Layout{Language: "de"})
	if strings.Contains(empty, "Entscheidungen") || !strings.Contains(empty, "nichts Berichtenswertes") {
		t.Errorf("got %s", empty)
	}
	for _, language := range []string{"en", "de", "fr", "es", "pt", "it", "nl", "ja", "zh", "ko", "ru"} {
		h := summary.HeadingsIn(language)
		if language != "en" && h == summary.HeadingsIn("en") || h.Nothing == "" || h.Due == "" || h.Reversed == "" {
			t.Errorf("headings of %s: %+v", language, h)
		}
	}
}

func TestCoverageSaysWhatWasNotRead(t *testing.T) {
	t.Parallel()
	c := summary.Coverage{Read: 1200, Total: 2112, Extracts: 40, Shortened: 1, People: 1,
		From: time.Date(2030, 12, 30, 9, 10, 0, 0, time.UTC), To: time.Date(2031, 1, 2, 17, 42, 0, 0, time.UTC), Files: summary.Files{Documents: 2, Unopened: 1}}
	want := "1,200 of 2,112 messages, 30 Dec 2030 09:10 to 2 Jan 2031 17:42, 1 person; 2 documents; 1 file not opened; 912 messages not read; " +
		"40 messages only in excerpts, because the model gave no answer about them; 1 long message read in part"
	if got := c.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLongSectionsAreCutAndSaySo(t *testing.T) {
	t.Parallel()
	var items []summary.Item
	for i := range 50 {
		items = append(items, summary.Item{Kind: summary.Decision, Text: strings.Repeat("x", i+1), Refs: []summary.Ref{{N: i + 1, ID: "i"}}})
	}
	got := summary.Summary{Items: items}.Markdown(summary.Layout{Most: 10})
	if strings.Count(got, "\n- ") != 11-1+1 || !strings.Contains(got, "… 40 more") {
		t.Errorf("got %s", got)
	}
}

func TestLanguageOfATextIsGuessed(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"en": "we should look at this together and then see how the others want it",
		"de": "wir sollten uns das zusammen ansehen und dann sehen, wie die anderen es haben wollen",
		"es": "tenemos que ver esto con los demás y luego decidir lo que se hace",
		"fr": "nous devons voir cela avec les autres et puis décider de ce qui est fait dans le canal",
		"ja": "このスレッドを要約してください", "zh": "我们应该一起看看这个问题", "ko": "이 스레드를 요약해 주세요", "ru": "мы должны посмотреть на это вместе", "": "ok 123",
	} {
		if got := summary.Language(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestCleanDropsNoiseAndShortensPastes(t *testing.T) {
	t.Parallel()
	n := summary.Normaliser{Cost: cost, Most: 100}
	for text, want := range map[string]bool{
		"Zed has joined the channel": false, "Zed joined #ubuntu": false, "Zed is now known as Zod": false, "Zed set the channel topic: cats": false,
		"Build 77 has passed": true, "Deploy joined with the audit takes two hours": true,
	} {
		if _, _, ok := n.Clean(summary.Message{Speaker: summary.Bot, AuthorID: "B", Text: text}); ok != want {
			t.Errorf("%q is kept: %v", text, ok)
		}
	}
	if _, _, ok := n.Clean(summary.Message{Speaker: summary.Bot, AuthorID: "B", Text: "same"}); !ok {
		t.Error("said once")
	}
	if _, _, ok := n.Clean(summary.Message{Speaker: summary.Bot, AuthorID: "B", Text: "same"}); ok {
		t.Error("said twice in a row")
	}
	if _, _, ok := n.Clean(summary.Message{Speaker: summary.Self, Text: "my own summary"}); ok {
		t.Error("a summary of a summary")
	}
	long, cut, _ := n.Clean(summary.Message{Speaker: summary.Person, Text: strings.Repeat("pasted line é\n", 200)})
	if !cut || cost(long.Text) > 100 || !strings.Contains(long.Text, "characters left out") {
		t.Errorf("got %d tokens, cut %v", cost(long.Text), cut)
	}
}
