package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/llm/media"
)

const rate = 16000

// spoken is one word of a recording, with the time at which it is heard.
type spoken struct {
	word     string
	from, to time.Duration
}

// recording is sound of which every word's time is known.
type recording struct {
	pcm    []int16
	words  []spoken
	pauses [][2]time.Duration
}

func (r *recording) now() time.Duration { return time.Duration(len(r.pcm)) * time.Second / rate }

func (r *recording) say(word string, pcm []int16) {
	from := r.now()
	r.pcm = append(r.pcm, pcm...)
	r.words = append(r.words, spoken{word, from, r.now()})
}

func (r *recording) pause(d time.Duration) {
	from := r.now()
	r.pcm = append(r.pcm, make([]int16, d*rate/time.Second)...)
	r.pauses = append(r.pauses, [2]time.Duration{from, r.now()})
}

// hear simulates a recogniser: it gives the words that lie in the piece. A word of which a part was cut off is heard as
// that part of its letters.
func (r *recording) hear(p media.Piece) string {
	var heard []string
	for _, w := range r.words {
		from, to := max(w.from, p.From), min(w.to, p.To)
		if to <= from {
			continue
		}
		letters := float64(len(w.word)) / float64(w.to-w.from)
		first := int(float64(from-w.from)*letters + 0.5)
		last := int(float64(to-w.from)*letters + 0.5)
		if last > first {
			heard = append(heard, w.word[first:last])
		}
	}
	return strings.Join(heard, " ")
}

func (r *recording) text() string {
	var words []string
	for _, w := range r.words {
		words = append(words, w.word)
	}
	return strings.Join(words, " ")
}

func (r *recording) wav() []byte {
	var b bytes.Buffer
	b.WriteString("RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data\xff\xff\xff\xff")
	if err := binary.Write(&b, binary.LittleEndian, r.pcm); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// vocabulary holds words that differ, some of them the beginning of others.
var vocabulary = strings.Fields(`the quick brown fox jumps over a lazy dog while seven green boats sail past old stone bridges and
	nobody in town can tell why market bells ring so early on monday morning after rain has washed every narrow street clean we met
	them there then they left with bread cheese apples wine two maps one red lamp plus some rope for climbing down into deep caves
	below hills where cold water runs under ice until spring comes back again`)

// voices speaks each word of the vocabulary once, without the silence around it.
func voices(t *testing.T) map[string][]int16 {
	t.Helper()
	program, err := exec.LookPath("espeak-ng")
	if err != nil {
		t.Skip("espeak-ng is not installed")
	}
	said := map[string][]int16{}
	for _, word := range vocabulary {
		if said[word] != nil {
			continue
		}
		wav, err := exec.CommandContext(t.Context(), program, "-s", "200", "--stdout", word).Output()
		if err != nil {
			t.Fatalf("speak %q: %v", word, err)
		}
		said[word] = trim(resample(wav[44:]))
	}
	return said
}

// resample takes espeak's 22,050 Hz to 16 kHz; linear interpolation is good enough for a test.
func resample(data []byte) []int16 {
	in := make([]int16, len(data)/2)
	for i := range in {
		in[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
	}
	out := make([]int16, len(in)*rate/22050)
	for i := range out {
		at := float64(i) * 22050 / rate
		k := int(at)
		if k+1 < len(in) {
			out[i] = int16(float64(in[k])*(1-at+float64(k)) + float64(in[k+1])*(at-float64(k)))
		}
	}
	return out
}

func trim(pcm []int16) []int16 {
	loud := func(s int16) bool { return s > 300 || s < -300 }
	first := slices.IndexFunc(pcm, loud)
	last := len(pcm)
	for last > first+1 && !loud(pcm[last-1]) {
		last--
	}
	return pcm[max(0, first):last]
}

// speech makes a recording of at least the length: sentences with pauses between them, or one stream of words.
func speech(t *testing.T, length time.Duration, pauses bool) *recording {
	said := voices(t)
	random := rand.New(rand.NewPCG(7, 11))
	r := &recording{}
	before := ""
	for r.now() < length {
		for range 6 + random.IntN(9) {
			word := vocabulary[random.IntN(len(vocabulary))]
			if word == before {
				continue
			}
			before = word
			r.say(word, said[word])
		}
		if pauses {
			r.pause(time.Duration(250+random.IntN(450)) * time.Millisecond)
		}
	}
	return r
}

func newBox(t testing.TB) *media.Box {
	t.Helper()
	box, err := media.New(media.Options{Dir: t.TempDir(), Cache: cache, Self: []string{os.Args[0], "media-worker"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return box
}

func load(t testing.TB, box *media.Box, data []byte, name string) *media.File {
	t.Helper()
	f, err := box.Load(t.Context(), bytes.NewReader(data), name)
	if err != nil {
		t.Fatalf("load %s: %v", name, err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// needFFmpeg skips a test where ffmpeg is not installed.
func needFFmpeg(t testing.TB) string {
	t.Helper()
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	return program
}

// encode converts sound or film with ffmpeg, as the platforms' recorders do.
func encode(t testing.TB, in []byte, ext string, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "in"), filepath.Join(dir, "out."+ext)
	if err := os.WriteFile(from, in, 0o600); err != nil {
		t.Fatal(err)
	}
	args = append(append([]string{"-nostdin", "-v", "error", "-i", from}, args...), to)
	if out, err := exec.CommandContext(t.Context(), needFFmpeg(t), args...).CombinedOutput(); err != nil {
		t.Skipf("this ffmpeg cannot make %s: %s", ext, out)
	}
	data, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func pieces(t testing.TB, ctx context.Context, f *media.File) []media.Piece {
	t.Helper()
	var list []media.Piece
	for p, err := range f.Pieces(ctx) {
		if err != nil {
			t.Fatalf("after %d pieces: %v", len(list), err)
		}
		list = append(list, p)
	}
	return list
}

// checkCover holds the pieces to the limits: in order, without a gap, none over 30 s, to the end.
func checkCover(t *testing.T, list []media.Piece, length, tolerance time.Duration) {
	t.Helper()
	covered := time.Duration(0)
	for i, p := range list {
		if p.N != i+1 {
			t.Errorf("piece %d has number %d", i+1, p.N)
		}
		if p.To-p.From > 30*time.Second || p.To <= p.From {
			t.Errorf("piece %d is %v long", p.N, p.To-p.From)
		}
		if p.From+p.Overlap != covered {
			t.Errorf("piece %d begins at %v with overlap %v; the one before ends at %v", p.N, p.From, p.Overlap, covered)
		}
		if want := 44 + 2*int((p.To-p.From)*rate/time.Second); len(p.WAV) != want {
			t.Errorf("piece %d has %d bytes of WAV, want %d", p.N, len(p.WAV), want)
		}
		covered = p.To
	}
	if covered < length-tolerance || covered > length+tolerance {
		t.Errorf("pieces cover %v of %v", covered, length)
	}
}

func TestTenMinutesOfSpeech(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	r := speech(t, 10*time.Minute, true)
	box := newBox(t)
	for _, format := range []struct {
		ext   string
		args  []string
		slack time.Duration // what the codec shifts or pads
	}{
		{"wav", nil, 0},
		{"ogg", []string{"-c:a", "libopus", "-b:a", "32k"}, 30 * time.Millisecond},
		{"m4a", []string{"-c:a", "aac"}, 150 * time.Millisecond},
	} {
		t.Run(format.ext, func(t *testing.T) {
			t.Parallel()
			data := r.wav()
			if format.args != nil {
				data = encode(t, data, format.ext, format.args...)
			}
			f := load(t, box, data, "note."+format.ext)
			sound, err := f.Sound(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !sound.Track || sound.Film || (sound.Duration-r.now()).Abs() > time.Second {
				t.Errorf("probe says %+v of %v", sound, r.now())
			}
			start := time.Now()
			list := pieces(t, t.Context(), f)
			t.Logf("%d pieces in %v", len(list), time.Since(start))
			checkCover(t, list, r.now(), format.slack)
			var joiner media.Joiner
			for i, p := range list {
				if i > 0 && p.Overlap > 0 {
					t.Errorf("piece %d was cut in speech", p.N)
				}
				if i > 0 && !inPause(r, p.From, format.slack) {
					t.Errorf("piece %d begins at %v, in no pause", p.N, p.From)
				}
				joiner.Add(r.hear(p), p.Overlap)
			}
			checkWords(t, joiner.String(), r.text())
		})
	}
}

func inPause(r *recording, at, tolerance time.Duration) bool {
	return slices.ContainsFunc(r.pauses, func(p [2]time.Duration) bool {
		return p[0]-tolerance <= at && at <= p[1]+tolerance
	})
}

func checkWords(t *testing.T, got, want string) {
	t.Helper()
	a, b := strings.Fields(got), strings.Fields(want)
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("word %d of %d differs:\n%s\nwant\n%s", i, len(b),
				fmt.Sprint(a[max(0, i-5):min(len(a), i+6)]), fmt.Sprint(b[max(0, i-5):min(len(b), i+6)]))
		}
	}
}

func TestSpeechWithoutPauses(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	r := speech(t, 4*time.Minute, false)
	list := pieces(t, t.Context(), load(t, newBox(t), r.wav(), "rap.wav"))
	checkCover(t, list, r.now(), 0)
	var joiner media.Joiner
	overlaps := 0
	for _, p := range list {
		if p.Overlap > 0 {
			overlaps++
		}
		joiner.Add(r.hear(p), p.Overlap)
	}
	if overlaps == 0 {
		t.Error("no piece overlaps the one before")
	}
	checkWords(t, joiner.String(), r.text())
}
