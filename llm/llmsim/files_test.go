package llmsim_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"

	"parley/llm"
	"parley/llm/llmsim"
)

// square is a picture of one colour.
func square(t *testing.T, side int) llm.Image {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.NRGBA{R: 230, G: 20, B: 20, A: 255}})); err != nil {
		t.Fatal(err)
	}
	return llm.Image{MIME: "image/png", Bytes: file.Bytes()}
}

// wav is silence of some length, 16 kHz mono.
func wav(length time.Duration) []byte {
	data := int(length.Seconds()*16000) * 2
	var b bytes.Buffer
	b.WriteString("RIFF\x00\x00\x00\x00WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(16000), uint32(32000), uint16(2), uint16(16)} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(data))
	b.Write(make([]byte, data))
	return b.Bytes()
}

func with(text string, files ...llm.Part) llm.Request {
	return llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: append(files, llm.Text{Text: text})}}, Purpose: "test"}
}

// TestEyesAndEarsOfEveryServer: what a client makes of a server that sees, and of one that does not, and that a refusal is
// taken for what it is.
func TestEyesAndEarsOfEveryServer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		dialect           llmsim.Dialect
		seeing, blind     string // where the client knows it from
		hears             llm.Ability
		deaf, blindRefuse llm.Kind // of sound, and of pictures for a model that takes none; "" where they are passed over
	}{
		{llmsim.Together, "a probe", "a probe", llm.No, llm.KindModality, llm.KindModality},
		{llmsim.VLLM, "known of vllm", "known of vllm", llm.Yes, "", llm.KindModality},
		{llmsim.VLLMOld, "known of vllm", "known of vllm", llm.Yes, "", llm.KindModality},
		{llmsim.LlamaCpp, "/props", "/props", llm.No, llm.KindModality, llm.KindModality},
		{llmsim.Ollama, "/api/show", "/api/show", llm.No, "", ""},
		{llmsim.LMStudio, "/api/v1/models", "/api/v1/models", llm.No, llm.KindModality, llm.KindModality},
		{llmsim.TGI, "a probe", "a probe", llm.Unknown, llm.KindModality, llm.KindModality},
		{llmsim.Google, "a probe", "a probe", llm.Unknown, llm.KindModality, llm.KindModality},
	} {
		t.Run(string(tc.dialect), func(t *testing.T) {
			t.Parallel()
			picture, sound := square(t, 64), llm.Audio{Format: "wav", Bytes: wav(time.Second)}
			seeing := client(t, start(t, llmsim.Options{Dialect: tc.dialect}), nil)
			got, err := seeing.Abilities(t.Context())
			if err != nil || got.Sees != (llm.Finding{Ability: llm.Yes, Source: tc.seeing}) || got.Hears.Ability != tc.hears {
				t.Errorf("seeing: %+v, %v", got, err)
			}
			if _, err := seeing.Complete(t.Context(), with("what?", sound)); llm.KindOf(err) != tc.deaf {
				t.Errorf("sound: %v", err)
			}
			if p := seeing.Profile(); p.Hears != (tc.hears == llm.Yes) || !p.Sees {
				t.Errorf("after sound: %+v", p)
			}
			blind := client(t, start(t, llmsim.Options{Dialect: tc.dialect, NoImages: true}), nil)
			known := llm.No
			if tc.blind == "known of vllm" {
				known = llm.Yes // until it refuses
			}
			if got, err = blind.Abilities(t.Context()); err != nil || got.Sees != (llm.Finding{Ability: known, Source: tc.blind}) {
				t.Errorf("blind: %+v, %v", got, err)
			}
			if _, err := blind.Complete(t.Context(), with("what?", picture)); llm.KindOf(err) != tc.blindRefuse {
				t.Errorf("picture: %v", err)
			}
			if _, _, fail := streamed(t, blind, with("what?", picture)); kind(fail) != tc.blindRefuse {
				t.Errorf("picture, streamed: %v", fail)
			}
			if blind.Profile().Sees {
				t.Error("pictures are sent still")
			}
		})
	}
}

func TestFilesAreCountedByTheServersRule(t *testing.T) {
	t.Parallel()
	for dialect, want := range map[llmsim.Dialect]struct{ small, large int }{llmsim.Together: {1601, 6404}, llmsim.LlamaCpp: {260, 260}} {
		s := start(t, llmsim.Options{Dialect: dialect})
		c := client(t, s, nil)
		for _, req := range []llm.Request{ask("what?"), with("what?", square(t, 559)), with("what?", square(t, 600))} {
			if _, err := c.Complete(t.Context(), req); err != nil {
				t.Fatal(err)
			}
		}
		all := s.Requests()
		if small, large := all[1].Tokens-all[0].Tokens, all[2].Tokens-all[0].Tokens; small != want.small || large != want.large {
			t.Errorf("%s: %d and %d, want %+v", dialect, small, large, want)
		}
	}
	s := start(t, llmsim.Options{Dialect: llmsim.VLLM})
	c := client(t, s, nil)
	for _, req := range []llm.Request{ask("what?"), with("what?", llm.Audio{Format: "wav", Bytes: wav(2 * time.Second)})} {
		if _, err := c.Complete(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	if all := s.Requests(); all[1].Tokens-all[0].Tokens != 190 {
		t.Errorf("a recording costs %d", all[1].Tokens-all[0].Tokens)
	}
}

func TestModelHears(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{Dialect: llmsim.VLLM, Hear: func(file []byte) string { return "heard " + string(file[:4]) }})
	got, err := client(t, s, nil).Complete(t.Context(), with("Transcribe the following speech segment in its original language.", llm.Audio{Format: "wav", Bytes: wav(time.Second)}))
	if err != nil || got.Text != "heard RIFF" {
		t.Errorf("got %+v, %v", got, err)
	}
	if m := s.Requests()[0].Messages[0]; len(m.Audio) != 1 || m.Audio[0].Format != "wav" || m.Audio[0].Heard != "heard RIFF" {
		t.Errorf("journal: %+v", m.Audio)
	}
}

func TestSpeechToText(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{NoSpeechFormats: []string{"verbose_json"}})
	c := client(t, s, func(o *llm.Options) { o.Model = "openai/whisper-large-v3" })
	got, err := c.Transcribe(t.Context(), llm.TranscribeRequest{Bytes: wav(1500 * time.Millisecond)})
	if err != nil || got.Text != "[No speech recognition in the offline demo: 1.5 seconds of sound.]" {
		t.Errorf("got %+v, %v", got, err)
	}
	all := s.Uploads()
	if len(all) != 2 || all[0].Status != 400 || all[1].Status != 200 || all[1].Fields["response_format"] != "json" || all[1].Order[0] != "model" || all[1].Name != "audio.wav" {
		t.Errorf("uploads: %+v", all)
	}
	s.EnqueueSpeech(llmsim.Overloaded(), llmsim.Say("Hello there"))
	if _, err := c.Transcribe(t.Context(), llm.TranscribeRequest{Bytes: wav(time.Second)}); llm.KindOf(err) != llm.KindOverloaded {
		t.Errorf("got %v", err)
	}
	if got, err := c.Transcribe(t.Context(), llm.TranscribeRequest{Bytes: wav(time.Second), Translate: true}); err != nil || got.Text != "Hello there" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.Transcribe(t.Context(), llm.TranscribeRequest{Bytes: []byte("<html>")}); llm.KindOf(err) != llm.KindModality {
		t.Errorf("no recording: %v", err)
	}
	for _, o := range []llmsim.Options{{NoSpeech: true}, {Dialect: llmsim.LlamaCpp}} {
		if _, err := client(t, start(t, o), nil).Transcribe(t.Context(), llm.TranscribeRequest{Bytes: wav(time.Second)}); llm.KindOf(err) != llm.KindModelNotFound {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestTogetherIsKnownByItsList(t *testing.T) {
	t.Parallel()
	s := start(t, llmsim.Options{})
	c := client(t, s, nil)
	if _, err := c.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := c.Transcribe(t.Context(), llm.TranscribeRequest{Bytes: wav(time.Second)})
	if err != nil || got.Duration != time.Second || len(got.Segments) != 1 || s.Uploads()[0].Fields["language"] != "auto" {
		t.Errorf("got %+v, %v; %+v", got, err, s.Uploads()[0].Fields)
	}
}

func TestOfflineAnswersAboutFiles(t *testing.T) {
	t.Parallel()
	img := llmsim.Image{MIME: "image/png", Bytes: square(t, 64).Bytes}
	for asks, want := range map[string]string{
		"What colour is this picture? Answer with one word.":                   "Red.",
		"Write the alt text of this picture for a screen reader: one":          "A PNG picture, 64 × 64 pixels, mostly red (100 %), as the offline demo model measures it (no AI).",
		"Write down all the text in this picture, word for word, from top":     "(The offline demo model is no AI and cannot read the text in a picture.)",
		"Describe what the picture shows, for somebody who cannot see it.":     "A PNG picture, 64 × 64 pixels, mostly red (100 %).\n\n(Measured by the offline demo model, which is no AI and does not know what it shows.)",
		"You are helpful.\n\nNow Ana writes to you:\n\n    what is on this?\n": "*This is Parley's offline demo model: no AI, it only quotes and counts what it was given.*\n\nA PNG picture, 64 × 64 pixels, mostly red (100 %).",
	} {
		if got := respond(llmsim.Request{Messages: []llmsim.Message{{Role: "user", Text: asks, Images: []llmsim.Image{img}}}}); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", asks, got, want)
		}
	}
	if got := respond(llmsim.Request{Messages: []llmsim.Message{{Role: "user", Text: "What is said?", Audio: []llmsim.Audio{{Heard: "Good morning"}}}}}); !strings.HasSuffix(got, "\n\n> Good morning") {
		t.Errorf("got %s", got)
	}
}

func FuzzSound(f *testing.F) {
	f.Add(wav(10 * time.Millisecond))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEdata\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s := llmsim.MeasureSound(file)
		if !strings.HasPrefix(s, "[No speech recognition") {
			t.Fatal(s)
		}
	})
}
