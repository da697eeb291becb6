package discordsim_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
)

// FuzzReadRequest reads hostile bodies; a request is read or refused, and never holds more files
// than allowed.
func FuzzReadRequest(f *testing.F) {
	f.Add("application/json", []byte(`{"content":"x"}`))
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{}\r\n--b\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n"))
	f.Add("multipart/form-data", []byte("--\r\n"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", contentType)
		if _, err := discordsim.ReadRequest(r, 1<<10); err != nil && err.Error() == "" {
			t.Error("a refusal must say why")
		}
	})
}

// FuzzPlainName holds that the names in addresses are plain, whatever was uploaded.
func FuzzPlainName(f *testing.F) {
	for _, name := range []string{"", "..", "../../etc/passwd", "größe a.txt", ".env", "🦀.png", "a\x00b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		plain := discordsim.PlainName(name)
		if plain == "" || strings.ContainsAny(plain, "/\\ ?#%\x00") || strings.HasPrefix(plain, ".") {
			t.Errorf("%q becomes %q", name, plain)
		}
		if again := discordsim.PlainName(plain); again != plain {
			t.Errorf("%q becomes %q and then %q", name, plain, again)
		}
	})
}

// TestHostileTraffic sends nonsense to every route and to the gateway; the server must keep
// serving.
func TestHostileTraffic(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	said := say(t, sim, p.alice.ID, p.channel.ID, "hi")
	fill := strings.NewReplacer("{channel}", p.channel.ID, "{message}", said.ID, "{guild}", p.guild.ID, "{user}", p.alice.ID,
		"{application}", sim.ApplicationID(), "{emoji}", "x")
	for _, route := range discordsim.Routes() {
		method, path, _ := strings.Cut(route, " ")
		for _, body := range []string{"", "null", "[]", `"x"`, "{}", `{"content":null,"flags":null,"embeds":null,"attachments":[{}],"message_reference":{}}`, `{"name":null,"recipient_id":7}`, strings.Repeat("[", 5000)} {
			if status, text := call(t, sim, method, fill.Replace(path), body); status == 0 || status >= 500 {
				t.Errorf("%s with %.40q: %d %s", route, body, status, text)
			}
		}
	}
	for _, data := range []string{"", "null", "[]", `{"op":2}`, `{"op":2,"d":[]}`, `{"op":6,"d":null}`, `{"op":1,"d":"x"}`, "\x00\xff"} {
		w := dial(t, sim)
		w.op(10)
		if err := w.ws.WriteMessage(1, []byte(data)); err != nil {
			t.Fatal(err)
		}
		_ = w.ws.Close()
	}
	if status, _ := call(t, sim, "GET", "/users/@me", ""); status != 200 {
		t.Errorf("afterwards: %d", status)
	}
}
