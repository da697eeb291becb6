package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parley/llm/llmsim"
)

func TestDoctorTellsWhatTheModelsTake(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	deaf := llmsim.New(llmsim.Options{Responder: watcher(), Key: "model-secret", NoSpeech: true, NoImages: true})
	if err := deaf.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = deaf.Close() })
	type line struct {
		name   string
		ok     bool
		detail string
	}
	for name, tt := range map[string]struct {
		change map[string]string
		code   int
		lines  []line
	}{
		"in order": {seeing(), exitOK, []line{{"model text", true, "yes"}, {"model image", true, "yes, set by the operator"},
			{"model audio", true, "no, as is known of together; speech goes to TRANSCRIBE_MODEL"}, {"model window", true, "32768 tokens"}, {"transcribe", true, "openai/whisper-large-v3 answered"}, {"ffmpeg", true, "ffmpeg"}}},
		"nobody hears or sees": {map[string]string{"LLM_BASE_URL": deaf.URL(), "LLM_VISION": "auto"}, exitOK, []line{
			{"model image", true, "no, by a probe"}, {"transcribe", true, "the chat server writes no speech down"}}},
		"no such ears":     {map[string]string{"TRANSCRIBE_MODEL": "none"}, exitFault, []line{{"transcribe", false, "model not found"}}},
		"no such eyes":     {map[string]string{"VISION_MODEL": "none"}, exitFault, []line{{"vision", false, "model not found"}}},
		"eyes that do not": {map[string]string{"VISION_MODEL": llmsim.DefaultModel, "VISION_BASE_URL": deaf.URL(), "VISION_API_KEY": "model-secret"}, exitFault, []line{{"vision", false, "does not see, by a probe"}}},
		"ears out of reach, and no chat model": {map[string]string{"LLM_BASE_URL": "", "LLM_API_KEY": "", "TRANSCRIBE_BASE_URL": "http://" + freePort(t) + "/v1"}, exitFault,
			[]line{{"model", false, "no key"}, {"transcribe", false, "cannot reach"}}},
		"ears with a price": {map[string]string{"TRANSCRIBE_PRICE": "0.006"}, exitOK, []line{{"transcribe", true, ", $0.006 a minute"}}},
		"no ffmpeg":         {map[string]string{"PATH": t.TempDir()}, exitOK, []line{{"ffmpeg", true, "ffmpeg and ffprobe not found"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := w.run(t, tt.change, "", "doctor", "--json")
			var report struct{ Findings []finding }
			if err := json.Unmarshal([]byte(stdout), &report); err != nil || code != tt.code {
				t.Fatalf("exit %d, want %d: %v\n%s%s", code, tt.code, err, stdout, stderr)
			}
			for _, want := range tt.lines {
				if !hasLine(report.Findings, want.name, want.ok, want.detail) {
					t.Errorf("no line %+v in\n%s", want, stdout)
				}
			}
		})
	}
}

// hasLine reports whether a finding has that name and verdict, and a detail that holds the words.
func hasLine(all []finding, name string, ok bool, detail string) bool {
	return slices.ContainsFunc(all, func(f finding) bool {
		return f.Name == name && f.OK == ok && strings.Contains(f.Detail, detail) && (f.OK || f.Hint != "")
	})
}
