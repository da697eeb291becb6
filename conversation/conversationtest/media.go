package conversationtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	"parley/conversation"
	"parley/llm"
)

// OpenFile implements conversation.FileOpener: the bytes of FileBytes, by the file's id.
func (m *Messenger) OpenFile(_ context.Context, _ conversation.ThreadRef, _ string, a conversation.Attachment) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opened++
	text, have := m.FileBytes[a.ID]
	if !have {
		return nil, &conversation.Failure{Code: conversation.CodeFileGone, Safe: "This file is no longer there."}
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

// Opened counts calls of OpenFile.
func (m *Messenger) Opened() int { m.mu.Lock(); defer m.mu.Unlock(); return m.opened }

// Media prepares files whose first word says what they are: "image …", "audio …", "video …", "document …". Each line of a
// sound is a piece, each of a document a page. Anything else is unsupported.
type Media struct{}

// Load implements conversation.Media.
func (Media) Load(_ context.Context, r io.Reader, _ string) (conversation.MediaFile, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	kind, text, _ := strings.Cut(string(data), " ")
	switch k := conversation.AttachmentKind(kind); k {
	case conversation.AttachmentImage, conversation.AttachmentAudio, conversation.AttachmentVideo, conversation.AttachmentDocument:
		sum := sha256.Sum256(data)
		return &mediaFile{kind: k, text: text, sum: hex.EncodeToString(sum[:])}, nil
	}
	return nil, &conversation.Failure{Code: conversation.CodeFileUnsupported, Safe: "I cannot read this kind of file."}
}

// Joiner implements conversation.Media.
func (Media) Joiner() conversation.TranscriptJoiner { return &joiner{} }

type joiner struct{ parts []string }

func (j *joiner) Add(text string, _ time.Duration) { j.parts = append(j.parts, text) }
func (j *joiner) String() string                   { return strings.Join(j.parts, " ") }

type mediaFile struct {
	kind      conversation.AttachmentKind
	text, sum string
}

func (f *mediaFile) Close() error                                      { return nil }
func (f *mediaFile) Kind() conversation.AttachmentKind                 { return f.kind }
func (f *mediaFile) SHA256() string                                    { return f.sum }
func (f *mediaFile) Length(context.Context) (time.Duration, error)     { return 2 * time.Minute, nil }
func (f *mediaFile) Raw(context.Context, int64) ([]byte, string, bool) { return nil, "", false }

func (f *mediaFile) Pictures(_ context.Context, _ llm.ImageRule, most int) ([]conversation.MediaPicture, error) {
	if f.kind != conversation.AttachmentImage && f.kind != conversation.AttachmentVideo {
		return nil, errors.New("no picture")
	}
	var all []conversation.MediaPicture
	for i, line := range strings.Split(f.text, "\n") {
		if i < most {
			all = append(all, conversation.MediaPicture{Image: llm.Image{MIME: "image/png", Bytes: []byte(line)}})
		}
	}
	return all, nil
}

func (f *mediaFile) Pieces(context.Context) iter.Seq2[conversation.MediaPiece, error] {
	return func(yield func(conversation.MediaPiece, error) bool) {
		for i, line := range strings.Split(f.text, "\n") {
			at := time.Duration(i) * 30 * time.Second
			if !yield(conversation.MediaPiece{From: at, To: at + 30*time.Second, WAV: []byte(line)}, nil) {
				return
			}
		}
	}
}

func (f *mediaFile) Pages(context.Context, llm.ImageRule, int) iter.Seq2[conversation.MediaPage, error] {
	return func(yield func(conversation.MediaPage, error) bool) {
		for i, line := range strings.Split(f.text, "\n") {
			if !yield(conversation.MediaPage{Mark: "page " + string(rune('1'+i)), Text: line}, nil) {
				return
			}
		}
	}
}

// Transcriber writes down the bytes of a sound as they are.
type Transcriber struct {
	Calls int
	// Price is that of a minute, in US dollars.
	Price float64
	// Told is how long it says that each sound lasts; 0: it does not tell.
	Told time.Duration
	// Err ends each call.
	Err error
}

// Transcribe implements conversation.Transcriber.
func (t *Transcriber) Transcribe(_ context.Context, r llm.TranscribeRequest) (llm.Transcript, error) {
	t.Calls++
	if t.Err != nil {
		return llm.Transcript{}, t.Err
	}
	return llm.Transcript{Text: string(r.Bytes), Language: "en", Duration: t.Told}, nil
}

// SpeechCost implements conversation.SpeechPricer.
func (t *Transcriber) SpeechCost(length time.Duration) float64 { return length.Minutes() * t.Price }

// Model implements conversation.Named.
func (t *Transcriber) Model() string { return "ears" }
