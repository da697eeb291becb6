package media

import (
	"context"
	"image"
	"image/draw"
	"io"
)

// maxAnimation is how many pixels of frames are decoded to get at the frames that are wanted.
const maxAnimation = 300_000_000

// animate puts an animation together frame by frame on one canvas and gives the picture of each wanted frame, in order.
// show must be done with the picture when it returns. Where the file is damaged or too long the rest of the frames is
// missing; it fails when not even the first is there.
func animate(ctx context.Context, r io.ReaderAt, h header, decode func(io.ReaderAt, cel) (image.Image, error), wanted []int, show func(int, image.Image) error) error {
	canvas := image.NewRGBA(image.Rect(0, 0, h.W, h.H))
	var saved *image.RGBA
	work := int64(0)
	for i, f := range h.Frames {
		if len(wanted) == 0 {
			return nil
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if work += int64(f.W) * int64(f.H); work > maxAnimation && i > 0 {
			return nil
		}
		m, err := decode(r, f)
		if err != nil {
			if i > 0 {
				return nil
			}
			return err
		}
		place := image.Rect(f.X, f.Y, f.X+f.W, f.Y+f.H)
		if f.Restore {
			saved = image.NewRGBA(place)
			draw.Draw(saved, place, canvas, place.Min, draw.Src)
		}
		op := draw.Over
		if f.Replace {
			op = draw.Src
		}
		draw.Draw(canvas, place, m, m.Bounds().Min, op)
		if i == wanted[0] {
			if err := show(i, canvas); err != nil {
				return err
			}
			wanted = wanted[1:]
		}
		switch {
		case f.Clear:
			draw.Draw(canvas, place, image.Transparent, image.Point{}, draw.Src)
		case f.Restore:
			draw.Draw(canvas, place, saved, place.Min, draw.Src)
		}
	}
	return nil
}

// spread gives n of the numbers below total, the first and the last among them, evenly apart.
func spread(total, n int) []int {
	n = min(n, total)
	all := make([]int, n)
	for i := range all {
		if n > 1 {
			all[i] = i * (total - 1) / (n - 1)
		}
	}
	return all
}
