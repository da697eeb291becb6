package conversation

import "strings"

// standingNotes are the notes of chunks that fit into room tokens, oldest first; the oldest give way first.
func (p *packing) standingNotes(chunks []Chunk, room int) string {
	var kept []string
	for i := len(chunks) - 1; i >= 0; i-- {
		if room -= chunks[i].Tokens + 1; room < 0 {
			break
		}
		kept = append([]string{strings.TrimSpace(chunks[i].Text)}, kept...)
	}
	return strings.Join(kept, "\n")
}
