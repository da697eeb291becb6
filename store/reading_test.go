package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// asking is a question that a turn is to answer.
func asking(thread string) conversation.Message { return post(thread, "ask", 1, mention, root) }

// whileATurnRuns calls do while a turn runs that answers a question.
func whileATurnRuns(t *testing.T, s *store.Store, question conversation.Message, do func(conversation.Turn)) {
	t.Helper()
	began, ended := make(chan conversation.Turn, 1), make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	w, err := s.Work(t.Context(), &turner{before: func(ctx context.Context, turn conversation.Turn) error {
		if turn.Attempt > 1 || turn.Last().Message.ID != question.ID {
			return nil
		}
		began <- turn
		select {
		case <-ended:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		end()
		if err := w.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	accept(t, s, posted(question))
	select {
	case turn := <-began:
		do(turn)
	case <-time.After(10 * time.Second):
		t.Fatal("no turn begins")
	}
	end()
	answered(t, s, 10*time.Second)
}

// together runs all at once, and fails the test with their errors.
func together(t *testing.T, all ...func() error) {
	t.Helper()
	var group sync.WaitGroup
	start := make(chan struct{})
	for _, f := range all {
		group.Go(func() {
			<-start
			if err := f(); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	group.Wait()
}

// Whichever comes first, a chunk of a message that was edited or deleted while the task ran is not there afterwards,
// and no copy holds the old text.
func TestChangesRaceWithWhatIsDerived(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	whileATurnRuns(t, s, asking("asking"), func(turn conversation.Turn) {
		for i := range 60 {
			id, hash := fmt.Sprint("m", i), fmt.Sprint("h", i)
			var change conversation.Event = edited(read(id, 1), "new", 20)
			if i%2 == 0 {
				change = conversation.Deleted{Ref: c2(""), MessageIDs: []string{id}, At: base()}
			}
			together(t,
				func() error { return s.KeepChunk(t.Context(), turn, chunk(hash, id, "other")) },
				func() error { return s.Collect(t.Context(), turn, []conversation.Message{read(id, 1)}) },
				func() error { _, err := s.Accept(t.Context(), change, policy()); return err })
			if _, kept, err := s.Chunk(t.Context(), c2(""), hash); kept || err != nil {
				t.Fatalf("a chunk of %s is kept: %v", id, err)
			}
		}
		list, err := s.Collected(t.Context(), turn, conversation.Position{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			if m.Text != "new" {
				t.Errorf("a copy of %s says %q", m.ID, m.Text)
			}
		}
	})
	if n := value[int](t, s, `SELECT count(*)::int FROM readings`); n != 0 {
		t.Errorf("%d copies are left after the turn", n)
	}
}

func TestLastUsesGoAtOnce(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ref := post("t1", "", 0).Ref
	whileATurnRuns(t, s, asking("asking"), func(turn conversation.Turn) {
		for i := range 40 {
			a, b, sha := fmt.Sprint("a", i), fmt.Sprint("b", i), fmt.Sprint("sha", i)
			for _, id := range []string{a, b} {
				accept(t, s, posted(post("t1", id, 100+i, mention, picture("F"))))
				if err := s.NoteFile(t.Context(), turn, ref, id, seen("F", sha, "a cat")); err != nil {
					t.Fatal(err)
				}
			}
			remove := func(id string) func() error {
				return func() error { _, err := s.Accept(t.Context(), deleted(id), policy()); return err }
			}
			together(t, remove(a), remove(b), func() error { return s.NoteFile(t.Context(), turn, ref, a, seen("F", sha, "a cat")) })
			if a, kept, err := s.Described(t.Context(), ref, sha); kept || err != nil {
				t.Fatalf("%s is still described: %+v %v", sha, a, err)
			}
		}
	})
	if n := value[int](t, s, `SELECT count(*)::int FROM media_uses`); n != 0 {
		t.Errorf("%d uses are left", n)
	}
}

// What a task left that ended without a word is swept, and so are changes that no task can have missed.
func TestLeftoversOfTasksAreSwept(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s := at(t, url, 10*time.Minute)
	whileATurnRuns(t, s, asking("asking"), func(turn conversation.Turn) {
		if err := s.Collect(t.Context(), turn, []conversation.Message{read("m1", 1)}); err != nil {
			t.Fatal(err)
		}
		accept(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m9"}, At: base()})
		sweep(t, s, day)
		if n := value[int](t, s, `SELECT (SELECT count(*) FROM readings)::int + (SELECT count(*) FROM changes)::int`); n != 2 {
			t.Errorf("of a running task is left %d", n)
		}
	})
	if _, err := s.Pool().Exec(t.Context(), `INSERT INTO readings (platform, workspace, channel, message_id, turn_id, thread, place, parent, root,
			author_id, author_name, author_kind, text, tokens, mentions, attachments, reply_to, reply_to_author, reply_to_author_id, sent_at, read_at)
		SELECT 'slack', 'T1', 'C1', 'left', id, '', '', '', false, '', '', '', 'left', 0, '[]', '[]', '', '', '', now(), $1 FROM turns`, base()); err != nil {
		t.Fatal(err)
	}
	work(t, at(t, url, 2*day), &turner{})
	eventually(t, 10*time.Second, "leftovers are swept", func() bool {
		return value[int](t, s, `SELECT (SELECT count(*) FROM readings)::int + (SELECT count(*) FROM changes)::int`) == 0
	})
}

func TestRetentionTakesWhatIsDerived(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s := at(t, url, 0)
	old, young := chunk("old", "m1"), chunk("young", "m2")
	old.Through.SentAt = base().Add(80 * day)
	young.From.SentAt, young.Through.SentAt = base().Add(80*day), base().Add(81*day)
	whileATurnRuns(t, s, asking("asking"), func(turn conversation.Turn) {
		page := []conversation.Message{read("m1", 1, picture("F")), read("m2", 2, picture("F"), later(80)), read("m3", 3, picture("F"))}
		err := errors.Join(s.KeepChunk(t.Context(), turn, old), s.KeepChunk(t.Context(), turn, young), s.Collect(t.Context(), turn, page),
			s.NoteFile(t.Context(), turn, c2(""), "m1", seen("F", "both", "1")), s.NoteFile(t.Context(), turn, c2(""), "m2", seen("F", "both", "1")),
			s.NoteFile(t.Context(), turn, c2(""), "m3", seen("F", "old", "2")))
		if err != nil {
			t.Fatal(err)
		}
	})
	s = at(t, url, 100*day)
	sweep(t, s, 90*day)
	left := value[string](t, s, `SELECT (SELECT string_agg(hash, ' ') FROM chunks) || ', ' || (SELECT string_agg(sha256, ' ') FROM media) || ', ' ||
		(SELECT string_agg(message_id, ' ') FROM media_uses)`)
	if left != "young, both, m2" {
		t.Errorf("left is %s", left)
	}
	// A message that was erased by age may have been read again when it is deleted on the platform.
	if _, err := s.Pool().Exec(t.Context(), `INSERT INTO messages (platform, workspace, channel, message_id, thread, place, author_id,
			author_name, author_kind, text, judged, sent_at, deleted_at, stored_at)
		VALUES ('slack', 'T1', 'C2', 'aged', '', 'channel', '', '', 'person', '', true, $1, $1, $1)`, base()); err != nil {
		t.Fatal(err)
	}
	question := post("later", "ask later", 1, mention, root, later(100))
	whileATurnRuns(t, at(t, url, 100*day), question, func(turn conversation.Turn) {
		if err := s.Collect(t.Context(), turn, []conversation.Message{read("aged", 1)}); err != nil {
			t.Fatal(err)
		}
		accept(t, s, edited(read("aged", 1), "new", 20))
		if got := copies(t, subject{Store: s}, turn); got != "aged=new; " {
			t.Errorf("copies %s", got)
		}
		accept(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"aged"}, At: base()})
		if list, err := s.Collected(t.Context(), turn, conversation.Position{}, 9); err != nil || len(list) != 0 {
			t.Errorf("copies %+v %v", list, err)
		}
	})
}

func TestForgetTakesWhatIsDerived(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	accept(t, s, posted(post("t1", "a1", 1, mention, root, picture("F"))))
	accept(t, s, posted(post("t1", "b1", 2, by("bob"), picture("F"))))
	whileATurnRuns(t, s, asking("asking"), func(turn conversation.Turn) {
		ref := post("t1", "", 0).Ref
		ofBob, ofBoth := chunk("bob", "x1"), chunk("both", "x2", "x3")
		ofBob.AuthorIDs = []string{"bob"}
		aboutAlice := read("x4", 4, by("bob"), func(m *conversation.Message) {
			m.Mentions = []conversation.Mention{{Kind: conversation.MentionUser, ID: "alice", Name: "Alice"}}
		})
		err := errors.Join(
			s.NoteFile(t.Context(), turn, ref, "a1", seen("F", "shared", "a cat")), s.NoteFile(t.Context(), turn, ref, "b1", seen("F", "shared", "a cat")),
			s.Collect(t.Context(), turn, []conversation.Message{read("x2", 2, picture("F")), read("x3", 3, by("bob")), aboutAlice}),
			s.NoteFile(t.Context(), turn, c2(""), "x2", seen("F", "own", "alice in the garden")),
			s.KeepChunk(t.Context(), turn, ofBob), s.KeepChunk(t.Context(), turn, ofBoth))
		if err != nil {
			t.Fatal(err)
		}
		exported := collect(t, s.PersonFiles(t.Context(), conversation.Slack, "alice"))
		if len(exported) != 2 || exported[0].Description != "a cat" || exported[1].Description != "alice in the garden" || exported[1].MessageID != "x2" {
			t.Errorf("exported %+v", exported)
		}
		done, err := s.Forget(t.Context(), conversation.Slack, "alice")
		if err != nil || done.Chunks != 1 || done.Files != 1 {
			t.Errorf("the receipt says %+v, %v", done, err)
		}
		left := value[string](t, s, `SELECT (SELECT string_agg(hash, ' ') FROM chunks) || ', ' || (SELECT string_agg(sha256, ' ') FROM media) || ', ' ||
			(SELECT string_agg(message_id, ' ') FROM readings)`)
		if left != "bob, shared, x3" {
			t.Errorf("left is %s", left)
		}
		// What was read before, and is made into something now.
		again := chunk("again", "x2")
		again.From = read("x2", 2).Position()
		if err := s.KeepChunk(t.Context(), turn, again); err != nil || kept(t, subject{Store: s}, "again") != "" {
			t.Errorf("a chunk of alice's is kept: %v", err)
		}
	})
	for _, trace := range []string{"alice", "Alice"} {
		if strings.Contains(dump(t, s), trace) {
			t.Errorf("%q is left:\n%s", trace, dump(t, s))
		}
	}
}

// An answer about a channel of which nothing is stored goes with the people whose words it was made of.
func TestForgetTakesAnswersAboutAPerson(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	f := &turner{}
	span(f, "asking", conversation.Source{Ref: c2(""), From: read("x1", 1).Position(), Through: read("x9", 9).Position()})
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		return s.KeepChunk(ctx, turn, chunk("both", "x1"))
	}
	work(t, s, f)
	accept(t, s, posted(post("asking", "ask", 20, mention, root, by("carol"))))
	answered(t, s, 10*time.Second)
	texts := func() string {
		return value[string](t, s, `SELECT string_agg(text, '') FROM messages WHERE author_kind = 'self'`)
	}
	if texts() != "an answer" {
		t.Fatalf("stored %q", texts())
	}
	if _, err := s.Forget(t.Context(), conversation.Slack, "bob"); err != nil || texts() != "" {
		t.Errorf("left is %q, %v", texts(), err)
	}
}

// What a person wrote before they were forgotten is not stored again; what they write from then on is.
func TestForgottenStaysForgotten(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, func(o *store.Options) { o.Clock = func() time.Time { return base().Add(time.Minute) } })
	if _, err := s.Forget(t.Context(), conversation.Slack, "bob"); err != nil {
		t.Fatal(err)
	}
	before, after := post("asking", "before", 10, by("bob")), post("asking", "after", 90, by("bob"))
	whileATurnRuns(t, s, asking("asking"), func(turn conversation.Turn) {
		page := conversation.HistoryPage{Messages: []conversation.Message{before, after, post("asking", "alices", 11)}}
		if err := errors.Join(s.SaveHistory(t.Context(), turn, page, policy()), s.Collect(t.Context(), turn, page.Messages)); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Collected(t.Context(), turn, conversation.Position{}, 9); err != nil || len(list) != 2 || list[1].ID != "after" {
			t.Errorf("copies %+v %v", list, err)
		}
	})
	missed := post("asking", "missed", 12, by("bob"), mention)
	if a := accept(t, s, caughtUp(missed)); !a.Duplicate {
		t.Errorf("caught up: %+v", a)
	}
	if ids := value[string](t, s, `SELECT string_agg(message_id, ' ' ORDER BY sent_at) FROM messages WHERE author_id = 'bob'`); ids != "after" {
		t.Errorf("stored are %s", ids)
	}
	if strings.Contains(value[string](t, s, `SELECT string_agg(f::text, '') FROM forgotten f`), "bob") {
		t.Error("the id stands in the list of those who were forgotten")
	}
}
