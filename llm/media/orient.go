package media

import "image"

// orientation is how a stored picture must be turned to be upright: EXIF 2.32 tag 274, 1 to 8. Anything else is 1.
type orientation int

// valid gives o, or 1 when it is none of the eight.
func (o orientation) valid() orientation {
	if o < 1 || o > 8 {
		return 1
	}
	return o
}

// turned reports whether width and height change places.
func (o orientation) turned() bool { return o >= 5 }

// size gives the upright size of a stored one.
func (o orientation) size(w, h int) (int, int) {
	if o.turned() {
		return h, w
	}
	return w, h
}

// stored gives where the upright pixel x, y stands in the stored picture of w by h.
func (o orientation) stored(x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

// rect gives the stored rectangle of an upright one.
func (o orientation) rect(r image.Rectangle, w, h int) image.Rectangle {
	x0, y0 := o.stored(r.Min.X, r.Min.Y, w, h)
	x1, y1 := o.stored(r.Max.X-1, r.Max.Y-1, w, h)
	return image.Rect(min(x0, x1), min(y0, y1), max(x0, x1)+1, max(y0, y1)+1)
}

// upright turns a stored picture.
func (o orientation) upright(src *image.RGBA) *image.RGBA {
	if o == 1 {
		return src
	}
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	w, h := o.size(sw, sh)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		row := dst.Pix[y*dst.Stride:]
		for x := range w {
			sx, sy := o.stored(x, y, sw, sh)
			copy(row[x*4:x*4+4], src.Pix[sy*src.Stride+sx*4:])
		}
	}
	return dst
}
