package conversation

// standingNotes are the notes of chunks that fit into room tokens.
func (p *packing) standingNotes(chunks []Chunk, room int) string {
	return StandingNotes(chunks, room, p.cost)
}
