//go:build !nodynamic

package media_test

import (
	"testing"

	"parley/llm/media"
)

func TestWithoutSandboxNothingOfTheSystemDecodes(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for name, data := range map[string][]byte{
		"webp": []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"),
		"avif": []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"),
		"heic": heicFile(t),
	} {
		if _, err := images(t, b, data, name, squares, 1); verdict(t, err) != media.Unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
}
