package media

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// Sound is what is known of a recording or a film before it is decoded.
type Sound struct {
	// Duration is the length as the file tells it; 0 where it does not (a browser's WebM has none).
	Duration time.Duration
	// Track is set when there is a sound track.
	Track bool
	// Film is set when there are moving pictures; the picture of an album's cover does not count.
	Film bool
}

// maxRecording is the longest recording that is decoded: a small file can unfold to years of silence.
const maxRecording = 12 * time.Hour

// probed is what ffprobe prints; numbers are strings there.
type probed struct {
	Format struct {
		Duration string `json:"duration"`
	} `json:"format"`
	Streams []struct {
		Type        string         `json:"codec_type"`
		Disposition map[string]int `json:"disposition"`
	} `json:"streams"`
}

// Sound looks at a recording or a film. It fails with an *Error: Unreadable when the file is damaged, Missing without
// ffprobe, which comes with ffmpeg (a WAV file needs none).
func (f *File) Sound(ctx context.Context) (Sound, error) {
	if err := f.recorded(); err != nil {
		return Sound{}, err
	}
	if f.box.ffprobe == "" && f.MIME == "audio/wav" {
		return f.wavSound()
	}
	args := append(f.input(), "-show_entries", "format=duration:stream=codec_type:stream_disposition=attached_pic", "-of", "json")
	var out []byte
	err := f.box.runTool(ctx, f.box.ffprobe, 20*time.Second, args, func(r io.Reader) (err error) {
		out, err = readAtMost(r, 64<<10)
		return err
	})
	if err != nil {
		return Sound{}, fmt.Errorf("probe recording: %w", err)
	}
	var p probed
	if err := json.Unmarshal(out, &p); err != nil {
		return Sound{}, unreadable(fmt.Errorf("read ffprobe: %w", err))
	}
	var s Sound
	if seconds, err := strconv.ParseFloat(p.Format.Duration, 64); err == nil && seconds > 0 && seconds < 1e9 {
		s.Duration = time.Duration(seconds * float64(time.Second))
	}
	for _, stream := range p.Streams {
		s.Track = s.Track || stream.Type == "audio"
		s.Film = s.Film || stream.Type == "video" && stream.Disposition["attached_pic"] == 0
	}
	if !s.Track && !s.Film {
		return Sound{}, &Error{Kind: Unreadable, Safe: "There is neither sound nor film in this file."}
	}
	return s, nil
}

func (f *File) wavSound() (Sound, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return Sound{}, fmt.Errorf("open recording: %w", err)
	}
	defer file.Close()
	length, err := wavDuration(file, f.Size)
	if err != nil {
		return Sound{}, unreadable(err)
	}
	return Sound{Duration: length, Track: true}, nil
}

// readAtMost reads to the end, or fails above most bytes.
func readAtMost(r io.Reader, most int64) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, most+1))
	if err == nil && n > most {
		err = fmt.Errorf("more than %d bytes", most)
	}
	return b.Bytes(), err
}

// rawTypes are the types that speech endpoints take undecoded, as Together documents them
// (docs.together.ai/reference/audio-transcriptions); all others and their variants go through ffmpeg.
var rawTypes = map[string]bool{
	"audio/wav": true, "audio/mpeg": true, "audio/mp4": true, "audio/x-m4a": true, "audio/ogg": true, "audio/opus": true,
	"application/ogg": true, "audio/flac": true, "audio/webm": true, "audio/aac": true, "video/mp4": true, "video/webm": true,
}

// Raw gives the whole file for an endpoint that decodes for itself, where there is no ffmpeg. ok is false above max bytes
// and for a type that endpoints do not take. An MP4 or WebM counts as sound, because a clip without pictures cannot be told
// from a film without decoding.
func (f *File) Raw(ctx context.Context, max int64) (data []byte, mime string, ok bool) {
	if f.Size > max || !rawTypes[f.MIME] || ctx.Err() != nil {
		return nil, "", false
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, "", false
	}
	defer file.Close()
	data, err = readAtMost(file, max)
	return data, f.MIME, err == nil
}
