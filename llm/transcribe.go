package llm

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// TranscribeRequest asks for what is said in a recording. Bytes, or File with Size, is required.
type TranscribeRequest struct {
	// Name is the file's name; servers tell the format by its ending: "voice.ogg". Empty: "audio." and Format.
	Name string
	// Format is the ending where there is no name: "wav", "mp3", "m4a", "ogg", "webm", "flac". Empty: "wav".
	Format string
	// Bytes is the encoded file.
	Bytes []byte
	// File is read in its place, and again when the request is tried again; Size is its length in bytes.
	File io.ReaderAt
	Size int64
	// Length is how long the recording lasts, for the price; 0 where it is not known. It is not sent.
	Length time.Duration
	// Language is the one that is spoken, as ISO 639-1 names it ("de"); empty: the server finds out.
	Language string
	// Prompt is text that names and spelling are taken from, such as the end of what was said before. Whisper reads 224 tokens.
	Prompt string
	// Translate asks for English, whatever is spoken.
	Translate bool
}

// Transcript is what is said in a recording.
type Transcript struct {
	Text     string
	Language string        // as the server names it, "en" or "english"; empty when it does not tell
	Duration time.Duration // of the recording; 0 when it does not tell
	Segments []Segment     // empty when it does not tell
	// RequestID is for a report to the provider; may be empty.
	RequestID string
}

// Segment is a part of a recording and what is said in it.
type Segment struct {
	From, To time.Duration
	Text     string
}

// maxRecording bounds a recording that is sent. Together takes 80 MB (its skills, 2026-08) or 500 MB (its documentation).
const maxRecording = 80_000_000

// Transcribe has a recording written down by the server's speech to text (POST /audio/transcriptions, or /audio/translations), with
// the client's model, which is one for speech, such as openai/whisper-large-v3. Fields that the server refuses are left out from
// then on. A failure is an [*Error]: [KindContextOverflow] for a recording that is too long or large, [KindModality] for a
// format that the server does not take, [KindModelNotFound] where it has no speech to text.
func (c *Client) Transcribe(ctx context.Context, req TranscribeRequest) (Transcript, error) {
	if req.Size = cmp.Or(req.Size, int64(len(req.Bytes))); req.File == nil {
		req.File, req.Size = bytes.NewReader(req.Bytes), int64(len(req.Bytes))
	}
	switch {
	case req.Size <= 0:
		return Transcript{}, requestError("there is no recording to transcribe")
	case req.Size > maxRecording:
		return Transcript{}, &Error{Kind: KindContextOverflow, Message: fmt.Sprintf("a recording may have %d bytes, this one has %d", maxRecording, req.Size)}
	}
	var transcript Transcript
	fail := c.try(ctx, "transcribe", c.refused.learnOfSpeech, func(ctx context.Context, dog *watchdog, _ *Observation) *Error {
		upload, err := c.upload(req)
		if err != nil {
			return &Error{Kind: KindRequest, Message: "encode recording: " + err.Error(), Err: err}
		}
		path := "/audio/transcriptions"
		if req.Translate {
			path = "/audio/translations"
		}
		resp, fail := c.send(ctx, dog, http.MethodPost, path, upload, false)
		if fail != nil {
			return ofSpeech(fail)
		}
		defer resp.Body.Close()
		transcript, fail = readTranscript(resp.Body)
		transcript.RequestID = requestID(resp.Header, "")
		return fail
	})
	if fail != nil {
		return Transcript{}, fail
	}
	return transcript, nil
}

// SpeechCost is the price in US dollars of a recording of that length. Part of a second counts as a whole one: how Together
// rounds is not documented, and this is never less.
func (c *Client) SpeechCost(length time.Duration) float64 { return c.Profile().SpeechCost(length) }

// ofSpeech gives the refusal of a recording its kind. Together's codes: audio_too_long, file_too_large, unsupported_format,
// invalid_params.
func ofSpeech(fail *Error) *Error {
	switch text := strings.ToLower(fail.Message + " " + fail.Code); {
	case fail.Kind == KindModelNotFound && fail.Status == http.StatusNotFound && fail.Code == "":
		fail.Message = "the server offers no speech to text at this base URL, or does not know the model: " + fail.Message
	case fail.Kind != KindRequest && fail.Kind != KindUpstream:
	case containsAny(text, []string{"audio_too_long", "file_too_large", "too long", "too large", "maximum file size"}):
		fail.Kind = KindContextOverflow
	case containsAny(text, []string{"unsupported_format", "unsupported file format", "invalid file format", "could not decode", "failed to load audio"}):
		fail.Kind = KindModality
	}
	return fail
}

// readTranscript reads JSON of any detail, or plain text.
func readTranscript(body io.Reader) (Transcript, *Error) {
	raw, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err != nil || len(raw) > maxAnswer {
		return Transcript{}, &Error{Kind: KindUpstream, Status: http.StatusOK, Message: "the transcript broke off or is over 8 MiB", Err: err}
	}
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, byteOrderMark))
	if len(raw) > 0 && raw[0] == '<' {
		return Transcript{}, &Error{Kind: KindUpstream, Status: http.StatusOK, Message: parseErrorBody(raw).message}
	}
	if len(raw) == 0 || raw[0] != '{' {
		return Transcript{Text: strings.ToValidUTF8(string(raw), "\uFFFD")}, nil
	}
	var wire map[string]json.RawMessage
	if err := json.Unmarshal(raw, &wire); err != nil {
		return Transcript{}, &Error{Kind: KindUpstream, Status: http.StatusOK, Message: "the transcript is no JSON", Err: err}
	}
	if _, told := wire["text"]; present(wire["error"]) || !told {
		return Transcript{}, ofSpeech(classify(http.StatusOK, parseErrorBody(raw)))
	}
	t := Transcript{
		Text: strings.TrimSpace(rawString(wire["text"])), Language: rawString(wire["language"]), Duration: moment(wire["duration"]),
	}
	var segments []map[string]json.RawMessage
	_ = json.Unmarshal(wire["segments"], &segments) // those of another form are not told
	for _, s := range segments {
		t.Segments = append(t.Segments, Segment{moment(s["start"]), moment(s["end"]), strings.TrimSpace(rawString(s["text"]))})
	}
	return t, nil
}

// moment reads seconds, as a number or as a string of one; 0 for anything else.
func moment(raw json.RawMessage) time.Duration {
	s, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil {
		return 0
	}
	return seconds(s)
}
