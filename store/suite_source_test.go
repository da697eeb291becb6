package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"parley/conversation"
)

// summaryOf makes turns of a thread end with an answer that was derived from ref, between the messages m2 and m5.
func summaryOf(f *turner, thread string, ref conversation.ThreadRef) {
	span(f, thread, conversation.Source{Ref: ref, From: read("m2", 2).Position(), Through: read("m5", 5).Position(), Summary: true})
}

// span makes turns of a thread end with an answer that was derived from a source.
func span(f *turner, thread string, source conversation.Source) {
	f.set(func() {
		f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
			if turn.Ref.Thread == thread {
				o.Source = &source
			}
			return o
		}
	})
}

// summarise has a summary of the second channel answered in a thread.
func summarise(t *testing.T, s subject, f *turner, thread string, second int) {
	t.Helper()
	summaryOf(f, thread, c2(""))
	within(t, s, f, thread, second, func(context.Context, conversation.Turn) error { return nil })
}

// answers counts the visible answers of a thread.
func answers(t *testing.T, s subject, thread string) (list []conversation.Message) {
	t.Helper()
	all, err := s.History(t.Context(), conversation.HistoryQuery{Ref: post(thread, "", 0).Ref, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.Author.Kind == conversation.Self {
			list = append(list, m)
		}
	}
	return list
}

func ruleSources(t *testing.T, s subject, f *turner) {
	outside := conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m1", "m6"}, At: base().Add(time.Minute)}
	for name, change := range map[string]conversation.Event{
		"edited":            edited(read("m3", 3), "new", 40),
		"deleted":           conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m4"}, At: base().Add(time.Minute)},
		"deleted, the last": conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m5"}, At: base().Add(time.Minute)},
	} {
		thread := "thread-" + name
		summarise(t, s, f, thread, 10)
		take(t, s, outside)
		take(t, s, edited(read("m9", 9), "new", 39))
		if got := answers(t, s, thread); len(got) != 1 || got[0].Source != c2("") {
			t.Fatalf("%s: answers before %+v", name, got)
		}
		take(t, s, change)
		if got := answers(t, s, thread); len(got) != 0 {
			t.Errorf("%s: answers after %+v", name, got)
		}
	}
	// The source is the conversation itself: nobody needs to be asked whether they may read it.
	summaryOf(f, "self", post("self", "", 0).Ref)
	within(t, s, f, "self", 2, func(context.Context, conversation.Turn) error { return nil })
	if got := answers(t, s, "self"); len(got) != 1 || got[0].Source != (conversation.ThreadRef{}) {
		t.Errorf("answers %+v", got)
	}
}

func ruleSourceChangesMeanwhile(t *testing.T, s subject, f *turner) {
	summaryOf(f, "t1", c2(""))
	within(t, s, f, "t1", 10, func(ctx context.Context, turn conversation.Turn) error {
		err := readings(s).Collect(ctx, turn, []conversation.Message{read("m2", 2), read("m3", 3), read("m5", 5)})
		take(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m3"}, At: base().Add(time.Minute)})
		return err
	})
	if got := answers(t, s, "t1"); len(got) != 0 {
		t.Errorf("answers %+v", got)
	}
	// A thread with a channel of its own, as on Discord, is erased with the channel's summary.
	thread := read("m4", 4, func(m *conversation.Message) { m.Ref.Channel = "C2-thread" })
	thread.Ref.Channel = "C2-thread"
	summaryOf(f, "t2", c2(""))
	within(t, s, f, "t2", 11, func(ctx context.Context, turn conversation.Turn) error {
		return readings(s).Collect(ctx, turn, []conversation.Message{thread})
	})
	if got := answers(t, s, "t2"); len(got) != 1 {
		t.Fatalf("answers %+v", got)
	}
	take(t, s, conversation.Deleted{Ref: thread.Ref, MessageIDs: []string{"m4"}, At: base().Add(time.Minute)})
	if got := answers(t, s, "t2"); len(got) != 0 {
		t.Errorf("answers %+v", got)
	}
}

func ruleSourceOfSource(t *testing.T, s subject, f *turner) {
	summarise(t, s, f, "t1", 10)
	first := answers(t, s, "t1")[0]
	span(f, "t2", conversation.Source{Ref: post("t1", "", 0).Ref, From: post("t1", "ask-t1", 10).Position(), Through: first.Position()})
	within(t, s, f, "t2", 20, func(ctx context.Context, turn conversation.Turn) error {
		c := chunk("h", "ask-t1", first.ID)
		c.Ref = first.Ref
		return readings(s).KeepChunk(ctx, turn, c)
	})
	if got := answers(t, s, "t2"); len(got) != 1 || got[0].Source != first.Ref {
		t.Fatalf("answers %+v", got)
	}
	take(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m3"}, At: base().Add(time.Minute)})
	if got := answers(t, s, "t2"); len(got) != 0 {
		t.Errorf("answers %+v", got)
	}
	if _, ok, err := readings(s).Chunk(t.Context(), first.Ref, "h"); ok || err != nil {
		t.Errorf("the chunk that holds the first answer: %v %v", ok, err)
	}
}

func ruleLastSummary(t *testing.T, s subject, f *turner) {
	r := readings(s)
	summarise(t, s, f, "t1", 10)
	through, ok, err := r.LastSummary(t.Context(), c2(""), "alice")
	if want := (conversation.Position{SentAt: base().Add(5 * time.Second), MessageID: "m5"}); err != nil || !ok || through != want {
		t.Errorf("last summary %v %v %v", through, ok, err)
	}
	for _, other := range []struct {
		ref  conversation.ThreadRef
		user string
	}{{c2(""), "bob"}, {c2("t"), "alice"}, {post("", "", 0).Ref, "alice"}, {c2(""), ""}} {
		if _, ok, err := r.LastSummary(t.Context(), other.ref, other.user); ok || err != nil {
			t.Errorf("%+v: %v %v", other, ok, err)
		}
	}
	span(f, "t2", conversation.Source{Ref: c2(""), From: read("m5", 5).Position(), Through: read("m8", 8).Position(), Summary: true})
	within(t, s, f, "t2", 20, func(context.Context, conversation.Turn) error { return nil })
	if through, _, _ := r.LastSummary(t.Context(), c2(""), "alice"); through != read("m8", 8).Position() {
		t.Errorf("the newest is %v", through)
	}
}

// An edited question gets a new answer in place of the old: what was made of the old one goes, and its source.
func ruleAnswerWrittenAnew(t *testing.T, s subject, f *turner) {
	question := post("t1", "ask-t1", 10, mention, root)
	summaryOf(f, "t1", c2(""))
	within(t, s, f, "t1", 10, func(ctx context.Context, turn conversation.Turn) error {
		part, err := s.Intend(ctx, turn, 0)
		return errors.Join(err, s.Sent(ctx, turn, part.Number, "answer-1"))
	})
	f.set(func() { f.outcome = nil })
	within(t, s, f, "t2", 11, func(ctx context.Context, turn conversation.Turn) error {
		c := chunk("h", "answer-1")
		return readings(s).KeepChunk(ctx, turn, c)
	})
	take(t, s, edited(question, "something else", 50))
	run(t, s, f, "t1")
	turns := f.seen()
	if last := turns[len(turns)-1]; last.Ref.Thread != "t1" || last.Attempt < 2 {
		t.Fatalf("the question was not answered anew: %+v", last)
	}
	if got := kept(t, s, "h"); got != "" {
		t.Error("the chunk of the old answer is left")
	}
	take(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m3"}, At: base().Add(time.Minute)})
	if got := answers(t, s, "t1"); len(got) != 1 || got[0].Source != (conversation.ThreadRef{}) {
		t.Errorf("answers %+v", got)
	}
}
