package media

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
)

// show makes what the model gets of the rectangle r of a stored picture: turned upright, scaled, padded, encoded; smaller where
// it would have too many bytes.
func show(src image.Image, r image.Rectangle, o orientation, rule ImageRule, text bool) (Picture, error) {
	for _, side := range sides(rule, max(r.Dx(), r.Dy())) {
		w, h := fit(r.Dx(), r.Dy(), side)
		m := o.upright(scale(src, r, w, h))
		if len(rule.squares()) > 0 {
			m = pad(m, side)
		}
		data, mime, err := encode(m, text, rule.bytes())
		if err != nil {
			return Picture{}, err
		}
		if data != nil {
			return Picture{MIME: mime, Bytes: data, Width: m.Rect.Dx(), Height: m.Rect.Dy()}, nil
		}
	}
	return Picture{}, fmt.Errorf("prepare picture: nothing fits into %d bytes", rule.bytes())
}

// sides gives the longest sides to try for a picture whose own is long, best first: of the squares, the smallest that
// holds it and then those below; without squares, ever smaller ones.
func sides(rule ImageRule, long int) []int {
	squares := rule.squares()
	if len(squares) == 0 {
		var all []int
		for side := min(long, rule.largest()); side > 0; side = side * 3 / 4 {
			all = append(all, side)
		}
		return all
	}
	n := len(squares)
	for i, s := range squares {
		if s >= long {
			n = i + 1
			break
		}
	}
	var all []int
	for i := n - 1; i >= 0; i-- {
		all = append(all, squares[i])
	}
	return all
}

// fit gives the size of a picture scaled to a longest side; nothing is made larger, and nothing vanishes.
func fit(w, h, side int) (int, int) {
	long := max(w, h)
	if long <= side {
		return w, h
	}
	return max(1, (w*side+long/2)/long), max(1, (h*side+long/2)/long)
}

// pad lays a picture into the middle of a white square.
func pad(m *image.RGBA, side int) *image.RGBA {
	if m.Rect.Dx() == side && m.Rect.Dy() == side {
		return m
	}
	dst := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range dst.Pix {
		dst.Pix[i] = 255
	}
	at := image.Pt((side-m.Rect.Dx())/2, (side-m.Rect.Dy())/2)
	draw.Draw(dst, m.Rect.Add(at), m, image.Point{}, draw.Src)
	return dst
}

// encode gives PNG for text-like pictures where it is small enough, else JPEG of the best quality that is; nil data when
// none is. Both encoders write pixels and nothing else.
func encode(m *image.RGBA, text bool, most int) ([]byte, string, error) {
	var b bytes.Buffer
	if text {
		if err := png.Encode(&b, m); err != nil {
			return nil, "", fmt.Errorf("encode picture: %w", err)
		}
		if b.Len() <= most {
			return b.Bytes(), mimePNG, nil
		}
	}
	for _, quality := range []int{80, 65, 50, 35} {
		b.Reset()
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
			return nil, "", fmt.Errorf("encode picture: %w", err)
		}
		if b.Len() <= most {
			return b.Bytes(), mimeJPEG, nil
		}
	}
	return nil, "", nil
}

// textLike reports whether a picture looks like a screenshot, a scan of text or a drawing: mostly flat, and where it is
// not, with hard edges. A photograph is nowhere flat or nowhere hard.
func textLike(src image.Image) bool {
	const sampledRows, widest = 96, 4096
	b := src.Bounds()
	var pairs, flat, hard int
	for i := range min(sampledRows, b.Dy()) {
		y := b.Min.Y + (2*i+1)*b.Dy()/(2*min(sampledRows, b.Dy()))
		pix := reduce(src, image.Rect(b.Min.X, y, min(b.Max.X, b.Min.X+widest), y+1), 1).Pix
		for ; len(pix) >= 8; pix = pix[4:] {
			d := max(apart(pix[0], pix[4]), apart(pix[1], pix[5]), apart(pix[2], pix[6]))
			pairs++
			switch {
			case d <= 3:
				flat++
			case d >= 48:
				hard++
			}
		}
	}
	return flat*2 > pairs && hard*250 > pairs && hard*6 > pairs-flat
}

func apart(a, b uint8) uint8 {
	return max(a, b) - min(a, b)
}
