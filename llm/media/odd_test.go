package media_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"parley/llm/media"
)

func TestOddPicturesAreRead(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	plain := pngFile(t, sceneOf(64, 48), 0)
	// A picture inside the EXIF data, of another size than what is announced of it and than the picture.
	thumbnail := jpegFile(t, noise(8, 8), 0)
	body := append(append([]byte("Exif\x00\x00"), exif(1)...), thumbnail...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(body)+2))
	withThumbnail := append(append(head, body...), jpegFile(t, sceneOf(64, 48), 0)[2:]...)
	// A packed text, which could unfold to anything, is not unfolded.
	text := append([]byte("Comment\x00\x00"), deflated(make([]byte, 8<<20))...)
	withText := append(append(bytes.Clone(plain[:33]), pngChunk("zTXt", text)...), plain[33:]...)
	animated := append(append(bytes.Clone(plain[:33]), pngChunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0})...), plain[33:]...)
	for name, data := range map[string][]byte{
		"progressive JPEG": testdata(t, "progressive.jpg"), "JPEG with a thumbnail": withThumbnail,
		"PNG with a packed text": withText, "animated PNG": animated,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := images(t, b, data, "", squares, 1)
			must(t, err)
			looksLike(t, decoded(t, got[0]), 64, 48)
			if bytes.Contains(got[0].Bytes, []byte("SecretCam")) {
				t.Error("metadata got through")
			}
		})
	}
	t.Run("CMYK JPEG", func(t *testing.T) {
		t.Parallel()
		got, err := images(t, b, testdata(t, "cmyk.jpg"), "", squares, 1)
		must(t, err)
		m := decoded(t, got[0])
		near(t, m, 2, 2, color.RGBA{255, 255, 255, 255})
		if r, _, _, _ := m.At(128-16, 128+12).RGBA(); r > 0x6000 {
			t.Errorf("blue is %v", m.At(128-16, 128+12))
		}
	})
	t.Run("16-bit PNG", func(t *testing.T) {
		t.Parallel()
		deep := image.NewNRGBA64(image.Rect(0, 0, 64, 48))
		for y := range 48 {
			for x := range 64 {
				deep.Set(x, y, sceneOf(64, 48).At(x, y))
			}
		}
		got, err := images(t, b, pngFile(t, deep, 0), "", squares, 1)
		must(t, err)
		looksLike(t, decoded(t, got[0]), 64, 48)
	})
	t.Run("animated AVIF", func(t *testing.T) {
		t.Parallel()
		got, err := images(t, b, testdata(t, "film.avif"), "", squares, 1)
		must(t, err)
		near(t, decoded(t, got[0]), 128, 128, color.RGBA{255, 0, 0, 255})
	})
}

func TestChunkLongerThanTheFileIsNoPicture(t *testing.T) {
	t.Parallel()
	plain := pngFile(t, sceneOf(64, 48), 0)
	chunk := append(binary.BigEndian.AppendUint32(nil, 2<<30-1), "zTXtComment\x00\x00"...)
	_, err := images(t, newBox(t), append(append(bytes.Clone(plain[:33]), chunk...), plain[33:]...), "", squares, 1)
	if verdict(t, err) != media.Unreadable {
		t.Error(err)
	}
}

func TestFilesThatAreNotReadSayWhatToDo(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for name, c := range map[string]struct {
		data string
		do   string
	}{
		"drawing.svg": {`<svg xmlns="http://www.w3.org/2000/svg"/>`, "as PNG"},
		"letter.rtf":  {`{\rtf1\ansi Dear Ann}`, "as PDF"},
		"old.doc":     {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "as PDF"},
		"data.bin":    {"\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 100), "I can read"},
	} {
		_, err := b.Load(t.Context(), strings.NewReader(c.data), name)
		if verdict(t, err) != media.Unsupported || !strings.Contains(err.Error(), c.do) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPlaylistsOpenNothing(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	r := &recording{}
	r.pause(1e9)
	secret := filepath.Join(t.TempDir(), "secret.wav")
	must(t, os.WriteFile(secret, r.wav(), 0o600))
	b := newBox(t)
	for name, target := range map[string]string{"a file": "file:" + secret, "an address": server.URL + "/secret.wav"} {
		for sort, list := range map[string]string{
			"m3u8":           "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n" + target + "\n#EXT-X-ENDLIST\n",
			"m3u8 after ID3": "ID3\x03\x00\x00\x00\x00\x00\x00#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n" + target + "\n#EXT-X-ENDLIST\n",
			"concat":         "ffconcat version 1.0\nfile '" + target + "'\n",
			"sdp":            "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\na=control:" + target + "\n",
		} {
			f, err := b.Load(t.Context(), strings.NewReader(list), "voice.mp3")
			if err != nil {
				verdict(t, err)
				continue
			}
			for p, err := range f.Pieces(t.Context()) {
				if verdict(t, err) == "" {
					t.Errorf("%s of %s gave %v", sort, name, p.To)
				}
			}
			must(t, f.Close())
		}
	}
	if asked.Load() > 0 {
		t.Error("an address was asked")
	}
}
