package window

// Needs is what there is to put into a prompt, in tokens.
type Needs struct {
	// Instructions is what must stand whole: persona, rules, the question, and what the chat template adds.
	Instructions int
	// Output is the longest answer that is wanted.
	Output int
	// Media is what the pictures, recordings and file texts of the question would take.
	Media int
	// Standing is what the notes on older history would take.
	Standing int
}

// Budget is how a window is shared out, in tokens. Its parts, Margin among them, add up to the window.
type Budget struct {
	Output, Margin, Instructions, Media, Standing, Recent int
}

// The shares. They are the same for a window of 4,000 tokens and for one of 128,000.
const (
	outputShare  = 4   // a quarter of the window at most is for the answer
	marginShare  = 200 // for what the estimate of the template is short of
	leastMargin  = 8
	mostMargin   = 256
	mediaShare   = 3 // two thirds of what the instructions leave, at most
	summaryShare = 4 // a quarter of what the media leave, at most
)

// Divide shares a window out. What media and notes do not need goes to the recent history, which gets a quarter of what
// the instructions leave at the least. ok is false when the instructions alone do not fit; the parts are then 0 but for Output and
// Margin, and Instructions is what they may have.
func Divide(tokens int, n Needs) (b Budget, ok bool) {
	tokens = max(tokens, 0)
	b.Output = min(max(n.Output, 1), tokens/outputShare)
	b.Margin = min(max(tokens/marginShare, leastMargin), mostMargin, tokens-b.Output)
	room := tokens - b.Output - b.Margin
	if n.Instructions > room {
		b.Instructions = room
		return b, false
	}
	b.Instructions = max(n.Instructions, 0)
	room -= b.Instructions
	b.Media = min(max(n.Media, 0), room-room/mediaShare)
	room -= b.Media
	b.Standing = min(max(n.Standing, 0), room/summaryShare)
	b.Recent = room - b.Standing
	return b, true
}
