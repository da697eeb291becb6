package media

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// decode decodes a picture that has no frames.
func decode(ctx context.Context, decoders *codecs, room *arena, r io.ReaderAt, j job) (image.Image, error) {
	all := io.NewSectionReader(r, 0, j.Size)
	buffered := bufio.NewReaderSize(all, 64<<10)
	switch j.MIME {
	case mimeJPEG:
		return decoded(jpeg.Decode(buffered))
	case mimePNG:
		m, err := png.Decode(buffered)
		if p, ok := m.(*image.Paletted); ok {
			p.Palette = full(p.Palette)
		}
		return decoded(m, err)
	case mimeWebP, mimeAVIF, mimeHEIC:
		return decoded(decoders.decode(ctx, room, j.MIME, all, j.Size))
	case mimeBMP:
		return decoded(bmp.Decode(buffered))
	case mimeTIFF:
		m, err := tiff.Decode(all)
		return decoded(m, unsupportedBitmap(err))
	}
	return nil, fmt.Errorf("no decoder for %s", j.MIME)
}

// decoded refuses what a decoder gives without an error and without a pixel.
func decoded(m image.Image, err error) (image.Image, error) {
	if err != nil {
		return nil, fmt.Errorf("decode picture: %w", err)
	}
	if m == nil || m.Bounds().Empty() {
		return nil, errHeader
	}
	return m, nil
}

// blank reports whether all of a picture is see-through.
func blank(m image.Image) bool {
	switch m := m.(type) {
	case *image.RGBA:
		for i := 3; i < len(m.Pix); i += 4 {
			if m.Pix[i] != 0 {
				return false
			}
		}
		return true
	case *image.RGBA64:
		for i := 6; i < len(m.Pix); i += 8 {
			if m.Pix[i]|m.Pix[i+1] != 0 {
				return false
			}
		}
		return true
	}
	return false
}
