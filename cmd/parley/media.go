package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/conversation"
	"parley/llm"
	"parley/llm/media"
)

// mediaPort is conversation.Media on llm/media, so that neither has to know the other.
type mediaPort struct{ box *media.Box }

// openMedia makes the box that files are prepared in. Pictures are decoded by a process of their own, which is this
// program once more.
func openMedia(c Config, log *slog.Logger) (*mediaPort, error) {
	dir := filepath.Join(c.DataDir, "media")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make media directory: %w", err)
	}
	var self []string
	if path, err := os.Executable(); err == nil {
		self = []string{path, mediaWorker}
	}
	cache := filepath.Join(dir, "compiled") // of the decoders, so that the first file after a start need not wait
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return nil, fmt.Errorf("make media directory: %w", err)
	}
	box, err := media.New(media.Options{Dir: dir, Cache: cache, Self: self, Logger: log})
	if err != nil {
		return nil, err
	}
	return &mediaPort{box}, nil
}

// mediaWorker is the hidden sub-command that decodes one picture.
const mediaWorker = "media-worker"

func (p *mediaPort) Close() error { return p.box.Close() }

// Load implements conversation.Media.
func (p *mediaPort) Load(ctx context.Context, r io.Reader, name string) (conversation.MediaFile, error) {
	file, err := p.box.Load(ctx, r, name)
	if err != nil {
		return nil, mediaFailure(err)
	}
	return &mediaFile{file}, nil
}

// Joiner implements conversation.Media.
func (p *mediaPort) Joiner() conversation.TranscriptJoiner { return &media.Joiner{} }

// mediaFile is conversation.MediaFile.
type mediaFile struct{ file *media.File }

func (f *mediaFile) Close() error   { return f.file.Close() }
func (f *mediaFile) SHA256() string { return f.file.SHA256 }

// Kind implements conversation.MediaFile.
func (f *mediaFile) Kind() conversation.AttachmentKind {
	switch f.file.Kind {
	case media.KindImage:
		return conversation.AttachmentImage
	case media.KindAudio:
		return conversation.AttachmentAudio
	case media.KindVideo:
		return conversation.AttachmentVideo
	case media.KindDocument:
		return conversation.AttachmentDocument
	}
	return conversation.AttachmentOther
}

// Pictures implements conversation.MediaFile.
func (f *mediaFile) Pictures(ctx context.Context, rule llm.ImageRule, most int) ([]conversation.MediaPicture, error) {
	prepare := f.file.Images
	if f.file.Kind == media.KindVideo {
		prepare = f.file.Frames
	}
	all, err := prepare(ctx, imageRule(rule), most)
	if err != nil {
		return nil, mediaFailure(err)
	}
	pictures := make([]conversation.MediaPicture, len(all))
	for i, p := range all {
		pictures[i] = mediaPicture(p)
	}
	return pictures, nil
}

func imageRule(r llm.ImageRule) media.ImageRule {
	return media.ImageRule{Sizes: r.Sizes, MaxSide: r.MaxSide, MaxBytes: r.MaxBytes, MaxImages: r.MaxImages, Tiles: true}
}

func mediaPicture(p media.Picture) conversation.MediaPicture {
	note := p.Note
	if note == "whole" {
		note = ""
	}
	return conversation.MediaPicture{Image: llm.Image{MIME: p.MIME, Bytes: p.Bytes}, Note: note}
}

// Length implements conversation.MediaFile.
func (f *mediaFile) Length(ctx context.Context) (time.Duration, error) {
	sound, err := f.file.Sound(ctx)
	return sound.Duration, mediaFailure(err)
}

// Pieces implements conversation.MediaFile.
func (f *mediaFile) Pieces(ctx context.Context) iter.Seq2[conversation.MediaPiece, error] {
	return func(yield func(conversation.MediaPiece, error) bool) {
		for piece, err := range f.file.Pieces(ctx) {
			if !yield(conversation.MediaPiece{From: piece.From, To: piece.To, Overlap: piece.Overlap, Silent: piece.Silent, WAV: piece.WAV}, mediaFailure(err)) || err != nil {
				return
			}
		}
	}
}

// Pages implements conversation.MediaFile.
func (f *mediaFile) Pages(ctx context.Context, rule llm.ImageRule, most int) iter.Seq2[conversation.MediaPage, error] {
	return func(yield func(conversation.MediaPage, error) bool) {
		for page, err := range f.file.Pages(ctx, imageRule(rule), most) {
			if err != nil {
				yield(conversation.MediaPage{}, mediaFailure(err))
				return
			}
			p := conversation.MediaPage{Mark: page.Mark, Text: page.Text, Scan: page.Scan}
			for _, picture := range page.Pictures {
				p.Pictures = append(p.Pictures, mediaPicture(picture))
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// Raw implements conversation.MediaFile.
func (f *mediaFile) Raw(ctx context.Context, most int64) (bytes []byte, format string, ok bool) {
	data, mime, ok := f.file.Raw(ctx, most)
	return data, formatOf(mime), ok
}

// formatOf is the ending by which transcription servers know a type.
func formatOf(mime string) string {
	switch mime {
	case "audio/mpeg":
		return "mp3"
	case "audio/mp4", "audio/x-m4a":
		return "m4a"
	case "audio/opus", "application/ogg":
		return "ogg"
	}
	_, format, _ := strings.Cut(mime, "/")
	return format
}

// mediaFailure gives a file's verdict the face that people see.
func mediaFailure(err error) error {
	if err == nil {
		return nil
	}
	var verdict *media.Error
	if !errors.As(err, &verdict) {
		return err
	}
	f := &conversation.Failure{Code: conversation.CodeFileUnreadable, Safe: verdict.Safe, Err: err}
	switch verdict.Kind {
	case media.TooLarge:
		f.Code = conversation.CodeFileTooLarge
	case media.Unsupported:
		f.Code = conversation.CodeFileUnsupported
	case media.Missing:
		f.Code = conversation.CodeToolMissing
	case media.Unreadable:
	}
	return f
}
