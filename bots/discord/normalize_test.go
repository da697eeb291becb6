package discord_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/bots/discord"
	"parley/conversation"
)

var update = flag.Bool("update", false, "write the golden files anew")

func directory(t testing.TB) discord.Directory {
	t.Helper()
	guild, err := os.ReadFile("testdata/guild.json")
	if err != nil {
		t.Fatal(err)
	}
	return discord.Directory{SelfID: "1000000000000000001", SelfName: "parley", Guild: guild}
}

func TestPayloadsBecomeMessages(t *testing.T) {
	t.Parallel()
	payloads, err := filepath.Glob("testdata/normalize/*.json")
	if err != nil || len(payloads) == 0 {
		t.Fatal("no payloads", err)
	}
	for _, file := range payloads {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m, skipped, err := discord.Normalize(raw, directory(t))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			e := json.NewEncoder(&got)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(struct {
				Skipped string `json:",omitempty"`
				Message conversation.Message
			}{skipped, m}); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, got.Bytes()) {
				t.Errorf("got\n%swant\n%s", got.Bytes(), want)
			}
		})
	}
}

// No payload may panic, and what becomes a message is whole.
func FuzzNormalize(f *testing.F) {
	payloads, _ := filepath.Glob("testdata/normalize/*.json")
	for _, file := range payloads {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	dir := directory(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, skipped, err := discord.Normalize(raw, dir)
		if err != nil || skipped != "" {
			return
		}
		if m.ID == "" || m.Ref.Channel == "" || m.Ref.Workspace == "" || m.Place == "" || m.Author.Kind == "" {
			t.Errorf("not whole: %+v", m)
		}
		if m.Place == conversation.PlaceChannel && m.Ref.Thread == "" {
			t.Errorf("no thread in a channel: %+v", m)
		}
		for _, a := range m.Attachments {
			if strings.Contains(a.Locator, ":") || strings.Contains(a.Locator, "?") || a.Size < 0 {
				t.Errorf("attachment %+v", a)
			}
		}
	})
}

func FuzzFrameScan(f *testing.F) {
	f.Add([]byte("HTTP/1.1 101 x\r\n\r\n\x81\x02{}\x88\x02\x0f\xa0"))
	f.Add([]byte("\r\n\r\n\x81\x7e\x00\x03abc\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xffx"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		opcodes, payloads := discord.FrameScan(stream)
		total := 0
		for _, p := range payloads {
			total += len(p)
		}
		if total > len(stream) || len(opcodes) != len(payloads) {
			t.Errorf("%d bytes of payload in %d", total, len(stream))
		}
	})
}

func TestFramesAreFoundAcrossTheirForms(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	opcodes, payloads := discord.FrameScan([]byte("HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n" +
		"\x81\x02{}" + "\x81\x7e\x01\x2c" + long + "\x89\x00" + "\x88\x02\x0f\xae"))
	if string(opcodes) != "\x01\x01\x09\x08" {
		t.Fatalf("opcodes %v", opcodes)
	}
	if payloads[0] != "{}" || payloads[1] != long || payloads[3] != "\x0f\xae" {
		t.Errorf("payloads %q", payloads)
	}
}

// No interaction may panic, and what becomes a command is whole.
func FuzzInteraction(f *testing.F) {
	f.Add([]byte(`{"id":"11","application_id":"1","type":2,"token":"t","guild_id":"2","channel_id":"3","member":{"nick":"A","user":{"id":"4"}},
		"data":{"type":1,"name":"summarize","options":[{"name":"last","value":200},{"name":"link","value":"https://discord.com/channels/2/3/4"},{"name":"attachment","value":"9"}],
		"resolved":{"attachments":{"9":{"id":"9","filename":"a.png","url":"https://cdn.discordapp.com/x?ex=1"}}}}}`))
	f.Add([]byte(`{"id":"11","application_id":"1","type":2,"token":"t","channel_id":"3","user":{"id":"4"},"data":{"type":3,"name":"Transcribe","target_id":"5","resolved":{"messages":{"5":{"attachments":[{"id":"6"}]}}}}}`))
	f.Add([]byte(`{"id":"11","application_id":"1","type":3,"token":"t","channel_id":"3","user":{"id":"4"},"data":{"custom_id":"stop"},"message":{"id":"8"}}`))
	a, err := discord.New(discord.Options{BotToken: "x", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := a.Interaction(raw)
		if err != nil || e == nil {
			return
		}
		if e.Meta().ID == "" || e.In().Channel == "" || e.In().Workspace == "" {
			t.Errorf("not whole: %+v", e)
		}
		asked, ok := e.(conversation.Asked)
		if !ok {
			return
		}
		m := asked.Message
		if m.Ask == nil || m.Ask.Verb == "" || m.Ask.Handle == "" || m.ID != m.Ref.Thread || m.Author.ID == "" || len(m.Ask.Text) > 4<<10 || strings.Contains(m.Text, "\n") {
			t.Errorf("not whole: %+v %+v", m, m.Ask)
		}
		for _, file := range m.Attachments {
			if strings.Contains(file.Locator, "?") || strings.Contains(file.Locator, "http") && !strings.HasPrefix(file.Locator, "sealed:") {
				t.Errorf("locator %q", file.Locator)
			}
		}
	})
}
