package main

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"parley/conversation"
	"parley/llm"
)

// hearing looks on while a sound is written down, so that it is known when what was said, and that what was heard is not lost
// when the rest fails. It is for one sound at a time.
type hearing struct {
	conversation.Media
	joined   conversation.TranscriptJoiner
	piece    conversation.MediaPiece // the one that is being written down
	told     []llm.Segment           // what the server tells of its times
	segments []segment
	until    time.Duration
}

// segment is a stretch of a sound and what is said in it; times are in seconds from the beginning.
type segment struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
	Text string  `json:"text"`
}

// begin forgets the sound before, and gives the file such that its pieces are noted as they are taken.
func (h *hearing) begin(file conversation.MediaFile) conversation.MediaFile {
	*h = hearing{Media: h.Media}
	return &heardFile{file, h}
}

// heard is what was written down so far, and up to where.
func (h *hearing) heard() (text string, until time.Duration) {
	if h.joined == nil {
		return "", 0
	}
	return strings.TrimSpace(h.joined.String()), h.until
}

// Joiner implements conversation.Media.
func (h *hearing) Joiner() conversation.TranscriptJoiner {
	h.joined = h.Media.Joiner()
	return h
}

// String implements conversation.TranscriptJoiner.
func (h *hearing) String() string { return h.joined.String() }

// Add implements conversation.TranscriptJoiner.
func (h *hearing) Add(text string, overlap time.Duration) {
	before := h.joined.String()
	h.joined.Add(text, overlap)
	h.until = h.piece.To
	if h.noteTold(overlap) {
		return
	}
	if fresh, grows := strings.CutPrefix(h.joined.String(), before); grows {
		text = fresh // without the words that the piece before has already
	}
	h.note(h.piece.From, h.piece.To, text)
}

// noteTold notes the times that the server told of a piece. What the piece before has already is left out.
func (h *hearing) noteTold(overlap time.Duration) bool {
	for _, t := range h.told {
		if t.To > overlap {
			h.note(h.piece.From+t.From, h.piece.From+t.To, t.Text)
		}
	}
	defer func() { h.told = nil }()
	return len(h.told) > 0
}

func (h *hearing) note(from, to time.Duration, text string) {
	if text = strings.TrimSpace(text); text != "" {
		h.segments = append(h.segments, segment{from.Seconds(), to.Seconds(), text})
	}
}

// whole notes the times of a file that was sent in one piece.
func (h *hearing) whole() {
	if h.until == 0 {
		h.noteTold(0)
	}
}

// heardFile notes each piece as it is taken.
type heardFile struct {
	conversation.MediaFile
	hearing *hearing
}

// Pieces implements conversation.MediaFile.
func (f *heardFile) Pieces(ctx context.Context) iter.Seq2[conversation.MediaPiece, error] {
	return func(yield func(conversation.MediaPiece, error) bool) {
		for piece, err := range f.MediaFile.Pieces(ctx) {
			f.hearing.piece = conversation.MediaPiece{From: piece.From, To: piece.To}
			if !yield(piece, err) {
				return
			}
		}
	}
}

// clock is a length as people read it: 3:07.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
