package media

import (
	"fmt"
	"image"
)

// view is a part of an upright picture that is shown.
type view struct {
	rect image.Rectangle
	note string
}

const (
	// overlap is how much of its side a tile shares with its neighbour, as a divisor: no line of text is cut in both.
	overlap = 10
	// shrink is how much smaller than life a tile is shown without a word: 12 px text stays about 7 px high.
	shrink = 1.6
	// farthest is how much smaller than life a tile may be shown where nothing else shows all of the picture: 12 px text is
	// then about 4 px high.
	farthest = 2.75
	// legible is how high letters must be for a model to read them, in pixels.
	legible = 7
	// dense is the width from where a screenshot is of a screen with about twice the pixels per letter.
	dense = 2560
	// stretched is the ratio of the sides from where any picture is cut, text or not.
	stretched = 2.5
	// mostTiles bounds the tiles of a cut that are looked at for whether they hold anything.
	mostTiles = 64
)

// plan gives the whole of a picture of w by h, then tiles in reading order, at most most in all. Tiles of which empty says
// that there is nothing to see are left out. The others show all of the picture, as little shrunk as the number allows.
// Where they are shrunk so much that small text may be lost, the note of the whole says so; where it would be lost for
// certain, the first tiles are given as they can be read, and the note of the whole says that.
func plan(w, h int, text bool, rule ImageRule, most int, empty func(image.Rectangle) bool) []view {
	whole := view{image.Rect(0, 0, w, h), "whole"}
	square, long, short := rule.largest(), max(w, h), min(w, h)
	small := float64(long) > 1.25*float64(square)
	if !rule.Tiles || most < 2 || !small || !text && float64(long) < stretched*float64(short) {
		return []view{whole}
	}
	plain, limit := int(shrink*float64(square)), int(farthest*float64(square))
	if w > dense {
		plain, limit = 2*plain, 2*limit
	}
	for side := square; side <= limit; side += 16 {
		n := count(w, side) * count(h, side)
		if n > max(most-1, mostTiles) {
			continue
		}
		tiles := cutUp(w, h, side, empty)
		if len(tiles) > most-1 {
			continue
		}
		if side > plain {
			whole.note = fmt.Sprintf("whole; letters of less than %d px may be too small to read in it and in its tiles", (legible*side+square-1)/square)
		}
		if n < 2 {
			return []view{whole}
		}
		return append([]view{whole}, numbered(tiles, len(tiles))...)
	}
	tiles := cutUp(w, h, plain, empty)
	if len(tiles) >= most {
		whole.note = fmt.Sprintf("whole; of %d parts with something in them, only the first %d are shown large enough to read", len(tiles), most-1)
	}
	return append([]view{whole}, numbered(tiles, most-1)...)
}

// numbered gives the first n tiles with their numbers.
func numbered(tiles []view, n int) []view {
	for i := range tiles {
		tiles[i].note = fmt.Sprintf("tile %d of %d: %s", i+1, len(tiles), tiles[i].note)
	}
	return tiles[:min(n, len(tiles))]
}

// cutUp gives the square tiles of a side that cover a picture of w by h, but those that are empty, each with its place.
func cutUp(w, h, side int, empty func(image.Rectangle) bool) []view {
	nx, ny := count(w, side), count(h, side)
	var tiles []view
	for y := range ny {
		for x := range nx {
			r := image.Rect(0, 0, min(side, w), min(side, h)).Add(image.Pt(offset(x, nx, w, side), offset(y, ny, h, side)))
			if !empty(r) {
				tiles = append(tiles, view{r, position(x, nx, y, ny)})
			}
		}
	}
	return tiles
}

// count gives how many tiles of a side cover a length.
func count(length, side int) int {
	if length <= side {
		return 1
	}
	step := side - side/overlap
	return (length-side+step-1)/step + 1
}

// offset gives where tile i of n begins; they are spread evenly.
func offset(i, n, length, side int) int {
	if n < 2 {
		return 0
	}
	return i * (length - side) / (n - 1)
}

// position names a tile's place.
func position(x, nx, y, ny int) string {
	if nx > 3 || ny > 3 {
		switch {
		case nx == 1:
			return fmt.Sprintf("part %d from the top", y+1)
		case ny == 1:
			return fmt.Sprintf("part %d from the left", x+1)
		}
		return fmt.Sprintf("row %d, column %d", y+1, x+1)
	}
	down := name(y, ny, "top", "middle", "bottom")
	across := name(x, nx, "left", "centre", "right")
	switch {
	case down == "":
		return across
	case across == "":
		return down
	}
	return down + " " + across
}

func name(i, n int, first, middle, last string) string {
	switch {
	case n == 1:
		return ""
	case i == 0:
		return first
	case i == n-1:
		return last
	}
	return middle
}
