package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/conversation"
)

// TestFilesBehaveAlike holds the store in memory to what Postgres does with what becomes of files.
func TestFilesBehaveAlike(t *testing.T) {
	t.Parallel()
	alike(t, map[string]func(*testing.T, subject, *turner){
		"described once":               ruleDescribedOnce,
		"the last use":                 ruleLastUse,
		"an edit that drops a file":    ruleEditDropsFile,
		"a file that changes":          ruleFileChanges,
		"no message":                   ruleNoMessage,
		"a file that a task reads":     ruleReadFile,
		"one workspace, one content":   ruleWorkspaces,
		"questions with files":         ruleQuestionWithFiles,
		"verdicts without a content":   ruleVerdicts,
		"a description that came late": ruleLateDescription,
	})
}

func files(s subject) conversation.Files { return s.Store.(conversation.Files) }

// picture attaches files.
func picture(ids ...string) func(*conversation.Message) {
	return func(m *conversation.Message) {
		for _, id := range ids {
			m.Attachments = append(m.Attachments, conversation.Attachment{ID: id, Kind: conversation.AttachmentImage, Name: id + ".png", Locator: "at " + id})
		}
	}
}

func seen(id, sha256, description string) conversation.Attachment {
	return conversation.Attachment{ID: id, Verdict: conversation.VerdictDescribed, SHA256: sha256, Description: description, Tokens: len(description)}
}

// shown gives what is known of the files of a thread, in order.
func shown(t *testing.T, s subject, thread string) (all string) {
	t.Helper()
	list, err := readings(s).Since(t.Context(), post(thread, "", 0).Ref, conversation.Position{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	history, err := s.History(t.Context(), conversation.HistoryQuery{Ref: post(thread, "", 0).Ref, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.ChannelBefore(t.Context(), conversation.HistoryQuery{Ref: post(thread, "", 0).Ref, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	texts := func(m conversation.Message) (text string) {
		for _, a := range m.Attachments {
			text += fmt.Sprintf("%s.%s=%s %s %s %d; ", m.ID, a.ID, a.Verdict, a.SHA256, a.Description, a.Tokens)
		}
		return text
	}
	for i, m := range list {
		all += texts(m)
		if other := texts(history[len(history)-1-i]); other != texts(m) {
			t.Errorf("history shows %s, since %s", other, texts(m))
		}
	}
	for _, m := range before {
		for _, other := range list {
			if m.ID == other.ID && texts(m) != texts(other) {
				t.Errorf("the channel shows %s, since %s", texts(m), texts(other))
			}
		}
	}
	return all
}

// described gives the description that is kept of a content.
func described(t *testing.T, s subject, sha256 string) string {
	t.Helper()
	a, ok, err := files(s).Described(t.Context(), post("", "", 0).Ref, sha256)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return "none"
	}
	return a.Description
}

func ruleDescribedOnce(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root, picture("F1", "F2"))))
	take(t, s, posted(post("t1", "b", 2, picture("F1"))))
	run(t, s, f, "t1")
	within(t, s, f, "t2", 9, func(ctx context.Context, turn conversation.Turn) error {
		ref := post("t1", "", 0).Ref
		n := files(s)
		again := seen("F1", "sha", "another cat")
		return errors.Join(n.NoteFile(ctx, turn, ref, "a", seen("F1", "sha", "a cat")), n.NoteFile(ctx, turn, ref, "b", again),
			n.NoteFile(ctx, turn, ref, "b", conversation.Attachment{ID: "F1", Verdict: conversation.VerdictDescribed, SHA256: "sha"}))
	})
	if got, want := shown(t, s, "t1"), "a.F1=described sha a cat 5; a.F2=   0; b.F1=described sha a cat 5; "; got != want {
		t.Errorf("shown %s, want %s", got, want)
	}
	a, ok, err := files(s).Described(t.Context(), post("", "", 0).Ref, "sha")
	if want := (conversation.Attachment{Verdict: conversation.VerdictDescribed, SHA256: "sha", Description: "a cat", Tokens: 5}); err != nil || !ok || a != want {
		t.Errorf("described %+v %v %v", a, ok, err)
	}
}

func ruleLastUse(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root, picture("F1"))))
	take(t, s, posted(post("t1", "b", 2, picture("F2"))))
	within(t, s, f, "t2", 9, func(ctx context.Context, turn conversation.Turn) error {
		ref := post("t1", "", 0).Ref
		return errors.Join(files(s).NoteFile(ctx, turn, ref, "a", seen("F1", "sha", "a cat")), files(s).NoteFile(ctx, turn, ref, "b", seen("F2", "sha", "a cat")))
	})
	take(t, s, deleted("a"))
	if got := described(t, s, "sha"); got != "a cat" {
		t.Errorf("after the first: %s", got)
	}
	take(t, s, deleted("b"))
	if got := described(t, s, "sha"); got != "none" {
		t.Errorf("after the last: %s", got)
	}
}

func ruleEditDropsFile(t *testing.T, s subject, f *turner) {
	m := post("t1", "a", 1, mention, root, picture("F1", "F2"))
	take(t, s, posted(m))
	within(t, s, f, "t2", 9, func(ctx context.Context, turn conversation.Turn) error {
		return errors.Join(files(s).NoteFile(ctx, turn, m.Ref, "a", seen("F1", "one", "1")), files(s).NoteFile(ctx, turn, m.Ref, "a", seen("F2", "two", "2")))
	})
	m.Attachments = m.Attachments[1:]
	take(t, s, edited(m, m.Text, 20))
	if got := shown(t, s, "t1") + described(t, s, "one") + described(t, s, "two"); got != "a.F2=described two 2 1; none2" {
		t.Errorf("shown %s", got)
	}
	take(t, s, edited(m, "only the text", 21))
	if got := described(t, s, "two"); got != "2" {
		t.Errorf("after an edit of the text: %s", got)
	}
}

func ruleFileChanges(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root, picture("F1"))))
	within(t, s, f, "t2", 9, func(ctx context.Context, turn conversation.Turn) error {
		ref := post("t1", "", 0).Ref
		return errors.Join(files(s).NoteFile(ctx, turn, ref, "a", seen("F1", "one", "1")), files(s).NoteFile(ctx, turn, ref, "a", seen("F1", "two", "2")))
	})
	if got := shown(t, s, "t1") + described(t, s, "one"); got != "a.F1=described two 2 1; none" {
		t.Errorf("shown %s", got)
	}
}

func ruleNoMessage(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root, picture("F1"))))
	take(t, s, deleted("a"))
	within(t, s, f, "t2", 9, func(ctx context.Context, turn conversation.Turn) error {
		ref := post("t1", "", 0).Ref
		return errors.Join(files(s).NoteFile(ctx, turn, ref, "a", seen("F1", "gone", "1")), files(s).NoteFile(ctx, turn, ref, "unknown", seen("F1", "gone", "2")),
			files(s).NoteFile(ctx, turn, turn.Ref, turn.Last().Message.ID, seen("F9", "gone", "no file of it")))
	})
	if got := described(t, s, "gone"); got != "none" {
		t.Errorf("described %s", got)
	}
}

func ruleReadFile(t *testing.T, s subject, f *turner) {
	within(t, s, f, "t1", 1, func(ctx context.Context, turn conversation.Turn) error {
		r := readings(s)
		err := r.Collect(ctx, turn, []conversation.Message{read("m1", 1, picture("F1")), read("m2", 2, picture("F2")), read("m3", 3)})
		err = errors.Join(err, files(s).NoteFile(ctx, turn, c2(""), "m1", seen("F1", "one", "1")), files(s).NoteFile(ctx, turn, c2(""), "m2", seen("F2", "two", "2")))
		list, readErr := r.Collected(ctx, turn, conversation.Position{}, 9)
		if len(list) != 3 || list[0].Attachments[0] != (conversation.Attachment{ID: "F1", Kind: conversation.AttachmentImage, Name: "F1.png",
			Locator: "at F1", Verdict: conversation.VerdictDescribed, SHA256: "one", Description: "1", Tokens: 1}) {
			t.Errorf("copies %+v", list)
		}
		return errors.Join(err, readErr)
	})
	if got := described(t, s, "one"); got != "1" {
		t.Errorf("after the task: %s", got)
	}
	take(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m1"}, At: base().Add(time.Minute)})
	if got := described(t, s, "one") + described(t, s, "two"); got != "none2" {
		t.Errorf("after the delete: %s", got)
	}
}

func ruleWorkspaces(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root, picture("F1"))))
	within(t, s, f, "t2", 9, func(ctx context.Context, turn conversation.Turn) error {
		return files(s).NoteFile(ctx, turn, post("t1", "", 0).Ref, "a", seen("F1", "sha", "a cat"))
	})
	other := post("t1", "", 0).Ref
	other.Workspace = "T2"
	if a, ok, err := files(s).Described(t.Context(), other, "sha"); ok || err != nil {
		t.Errorf("another workspace sees %+v %v", a, err)
	}
}

func ruleQuestionWithFiles(t *testing.T, s subject, f *turner) {
	tries := 0
	m := post("t1", "a", 1, mention, root, picture("F1"))
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if tries++; tries == 1 {
			return errors.Join(errors.New("cut off"), files(s).NoteFile(ctx, turn, m.Ref, "a", seen("F1", "sha", "a cat")))
		}
		return nil
	}
	take(t, s, posted(m))
	turns := run(t, s, f, "t1")
	if len(turns) != 2 || turns[1].Last().Message.Attachments[0].Description != "a cat" {
		t.Errorf("turns %+v", turns)
	}
}

func ruleVerdicts(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root, picture("F1", "F2"))))
	within(t, s, f, "t2", 9, func(ctx context.Context, turn conversation.Turn) error {
		ref := post("t1", "", 0).Ref
		return errors.Join(files(s).NoteFile(ctx, turn, ref, "a", conversation.Attachment{ID: "F1", Verdict: conversation.VerdictTooLarge}),
			files(s).NoteFile(ctx, turn, ref, "a", conversation.Attachment{ID: "F2", Verdict: conversation.VerdictUnreadable, SHA256: "bad"}))
	})
	if got, want := shown(t, s, "t1"), "a.F1=too_large   0; a.F2=unreadable bad  0; "; got != want {
		t.Errorf("shown %s, want %s", got, want)
	}
	if a, ok, err := files(s).Described(t.Context(), post("", "", 0).Ref, "bad"); err != nil || !ok || a.Verdict != conversation.VerdictUnreadable {
		t.Errorf("described %+v %v %v", a, ok, err)
	}
	if _, ok, err := files(s).Described(t.Context(), post("", "", 0).Ref, ""); ok || err != nil {
		t.Errorf("no content is described: %v %v", ok, err)
	}
}

func ruleLateDescription(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root, picture("F1"))))
	within(t, s, f, "t2", 9, func(ctx context.Context, turn conversation.Turn) error {
		ref := post("t1", "", 0).Ref
		unseen := conversation.Attachment{ID: "F1", Verdict: conversation.VerdictUnseen, SHA256: "sha"}
		return errors.Join(files(s).NoteFile(ctx, turn, ref, "a", unseen), files(s).NoteFile(ctx, turn, ref, "a", seen("F1", "sha", "a cat")))
	})
	if got, want := shown(t, s, "t1"), "a.F1=described sha a cat 5; "; got != want {
		t.Errorf("shown %s, want %s", got, want)
	}
}
