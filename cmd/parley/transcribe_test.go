package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/llm/llmsim"
	"parley/llm/media"
)

// withFFmpeg skips a test where sound cannot be cut.
func withFFmpeg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("needs ffmpeg")
	}
}

// hum is a recording in which something can be heard, with a pause after each 29 seconds.
func hum(length time.Duration) []byte {
	wav := silence(length)
	for i := 44; i+1 < len(wav); i += 2 {
		if n := (i - 44) / 2; n/16000%30 != 29 && n/40%2 == 0 {
			wav[i+1] = 0x20
		}
	}
	return wav
}

func TestTranscribeWritesDownWhatIsSaid(t *testing.T) {
	t.Parallel()
	withFFmpeg(t)
	w := newTown(t, watcher())
	dir := t.TempDir()
	note, picture := place(t, dir, "note.wav", hum(2*time.Second)), place(t, dir, "a.png", redPNG(t))
	w.model.EnqueueSpeech(llmsim.Say("Hello\x1b]0;x\a there."))
	code, stdout, stderr := w.run(t, nil, "", "transcribe", picture, note)
	if code != exitFault || stdout != "==> "+note+" <==\nHello]0;x there.\n" || stderr != "parley: "+picture+": This is neither sound nor film but a picture; parley describe takes it.\n" {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	w.model.EnqueueSpeech(llmsim.Say("Hello there."))
	if code, stdout, stderr := w.run(t, nil, "", "describe", note); code != exitOK || stdout != "Hello there.\n" {
		t.Errorf("describe: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestTranscribeTranslates(t *testing.T) {
	t.Parallel()
	withFFmpeg(t)
	w := newTown(t, watcher())
	note := place(t, t.TempDir(), "note.wav", hum(time.Second))
	w.model.EnqueueSpeech(llmsim.Say("What time is it?"), llmsim.Say("What time is it?"))
	if code, stdout, stderr := w.run(t, nil, "", "transcribe", "--to", "de", note); code != exitOK || stdout != "UEBERSETZT\n" {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if prompt := w.model.Requests()[0].Messages[0].Text; !strings.Contains(prompt, "into German") || !strings.Contains(prompt, "\n    What time is it?\n") {
		t.Errorf("the model is asked:\n%s", prompt)
	}
	w.model.Enqueue(llmsim.Fail(http.StatusBadRequest, "no"))
	code, stdout, stderr := w.run(t, nil, "", "transcribe", "--to", "de", note)
	if code != exitFault || stdout != "What time is it?\n" || !strings.Contains(stderr, "not translated:") {
		t.Errorf("without a translation: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestTranscribeTellsTimes(t *testing.T) {
	t.Parallel()
	withFFmpeg(t)
	w := newTown(t, watcher())
	note := place(t, t.TempDir(), "long.wav", hum(50*time.Second))
	w.model.EnqueueSpeech(llmsim.Say("One."), llmsim.Say("Two."))
	code, stdout, stderr := w.run(t, nil, "", "transcribe", "--json", note)
	var got []perceived
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitOK || len(got) != 1 {
		t.Fatalf("exit %d, %v, stdout %q, stderr %q", code, err, stdout, stderr)
	}
	p := got[0]
	if p.Kind != "audio" || p.Verdict != "transcribed" || p.Transcript != "One. Two." || p.Language != "en" || len(p.Segments) != 2 {
		t.Fatalf("%+v", p)
	}
	first, second := p.Segments[0], p.Segments[1]
	if first.Text != "One." || second.Text != "Two." || first.From != 0 || first.To > 30 || second.From < first.To-1 || second.From > first.To || second.To < 49.5 || second.To > 50.5 {
		t.Errorf("segments %+v", p.Segments)
	}
}

func TestWhatWasHeardIsKeptWhenTheRestFails(t *testing.T) {
	t.Parallel()
	withFFmpeg(t)
	w := newTown(t, watcher())
	note := place(t, t.TempDir(), "long.wav", hum(50*time.Second))
	w.model.EnqueueSpeech(llmsim.Say("One."), llmsim.Fail(http.StatusUnauthorized, "key expired"))
	code, stdout, stderr := w.run(t, nil, "", "transcribe", note)
	if code != exitFault || stdout != "One.\n" || !strings.Contains(stderr, "the transcript ends at 0:") || !strings.Contains(stderr, "LLM_API_KEY") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestTranscribeWithoutFFmpeg(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	dir := t.TempDir()
	bare := map[string]string{"PATH": dir}
	note := place(t, dir, "note.wav", hum(time.Second))
	w.model.EnqueueSpeech(llmsim.Say("As it is."))
	if code, stdout, stderr := w.run(t, bare, "", "transcribe", note); code != exitOK || stdout != "As it is.\n" {
		t.Errorf("what the server takes: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	other := place(t, dir, "note.amr", append([]byte("#!AMR\n"), make([]byte, 200)...))
	if code, stdout, stderr := w.run(t, bare, "", "transcribe", other); code != exitFault || stdout != "" || !strings.Contains(stderr, "apt install ffmpeg") {
		t.Errorf("what it does not take: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestDescribeLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	dir, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	picture := place(t, t.TempDir(), "a.png", redPNG(t))
	change := map[string]string{"LLM_VISION": "on", "TMPDIR": dir, "DATA_DIR": data, "DATABASE_URL": ""}
	if code, _, stderr := w.run(t, change, "", "describe", picture); code != exitOK {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("DATA_DIR was made for nothing")
	}
}

func TestDescribeSweepsWhatAKilledRunLeft(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	tmp, long := t.TempDir(), time.Now().Add(-time.Hour)
	dead := filepath.Join(tmp, sensesDir+"1")
	if err := os.MkdirAll(filepath.Join(dead, "media", "media-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	place(t, filepath.Join(dead, "media", "media-1"), "file-1", redPNG(t))
	alive, held, err := media.TempDir(tmp, sensesDir)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close() //nolint:errcheck // the directory goes with the test
	for _, dir := range []string{dead, alive} {
		if err := os.Chtimes(dir, long, long); err != nil {
			t.Fatal(err)
		}
	}
	change := map[string]string{"LLM_VISION": "on", "TMPDIR": tmp}
	if code, _, stderr := w.run(t, change, "", "describe", place(t, t.TempDir(), "a.png", redPNG(t))); code != exitOK {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) != 1 || left[0].Name() != filepath.Base(alive) {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPassagesCutBetweenSentences(t *testing.T) {
	t.Parallel()
	words := func(s string) int { return len(strings.Fields(s)) }
	text := strings.Repeat("One two three four. Five six? ", 40)
	all := passages(text, 12, words)
	for _, p := range all {
		if words(p) > 12 || !strings.HasSuffix(p, ".") && !strings.HasSuffix(p, "?") {
			t.Errorf("passage %q", p)
		}
	}
	if strings.Join(all, " ") != strings.TrimSpace(text) {
		t.Error("words were lost, doubled or moved")
	}
	bytes := func(s string) int { return len(s) }
	if got := strings.Join(passages(strings.Repeat("界", 50), 10, bytes), ""); got != strings.Repeat("界", 50) {
		t.Errorf("a text without spaces becomes %q", got)
	}
	if got := passages("界界", 1, bytes); len(got) != 2 {
		t.Errorf("what cannot be cut: %q", got)
	}
}

func TestAFilmWithoutSound(t *testing.T) {
	t.Parallel()
	withFFmpeg(t)
	mute := filepath.Join(t.TempDir(), "mute.mp4")
	film := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=red:s=64x48:d=2", "-c:v", "mpeg4", mute)
	if out, err := film.CombinedOutput(); err != nil {
		t.Skipf("this ffmpeg makes no film: %s", out)
	}
	w := newTown(t, watcher())
	for name, c := range map[string]struct {
		env            map[string]string
		command        string
		code           int
		stdout, stderr string
	}{
		"has nothing to write down":            {nil, "transcribe", exitFault, "", "This film has no sound track."},
		"is described by its frames":           {seeing(), "describe", exitOK, "A red field.", ""},
		"is not described by one who is blind": {map[string]string{"LLM_VISION": "off"}, "describe", exitFault, "", "my model cannot see pictures. Set VISION_MODEL"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := w.run(t, c.env, "", c.command, mute)
			if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || strings.Contains(stderr, "damaged") || c.stderr == "" && stderr != "" {
				t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

func TestTranscribeKnowsLanguages(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{"de": "German", " DE ": "German", "German": "German", "romanian": "romanian", "Lao": "Lao", "中文": "中文", "": ""} {
		if got, err := languageOf(to); got != want || err != nil {
			t.Errorf("--to %q is %q, %v", to, got, err)
		}
	}
	w := newTown(t, watcher())
	for _, to := range []string{"xx", "XX", "qqq", "12", "x; y"} {
		code, stdout, stderr := w.run(t, nil, "", "transcribe", "--to", to, "note.wav")
		if code != exitConfig || stdout != "" || !strings.Contains(stderr, "--to German") {
			t.Errorf("--to %q: exit %d, stdout %q, stderr %q", to, code, stdout, stderr)
		}
	}
}
