package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"sync"
	"time"
)

// job is one picture to prepare, as it is handed to the worker process.
type job struct {
	MIME   string
	Size   int64
	Rule   ImageRule
	Most   int
	Limits limits
	// Cost is the header's, for the limits of the worker process.
	Cost int64 `json:",omitempty"`
	// Cache is the directory of the compiled decoders, with that of this type in it; empty compiles it.
	Cache string `json:",omitempty"`
	// Compile is the cache to fill with what reads MIME, which is then the whole job.
	Compile string `json:",omitempty"`
}

// mostFrames is how many frames of an animation are shown.
const mostFrames = 4

// prepare decodes a picture within the limits and makes what the model is shown of it. A decoder that panics makes the
// picture unreadable.
func prepare(ctx context.Context, decoders *codecs, r io.ReaderAt, j job) (made []Picture, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, j.Limits.Time, damaged(errors.New("decoding took too long")))
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			made, err = nil, damaged(fmt.Errorf("decoder panic: %v", p))
		}
		if cause := context.Cause(ctx); err != nil && cause != nil {
			made, err = nil, cause
		}
	}()
	h, err := inspect(r, j)
	if err != nil {
		return nil, err
	}
	r = contextReaderAt{ctx, r}
	room := arenaFor(j)
	defer room.close(&err)
	if len(h.Frames) > 0 {
		return prepareFrames(ctx, decoders, room, r, j, h)
	}
	src, err := decode(ctx, decoders, room, r, j)
	if err != nil {
		return nil, damaged(err)
	}
	if j.MIME == mimeAVIF && blank(src) {
		// The decoder gives an empty picture where the coded data is damaged.
		return nil, damaged(errors.New("nothing decoded"))
	}
	return picture(src, h.Orient, j.Rule, j.Most)
}

// inspect reads a picture's header and gives the verdict on what must not be decoded.
func inspect(r io.ReaderAt, j job) (header, error) {
	if j.wasm() && !sandboxed {
		return header{}, &Error{Kind: Unsupported, Safe: "This build of Parley does not read WebP, AVIF and HEIC pictures."}
	}
	h, err := readHeader(r, j.Size, j.MIME)
	if err != nil {
		return header{}, damaged(err)
	}
	return h, j.Limits.check(h)
}

// wasm reports whether the decoder of the job runs as WebAssembly.
func (j job) wasm() bool {
	return j.MIME == mimeWebP || j.MIME == mimeAVIF || j.MIME == mimeHEIC
}

// check refuses what would take too much, before anything of its size is allocated.
func (l limits) check(h header) error {
	if h.W > l.Pixels/h.H {
		return &Error{Kind: TooLarge, Safe: fmt.Sprintf("The picture has %d × %d pixels; the limit is %d megapixels.", h.W, h.H, l.Pixels/1_000_000)}
	}
	if most := l.Memory - workerMemory; h.Cost > most {
		pixels := float64(h.W) * float64(h.H)
		return &Error{Kind: TooLarge, Safe: fmt.Sprintf("The picture has %d × %d pixels; the limit for pictures of this kind is about %.1f megapixels.",
			h.W, h.H, math.Floor(pixels/1e5*float64(most-h.Fixed)/float64(h.Cost-h.Fixed))/10)}
	}
	return nil
}

// workerMemory is what a worker process takes beside the picture.
const workerMemory = 28 << 20

// damaged is the verdict on a picture that cannot be decoded: the decoder's own, where it has one.
func damaged(err error) error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return &Error{Kind: Unreadable, Safe: "The picture is damaged or incomplete and cannot be read.", Err: err}
}

// picture gives the whole and its tiles.
func picture(src image.Image, o orientation, rule ImageRule, most int) ([]Picture, error) {
	b := src.Bounds()
	text := textLike(src)
	w, h := o.size(b.Dx(), b.Dy())
	stored := func(r image.Rectangle) image.Rectangle { return o.rect(r, b.Dx(), b.Dy()).Add(b.Min) }
	known := sync.OnceValue(func() *detail { return findDetail(src) })
	empty := func(r image.Rectangle) bool { return known().empty(stored(r)) }
	var made []Picture
	for _, v := range plan(w, h, text, rule, most, empty) {
		p, err := show(src, stored(v.rect), o, rule, text)
		if err != nil {
			return nil, err
		}
		p.Note = v.note
		made = append(made, p)
	}
	return made, nil
}

// prepareFrames gives frames of an animation, evenly apart; a single frame is a picture like any other.
func prepareFrames(ctx context.Context, decoders *codecs, room *arena, r io.ReaderAt, j job, h header) ([]Picture, error) {
	decode := gifFrame
	if j.MIME == mimeWebP {
		decode = func(r io.ReaderAt, f cel) (image.Image, error) { return webpFrame(ctx, decoders, room, r, f) }
	}
	var made []Picture
	err := animate(ctx, r, h, decode, spread(len(h.Frames), min(j.Most, mostFrames)), func(i int, canvas image.Image) error {
		if len(h.Frames) == 1 {
			var err error
			made, err = picture(canvas, h.Orient, j.Rule, j.Most)
			return err
		}
		p, err := show(canvas, canvas.Bounds(), h.Orient, j.Rule, textLike(canvas))
		p.Note = "frame at " + seconds(h.Frames[i].At)
		made = append(made, p)
		return err
	})
	if err != nil {
		return nil, damaged(err)
	}
	return made, nil
}

func seconds(d time.Duration) string {
	if d < 10*time.Second && d%time.Second != 0 {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// contextReaderAt makes a decoder fail when the context ends.
type contextReaderAt struct {
	ctx context.Context
	r   io.ReaderAt
}

func (c contextReaderAt) ReadAt(p []byte, at int64) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	return c.r.ReadAt(p, at)
}
