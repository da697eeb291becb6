package media

// The pictures that are decoded here.
const (
	mimeJPEG = "image/jpeg"
	mimePNG  = "image/png"
	mimeGIF  = "image/gif"
	mimeWebP = "image/webp"
	mimeAVIF = "image/avif"
	mimeHEIC = "image/heic"
	mimeBMP  = "image/bmp"
	mimeTIFF = "image/tiff"
)
