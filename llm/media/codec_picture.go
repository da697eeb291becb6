package media

import (
	"fmt"
	"image"
	"io"
)

// avif decodes with libavif: decode(in, size, only sizes, all frames, *width, *height, *depth, *count, *delay, out), which gives
// colours multiplied with alpha, of one byte, or of two (the lower one first) where the picture has more than 8 bits.
func (s *sandbox) avif(r io.Reader, size int64) (image.Image, error) {
	in, n, err := s.put(r, size)
	if err != nil {
		return nil, err
	}
	decode := func(only, out uint64) error {
		_, err := s.call("decode", in, uint64(size), only, 0, n, n+4, n+8, n+12, n+16, out)
		return err
	}
	if err := decode(1, 0); err != nil {
		return nil, err
	}
	w, h, each := s.number(n, 0), s.number(n, 1), 4
	deep := s.number(n, 2) > 8
	if deep {
		each = 8
	}
	pix, err := s.fill(int64(w)*int64(h)*int64(each), func(out uint64) error { return decode(0, out) })
	switch {
	case err != nil:
		return nil, err
	case !deep:
		return &image.RGBA{Pix: pix, Stride: w * each, Rect: image.Rect(0, 0, w, h)}, nil
	}
	for i := 0; i+1 < len(pix); i += 2 {
		pix[i], pix[i+1] = pix[i+1], pix[i]
	}
	return &image.RGBA64{Pix: pix, Stride: w * each, Rect: image.Rect(0, 0, w, h)}, nil
}

// heic decodes with libheif: decode(in, size, only sizes, *width, *height, *colour space, *chroma, *premultiplied, out), of one
// byte a sample in rows of whole 16 bytes.
func (s *sandbox) heic(r io.Reader, size int64) (image.Image, error) {
	in, n, err := s.put(r, size)
	if err != nil {
		return nil, err
	}
	decode := func(only, out uint64) error {
		_, err := s.call("decode", in, uint64(size), only, n, n+4, n+8, n+12, n+16, out)
		return err
	}
	if err := decode(1, 0); err != nil {
		return nil, err
	}
	w, h := s.number(n, 0), s.number(n, 1)
	rect := image.Rect(0, 0, w, h)
	fill := func(n int) ([]byte, error) {
		return s.fill(int64(n), func(out uint64) error { return decode(0, out) })
	}
	rows := func(w int) int { return (w + 15) &^ 15 }
	switch space, chroma := s.number(n, 2), s.number(n, 3); space {
	case 0: // YCbCr
		m := &image.YCbCr{YStride: rows(w), CStride: rows((w + 1) / 2), Rect: rect}
		ch := h
		switch chroma {
		case 1:
			m.SubsampleRatio, ch = image.YCbCrSubsampleRatio420, (h+1)/2
		case 2:
			m.SubsampleRatio = image.YCbCrSubsampleRatio422
		case 3:
			m.SubsampleRatio, m.CStride = image.YCbCrSubsampleRatio444, rows(w)
		default:
			return nil, fmt.Errorf("chroma %d: %w", chroma, errDecoder)
		}
		y, c := m.YStride*h, m.CStride*ch
		b, err := fill(y + 2*c)
		if err != nil {
			return nil, err
		}
		m.Y, m.Cb, m.Cr = b[:y:y], b[y:y+c:y+c], b[y+c:]
		return m, nil
	case 2: // of one colour
		b, err := fill(rows(w) * h)
		return &image.Gray{Pix: b, Stride: rows(w), Rect: rect}, err
	case 1:
		b, err := fill(rows(4*w) * h)
		if s.number(n, 4) == 1 {
			return &image.RGBA{Pix: b, Stride: rows(4 * w), Rect: rect}, err
		}
		return &image.NRGBA{Pix: b, Stride: rows(4 * w), Rect: rect}, err
	default:
		return nil, fmt.Errorf("colour space %d: %w", space, errDecoder)
	}
}

// webp decodes a still picture with libwebp: decode(in, size, only sizes, all frames, *width, *height, *count, *animated,
// *delay, out), which gives planes for luma, chroma of half the size, and alpha.
func (s *sandbox) webp(r io.Reader, size int64) (image.Image, error) {
	in, n, err := s.put(r, size)
	if err != nil {
		return nil, err
	}
	decode := func(only, out uint64) error {
		_, err := s.call("decode", in, uint64(size), only, 0, n, n+4, n+8, n+12, n+16, out)
		return err
	}
	if err := decode(1, 0); err != nil {
		return nil, err
	}
	w, h := s.number(n, 0), s.number(n, 1)
	if s.number(n, 3) != 0 {
		return nil, fmt.Errorf("a film: %w", errDecoder) // its frames are cut out and decoded one by one
	}
	cw, y, c := (w+1)/2, w*h, (w+1)/2*((h+1)/2)
	b, err := s.fill(int64(2*y+2*c), func(out uint64) error { return decode(0, out) })
	if err != nil {
		return nil, err
	}
	return &image.NYCbCrA{
		YCbCr: image.YCbCr{
			Y: b[:y:y], Cb: b[y : y+c : y+c], Cr: b[y+c : y+2*c : y+2*c], YStride: w, CStride: cw,
			SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, w, h),
		},
		A: b[y+2*c:], AStride: w,
	}, nil
}

// fill takes n bytes of the decoder's memory, has decode fill them, and gives them.
func (s *sandbox) fill(n int64, decode func(out uint64) error) ([]byte, error) {
	out, err := s.malloc(n)
	if err != nil {
		return nil, err
	}
	if err := decode(out); err != nil {
		return nil, err
	}
	made, err := s.view(out, n)
	if err == nil {
		s.room.keep(int64(out), n)
	}
	return made, err
}
