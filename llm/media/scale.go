package media

import (
	"image"

	"golang.org/x/image/draw"
)

// scale gives the rectangle r of src as w by h pixels, on white. It averages whole blocks first, so that the fine filter
// works on little more than twice what it must give, and never makes a second picture of the size of the first.
func scale(src image.Image, r image.Rectangle, w, h int) *image.RGBA {
	factor := max(float64(r.Dx())/float64(w), float64(r.Dy())/float64(h))
	small := reduce(src, r, max(1, int(factor/1.5)))
	if small.Rect.Dx() == w && small.Rect.Dy() == h {
		return small
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(dst, dst.Rect, small, small.Rect, draw.Src, nil)
	return dst
}
