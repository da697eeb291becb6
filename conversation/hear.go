package conversation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/llm"
)

// rawMost is the most bytes of a sound that is sent as it is: the smallest limit that is documented for a transcription
// endpoint (25 MB).
const rawMost = 25 << 20

// Sound gives what is said, and the language where the server tells it. Sound goes to the chat model where that
// hears, else to the transcription endpoint. Where it ends on the way, what was written down so far comes with the error.
func (p *Perceiver) Sound(ctx context.Context, file MediaFile) (text, language string, err error) {
	hears := p.hears(ctx)
	if !hears && p.Transcriber == nil {
		return "", "", &Failure{Code: CodeModelBlind, Err: errors.New("no model that hears is set up"),
			Safe: "My model cannot hear, and no transcription server is set up."}
	}
	text, language, err = p.inPieces(ctx, file, hears)
	var missing *Failure
	if !errors.As(err, &missing) || missing.Code != CodeToolMissing || p.Transcriber == nil {
		return text, language, err
	}
	// Without ffmpeg the endpoint may still take the file as it is.
	if raw, format, can := file.Raw(ctx, rawMost); can {
		length, unknown := file.Length(ctx)
		if unknown != nil {
			length = 0
		}
		return p.writeDown(ctx, llm.TranscribeRequest{Format: format, Bytes: raw, Length: length})
	}
	return "", "", err
}

// inPieces cuts sound, has each piece written down and joins what comes of it.
func (p *Perceiver) inPieces(ctx context.Context, file MediaFile, hears bool) (text, language string, err error) {
	length, err := file.Length(ctx)
	if err != nil {
		return "", "", fmt.Errorf("measure sound: %w", err)
	}
	joined := p.Media.Joiner()
	soFar := func() string { return strings.TrimSpace(joined.String()) }
	for piece, err := range file.Pieces(ctx) {
		if err != nil {
			return soFar(), language, fmt.Errorf("cut sound: %w", err)
		}
		var part, spoken string
		switch {
		case piece.Silent:
		case hears:
			part, err = p.listen(ctx, piece)
		default:
			part, spoken, err = p.writeDown(ctx, llm.TranscribeRequest{Format: "wav", Bytes: piece.WAV, Length: piece.To - piece.From})
		}
		if err != nil {
			return soFar(), language, err
		}
		language = cmp.Or(spoken, language)
		joined.Add(part, piece.Overlap)
		if length > time.Minute {
			p.tell(ctx, fmt.Sprintf("Transcribed %s of %s", clock(piece.To), clock(length)))
		}
	}
	return soFar(), language, nil
}

// listen has the chat model write a piece down.
func (p *Perceiver) listen(ctx context.Context, piece MediaPiece) (string, error) {
	text, err := p.prompts.Transcribe()
	if err != nil {
		return "", err
	}
	zero := 0.0
	answer, err := p.Ask(ctx, p.Model, llm.Request{
		Messages:  []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Audio{Format: "wav", Bytes: piece.WAV}, llm.Text{Text: text}}}},
		MaxOutput: min(describeMost, p.maxOutput(p.Model)), Temperature: &zero, Purpose: "transcribe",
	})
	var empty *Failure
	if errors.As(err, &empty) && empty.Code == CodeModelEmpty {
		return "", nil // silence
	}
	return answer, err
}

// writeDown has the transcription endpoint write sound down.
func (p *Perceiver) writeDown(ctx context.Context, request llm.TranscribeRequest) (text, language string, err error) {
	got, err := p.Transcriber.Transcribe(ctx, request)
	if errors.As(err, new(*llm.Error)) {
		return "", "", speechFailure(err)
	}
	if err != nil {
		return "", "", err // of the budget, or the lease
	}
	return strings.TrimSpace(got.Text), got.Language, nil
}

// speechFailure is modelFailure for the server that writes speech down.
func speechFailure(err error) error {
	f := modelFailure(err)
	switch f.Code {
	case CodeModelAuth, CodeModelQuota, CodeModelNotFound, CodeModelRejected:
		f.Code, f.Retry = CodeModelBlind, false
		f.Safe = "My model cannot hear, and the server that writes speech down does not take this. Whoever runs me can see the cause in the log."
	case CodeContextOverflow:
		f.Code, f.Safe = CodeFileTooLarge, "This recording is longer than the server that writes speech down takes."
	case CodeModelBusy, CodeModelUnavailable, CodeTimeout:
		f.Safe = "The server that writes speech down cannot be reached right now. Please try again in a few minutes."
	}
	return f
}

// clock is a length as people read it: 3:07.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
