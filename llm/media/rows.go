package media

import (
	"image"
	"image/color"
)

// rows gives a function that reads the pixels x0..x1 of row y of src as RGB triples on white. The sorts that decoders
// give are read without a call per pixel.
func rows(src image.Image) func(x0, x1, y int, dst []uint8) {
	switch m := src.(type) {
	case *image.NRGBA:
		return func(x0, x1, y int, dst []uint8) {
			pix := m.Pix[m.PixOffset(x0, y):]
			for i := range x1 - x0 {
				p := pix[i*4 : i*4+4 : i*4+4]
				dst[i*3], dst[i*3+1], dst[i*3+2] = onWhite(p[0], p[3]), onWhite(p[1], p[3]), onWhite(p[2], p[3])
			}
		}
	case *image.RGBA:
		return func(x0, x1, y int, dst []uint8) {
			pix := m.Pix[m.PixOffset(x0, y):]
			for i := range x1 - x0 {
				p := pix[i*4 : i*4+4 : i*4+4]
				// A hostile file may say more colour than its alpha allows.
				rest := 255 - p[3]
				dst[i*3], dst[i*3+1], dst[i*3+2] = add(p[0], rest), add(p[1], rest), add(p[2], rest)
			}
		}
	case *image.Gray:
		return func(x0, x1, y int, dst []uint8) {
			for i, v := range m.Pix[m.PixOffset(x0, y):][:x1-x0] {
				dst[i*3], dst[i*3+1], dst[i*3+2] = v, v, v
			}
		}
	case *image.Paletted:
		table := palette(m.Palette)
		return func(x0, x1, y int, dst []uint8) {
			for i, v := range m.Pix[m.PixOffset(x0, y):][:x1-x0] {
				copy(dst[i*3:i*3+3], table[v][:])
			}
		}
	case *image.CMYK:
		return func(x0, x1, y int, dst []uint8) {
			pix := m.Pix[m.PixOffset(x0, y):]
			for i := range x1 - x0 {
				p := pix[i*4 : i*4+4 : i*4+4]
				dst[i*3], dst[i*3+1], dst[i*3+2] = color.CMYKToRGB(p[0], p[1], p[2], p[3])
			}
		}
	case image.RGBA64Image:
		return func(x0, x1, y int, dst []uint8) {
			for i := range x1 - x0 {
				c := m.RGBA64At(x0+i, y)
				rest := 65535 - uint32(c.A)
				dst[i*3] = uint8(min(uint32(c.R)+rest, 65535) >> 8)
				dst[i*3+1] = uint8(min(uint32(c.G)+rest, 65535) >> 8)
				dst[i*3+2] = uint8(min(uint32(c.B)+rest, 65535) >> 8)
			}
		}
	}
	return func(x0, x1, y int, dst []uint8) {
		for i := range x1 - x0 {
			c := flat(src.At(x0+i, y))
			copy(dst[i*3:i*3+3], c[:])
		}
	}
}

// palette gives the colours on white; an index outside of the palette is black.
func palette(p color.Palette) *[256][3]uint8 {
	var table [256][3]uint8
	for i, c := range p[:min(len(p), 256)] {
		table[i] = flat(c)
	}
	return &table
}

func flat(c color.Color) [3]uint8 {
	r, g, b, a := c.RGBA()
	rest := 65535 - a
	return [3]uint8{uint8((r + rest) >> 8), uint8((g + rest) >> 8), uint8((b + rest) >> 8)}
}

// onWhite lays a straight colour with alpha on white.
func onWhite(v, a uint8) uint8 {
	if a == 255 {
		return v
	}
	return uint8((uint32(v)*uint32(a) + 255*(255-uint32(a)) + 127) / 255)
}

// add adds and stops at 255.
func add(v, rest uint8) uint8 {
	return uint8(min(uint16(v)+uint16(rest), 255))
}
