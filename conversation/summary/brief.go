package summary

import "strings"

// Brief writes what still holds of items, a line each without citations, in at most budget tokens. Decisions, tasks and open
// questions come before facts, and newer ones before older ones; the order of the lines is that of the items.
func Brief(items []Item, budget int, cost func(string) int) string {
	line := func(i Item) string { return string(byte(i.Kind)) + " " + i.Plain() }
	keep := make([]bool, len(items))
	for _, facts := range []bool{false, true} {
		for k := len(items) - 1; k >= 0; k-- {
			if i := items[k]; (i.Kind == Fact) == facts && i.Open() {
				price := cost(line(i)) + 1
				if price > budget {
					break
				}
				budget -= price
				keep[k] = true
			}
		}
	}
	var lines []string
	for k, i := range items {
		if keep[k] {
			lines = append(lines, line(i))
		}
	}
	return strings.Join(lines, "\n")
}
