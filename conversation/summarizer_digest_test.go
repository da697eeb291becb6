package conversation_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	c "parley/conversation"
	"parley/llm"
)

func TestDigestKeepsStandingChunksWithoutGap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chat, cache := talk(2500), &memory{}
		model := &reader{fail: func(_ int, r llm.Request) error {
			if strings.Contains(promptOf(r), uniqueWord(1200)+" ") {
				return &llm.Error{Kind: llm.KindOverloaded}
			}
			return nil
		}}
		first, err := summarizer(t, model).Digest(t.Context(), c.SummaryJob{Ref: ref, Source: chat, Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		if len(first.Chunks) < 2 || first.Unread == 0 || len(cache.order) != len(first.Chunks) {
			t.Fatalf("%d chunks, %d kept, %d unread", len(first.Chunks), len(cache.order), first.Unread)
		}
		model.fail = nil
		last := first.Chunks[len(first.Chunks)-1].Through
		second, err := summarizer(t, model).Digest(t.Context(), c.SummaryJob{Ref: ref, Source: chat, Cache: cache, After: last})
		if err != nil || second.Unread > 0 {
			t.Fatal(err, second.Unread)
		}
		seen := map[string]bool{}
		for _, chunk := range append(first.Chunks, second.Chunks...) {
			if !chunk.Standing || chunk.Ref != ref || chunk.Tokens == 0 || chunk.From.MessageID != chunk.MessageIDs[0] || len(chunk.AuthorIDs) != 9 {
				t.Errorf("chunk %+v", chunk)
			}
			for _, id := range chunk.MessageIDs {
				seen[id] = true
			}
		}
		if len(seen) != len(chat) || second.Chunks[len(second.Chunks)-1].Through.MessageID != chat[len(chat)-1].ID {
			t.Errorf("%d of %d messages", len(seen), len(chat))
		}
	})
}

func TestStandingNotesFitTheirBudget(t *testing.T) {
	t.Parallel()
	cost := func(s string) int { return len(s) / 4 }
	var chunks []c.Chunk
	for i := range 5 {
		chunk := c.Chunk{Text: fmt.Sprintf("T Office\nF [1] a fact about %s\nD [2] decided on %s\nQ [1] who knows %s?", uniqueWord(i), uniqueWord(i+10), uniqueWord(i+20)),
			MessageIDs: []string{"a", "b"}}
		chunks = append(chunks, chunk)
	}
	all := c.StandingNotes(chunks, 1000, cost)
	if strings.Count(all, "\n") != 14 || strings.Contains(all, "[") {
		t.Errorf("got\n%s", all)
	}
	few := c.StandingNotes(chunks, 40, cost)
	if cost(few) > 40 || !strings.Contains(few, "D decided on "+uniqueWord(14)) || strings.Contains(few, "F ") {
		t.Errorf("got\n%s", few)
	}
	if none := c.StandingNotes(nil, 100, cost); none != "" {
		t.Errorf("got %q", none)
	}
}

func TestMessagesAreFoundAgain(t *testing.T) {
	t.Parallel()
	chat := talk(1000)
	for k := range 30 { // many at one instant
		chat[500+k].SentAt = chat[500].SentAt
	}
	chat[7].DeletedAt = chat[7].SentAt
	pages := 0
	source := c.PagedSource(func(ctx context.Context, after c.Position, limit int) ([]c.Message, error) {
		pages++
		return chat.Page(ctx, after, limit)
	})
	wanted := []int{999, 0, 3, 7, 20, 500, 515, 529, 530, 800}
	positions := []c.Position{{SentAt: chat[10].SentAt, MessageID: "never was"}}
	for _, k := range wanted {
		positions = append(positions, chat[k].Position())
	}
	found, err := source.Again(t.Context(), positions)
	if err != nil || len(found) != len(wanted)-1 || pages > 5 {
		t.Errorf("%d found on %d pages, %v", len(found), pages, err)
	}
	for _, k := range wanted {
		if _, there := found[chat[k].ID]; there != (k != 7) {
			t.Errorf("message %d is there: %v", k, there)
		}
	}
}
