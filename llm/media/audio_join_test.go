package media_test

import (
	"testing"
	"time"

	"parley/llm/media"
)

func TestJoiner(t *testing.T) {
	t.Parallel()
	const half = 500 * time.Millisecond
	for name, c := range map[string]struct {
		a, b    string
		overlap time.Duration
		want    string
	}{
		"a pause":                           {"It was cold.", "Then it rained.", 0, "It was cold. Then it rained."},
		"a repeated word after a pause":     {"No,", "no, never", 0, "No, no, never"},
		"one word twice":                    {"we went to the", "the market", half, "we went to the market"},
		"two words twice":                   {"we went to the old", "the old market", half, "we went to the old market"},
		"another case and an added stop":    {"We went home.", "Home, and slept.", half, "We went home, and slept."},
		"the first half of a word":          {"this is a transcr", "transcription of it", half, "this is a transcription of it"},
		"the first letters after a word":    {"the quick brown f", "brown fox jumps", half, "the quick brown fox jumps"},
		"the second half of a word":         {"the quick brown", "own fox jumps", half, "the quick brown fox jumps"},
		"nothing twice":                     {"one two", "three four", half, "one two three four"},
		"the same word in another place":    {"the cat and the dog", "saw the cat", half, "the cat and the dog saw the cat"},
		"all of it twice":                   {"yes indeed", "yes indeed", half, "yes indeed"},
		"nothing heard before":              {"", "hello", half, "hello"},
		"nothing heard after":               {"hello", "", half, "hello"},
		"apostrophes":                       {"and I don't", "don't know", half, "and I don't know"},
		"Chinese":                           {"今天天气很", "气很好。", half, "今天天气很好。"},
		"Japanese, nothing twice":           {"今日は", "いい天気", half, "今日はいい天気"},
		"Japanese after a pause":            {"今日は。", "いい天気", 0, "今日は。いい天気"},
		"Thai, nothing twice":               {"สวัสดี", "ครับ", half, "สวัสดีครับ"},
		"Korean has spaces":                 {"오늘 날씨가", "날씨가 좋다", half, "오늘 날씨가 좋다"},
		"Cyrillic":                          {"мы пошли на", "На рынок", half, "мы пошли на рынок"},
		"Arabic":                            {"ذهبنا إلى", "إلى السوق", half, "ذهبنا إلى السوق"},
		"numbers":                           {"it costs 3", "3 dollars", half, "it costs 3 dollars"},
		"bytes that are no text":            {"a\xff", "b", 0, "a\uFFFD b"},
		"a single letter is no half word":   {"plan b", "boats sail", half, "plan b boats sail"},
		"another script, no space at a mix": {"see 東京", "Tokyo", half, "see 東京 Tokyo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var j media.Joiner
			j.Add(c.a, 0)
			j.Add(c.b, c.overlap)
			if got := j.String(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
