package media

import (
	"bytes"
	"image"
)

// Header gives size and orientation of a picture for tests of the readers.
func Header(data []byte, mime string) (w, h, orient int, cost int64, err error) {
	got, err := readHeader(bytes.NewReader(data), int64(len(data)), mime)
	return got.W, got.H, int(got.Orient), got.Cost, err
}

// Classify is what a beginning of a file is taken for.
func Classify(head []byte) (Kind, string) { return classify(head) }

// EXIFOrientation reads EXIF data.
func EXIFOrientation(data []byte) int { return int(exifOrientation(data)) }

// Plan gives the rectangles and notes that a picture is shown in that has detail everywhere.
func Plan(w, h int, text bool, rule ImageRule, most int) (rects []image.Rectangle, notes []string) {
	for _, v := range plan(w, h, text, rule, most, func(image.Rectangle) bool { return false }) {
		rects, notes = append(rects, v.rect), append(notes, v.note)
	}
	return rects, notes
}

// Scale scales a part of a picture.
func Scale(src image.Image, r image.Rectangle, w, h int) *image.RGBA { return scale(src, r, w, h) }

// TextLike tells screenshots from photographs.
func TextLike(m image.Image) bool { return textLike(m) }
