package media

import (
	"context"
	"fmt"
	"os"
	"slices"
)

// The pictures that are decoded here.
const (
	mimeJPEG = "image/jpeg"
	mimePNG  = "image/png"
	mimeGIF  = "image/gif"
	mimeWebP = "image/webp"
	mimeAVIF = "image/avif"
	mimeHEIC = "image/heic"
	mimeBMP  = "image/bmp"
	mimeTIFF = "image/tiff"
)

// ImageRule is what an endpoint takes of pictures.
type ImageRule struct {
	// Sizes are the squares that the model works in, in pixels; a picture is laid into the smallest that holds it, else scaled
	// to the largest, and padded with white. Gemma 3n: 256, 512, 768. Empty: no padding.
	Sizes []int
	// MaxSide is the longest side in pixels; 0 is none. Together bills pictures up to 559 as one tile.
	MaxSide int
	// MaxBytes is the most that one encoded picture may take, before base64; 0 is 1 MiB.
	MaxBytes int
	// MaxImages is how many pictures a request may hold; 0 is no limit.
	MaxImages int
	// Tiles says that large screenshots may also be cut into pieces.
	Tiles bool
}

// Picture is what a model is shown: upright, on white, without metadata.
type Picture struct {
	// MIME is image/jpeg or image/png.
	MIME  string
	Bytes []byte
	// Width and Height are those of Bytes, padding included.
	Width, Height int
	// Note says which part this is: "whole", "tile 2 of 4: top right", "frame at 3 s".
	Note string
}

// defaultSide bounds a picture when the rule has neither sizes nor a longest side.
const defaultSide = 1536

// squares gives the usable sizes, ascending; nil where pictures are not padded.
func (r ImageRule) squares() []int {
	if len(r.Sizes) == 0 {
		return nil
	}
	sizes := slices.Sorted(slices.Values(r.Sizes))
	usable := slices.DeleteFunc(sizes, func(s int) bool { return s <= 0 || r.MaxSide > 0 && s > r.MaxSide })
	if len(usable) == 0 && r.MaxSide > 0 {
		return []int{r.MaxSide}
	}
	return usable
}

// largest gives the longest side that a picture may have.
func (r ImageRule) largest() int {
	if s := r.squares(); len(s) > 0 {
		return s[len(s)-1]
	}
	if r.MaxSide > 0 {
		return r.MaxSide
	}
	return defaultSide
}

// bytes gives the most that one picture may take.
func (r ImageRule) bytes() int {
	if r.MaxBytes > 0 {
		return r.MaxBytes
	}
	return 1 << 20
}

// Images prepares a picture for a model: the whole of it first, then, where the rule and most allow, overlapping tiles of a screenshot
// that loses its text when it is made small. An animation gives up to four of its frames instead. It gives no more
// than most, and fails with an *Error: TooLarge in pixels or memory, Unreadable, or Unsupported in a build that would
// have to decode outside of a sandbox.
func (f *File) Images(ctx context.Context, rule ImageRule, most int) ([]Picture, error) {
	if f.Kind != KindImage {
		return nil, fmt.Errorf("prepare picture: %s is no picture", f.MIME)
	}
	if rule.MaxImages > 0 {
		most = min(most, rule.MaxImages)
	}
	if most <= 0 {
		return nil, nil
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("open temporary file: %w", err)
	}
	defer file.Close()
	return f.box.prepare(ctx, file, job{MIME: f.MIME, Size: f.Size, Rule: rule, Most: most, Limits: f.box.limits})
}

// prepare waits for its share of memory and processors, and prepares a picture in a worker process; in this one where there
// is no command line for it.
func (b *Box) prepare(ctx context.Context, file *os.File, j job) ([]Picture, error) {
	h, err := inspect(file, j)
	if err != nil {
		return nil, err
	}
	j.Cost = h.Cost
	taken := h.Cost + workerMemory
	if err := b.memory.Acquire(ctx, taken); err != nil {
		return nil, fmt.Errorf("prepare picture: %w", context.Cause(ctx))
	}
	defer b.memory.Release(taken)
	select {
	case b.decodes <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("prepare picture: %w", context.Cause(ctx))
	}
	defer func() { <-b.decodes }()
	if len(b.self) == 0 {
		return prepare(ctx, &b.codecs, file, j)
	}
	return b.delegate(ctx, file, j)
}
