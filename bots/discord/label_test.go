package discord_test

import (
	"testing"

	"parley/bots/discord"
)

func TestNamesTurnNoDirectionAndAreSeen(t *testing.T) {
	t.Parallel()
	for nick, want := range map[string]string{
		`Ada\u202egnp`: "Adagnp", // its rest would be read backwards
		`\u2066\u200b`: "Global",
		``:             "Global",
	} {
		raw := []byte(`{"id":"9","channel_id":"3","guild_id":"1","type":0,"content":"hi","timestamp":"2026-05-01T09:00:00Z",
			"author":{"id":"4","username":"user","global_name":"Global"},"member":{"nick":"` + nick + `"},
			"attachments":[{"id":"5","filename":"a\u202egnp.exe","size":1,"content_type":"image/png"}]}`)
		m, why, err := discord.Normalize(raw, discord.Directory{SelfID: "2", SelfName: "Parley"})
		if err != nil || m.Author.Name != want || len(m.Attachments) != 1 || m.Attachments[0].Name != "agnp.exe" {
			t.Errorf("%q becomes %q with %+v (%s, %v), want %q", nick, m.Author.Name, m.Attachments, why, err, want)
		}
	}
}
