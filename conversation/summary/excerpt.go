package summary

import (
	"cmp"
	"slices"
	"strings"
)

// excerptRunes is the most that is quoted of a message.
const excerptRunes = 160

// Excerpts gives facts that quote those of messages that say most, word for word, in their order: what stands in for a
// model that says nothing. A message says much when its words occur in other messages too. One that tells a model what to
// write is not quoted.
func Excerpts(messages []Message, most int) []Item {
	messages = slices.DeleteFunc(slices.Clone(messages), func(m Message) bool {
		_, steers := steering(m.Text)
		return steers || m.Deleted
	})
	frequency := map[string]int{}
	about := make([]map[string]bool, len(messages))
	for i, m := range messages {
		about[i] = words(m.Text)
		for w := range about[i] {
			frequency[w]++
		}
	}
	order := make([]int, len(messages))
	score := make([]float64, len(messages))
	for i := range messages {
		order[i] = i
		for w := range about[i] {
			score[i] += float64(min(frequency[w], 5))
		}
		score[i] /= float64(len(about[i]) + 8)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	order = order[:min(most, len(order))]
	slices.Sort(order)
	var out []Item
	for _, i := range order {
		m := messages[i]
		text := clip(plain(strings.Join(strings.Fields(m.Text), " ")), excerptRunes)
		if text != "" {
			out = append(out, Item{Kind: Fact, Refs: []Ref{{N: m.N, ID: m.ID, At: m.At}}, Text: m.Author + ": “" + text + "”"})
		}
	}
	return out
}
