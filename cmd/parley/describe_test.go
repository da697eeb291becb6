package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/llm/llmsim"
)

// watcher answers with what kind of prompt it gets: so many pictures, or the text of a document.
func watcher() llmsim.Responder {
	return llmsim.ResponderFunc(func(_ context.Context, r llmsim.Request) llmsim.Reply {
		last := r.Messages[len(r.Messages)-1]
		switch {
		case strings.Contains(last.Text, "alt text"):
			return llmsim.Say("A red field fills the picture, and nothing else is there. It is red.")
		case len(last.Images) > 0:
			return llmsim.Say("A red field.\x1b[31m")
		case strings.Contains(last.Text, "You are a translator"):
			return llmsim.Say("UEBERSETZT")
		case strings.Contains(last.Text, "Ana owes five"):
			return llmsim.Say("A list of debts.")
		}
		return llmsim.Say("ready")
	})
}

// seeing is the change of the environment for a model that sees.
func seeing() map[string]string { return map[string]string{"LLM_VISION": "on"} }

// place puts a file into a directory and gives its path.
func place(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func redPNG(t *testing.T) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 300, 200), color.Palette{color.NRGBA{R: 230, A: 255}})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDescribeTellsWhatAPictureShows(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	picture := place(t, t.TempDir(), "a.png", redPNG(t))
	code, stdout, stderr := w.run(t, seeing(), "", "describe", picture)
	if code != exitOK || stdout != "A red field.[31m\n" || stderr != "" {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if requests := w.model.Requests(); len(requests) != 1 || len(requests[0].Messages[0].Images) != 1 {
		t.Errorf("one picture costs %d requests", len(requests))
	}
	code, stdout, _ = w.run(t, seeing(), "", "describe", "--alt", picture)
	if code != exitOK || stdout != "A red field fills the picture, and nothing else is there.\n" {
		t.Errorf("alt text: exit %d, %q", code, stdout)
	}
	code, stdout, stderr = w.run(t, seeing(), string(redPNG(t)), "describe", "-")
	if code != exitOK || !strings.HasPrefix(stdout, "A red field.") {
		t.Errorf("standard input: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestABadFileDoesNotLoseTheOthers(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	dir := t.TempDir()
	files := []string{place(t, dir, "bad.png", redPNG(t)[:60]), place(t, dir, "a.png", redPNG(t)), filepath.Join(dir, "none.png"), dir, place(t, dir, "d.txt", []byte("Ana owes five\n"))}
	code, stdout, stderr := w.run(t, seeing(), "", append([]string{"describe"}, files...)...)
	want := "==> " + files[1] + " <==\nA red field.[31m\n\n==> " + files[4] + " <==\nA list of debts.\n"
	if code != exitFault || stdout != want {
		t.Errorf("exit %d, stdout %q, want %q", code, stdout, want)
	}
	for _, line := range []string{files[0] + ": The picture is damaged", files[2] + ": cannot be opened: no such file", dir + ": cannot be opened: it is a directory"} {
		if !strings.Contains(stderr, "parley: "+line) {
			t.Errorf("stderr lacks %q:\n%s", line, stderr)
		}
	}
	if n := strings.Count(stderr, "\n"); n != 3 {
		t.Errorf("%d lines for three bad files:\n%s", n, stderr)
	}
}

func TestDescribeAsJSON(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	dir := t.TempDir()
	good, bad := place(t, dir, "a.png", redPNG(t)), place(t, dir, "x.bin", []byte{0, 1, 2, 3})
	code, stdout, stderr := w.run(t, seeing(), "", "describe", "--json", good, bad)
	var got []perceived
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitFault || stderr != "" {
		t.Fatalf("exit %d, %v, stdout %q, stderr %q", code, err, stdout, stderr)
	}
	if len(got) != 2 || got[0].File != good || got[0].Kind != "image" || got[0].Verdict != "described" || !strings.HasPrefix(got[0].Description, "A red") || got[0].Usage.Output == 0 || got[0].Seconds <= 0 {
		t.Errorf("a good file: %+v", got)
	}
	if got[1].Verdict != "unsupported" || got[1].Error == "" || got[1].Description != "" {
		t.Errorf("a bad file: %+v", got[1])
	}
}

func TestWithoutEyesOneSentenceIsSaid(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	picture := place(t, t.TempDir(), "a.png", redPNG(t))
	code, stdout, stderr := w.run(t, nil, "", "describe", picture)
	if code != exitFault || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "cannot see pictures, and no other is set up that can. Set VISION_MODEL") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if n := len(w.model.Requests()); n != 0 {
		t.Errorf("%d requests to a model that does not see", n)
	}
	eyes := llmsim.New(llmsim.Options{Responder: watcher(), Model: "eyes", Key: "eyes-secret"})
	if err := eyes.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = eyes.Close() })
	elsewhere := map[string]string{"VISION_BASE_URL": eyes.URL(), "VISION_MODEL": "eyes", "VISION_API_KEY": "eyes-secret"}
	if code, stdout, stderr := w.run(t, elsewhere, "", "describe", picture); code != exitOK || !strings.HasPrefix(stdout, "A red field.") {
		t.Errorf("with VISION_MODEL: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	elsewhere["VISION_API_KEY"] = "wrong-secret"
	if code, _, stderr := w.run(t, elsewhere, "", "describe", picture); code != exitFault || !strings.Contains(stderr, "check VISION_API_KEY") || strings.Contains(stderr, "wrong-secret") {
		t.Errorf("with a wrong key: exit %d, stderr %q", code, stderr)
	}
}

func TestAModelThatIsDownIsToldAsSuch(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	picture := place(t, t.TempDir(), "a.png", redPNG(t))
	for _, vision := range []string{"auto", "on"} {
		change := map[string]string{"LLM_API_KEY": "wrong-secret", "LLM_VISION": vision}
		code, _, stderr := w.run(t, change, "", "describe", picture)
		if code != exitFault || !strings.Contains(stderr, "check LLM_API_KEY") || strings.Contains(stderr, "wrong-secret") {
			t.Errorf("LLM_VISION=%s: exit %d, stderr %q", vision, code, stderr)
		}
	}
}

func TestDescribeRefusesABadCommandLine(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	picture := place(t, t.TempDir(), "a.png", redPNG(t))
	for name, tt := range map[string]struct {
		change map[string]string
		args   []string
		say    string
	}{
		"no file":           {nil, []string{"describe"}, "name at least one file"},
		"bad configuration": {map[string]string{"VISION_API_KEY": "x"}, []string{"describe", picture}, "VISION_MODEL:"},
		"no key":            {map[string]string{"LLM_BASE_URL": "", "LLM_API_KEY": ""}, []string{"describe", picture}, "TOGETHER_API_KEY"},
		"no language":       {nil, []string{"transcribe", "--to", "a;b", picture}, "--to German"},
	} {
		if code, stdout, stderr := w.run(t, tt.change, "", tt.args...); code != exitConfig || stdout != "" || !strings.Contains(stderr, tt.say) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", name, code, stdout, stderr)
		}
	}
}

func TestDescribeStopsWhenTold(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	picture := place(t, t.TempDir(), "a.png", redPNG(t))
	held := make(chan struct{})
	t.Cleanup(func() { close(held) })
	w.model.Enqueue(llmsim.Reply{Text: "late", Hold: held})
	p := w.start(t, seeing(), "describe", picture, picture)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := w.model.WaitRequests(ctx, 1); err != nil {
		t.Fatalf("%v, stderr %q", err, p.log())
	}
	if code := signalTerm(t, p); code != exitFault || p.log() != "parley: "+picture+": stopped before the end\n" {
		t.Errorf("exit %d, stderr %q", code, p.log())
	}
}
