package demo_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"parley/cmd/parley/demo"
)

func TestKindsAreThoseOfTheBytes(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"\x89PNG\r\n\x1a\n....":                     "image/png",
		"\xff\xd8\xff\xe0....":                      "image/jpeg",
		"GIF89a":                                    "image/gif",
		"RIFF\x00\x00\x00\x00WEBPVP8 ":              "image/webp",
		"\x00\x00\x00\x20ftypavif":                  "image/avif",
		"RIFF\x00\x00\x00\x00WAVEfmt ":              "audio/wav",
		"ID3\x03\x00":                               "audio/mpeg",
		"\xff\xfb\x90\x64":                          "audio/mpeg",
		"fLaC\x00":                                  "audio/flac",
		"OggS\x00\x02........\x01\x13OpusHead":      "audio/ogg",
		"OggS\x00\x02........\x01*\x80theora":       "video/ogg",
		"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00":  "audio/mp4",
		"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00":  "video/mp4",
		"\x1a\x45\xdf\xa3":                          "video/webm",
		"":                                          demo.UnknownKind,
		"<svg xmlns='http://www.w3.org/2000/svg'/>": demo.UnknownKind,
		"<!doctype html><script>alert(1)</script>":  demo.UnknownKind,
		"%PDF-1.7":                                  demo.UnknownKind,
		"GIF8":                                      demo.UnknownKind,
		"just text":                                 demo.UnknownKind,
	}
	for data, want := range cases {
		if got := demo.KindOf([]byte(data)); got != want {
			t.Errorf("%.20q is %s, want %s", data, got, want)
		}
	}
}

func TestFilesCarryTheirVerdict(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	files := map[string][]demo.File{}
	for _, platform := range []string{"slack", "discord"} {
		design := b.channel(platform, "design")
		_, answer := b.send(http.MethodPost, "/api/messages", map[string]string{
			"platform": platform, "person": b.person(platform, "Chi"), "channel": design,
		}, file{"dot.png", "text/html", "\x89PNG\r\n\x1a\n"}, file{"page.png", "image/png", "<script>"})
		id := ""
		if platform == "slack" {
			m, _ := b.slack.Message(design, answer["id"])
			id = m.Files[0].ID
		} else {
			m, _ := b.discord.Message(answer["id"])
			id = m.Attachments[0].ID
		}
		files[platform] = []demo.File{{Channel: design, Message: answer["id"], ID: id, Verdict: "described", Description: "a <b>dot</b>"}}
	}
	b.page.Describe(func(_ context.Context, platform, userID string) ([]demo.File, error) {
		if userID != b.person(platform, "Chi") {
			return nil, nil
		}
		return files[platform], nil
	})
	tab := b.open()
	tab.next()
	for platform, list := range files {
		var m shown
		if err := json.Unmarshal(tab.seen[strings.Join([]string{platform, "message", list[0].Channel, list[0].Message}, "/")], &m); err != nil || len(m.Files) != 2 {
			t.Fatalf("%s shows %+v, %v", platform, m, err)
		}
		if f := m.Files[0]; f.Verdict != "described" || f.Description != "a <b>dot</b>" || f.Type != "image/png" {
			t.Errorf("%s: %+v", platform, f)
		}
		if f := m.Files[1]; f.Verdict != "" || f.Type != demo.UnknownKind {
			t.Errorf("%s: %+v", platform, f)
		}
	}
}
