package conversation

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// stopEarlier marks what earlier attempts have left of an unfinished answer, and takes the button from under it. What they
// had written is asked of the platform, and is not kept: nobody knows any more what it was made of, and so who may have it
// in an answer. An answer that was finished, before its question was edited, stays as it is.
func (r *run) stopEarlier(ctx context.Context) error {
	d := r.deliver
	var texts []string
	for _, p := range d.t.Parts {
		if p.Number >= FilePart || p.Number != len(texts) {
			break
		}
		if p.MessageID == "" {
			id, err := d.find(ctx, p.Number, p)
			if err := again(err); err != nil {
				return err
			}
			if id == "" {
				break
			}
			if err := d.Store.Sent(ctx, d.t, d.base+p.Number, id); err != nil {
				return storeError(err)
			}
			p.MessageID = id
		}
		text, err := r.written(ctx, d.standsIn(p.Number), p.MessageID)
		if FailureOf(err).Code == CodeMessageGone && err != nil {
			break
		}
		if err != nil {
			if err := again(err); err != nil {
				return err
			}
			r.log.WarnContext(ctx, "nobody tells what was written before the answer was stopped", "error", err)
			return r.mark(ctx, stoppedNote)
		}
		d.parts = append(d.parts, SentPart{MessageID: p.MessageID, Text: text, SentAt: d.sentAt(p.MessageID), Ref: d.t.To})
		texts = append(texts, text)
	}
	if len(texts) == 0 {
		return nil
	}
	last := len(texts) - 1
	begun, unfinished := strings.CutSuffix(texts[last], strings.TrimSpace(writing))
	if !unfinished {
		return nil
	}
	err := d.put(ctx, last, strings.TrimSpace(begun)+"\n\n"+stoppedNote, true)
	if errors.Is(err, ErrFenced) || errors.Is(err, errStore) {
		return err
	}
	if err != nil {
		r.log.WarnContext(ctx, "cannot mark the answer as stopped", "error", err)
	}
	for i := range d.parts {
		d.parts[i].Text = ""
	}
	return nil
}

// written gives what one of Parley's own messages says.
func (r *run) written(ctx context.Context, ref ThreadRef, id string) (string, error) {
	reader, can := r.m.(RangeReader)
	if !can {
		return "", &Failure{Code: CodeNotReadable, Err: errors.New("this platform's messages cannot be read")}
	}
	for page, err := range reader.ReadRange(ctx, RangeRequest{Ref: ref, Only: id, Reader: r.t.Last().Message.Author.ID}) {
		if err != nil {
			return "", fmt.Errorf("read what was written: %w", err)
		}
		for _, m := range page {
			if m.ID == id && m.Author.Kind == Self {
				return strings.TrimSpace(m.Text), nil
			}
		}
	}
	return "", &Failure{Code: CodeMessageGone, Err: errors.New("the message is gone")}
}

// again gives err back where another attempt may do without it.
func again(err error) error {
	if err == nil || errors.Is(err, ErrFenced) || errors.Is(err, errStore) || FailureOf(err).Retry {
		return err
	}
	return nil
}
