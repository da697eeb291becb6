package conversation

import (
	"context"
	"io"
	"iter"
	"time"

	"parley/llm"
)

// Media opens people's files and prepares them for a model. Package llm/media does it, and cmd wires it in, so that no
// adapter links a decoder. Its errors are *Failure: CodeFileTooLarge, CodeFileUnsupported, CodeFileUnreadable, each with a
// sentence that people may read.
type Media interface {
	// Load copies r into a temporary file within a limit of its own, and finds out by its content what it is. The name
	// is foreign text and only a hint.
	Load(ctx context.Context, r io.Reader, name string) (MediaFile, error)
	// Joiner makes one text of the transcripts of a sound's pieces.
	Joiner() TranscriptJoiner
}

// TranscriptJoiner puts transcripts together, without the words twice that overlapping pieces both hold.
type TranscriptJoiner interface {
	Add(text string, overlap time.Duration)
	String() string
}

// MediaFile is one file. It must be closed.
type MediaFile interface {
	io.Closer
	// Kind is what the content is, whatever the file is called.
	Kind() AttachmentKind
	// SHA256 is the hash of the bytes, in hex.
	SHA256() string
	// Pictures gives an image, or frames of a film, as the model takes them: at most most, the whole first.
	Pictures(ctx context.Context, rule llm.ImageRule, most int) ([]MediaPicture, error)
	// Length is how long sound or film lasts, 0 where that is not known.
	Length(ctx context.Context) (time.Duration, error)
	// Pieces cuts sound into pieces of 16 kHz mono WAV, none longer than 30 s, in order.
	Pieces(ctx context.Context) iter.Seq2[MediaPiece, error]
	// Pages gives the text of a document, in order and in bounded memory; a page that is a picture in at most most pieces.
	Pages(ctx context.Context, rule llm.ImageRule, most int) iter.Seq2[MediaPage, error]
	// Raw gives the file as it is where a transcription endpoint takes that kind and it has at most most bytes: the way
	// without ffmpeg. Format is such as "ogg".
	Raw(ctx context.Context, most int64) (bytes []byte, format string, ok bool)
}

// MediaPicture is a picture in the form that the model takes.
type MediaPicture struct {
	Image llm.Image
	// Note says which part of the file it is, such as "tile 2 of 4: top right"; empty: all of it.
	Note string
}

// MediaPiece is a stretch of sound.
type MediaPiece struct {
	From, To time.Duration
	// Overlap is how much of the piece before it is heard again, 0 where a pause parts them.
	Overlap time.Duration
	// Silent says that nothing can be heard in it: recognisers make words up for silence.
	Silent bool
	WAV    []byte
}

// MediaPage is a piece of a document.
type MediaPage struct {
	// Mark says where it stands, such as "page 3" or "line 120".
	Mark string
	Text string
	// Scan is set for a page that holds no text but can be looked at.
	Scan     bool
	Pictures []MediaPicture
}

// Transcriber writes down what is said in a sound. *llm.Client is one. Where the length is known, the request tells it.
type Transcriber interface {
	Transcribe(ctx context.Context, r llm.TranscribeRequest) (llm.Transcript, error)
}

// SpeechPricer is an optional capability of a Transcriber: the price in US dollars of so much sound, as it is billed. One
// without it costs nothing.
type SpeechPricer interface {
	SpeechCost(length time.Duration) float64
}
