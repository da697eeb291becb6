package media

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// sniffed is how much of a file's beginning decides what it is.
const sniffed = 8 << 10

// supported is told to people with every file that is not.
const supported = "I can read pictures (JPEG, PNG, GIF, WebP, AVIF, HEIC, BMP, TIFF), sound and film, PDF, Word (.docx), HTML and text files."

// sniff tells what a file of size bytes is by its content. The name only serves to notice a web page (a login form, an error) that a
// platform sent in place of a picture, a recording or a film.
func sniff(r io.ReaderAt, size int64, name string) (Kind, string, error) {
	if size == 0 {
		return "", "", &Error{Kind: Unreadable, Safe: "The file is empty."}
	}
	head := make([]byte, min(size, sniffed))
	if n, err := r.ReadAt(head, 0); err != nil && (err != io.EOF || n < len(head)) {
		return "", "", fmt.Errorf("read temporary file: %w", err)
	}
	kind, mime := classify(head)
	if kind == "" {
		return "", "", &Error{Kind: Unsupported, Safe: unsupported(mime)}
	}
	if mime == "text/html" && promisesMedia(name) {
		return "", "", &Error{Kind: Unreadable, Safe: "What was downloaded is a web page, not the file that its name promises."}
	}
	return kind, mime, nil
}

// unsupported tells what can be done about a file that is not read.
func unsupported(mime string) string {
	const office, open = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
	switch mime {
	case "image/svg+xml":
		return "Drawings (SVG) are not supported. Save it as PNG and send it again."
	case office + "spreadsheetml.sheet", "application/vnd.ms-excel", open + "spreadsheet":
		return "Spreadsheets are not supported. Save the sheet as CSV, or as PDF, and send it again."
	case office + "presentationml.presentation", "application/vnd.ms-powerpoint", open + "presentation", open + "text",
		"application/msword", "application/x-ole-storage", "text/rtf", "application/epub+zip":
		return "Documents of this sort are not supported. Save it as PDF and send it again."
	}
	return "This sort of file is not supported. " + supported
}

// classify gives kind and type of what begins with head; an empty kind is unsupported.
func classify(head []byte) (Kind, string) {
	if mime := imageType(head); mime != "" {
		return KindImage, mime
	}
	found := mimetype.Detect(head)
	mime, _, _ := strings.Cut(found.String(), ";")
	switch {
	case strings.HasPrefix(mime, "audio/"), mime == "application/ogg":
		return KindAudio, mime
	case strings.HasPrefix(mime, "video/"):
		return KindVideo, mime
	case mime == "application/pdf", mime == "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
		return KindDocument, mime
	}
	if mime == "image/svg+xml" || mime == "text/rtf" {
		return "", mime
	}
	for m := found; m != nil; m = m.Parent() {
		if m.Is("text/plain") {
			return KindDocument, mime
		}
	}
	return "", mime
}

// imageType knows the pictures that are decoded here by their first bytes.
func imageType(head []byte) string {
	starts := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	switch {
	case starts("\xff\xd8\xff"):
		return mimeJPEG
	case starts("\x89PNG\r\n\x1a\n"):
		return mimePNG
	case starts("GIF87a"), starts("GIF89a"):
		return mimeGIF
	case starts("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return mimeWebP
	case starts("BM") && len(head) >= 26 && head[6]|head[7]|head[8]|head[9] == 0:
		return mimeBMP
	case starts("II*\x00"), starts("MM\x00*"):
		return mimeTIFF
	}
	return brandType(head)
}

// brandType reads the ftyp box of ISO/IEC 14496-12 files: the major brand, then the compatible ones.
func brandType(head []byte) string {
	if len(head) < 16 || string(head[4:8]) != "ftyp" {
		return ""
	}
	size := min(int(head[2])<<8|int(head[3]), len(head))
	for at := 8; at+4 <= size; at += 4 {
		switch string(head[at : at+4]) {
		case "avif", "avis":
			return mimeAVIF
		case "heic", "heix", "heim", "heis", "hevc", "hevx":
			return mimeHEIC
		}
	}
	return ""
}

// promisesMedia reports whether a name ends like that of a picture, a recording or a film.
func promisesMedia(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".heic", ".heif", ".bmp", ".tif", ".tiff",
		".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", ".flac", ".aac",
		".mp4", ".mov", ".webm", ".mkv", ".avi", ".pdf", ".docx":
		return true
	}
	return false
}
