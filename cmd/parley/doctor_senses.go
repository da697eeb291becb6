package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"parley/llm"
)

// checkAbilities tells what the model takes, each with how that is known.
func checkAbilities(ctx context.Context, c Config, model *language) []finding {
	source := "the model's profile"
	if probed, err := model.Probe(ctx); err == nil && probed.Context > 0 {
		source = "the server's " + probed.Source
	}
	can := within(ctx, func(ctx context.Context) llm.Abilities {
		can, _ := model.Abilities(ctx) // it has just answered; what is not known is told
		return can
	})
	if c.LLMContextTokens > 0 {
		source = "LLM_CONTEXT_TOKENS"
	}
	window := finding{Name: "model window", OK: true, Detail: fmt.Sprintf("%d tokens, input and output together, by %s", model.Profile().Context, source)}
	if cut, was := model.Cut(); was {
		window = finding{Name: "model window",
			Detail: fmt.Sprintf("on %s the server cut a prompt of about %d tokens to %d without a word", cut.At.Format(time.DateOnly), cut.Sent, cut.Counted),
			Hint:   "give the server a larger window (Ollama: OLLAMA_CONTEXT_LENGTH), or set LLM_CONTEXT_TOKENS to the one that it has"}
	}
	sees := ability("model image", can.Sees)
	switch {
	case can.Sees.Ability == llm.Yes:
	case model.eyes != nil:
		sees.Detail += "; pictures go to VISION_MODEL"
	default:
		sees.Hint = "set VISION_MODEL to a model that sees, if pictures are to be described"
	}
	hears := ability("model audio", can.Hears)
	if can.Hears.Ability != llm.Yes {
		hears.Detail += "; speech goes to TRANSCRIBE_MODEL"
	}
	return []finding{{Name: "model text", OK: true, Detail: "yes, by its answer"}, sees, hears, window}
}

// checkSenses asks the models that see and hear in the chat model's place. Those on the chat server are not asked where it
// is known to refuse everything.
func checkSenses(ctx context.Context, c Config, model *language) (found []finding) {
	refused := c.noKey() != ""
	if model.eyes != nil && !(refused && c.VisionBaseURL == "") {
		found = append(found, within(ctx, func(ctx context.Context) finding { return checkVision(ctx, c, model.eyes) }))
	}
	if !(refused && c.TranscribeBaseURL == "") {
		found = append(found, within(ctx, func(ctx context.Context) []finding { return checkTranscribe(ctx, c, model) })...)
	}
	return found
}

// ability is the line of what the model takes besides text. That it does not is no fault.
func ability(name string, f llm.Finding) finding {
	by := ", " + f.Source // "set by the operator"
	switch {
	case f.Source == "":
		by = ""
	case strings.HasPrefix(f.Source, "/"):
		by = ", by the server's " + f.Source
	case strings.HasPrefix(f.Source, "a "):
		by = ", by " + f.Source
	case strings.HasPrefix(f.Source, "known"):
		by = ", as is " + f.Source
	}
	switch f.Ability {
	case llm.Yes:
		return finding{Name: name, OK: true, Detail: "yes" + by}
	case llm.No:
		return finding{Name: name, OK: true, Detail: "no" + by}
	}
	return finding{Name: name, OK: true, Detail: "not known, taken for no"}
}

// checkVision asks the model that describes pictures in the chat model's place.
func checkVision(ctx context.Context, c Config, eyes *llm.Client) finding {
	health, err := eyes.Check(ctx)
	if err != nil {
		return finding{Name: "vision", Detail: err.Error(), Hint: hintFor(modelHint(llm.KindOf(err)), "VISION_", c.VisionBaseURL)}
	}
	can, err := eyes.Abilities(ctx)
	told := fmt.Sprintf("%s answered in %v", eyes.Model(), health.Took.Round(time.Millisecond))
	switch {
	case can.Sees.Ability == llm.No:
		return finding{Name: "vision", Detail: told + ", but does not see" + strings.TrimPrefix(ability("", can.Sees).Detail, "no"), Hint: "set VISION_MODEL to a model that sees"}
	case can.Sees.Ability == llm.Unknown && err != nil:
		return finding{Name: "vision", Detail: told + fmt.Sprintf("; whether it sees could not be found out: %v", err), Hint: "try again in a minute"}
	}
	return finding{Name: "vision", OK: true, Detail: told}
}

// checkTranscribe has a moment of silence written down, unless nobody needs it. Where the default model is not there, voice
// messages cannot be written down, which is told and is no fault: nobody has asked for it.
func checkTranscribe(ctx context.Context, c Config, model *language) []finding {
	asked := c.TranscribeBaseURL != "" || os.Getenv("TRANSCRIBE_MODEL") != ""
	if model.Profile().Hears && !asked {
		return nil
	}
	begun := time.Now()
	_, err := model.ears.Transcribe(ctx, llm.TranscribeRequest{Format: "wav", Bytes: silence(time.Second / 2)})
	told := finding{Name: "transcribe", OK: true, Detail: fmt.Sprintf("%s answered in %v", model.ears.Model(), time.Since(begun).Round(time.Millisecond))}
	if price := model.ears.Profile().SpeechPrice; price > 0 {
		told.Detail += fmt.Sprintf(", $%g a minute", price)
	}
	if err == nil {
		return []finding{told}
	}
	told = finding{Name: "transcribe", Detail: err.Error(), Hint: hintFor(modelHint(llm.KindOf(err)), "TRANSCRIBE_", c.TranscribeBaseURL)}
	if !asked && slices.Contains([]llm.Kind{llm.KindModelNotFound, llm.KindRequest, llm.KindModality}, llm.KindOf(err)) {
		told.OK, told.Detail = true, "the chat server writes no speech down: voice messages and the sound of films are not understood"
		told.Hint = "set TRANSCRIBE_BASE_URL and TRANSCRIBE_MODEL to a server that does, if they are to be"
	}
	return []finding{told}
}

// silence is a WAV file of 16 kHz mono in which nothing is heard.
func silence(length time.Duration) []byte {
	const rate, header = 16000, 44
	size := uint32(length.Seconds()*rate) * 2
	var b bytes.Buffer
	for _, field := range []any{[]byte("RIFF"), header - 8 + size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1),
		uint32(rate), uint32(2 * rate), uint16(2), uint16(16), []byte("data"), size, make([]byte, size)} {
		_ = binary.Write(&b, binary.LittleEndian, field) // a buffer takes everything
	}
	return b.Bytes()
}

// checkTools looks for the program that opens sound and film. Without it everything else works.
func checkTools() finding {
	var missing []string
	for _, tool := range []string{"ffmpeg", "ffprobe"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = append(missing, tool)
		}
	}
	if len(missing) > 0 {
		return finding{Name: "ffmpeg", OK: true, Detail: strings.Join(missing, " and ") + " not found: most sound and all film cannot be opened",
			Hint: "install it if they are to be: apt install ffmpeg, or brew install ffmpeg"}
	}
	return finding{Name: "ffmpeg", OK: true, Detail: "ffmpeg and ffprobe are there"}
}
