package media

import (
	"image"
	"math"
)

// scale gives the rectangle r of src as w by h pixels, on white. It averages whole blocks first, so that the fine filter
// works on little more than twice what it must give, and never makes a second picture of the size of the first.
func scale(src image.Image, r image.Rectangle, w, h int) *image.RGBA {
	factor := max(float64(r.Dx())/float64(w), float64(r.Dy())/float64(h))
	small := reduce(src, r, max(1, int(factor/1.5)))
	if small.Rect.Dx() == w && small.Rect.Dy() == h {
		return small
	}
	return resample(small, w, h)
}

// catmullRom is the Catmull-Rom cubic, which keeps edges crisp without visible rings.
func catmullRom(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// taps are the source positions and weights that make one target position; the weights sum up to 1.
type taps struct {
	from    int
	weights []float32
}

// kernel gives the taps for n targets out of m sources; the cubic is as wide as the larger of both steps.
func kernel(m, n int) []taps {
	step := float64(m) / float64(n)
	wide := max(step, 1)
	all := make([]taps, n)
	for i := range all {
		centre := (float64(i)+0.5)*step - 0.5
		from := max(0, int(math.Ceil(centre-2*wide)))
		to := min(m-1, int(math.Floor(centre+2*wide)))
		weights := make([]float32, to-from+1)
		var sum float64
		for j := range weights {
			v := catmullRom((float64(from+j) - centre) / wide)
			weights[j] = float32(v)
			sum += v
		}
		for j := range weights {
			weights[j] /= float32(sum)
		}
		all[i] = taps{from, weights}
	}
	return all
}

// resample scales an opaque picture with the cubic, rows first.
func resample(src *image.RGBA, w, h int) *image.RGBA {
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	across := make([]float32, w*sh*3)
	columns := kernel(sw, w)
	for y := range sh {
		row := src.Pix[y*src.Stride:]
		line := across[y*w*3:]
		for x, t := range columns {
			var r, g, b float32
			at := row[t.from*4 : (t.from+len(t.weights))*4]
			for j, k := range t.weights {
				p := at[j*4 : j*4+3 : j*4+3]
				r += k * float32(p[0])
				g += k * float32(p[1])
				b += k * float32(p[2])
			}
			line[x*3], line[x*3+1], line[x*3+2] = r, g, b
		}
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	sums := make([]float32, w*3)
	for y, t := range kernel(sh, h) {
		clear(sums)
		for j, k := range t.weights {
			line := across[(t.from+j)*w*3 : (t.from+j+1)*w*3]
			for i, v := range line {
				sums[i] += k * v
			}
		}
		row := dst.Pix[y*dst.Stride:]
		for x := range w {
			row[x*4] = clamp(sums[x*3])
			row[x*4+1] = clamp(sums[x*3+1])
			row[x*4+2] = clamp(sums[x*3+2])
			row[x*4+3] = 255
		}
	}
	return dst
}

func clamp(v float32) uint8 {
	return uint8(min(max(v+0.5, 0), 255))
}
