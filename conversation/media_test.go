package conversation_test

import (
	"context"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/synctest"

	c "parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm"
)

// newGallery is a house whose engine opens files.
func newGallery(t *testing.T, sees, hears bool, scripts ...conversationtest.Script) (*house, *conversationtest.Transcriber) {
	t.Helper()
	h := newHouse(t, scripts...)
	ears := &conversationtest.Transcriber{}
	h.model.Sees, h.model.Hears = sees, hears
	h.chat.FileBytes = map[string]string{}
	h.Options.Media, h.Options.Files = conversationtest.Media{}, h.store
	h.Options.Transcriber = ears
	return h, ears
}

// send posts a message with files; their ids are their names.
func (h *house) send(t *testing.T, n int, text string, files map[string]string) {
	t.Helper()
	m := h.message(n, "Ana", text)
	for name, bytes := range files {
		kind, _, _ := strings.Cut(bytes, " ")
		m.Attachments = append(m.Attachments, c.Attachment{ID: name, Name: name, Kind: c.AttachmentKind(kind)})
		h.chat.FileBytes[name] = bytes
	}
	if err := h.Ingest(context.Background(), c.Posted{Message: m}); err != nil {
		t.Fatal(err)
	}
}

func pictures(r llm.Request) (all []string) {
	for _, m := range r.Messages {
		for _, p := range m.Parts {
			if image, ok := p.(llm.Image); ok {
				all = append(all, string(image.Bytes))
			}
		}
	}
	return all
}

func answers(texts ...string) []conversationtest.Script {
	var scripts []conversationtest.Script
	for _, text := range texts {
		scripts = append(scripts, conversationtest.Script{Deltas: []string{text}, Usage: &llm.Usage{Input: 100, Output: 10}})
	}
	return scripts
}

func TestThePictureOfAQuestionIsShownToTheModel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false, answers("It is red.", "Still red.")...)
		h.send(t, 1, "@Parley what colour is it?", map[string]string{"car.png": "image whole\ntile"})
		h.work(t)
		h.one(t, "It is red.")
		if got := pictures(h.model.Requests()[0]); len(got) != 2 || got[0] != "whole" || !strings.Contains(h.model.Prompt(0), "- car.png") {
			t.Errorf("the model sees %q with\n%s", got, h.model.Prompt(0))
		}
		h.say(t, 2, "Ana", "@Parley are you sure?")
		h.work(t)
		if got := pictures(h.model.Requests()[1]); len(got) != 2 {
			t.Errorf("a question about the same picture shows the model %q", got)
		}
	})
}

func TestTheSamePictureTwiceCostsOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false, answers("A red car.")...)
		h.send(t, 1, "@Parley", map[string]string{"a.png": "image car"})
		h.work(t)
		h.send(t, 2, "@Parley describe this picture", map[string]string{"b.png": "image car"})
		got := h.work(t)
		if n := len(h.model.Requests()); n != 1 {
			t.Errorf("%d model calls for one picture", n)
		}
		posts := h.chat.Posts()
		if len(posts) != 2 || posts[0].Text != "A red car." || posts[1].Text != "A red car." || got[0].Kind != c.Answered {
			t.Errorf("people see %+v", posts)
		}
		h.say(t, 3, "Ana", "@Parley thanks, what else?")
		h.work(t)
		if !strings.Contains(h.model.Prompt(1), `[image "a.png": A red car.]`) {
			t.Errorf("a later turn does not know the picture:\n%s", h.model.Prompt(1))
		}
	})
}

func TestEachFileGetsAVerdict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false, answers("A cat.")...)
		h.send(t, 1, "@Parley", map[string]string{"cat.png": "image cat"})
		h.work(t)
		h.send(t, 2, "@Parley", map[string]string{"same.png": "image cat", "odd.exe": "program x"})
		h.work(t)
		text := h.chat.Posts()[1].Text
		if !strings.Contains(text, "**`same.png`**\nA cat.") || !strings.Contains(text, "*`odd.exe`: I cannot read this kind of file.*") {
			t.Errorf("people read %q", text)
		}
		m := h.message(3, "Ana", "@Parley")
		m.Attachments = []c.Attachment{{ID: "lost", Name: "lost.png", Kind: c.AttachmentImage}}
		if err := h.Ingest(context.Background(), c.Posted{Message: m}); err != nil {
			t.Fatal(err)
		}
		h.work(t)
		if text := h.chat.Posts()[2].Text; text != "*`lost.png`: This file is no longer there.*" {
			t.Errorf("people read %q", text)
		}
	})
}

func TestSoundIsTranscribedByWhoeverHears(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		hears bool
		want  string
	}{"the chat model": {true, "> one two"}, "the transcription server": {false, "> (en) one two"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, ears := newGallery(t, false, tt.hears, answers("one", "two")...)
				h.send(t, 1, "@Parley", map[string]string{"note.ogg": "audio one\ntwo"})
				h.work(t)
				h.one(t, tt.want)
				if n := len(h.model.Requests()); tt.hears == (n == 0) || tt.hears == (ears.Calls > 0) {
					t.Errorf("%d model calls and %d transcriptions", n, ears.Calls)
				}
			})
		})
	}
}

func TestWithoutEyesThePictureIsSaidToBeUnseen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, false, false, answers("I do not know.")...)
		h.send(t, 1, "@Parley what is this?", map[string]string{"a.png": "image a"})
		h.work(t)
		h.one(t, "I do not know.\n\n*`a.png`: My model cannot see pictures, and no other is set up that can.*")
		if len(pictures(h.model.Requests()[0])) != 0 {
			t.Error("a picture was sent to a model that does not see")
		}
	})
}

func TestADescriptionTakesThePlaceOfThePicture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, false, false, answers("A bus.")...)
		eyes := &conversationtest.Model{Sees: true, Scripts: answers("A blue bus.")}
		h.Options.Vision = eyes
		h.send(t, 1, "@Parley what is this?", map[string]string{"a.png": "image bus"})
		got := h.work(t)
		h.one(t, "A bus.")
		if !strings.Contains(h.model.Prompt(0), "[image \"a.png\"]\n    A blue bus.") || len(pictures(eyes.Requests()[0])) != 1 {
			t.Errorf("the model reads\n%s", h.model.Prompt(0))
		}
		if got[0].Usage.Input != 200 {
			t.Errorf("usage %+v does not count both calls", got[0].Usage)
		}
	})
}

func TestDocumentsAreReadWithTheirMarks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, false, false, answers("It is a contract.")...)
		h.send(t, 1, "@Parley", map[string]string{"c.pdf": "document first\nsecond <end_of_turn>"})
		h.work(t)
		h.one(t, "It is a contract.")
		if p := h.model.Prompt(0); !strings.Contains(p, "[page 1]\n    first\n    [page 2]\n    second") || strings.Contains(p, "<end_of_turn>") {
			t.Errorf("the model reads\n%s", p)
		}
	})
}

func TestAltTextIsOneShortSentence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false, answers("A cat sleeps on a chair in the sun. It is black.", strings.Repeat("long words ", 60))...)
		h.send(t, 1, "@Parley alt text please", map[string]string{"a.png": "image cat"})
		h.work(t)
		h.one(t, "A cat sleeps on a chair in the sun.")
		h.send(t, 2, "@Parley alt text", map[string]string{"b.png": "image dog"})
		h.work(t)
		text := ""
		for _, p := range h.chat.Posts()[1:] {
			text += p.Text + " "
		}
		if len(text) >= 250+3 || !strings.Contains(text, "…") {
			t.Errorf("alt text of %d bytes: %q", len(text), text)
		}
	})
}

func TestAnEarlierVoiceNoteIsHeardWhenAskedAbout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, ears := newGallery(t, false, false, answers("She is late.")...)
		note := h.message(1, "Bo", "")
		note.Attachments = []c.Attachment{{ID: "v", Name: "v.ogg", Kind: c.AttachmentAudio}}
		h.chat.FileBytes["v"] = "audio I am late"
		h.chat.Past = []c.Message{note}
		h.say(t, 2, "Ana", "@Parley what does she say?")
		h.work(t)
		h.one(t, "She is late.")
		if !strings.Contains(h.model.Prompt(0), "(en) I am late") || ears.Calls != 1 {
			t.Errorf("after %d transcriptions the model reads\n%s", ears.Calls, h.model.Prompt(0))
		}
		h.say(t, 3, "Ana", "@Parley and when?")
		h.work(t)
		if ears.Calls != 1 || !strings.Contains(h.model.Prompt(1), "(en) I am late") {
			t.Error("the note was heard again, or forgotten")
		}
	})
}

// bareMedia is that of a machine without ffmpeg: sound can be measured and not cut, yet is sent as it is.
type bareMedia struct{ conversationtest.Media }

func (m bareMedia) Load(ctx context.Context, r io.Reader, name string) (c.MediaFile, error) {
	file, err := m.Media.Load(ctx, r, name)
	return bareFile{file}, err
}

type bareFile struct{ c.MediaFile }

func (bareFile) Pieces(context.Context) iter.Seq2[c.MediaPiece, error] {
	return func(yield func(c.MediaPiece, error) bool) {
		yield(c.MediaPiece{}, &c.Failure{Code: c.CodeToolMissing, Safe: "Sound needs ffmpeg."})
	}
}

func (bareFile) Raw(context.Context, int64) ([]byte, string, bool) {
	return []byte("as it is"), "wav", true
}

func TestSoundThatCannotBeCutIsSentAsItIs(t *testing.T) {
	t.Parallel()
	for name, hears := range map[string]bool{"where the chat model hears": true, "where it does not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, ears := newGallery(t, false, hears)
				h.Options.Media = bareMedia{}
				h.send(t, 1, "@Parley", map[string]string{"note.wav": "audio one"})
				h.work(t)
				h.one(t, "> (en) as it is")
				if ears.Calls != 1 {
					t.Errorf("%d transcriptions", ears.Calls)
				}
			})
		})
	}
}

func TestALongDocumentIsSummedUpWithItsPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, false, false)
		reads := &reader{window: 8192}
		o := h.Engine.Options
		o.Model, o.Readings = reads, h.store
		engine, err := c.New(o)
		if err != nil {
			t.Fatal(err)
		}
		h.Engine = engine
		var pages []string
		for i := range 9 {
			pages = append(pages, strings.Repeat("The board has decided to buy mill number "+strings.Repeat("x", i+1)+" this year. ", 120))
		}
		h.send(t, 1, "@Parley summarize this", map[string]string{"long.pdf": "document " + strings.Join(pages, "\n")})
		got := h.work(t)
		text := ""
		for _, p := range h.chat.Posts() {
			text += p.Text + "\n"
		}
		if got[0].Kind != c.Answered || !strings.Contains(text, `\[page 1\]`) || !strings.Contains(text, "page 9") || strings.Contains(text, "people") {
			t.Errorf("outcome %+v\n%s", got[0], text)
		}
		all := ""
		for _, r := range reads.requests {
			all += promptOf(r)
		}
		for i := range 9 {
			if !strings.Contains(all, "mill number "+strings.Repeat("x", i+1)+" this") {
				t.Errorf("page %d did not reach the model", i+1)
			}
		}
	})
}

// TestWhoAsksForTheWordsOfAFilmGetsThemAlone: what is seen in it is kept for later questions.
func TestWhoAsksForTheWordsOfAFilmGetsThemAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, ears := newGallery(t, true, false, answers("A harbour.")...)
		h.send(t, 1, "@Parley transcribe", map[string]string{"film.mp4": "video hello\nthere"})
		h.work(t)
		h.work(t) // a film is a task
		posts := h.chat.Posts()
		text := posts[len(posts)-1].Text
		if !strings.Contains(text, "> ") || strings.Contains(text, "harbour") || strings.Contains(text, "Said:") || ears.Calls == 0 {
			t.Errorf("the answer is %q after %d calls", text, ears.Calls)
		}
	})
}
