package media

import "image"

const (
	// detailCell is the side of the squares in which a picture's detail is known, in pixels.
	detailCell = 32
	// detailNoise is how far apart the values of one colour may lie, of 255: a lossy encoder's noise is no detail.
	detailNoise = 12
)

// detail knows which parts of a picture are of one colour.
type detail struct {
	bounds    image.Rectangle
	columns   int
	low, high [][3]uint8 // of the cells, row by row
}

// findDetail looks at every pixel once.
func findDetail(src image.Image) *detail {
	b := src.Bounds()
	d := &detail{bounds: b, columns: (b.Dx() + detailCell - 1) / detailCell}
	cells := d.columns * ((b.Dy() + detailCell - 1) / detailCell)
	d.low, d.high = make([][3]uint8, cells), make([][3]uint8, cells)
	for i := range d.low {
		d.low[i] = [3]uint8{255, 255, 255}
	}
	read, row := rows(src), make([]uint8, 3*b.Dx())
	for y := range b.Dy() {
		read(b.Min.X, b.Max.X, b.Min.Y+y, row)
		first := y / detailCell * d.columns
		for x := range b.Dx() {
			low, high := &d.low[first+x/detailCell], &d.high[first+x/detailCell]
			for c, v := range row[3*x : 3*x+3] {
				low[c], high[c] = min(low[c], v), max(high[c], v)
			}
		}
	}
	return d
}

// empty reports whether a part of the picture, and what lies within a cell of it, is of one colour.
func (d *detail) empty(r image.Rectangle) bool {
	r = r.Sub(d.bounds.Min)
	low, high := [3]uint8{255, 255, 255}, [3]uint8{}
	for y := r.Min.Y / detailCell; y*detailCell < r.Max.Y; y++ {
		for x := r.Min.X / detailCell; x*detailCell < r.Max.X; x++ {
			for c := range low {
				low[c], high[c] = min(low[c], d.low[y*d.columns+x][c]), max(high[c], d.high[y*d.columns+x][c])
				if high[c] > low[c] && high[c]-low[c] > detailNoise {
					return false
				}
			}
		}
	}
	return true
}
