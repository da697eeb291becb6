package media

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"time"
)

// Piece is a part of a recording, short enough for a model to hear at once.
type Piece struct {
	N        int           // 1 for the first
	From, To time.Duration // within the recording; To minus From is at most 30 s
	// Overlap is how much of the beginning the piece before has already; 0 where a pause parts the two. It is for
	// [Joiner.Add].
	Overlap time.Duration
	// Silent is set when nothing in it can be heard; recognisers make words up for silence.
	Silent bool
	// WAV is the sound, 16 kHz mono 16-bit, at most 960,044 bytes.
	WAV []byte
}

// Pieces decodes a recording or the sound track of a film and cuts it into pieces of at most 30 s, in order, which cover the
// whole. Cuts fall into pauses of the speech; where ten seconds have none, a cut falls on the quietest point and the pieces
// overlap by half a second. One piece is held in memory, whatever the length; decoding goes on only as pieces are taken.
//
// An error ends the sequence; the pieces before it are good. It is an *Error when the file is at fault: Missing without
// ffmpeg, Unreadable when it is damaged or has no sound, TooLarge after 12 hours.
func (f *File) Pieces(ctx context.Context) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		c := cutter{}
		enough := false
		take := func(pcm io.Reader) error {
			return c.run(pcm, func(p Piece) bool {
				enough = enough || !yield(p, nil)
				return !enough
			})
		}
		seconds := "43200" // maxRecording
		after := []string{"-vn", "-sn", "-dn", "-map", "0:a:0", "-t", seconds,
			"-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", "16000", "-f", "s16le", "pipe:1"}
		err := f.ffmpeg(ctx, 10*time.Minute, nil, after, take)
		if err != nil && c.n == 0 && !enough && ctx.Err() == nil {
			if s, unknown := f.Sound(ctx); unknown == nil && !s.Track {
				err = silentFilm() // ffmpeg fails for want of a track, and not for damage
			}
		}
		switch {
		case enough:
		case err != nil:
			yield(Piece{}, err)
		case c.n == 0:
			yield(Piece{}, &Error{Kind: Unreadable, Safe: "There is no sound in this file.", Err: ErrNoSound})
		case c.end() >= maxRecording:
			yield(Piece{}, &Error{Kind: TooLarge, Safe: "The recording is longer than 12 hours; the rest was left out."})
		}
	}
}

// ErrNoSound is the cause of an *Error of Pieces where nothing is wrong with the file, but there is no sound in it.
var ErrNoSound = errors.New("no sound")

func silentFilm() *Error {
	return &Error{Kind: Unreadable, Safe: "This film has no sound track.", Err: ErrNoSound}
}

// cutter cuts a stream of samples.
type cutter struct {
	n       int           // pieces so far
	pcm     []int16       // samples not yet cut off
	from    int           // where they begin in the recording
	overlap time.Duration // of the piece that they begin
}

// end gives how much was read.
func (c *cutter) end() time.Duration { return duration(c.from + len(c.pcm)) }

// run reads 16-bit little-endian samples to the end. It returns errEnough when emit does not want more.
func (c *cutter) run(r io.Reader, emit func(Piece) bool) error {
	limit := samples(maxPiece)
	c.pcm = make([]int16, 0, limit+1)
	buf := make([]byte, 32<<10)
	for {
		want := min(len(buf), 2*(limit+1-len(c.pcm)))
		n, err := io.ReadFull(r, buf[:want])
		for i := 0; i+1 < n; i += 2 {
			c.pcm = append(c.pcm, int16(binary.LittleEndian.Uint16(buf[i:])))
		}
		for len(c.pcm) > limit {
			if !emit(c.cutOff()) {
				return errEnough
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if len(c.pcm) > samples(c.overlap) && !emit(c.piece(c.pcm)) {
		return errEnough
	}
	return nil
}

// cutOff takes the next piece from the front of the samples.
func (c *cutter) cutOff() Piece {
	at, overlap := cut(c.pcm[:samples(maxPiece)])
	p := c.piece(c.pcm[:at])
	c.overlap = 0
	if overlap {
		c.overlap = cutOverlap
	}
	next := at - samples(c.overlap)
	c.from += next
	c.pcm = c.pcm[:copy(c.pcm, c.pcm[next:])]
	return p
}

func (c *cutter) piece(pcm []int16) Piece {
	c.n++
	return Piece{
		N: c.n, From: duration(c.from), To: duration(c.from + len(pcm)), Overlap: c.overlap,
		Silent: inaudible(pcm), WAV: encodeWAV(pcm),
	}
}
