package media

import (
	"image"
	"image/color"
)

// reduce averages blocks of k by k pixels of the rectangle r of src, on white. Blocks at the right and lower edge may be
// smaller. k = 1 only converts.
func reduce(src image.Image, r image.Rectangle, k int) *image.RGBA {
	if a, ok := src.(*image.NYCbCrA); ok && opaque(a, r) {
		src = &a.YCbCr
	}
	if planes, ok := src.(*image.YCbCr); ok {
		return reducePlanes(planes, r, k)
	}
	w, h := r.Dx(), r.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, (w+k-1)/k, (h+k-1)/k))
	read := rows(src)
	line := make([]uint8, w*3)
	sums := make([]uint32, dst.Rect.Dx()*3)
	for y := range dst.Rect.Dy() {
		clear(sums)
		high := min(k, h-y*k)
		for dy := range high {
			read(r.Min.X, r.Max.X, r.Min.Y+y*k+dy, line)
			addBlocks(sums, line, k)
		}
		row := dst.Pix[y*dst.Stride:]
		for x := range dst.Rect.Dx() {
			n := uint32(high * min(k, w-x*k))
			row[x*4] = uint8((sums[x*3] + n/2) / n)
			row[x*4+1] = uint8((sums[x*3+1] + n/2) / n)
			row[x*4+2] = uint8((sums[x*3+2] + n/2) / n)
			row[x*4+3] = 255
		}
	}
	return dst
}

// addBlocks adds a row of RGB triples to the sums of its blocks of k.
func addBlocks(sums []uint32, line []uint8, k int) {
	for x := 0; len(line) > 0; x++ {
		n := min(k*3, len(line))
		var r, g, b uint32
		for i := 0; i < n; i += 3 {
			r += uint32(line[i])
			g += uint32(line[i+1])
			b += uint32(line[i+2])
		}
		sums[x*3] += r
		sums[x*3+1] += g
		sums[x*3+2] += b
		line = line[n:]
	}
}

// reducePlanes averages luma and chroma apart and converts what is left: a sixteenth of the work for k = 4.
func reducePlanes(src *image.YCbCr, r image.Rectangle, k int) *image.RGBA {
	sx, sy := 1, 1
	switch src.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		sx = 2
	case image.YCbCrSubsampleRatio420:
		sx, sy = 2, 2
	case image.YCbCrSubsampleRatio440:
		sy = 2
	case image.YCbCrSubsampleRatio411:
		sx = 4
	case image.YCbCrSubsampleRatio410:
		sx, sy = 4, 2
	}
	lumaX, lumaY := blocks(r.Min.X, r.Max.X, k, 1), blocks(r.Min.Y, r.Max.Y, k, 1)
	chromaX, chromaY := blocks(r.Min.X, r.Max.X, k, sx), blocks(r.Min.Y, r.Max.Y, k, sy)
	w, h := len(lumaX), len(lumaY)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	luma, cb, cr := make([]uint8, w), make([]uint8, w), make([]uint8, w)
	sums := make([]uint32, w)
	for y := range h {
		averageRow(luma, sums, src.Y, src.YStride, lumaX, lumaY[y])
		averageRow(cb, sums, src.Cb, src.CStride, chromaX, chromaY[y])
		averageRow(cr, sums, src.Cr, src.CStride, chromaX, chromaY[y])
		row := dst.Pix[y*dst.Stride:]
		for x := range w {
			row[x*4], row[x*4+1], row[x*4+2] = color.YCbCrToRGB(luma[x], cb[x], cr[x])
			row[x*4+3] = 255
		}
	}
	return dst
}

// span is a half-open range of positions in a plane.
type span struct{ from, to int }

// blocks cuts the range from..to of full positions into blocks of k and gives them as positions of a plane that has one
// value for sub positions; no block is empty.
func blocks(from, to, k, sub int) []span {
	all := make([]span, 0, (to-from+k-1)/k)
	last := (to - 1) / sub
	for at := from; at < to; at += k {
		b := span{at / sub, min(at+k, to) / sub}
		b.to = min(max(b.to, b.from+1), last+1)
		all = append(all, b)
	}
	return all
}

// averageRow averages the blocks of one row of blocks of a plane.
func averageRow(dst []uint8, sums []uint32, plane []uint8, stride int, across []span, down span) {
	clear(sums)
	for y := down.from; y < down.to; y++ {
		row := plane[y*stride:]
		for i, b := range across {
			var s uint32
			for _, v := range row[b.from:b.to] {
				s += uint32(v)
			}
			sums[i] += s
		}
	}
	for i, b := range across {
		n := uint32((b.to - b.from) * (down.to - down.from))
		dst[i] = uint8((sums[i] + n/2) / n)
	}
}

// opaque reports whether the rectangle has no see-through pixel.
func opaque(src *image.NYCbCrA, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, a := range src.A[y*src.AStride+r.Min.X : y*src.AStride+r.Max.X] {
			if a != 255 {
				return false
			}
		}
	}
	return true
}
