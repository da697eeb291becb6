package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/conversation"
)

// TestReadingsBehaveAlike holds the store in memory to what Postgres does with what tasks read, and what is made of it.
func TestReadingsBehaveAlike(t *testing.T) {
	t.Parallel()
	alike(t, map[string]func(*testing.T, subject, *turner){
		"pages of what is read":                  ruleCollect,
		"copies follow edits and deletes":        ruleCopiesFollow,
		"a page that was overtaken by a change":  ruleOvertakenPage,
		"a copy makes no duplicate":              ruleCopyIsNoDuplicate,
		"fencing":                                ruleReadingFenced,
		"messages since":                         ruleSince,
		"chunks":                                 ruleChunks,
		"chunks go with their messages":          ruleChunksGo,
		"a chunk that was overtaken":             ruleOvertakenChunk,
		"a later task keeps what changed before": ruleLaterTask,
		"sources":                                ruleSources,
		"sources that change meanwhile":          ruleSourceChangesMeanwhile,
		"sources of sources":                     ruleSourceOfSource,
		"the last summary":                       ruleLastSummary,
		"an answer written anew":                 ruleAnswerWrittenAnew,
		"tokens":                                 ruleTokens,
	})
}

func alike(t *testing.T, rules map[string]func(*testing.T, subject, *turner)) {
	t.Helper()
	for name, rule := range rules {
		t.Run(name+" in Postgres", func(t *testing.T) {
			t.Parallel()
			rule(t, inPostgres(t), &turner{})
		})
		t.Run(name+" in memory", func(t *testing.T) {
			t.Parallel()
			rule(t, inMemory(t), &turner{})
		})
	}
}

func readings(s subject) conversation.Readings { return s.Store.(conversation.Readings) }

// within runs do inside the next turn, which a mention in its own thread begins, and lets it end with what do gives.
func within(t *testing.T, s subject, f *turner, thread string, second int, do func(context.Context, conversation.Turn) error) {
	t.Helper()
	ran := false
	f.set(func() {
		f.before = func(ctx context.Context, turn conversation.Turn) error {
			if turn.Ref.Thread == thread {
				ran = true
				return do(ctx, turn)
			}
			return nil
		}
	})
	take(t, s, posted(post(thread, "ask-"+thread, second, mention, root)))
	run(t, s, f, thread)
	f.set(func() { f.before = nil })
	if !ran {
		t.Fatalf("no turn ran in %s", thread)
	}
}

// c2 is another channel, of which nothing is stored.
func c2(thread string) conversation.ThreadRef {
	ref := post(thread, "", 0).Ref
	ref.Channel = "C2"
	return ref
}

func read(id string, second int, change ...func(*conversation.Message)) conversation.Message {
	return post("", id, second, append(change, func(m *conversation.Message) { m.Ref = c2(m.Ref.Thread) })...)
}

func copies(t *testing.T, s subject, turn conversation.Turn) (all string) {
	t.Helper()
	list, err := readings(s).Collected(t.Context(), turn, conversation.Position{}, 500)
	if err != nil {
		t.Error(err)
	}
	for _, m := range list {
		all += m.ID + "=" + m.Text + "; "
	}
	return all
}

func ruleCollect(t *testing.T, s subject, f *turner) {
	within(t, s, f, "t1", 1, func(ctx context.Context, turn conversation.Turn) error {
		r := readings(s)
		second := read("m2", 2, func(m *conversation.Message) {
			m.Tokens, m.Parent, m.ReplyTo = 7, "P", "m1"
			m.Attachments = []conversation.Attachment{{ID: "F", Kind: conversation.AttachmentImage, Name: "n"}}
		})
		err := errors.Join(
			r.Collect(ctx, turn, []conversation.Message{read("m3", 3), second}),
			r.Collect(ctx, turn, []conversation.Message{read("m1", 1), read("m3", 3, func(m *conversation.Message) { m.Text = "again" })}))
		if got := copies(t, s, turn); got != "m1=text of m1; m2=text of m2; m3=again; " {
			t.Errorf("copies %s", got)
		}
		page, pageErr := r.Collected(ctx, turn, read("m1", 1).Position(), 1)
		if len(page) != 1 || fmt.Sprint(page[0]) != fmt.Sprint(second) {
			t.Errorf("page %+v, want %+v", page, second)
		}
		return errors.Join(err, pageErr)
	})
	if got := copies(t, s, f.seen()[0]); got != "" {
		t.Errorf("after the turn: %s", got)
	}
}

func ruleCopiesFollow(t *testing.T, s subject, f *turner) {
	within(t, s, f, "t1", 1, func(ctx context.Context, turn conversation.Turn) error {
		err := readings(s).Collect(ctx, turn, []conversation.Message{read("m1", 1), read("m2", 2), read("m3", 3)})
		take(t, s, edited(read("m1", 1), "new", 20))
		take(t, s, edited(read("m1", 1), "older", 10))
		take(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m2"}, At: base().Add(time.Minute)})
		if got := copies(t, s, turn); got != "m1=new; m3=text of m3; " {
			t.Errorf("copies %s", got)
		}
		return err
	})
}

func ruleOvertakenPage(t *testing.T, s subject, f *turner) {
	within(t, s, f, "t1", 1, func(ctx context.Context, turn conversation.Turn) error {
		take(t, s, edited(read("m1", 1), "new", 20))
		take(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m2"}, At: base().Add(time.Minute)})
		err := readings(s).Collect(ctx, turn, []conversation.Message{read("m1", 1), read("m2", 2), read("m3", 3)})
		if got := copies(t, s, turn); got != "m3=text of m3; " {
			t.Errorf("copies of an old page: %s", got)
		}
		err = errors.Join(err, readings(s).Collect(ctx, turn, []conversation.Message{edited(read("m1", 1), "new", 20).Message}))
		if got := copies(t, s, turn); got != "m1=new; m3=text of m3; " {
			t.Errorf("copies of a new page: %s", got)
		}
		return err
	})
}

func ruleCopyIsNoDuplicate(t *testing.T, s subject, f *turner) {
	within(t, s, f, "t1", 1, func(ctx context.Context, turn conversation.Turn) error {
		question := read("m1", 1, mention)
		err := readings(s).Collect(ctx, turn, []conversation.Message{question})
		if a := take(t, s, posted(question)); a.Duplicate || !a.Decision.Respond {
			t.Errorf("a message that a task has read: %+v", a)
		}
		return err
	})
}

func ruleReadingFenced(t *testing.T, s subject, f *turner) {
	within(t, s, f, "t1", 1, func(context.Context, conversation.Turn) error { return nil })
	old := f.seen()[0]
	r := readings(s)
	err := r.Collect(t.Context(), old, []conversation.Message{read("m1", 1)})
	if s.Store.Holds(old) != nil && !errors.Is(err, conversation.ErrFenced) {
		t.Errorf("collect: %v", err)
	}
	within(t, s, f, "t2", 9, func(ctx context.Context, turn conversation.Turn) error {
		lost := turn
		lost.Lease--
		for what, err := range map[string]error{
			"collect": r.Collect(ctx, lost, []conversation.Message{read("m1", 1)}),
			"keep":    r.KeepChunk(ctx, lost, chunk("h", "m1")),
			"note":    s.Store.(conversation.Files).NoteFile(ctx, lost, turn.Ref, "ask-t2", conversation.Attachment{ID: "F"}),
		} {
			if !errors.Is(err, conversation.ErrFenced) {
				t.Errorf("%s with a lost lease: %v", what, err)
			}
		}
		return nil
	})
}

func ruleSince(t *testing.T, s subject, f *turner) {
	for i, id := range []string{"a", "b", "c", "d"} {
		take(t, s, posted(post("t1", id, i+1, mention)))
	}
	run(t, s, f, "t1")
	take(t, s, deleted("c"))
	list, err := readings(s).Since(t.Context(), post("t1", "", 0).Ref, post("t1", "a", 1).Position(), 2)
	if err != nil || len(list) != 2 || list[0].ID != "b" || list[1].ID == "c" {
		t.Errorf("since a: %+v %v", list, err)
	}
}

// chunk is a piece of the second channel.
func chunk(hash string, ids ...string) conversation.Chunk {
	c := conversation.Chunk{
		Ref: c2(""), Hash: hash, MessageIDs: ids, AuthorIDs: []string{"alice", "bob"}, Text: "items of " + hash, Tokens: 5,
		From:    conversation.Position{SentAt: base(), MessageID: ids[0]},
		Through: conversation.Position{SentAt: base().Add(time.Hour), MessageID: ids[len(ids)-1]},
	}
	return c
}

// kept tells which of the chunks are kept.
func kept(t *testing.T, s subject, hashes ...string) (have string) {
	t.Helper()
	for _, h := range hashes {
		_, ok, err := readings(s).Chunk(t.Context(), c2(""), h)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			have += h
		}
	}
	return have
}

func ruleChunks(t *testing.T, s subject, f *turner) {
	late, early, other := chunk("late", "m1"), chunk("early", "m2"), chunk("other", "m3")
	late.Standing, early.Standing = true, true
	early.From.SentAt = early.From.SentAt.Add(-time.Minute)
	within(t, s, f, "t1", 1, func(ctx context.Context, turn conversation.Turn) error {
		r := readings(s)
		return errors.Join(r.KeepChunk(ctx, turn, late), r.KeepChunk(ctx, turn, early), r.KeepChunk(ctx, turn, other), r.KeepChunk(ctx, turn, other))
	})
	got, ok, err := readings(s).Chunk(t.Context(), c2(""), "late")
	if err != nil || !ok || fmt.Sprint(got) != fmt.Sprint(late) {
		t.Errorf("chunk %+v, want %+v (%v)", got, late, err)
	}
	if _, ok, err := readings(s).Chunk(t.Context(), c2("t"), "late"); ok || err != nil {
		t.Errorf("chunk of another conversation: %v %v", ok, err)
	}
	list, err := readings(s).Standing(t.Context(), c2(""))
	if err != nil || len(list) != 2 || list[0].Hash != "early" || list[1].Hash != "late" {
		t.Errorf("standing %+v %v", list, err)
	}
}

func ruleChunksGo(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "known", 1, mention, root)))
	within(t, s, f, "t2", 2, func(ctx context.Context, turn conversation.Turn) error {
		r := readings(s)
		own := chunk("own", "known", "x")
		own.Ref = post("t1", "", 0).Ref
		return errors.Join(
			r.KeepChunk(ctx, turn, chunk("a", "m1", "m2")), r.KeepChunk(ctx, turn, chunk("b", "m2", "m3")),
			r.KeepChunk(ctx, turn, chunk("c", "m4")), r.KeepChunk(ctx, turn, own))
	})
	take(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m1"}, At: base().Add(time.Minute)}) // not known otherwise
	if got := kept(t, s, "a", "b", "c"); got != "bc" {
		t.Errorf("after a delete: %s", got)
	}
	take(t, s, edited(read("m3", 3), "new", 30))
	if got := kept(t, s, "a", "b", "c"); got != "c" {
		t.Errorf("after an edit: %s", got)
	}
	known := post("t1", "known", 1, mention, root)
	take(t, s, edited(known, known.Text, 31)) // nothing has changed
	if _, ok, _ := readings(s).Chunk(t.Context(), known.Ref, "own"); !ok {
		t.Error("an edit that changed nothing took the chunk")
	}
	take(t, s, edited(known, "new", 32))
	if _, ok, _ := readings(s).Chunk(t.Context(), known.Ref, "own"); ok {
		t.Error("an edit left the chunk")
	}
}

func ruleOvertakenChunk(t *testing.T, s subject, f *turner) {
	within(t, s, f, "t1", 1, func(ctx context.Context, turn conversation.Turn) error {
		r := readings(s)
		err := r.Collect(ctx, turn, []conversation.Message{read("m1", 1), read("m2", 2), read("m3", 3)})
		take(t, s, edited(read("m1", 1), "new", 20))
		take(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m2"}, At: base().Add(time.Minute)})
		return errors.Join(err, r.KeepChunk(ctx, turn, chunk("a", "m1", "m3")), r.KeepChunk(ctx, turn, chunk("b", "m2", "m3")), r.KeepChunk(ctx, turn, chunk("c", "m3")))
	})
	if got := kept(t, s, "a", "b", "c"); got != "c" {
		t.Errorf("kept %s", got)
	}
}

func ruleLaterTask(t *testing.T, s subject, f *turner) {
	take(t, s, edited(read("m1", 1), "new", 20))
	within(t, s, f, "t1", 30, func(ctx context.Context, turn conversation.Turn) error {
		return readings(s).KeepChunk(ctx, turn, chunk("a", "m1"))
	})
	if got := kept(t, s, "a"); got != "a" {
		t.Error("a chunk is not kept of a message that was edited before the task began")
	}
}

func ruleTokens(t *testing.T, s subject, f *turner) {
	m := post("t1", "a", 1, mention, root)
	m.Tokens = 11
	take(t, s, posted(m))
	m.Text, m.Tokens, m.EditedAt = "longer", 12, base().Add(time.Minute)
	take(t, s, conversation.Edited{Message: m})
	if turns := run(t, s, f, "t1"); turns[0].Last().Message.Tokens != 12 {
		t.Errorf("turn %+v", turns[0])
	}
	list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: m.Ref, Limit: 9})
	if err != nil || list[len(list)-1].Tokens != 12 {
		t.Errorf("history %+v %v", list, err)
	}
}
