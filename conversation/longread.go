package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/llm"
)

const (
	// longMost is the most text of a document that is summed up, in bytes.
	longMost = 8 << 20
	// passage is the most of a page that is one message to the summarizer, in bytes: longer ones it shortens.
	passage = 400
)

// sumUpDocument sums a document up that is too long to be read in one go, in parts like a thread, with the mark of the page that
// each line stands on.
func (r *run) sumUpDocument(ctx context.Context, file MediaFile) (string, error) {
	passages, cut, err := r.passages(ctx, file)
	if err != nil {
		return "", err
	}
	spend := r.spending()
	result, err := r.summarizer.Summarize(ctx, SummaryJob{
		Ref: r.t.Ref, Source: passages, Total: len(passages), Ask: spend.ask,
		Link: func(id string) string { mark, _, _ := strings.Cut(id, "#"); return mark },
		Progress: func(read, total int, _ SummaryStage) {
			r.tell(ctx, fmt.Sprintf("Read %d of %d parts of the document", read, total))
		},
	})
	spend.record(r)
	var refused *llm.Error
	if errors.As(err, &refused) {
		err = modelFailure(err)
	}
	if err != nil {
		return "", err
	}
	text, _, _ := strings.Cut(result.Text, "*"+result.CoverageLine+"*") // it counts messages and people
	last, _, _ := strings.Cut(passages[len(passages)-1].ID, "#")
	note := "read to its end, " + last
	if cut {
		note = "read up to " + last + " only, it is very long"
	}
	return strings.TrimSpace(text) + "\n\n*(" + note + ")*", nil
}

// passages are the document's pages in pieces, with their marks as ids.
func (r *run) passages(ctx context.Context, file MediaFile) (all documentSource, cut bool, err error) {
	size := 0
	for page, err := range file.Pages(ctx, llm.ImageRule{}, 0) {
		if err != nil {
			return nil, false, fmt.Errorf("read document: %w", err)
		}
		if size += len(page.Text); size > longMost {
			cut = true
			break
		}
		for text := strings.TrimSpace(page.Text); text != ""; {
			piece := firstBytes(text, passage)
			if len(piece) < len(text) {
				if i := strings.LastIndexAny(piece, ".\n。"); i > passage/2 {
					piece = firstBytes(text, i+1)
				}
			}
			text = strings.TrimSpace(text[len(piece):])
			all = append(all, Message{ID: fmt.Sprintf("%s#%d", page.Mark, len(all)), Author: Author{ID: page.Mark, Name: page.Mark, Kind: Person},
				Text: strings.TrimSpace(piece), SentAt: time.Unix(int64(len(all)), 0).UTC()})
		}
	}
	if len(all) == 0 {
		return nil, false, &Failure{Code: CodeFileUnreadable, Err: errors.New("no text"), Safe: "I find no text in this document."}
	}
	return all, cut, nil
}

// documentSource is a document's passages in their order; SentAt is no time but their place.
type documentSource []Message

// Page implements SummarySource.
func (s documentSource) Page(_ context.Context, after Position, limit int) ([]Message, error) {
	i, _ := slices.BinarySearchFunc(s, after, func(m Message, p Position) int {
		if p.Before(m.Position()) {
			return 1
		}
		return -1
	})
	return slices.Clone(s[i:min(i+limit, len(s))]), nil
}

// Again implements SummarySource.
func (s documentSource) Again(ctx context.Context, positions []Position) (map[string]Message, error) {
	return PagedSource(s.Page).Again(ctx, positions)
}
