package summary

// middle is how many of messages stand before the best gap of the middle third; at least one, and one is left.
func middle(messages []Message) int {
	n := len(messages)
	best := n - n/2
	found := gap{strength: -1}
	for i := max(n/3, 1); i <= n*2/3 && i < n; i++ {
		if g := gapBefore(messages[i-1], messages[i]); g.strength > found.strength || g.strength == found.strength && distance(i, n) < distance(best, n) {
			best, found = i, g
		}
	}
	return best
}

// distance of a cut from the middle, doubled.
func distance(cut, n int) int { return max(2*cut-n, n-2*cut) }
