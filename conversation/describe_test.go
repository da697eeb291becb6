package conversation_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	c "parley/conversation"
)

func TestAPictureThatWasOnlyAskedAboutIsDescribedAfterwards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false, answers("It is red.", "A red car in the rain.", "In the rain.", "Rainy.")...)
		h.send(t, 1, "@Parley what colour is it?", map[string]string{"car.png": "image car"})
		got := h.work(t)
		h.one(t, "It is red.") // and no second answer
		if len(got) != 2 || !got[0].Digest || got[1].Kind != c.Answered || got[1].CostUSD <= 0 || len(got[1].Parts) != 0 {
			t.Errorf("outcomes %+v", got)
		}
		h.send(t, 2, "@Parley and how is the weather there?", map[string]string{"same.png": "image car"})
		h.work(t)
		if n := len(h.model.Requests()); n != 3 {
			t.Errorf("%d requests: the same picture was described again", n)
		}
		h.say(t, 3, "Ana", "@Parley thanks")
		h.work(t)
		if p := h.model.Prompt(len(h.model.Requests()) - 1); !strings.Contains(p, `[image "car.png": A red car in the rain.]`) || !strings.Contains(p, `[image "same.png": A red car in the rain.]`) {
			t.Errorf("a later turn does not know the picture:\n%s", p)
		}
	})
}

func TestADescriptionThatCouldNotBeMadeIsMadeAfterALaterAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false, answers("It is red.", "Hello.", "A red car.")...)
		h.Budget = &budget{answers: []error{nil, c.ErrBudget}}
		h.send(t, 1, "@Parley what colour is it?", map[string]string{"car.png": "image car"})
		got := h.work(t)
		h.one(t, "It is red.")
		if len(got) != 2 || got[1].Kind != c.Failed || len(h.model.Requests()) != 1 {
			t.Errorf("outcomes %+v after %d requests", got, len(h.model.Requests()))
		}
		h.say(t, 2, "Ana", "@Parley hello")
		h.work(t)
		page, err := h.store.History(context.Background(), c.HistoryQuery{Ref: h.ref, Before: c.Position{SentAt: at.AddDate(100, 0, 0)}, Limit: 10})
		if err != nil || len(h.model.Requests()) != 3 {
			t.Fatalf("%d requests, %v", len(h.model.Requests()), err)
		}
		for _, m := range page {
			for _, a := range m.Attachments {
				if a.Verdict != c.VerdictDescribed || a.Description != "A red car." {
					t.Errorf("kept %+v", a)
				}
			}
		}
	})
}

func TestAnOlderPictureIsNotForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false, answers("It is red.", "A bus.", "You are welcome.", "A red car.")...)
		h.Budget = &budget{answers: []error{nil, c.ErrBudget}}
		h.send(t, 1, "@Parley what colour is it?", map[string]string{"car.png": "image car"})
		h.work(t)
		h.send(t, 2, "@Parley", map[string]string{"bus.png": "image bus"}) // which is described at once
		h.work(t)
		h.say(t, 3, "Ana", "@Parley thanks")
		h.work(t)
		if n := len(h.model.Requests()); n != 4 {
			t.Fatalf("%d requests", n)
		}
		h.say(t, 4, "Ana", "@Parley what have I shown you?")
		h.work(t)
		if p := h.model.Prompt(4); !strings.Contains(p, `[image "car.png": A red car.]`) || !strings.Contains(p, `[image "bus.png": A bus.]`) {
			t.Errorf("the model reads\n%s", p)
		}
	})
}

func TestAPictureThatIsShownWhileOthersAreDescribedIsDescribedToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false, answers("It is red.", "A red car.", "It is blue.", "A blue car.")...)
		attempt := func(begin func(c.ThreadRef) (c.Turn, bool)) {
			t.Helper()
			turn, ok := begin(h.ref)
			if !ok {
				t.Fatal("nothing is owed")
			}
			o, err := h.RunTurn(t.Context(), turn)
			if err == nil {
				err = h.store.Finish(turn, o)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		h.model.Scripts[1].Before = func() {
			h.send(t, 2, "@Parley what colour is this one?", map[string]string{"b.png": "image blue"})
			attempt(h.store.Begin)
		}
		h.send(t, 1, "@Parley what colour is it?", map[string]string{"a.png": "image red"})
		attempt(h.store.Begin)
		attempt(h.store.BeginTask)
		page, err := h.store.History(t.Context(), c.HistoryQuery{Ref: h.ref, Before: c.Position{SentAt: at.AddDate(100, 0, 0)}, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, m := range page {
			for _, a := range m.Attachments {
				kept = append(kept, a.ID+": "+a.Description)
			}
		}
		if got := strings.Join(kept, ", "); got != "b.png: A blue car., a.png: A red car." {
			t.Errorf("kept %s", got)
		}
	})
}

func TestTheDescriptionGoesWithTheMessageThatACommandNames(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]bool{"stored": true, "not stored": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, _ := newGallery(t, true, false, answers("Hello.", "A red car.")...)
				file := c.Attachment{ID: "car.png", Name: "car.png", Kind: c.AttachmentImage}
				h.chat.FileBytes["car.png"] = "image car"
				picture := h.message(2, "Bo", "look")
				picture.Attachments = []c.Attachment{file}
				if stored {
					h.say(t, 1, "Ana", "@Parley hi")
					h.work(t)
					if err := h.Ingest(context.Background(), c.Posted{Message: picture}); err != nil {
						t.Fatal(err)
					}
				}
				ref := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "C", Thread: c.CommandThread("i1")}
				command := c.Message{Ref: ref, Place: c.PlacePrivate, ID: ref.Thread, Author: c.Author{ID: "Cy", Name: "Cy", Kind: c.Person}, Text: "Describe image",
					SentAt: picture.SentAt, Attachments: []c.Attachment{file}, Ask: &c.Ask{Verb: c.VerbDescribe, Source: h.ref, MessageID: picture.ID, Handle: "handle", Expires: at.AddDate(100, 0, 0)}}
				if err := h.Ingest(context.Background(), c.Asked{Message: command}); err != nil {
					t.Fatal(err)
				}
				if _, err := h.store.Work(context.Background(), h.Engine, ref); err != nil {
					t.Fatal(err)
				}
				kept := func() string {
					t.Helper()
					page, err := h.store.History(context.Background(), c.HistoryQuery{Ref: h.ref, Before: c.Position{SentAt: at.AddDate(100, 0, 0)}, Limit: 10})
					if err != nil {
						t.Fatal(err)
					}
					for _, m := range page {
						if m.ID == picture.ID && len(m.Attachments) == 1 {
							return string(m.Attachments[0].Verdict) + ": " + m.Attachments[0].Description
						}
					}
					return ""
				}
				if w := h.chat.Whispers(); len(w) == 0 || stored && kept() != "described: A red car." {
					t.Errorf("whispers %+v, kept %q", w, kept())
				}
				hash := "x"
				if file, err := h.Media.Load(context.Background(), strings.NewReader("image car"), "car.png"); err == nil {
					hash = file.SHA256()
				}
				if _, have, err := h.store.Described(context.Background(), h.ref, hash); err != nil || have != stored {
					t.Errorf("a description is kept: %v, %v", have, err)
				}
				if !stored {
					return
				}
				if err := h.Ingest(context.Background(), c.Deleted{Ref: h.ref, MessageIDs: []string{picture.ID}}); err != nil {
					t.Fatal(err)
				}
				if _, have, err := h.store.Described(context.Background(), h.ref, hash); err != nil || have {
					t.Errorf("the message is gone and its description is not: %v", err)
				}
			})
		})
	}
}
