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
	// shrink is how much smaller than life a tile may be shown: 12 px text stays about 7 px high.
	shrink = 1.6
	// dense is the width from where a screenshot is of a screen with about twice the pixels per letter.
	dense = 2560
	// stretched is the ratio of the sides from where any picture is cut, text or not.
	stretched = 2.5
)

// plan gives the whole of a picture of w by h, then tiles in reading order, at most most in all. The tiles are as little
// shrunk as the number allows. Where they would still be shrunk beyond reading, the first ones are given, and their
// notes tell how many there are.
func plan(w, h int, text bool, rule ImageRule, most int) []view {
	whole := view{image.Rect(0, 0, w, h), "whole"}
	square, long, short := rule.largest(), max(w, h), min(w, h)
	small := float64(long) > 1.25*float64(square)
	if !rule.Tiles || most < 2 || !small || !text && float64(long) < stretched*float64(short) {
		return []view{whole}
	}
	nx, ny, side := grid(w, h, square, most-1)
	if nx*ny < 2 {
		return []view{whole}
	}
	views := []view{whole}
	for y := range ny {
		for x := range nx {
			if len(views) == most {
				return views
			}
			r := image.Rect(0, 0, min(side, w), min(side, h)).Add(image.Pt(offset(x, nx, w, side), offset(y, ny, h, side)))
			views = append(views, view{r, fmt.Sprintf("tile %d of %d: %s", y*nx+x+1, nx*ny, position(x, nx, y, ny))})
		}
	}
	return views
}

// grid gives columns, rows and side of the square tiles, in pixels of the picture: the smallest side, not under square,
// for which no more than most tiles cover it; at most shrink times square, twice that for
// dense ones, even if it takes more tiles then.
func grid(w, h, square, most int) (nx, ny, side int) {
	highest := int(shrink * float64(square))
	if w > dense {
		highest *= 2
	}
	for side = square; side < highest; side += 16 {
		if count(w, side)*count(h, side) <= most {
			break
		}
	}
	side = min(side, highest)
	return count(w, side), count(h, side), side
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
