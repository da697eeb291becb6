package slack

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"parley/conversation"
)

var update = flag.Bool("update", false, "write the golden files of TestNormalize anew")

func testSelf() Identity {
	return Identity{TeamID: "T0AAAAAAA", UserID: "U0PARLEY01", BotID: "B0PARLEY01", Name: "Parley"}
}

func testPeople(ids []string) map[string]person {
	known := map[string]string{"U0ANN00001": "Ann", "U0BOB00001": "Bob"}
	out := map[string]person{}
	for _, id := range ids {
		if name := known[id]; name != "" {
			out[id] = person{name: name, known: true}
		}
	}
	return out
}

// outcome is a normalised delivery as the golden files hold it.
type outcome struct {
	Kind  string             `json:"kind"`
	Home  string             `json:"home,omitempty"`
	Error string             `json:"error,omitempty"`
	Event conversation.Event `json:"event,omitempty"`
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/normalize/*.json")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d examples (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			payload, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var env envelope
			if err := decode(payload, &env); err != nil {
				t.Fatal(err)
			}
			n := normalizer{self: testSelf(), people: testPeople}
			result, err := n.event(env, conversation.Delivery{ReceivedAt: time.Unix(1700000100, 0).UTC()})
			got := outcome{Kind: result.kind, Home: result.home, Event: result.event}
			if err != nil {
				got.Error = err.Error()
			}
			text := compact(t, got)
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, append(text, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != string(text)+"\n" {
				t.Errorf("got\n%s\nwant\n%s", text, want)
			}
		})
	}
}

// compact writes a value without what is empty in it, so that a new field of the domain changes no golden file.
func compact(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(full(tree), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func full(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			switch value := full(value).(type) {
			case nil:
				delete(v, key)
			default:
				v[key] = value
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = full(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	case string:
		if v == "" || v == "0001-01-01T00:00:00Z" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return v
}

func TestDirectMessageKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		scopes   []string
		threadTS string
		want     string
	}{
		{"an agent's message begins a thread", []string{"chat:write", "assistant:write"}, "", "1700000000.000100"},
		{"without a scope list the app counts as an agent", nil, "", "1700000000.000100"},
		{"without assistant:write the conversation is the DM", []string{"chat:write"}, "", ""},
		{"a reply belongs to its thread in any case", []string{"chat:write"}, "1600000000.000100", "1600000000.000100"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			self := testSelf()
			self.Scopes = tt.scopes
			w := wireMessage{User: "U1", TS: "1700000000.000100", ThreadTS: tt.threadTS, Text: "x"}
			m, err := normalizer{self: self}.message("T1", "D1", "im", &w)
			if err != nil {
				t.Fatal(err)
			}
			if m.Ref.Thread != tt.want || m.Place != conversation.PlaceDM || m.Root != (tt.want == m.ID) {
				t.Errorf("thread %q, place %s, root %v", m.Ref.Thread, m.Place, m.Root)
			}
		})
	}
}

func FuzzNormalize(f *testing.F) {
	files, err := filepath.Glob("testdata/normalize/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		payload, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var env envelope
		if decode(payload, &env) != nil {
			return
		}
		n := normalizer{self: testSelf(), people: testPeople}
		result, err := n.event(env, conversation.Delivery{})
		if err != nil || result.event == nil {
			return
		}
		ref := result.event.In()
		if ref.Channel == "" || ref.Platform != conversation.Slack {
			t.Errorf("ref = %+v", ref)
		}
		if p, ok := result.event.(conversation.Posted); ok {
			if p.Message.ID == "" || p.Message.SentAt.IsZero() || p.Message.Author.Kind == "" {
				t.Errorf("message = %+v", p.Message)
			}
			if !utf8.ValidString(p.Message.Text) {
				t.Errorf("text is no UTF-8: %q", p.Message.Text)
			}
			if len(p.Message.Text) > 8*len(payload)+1000 {
				t.Errorf("%d bytes of text from %d of payload", len(p.Message.Text), len(payload))
			}
		}
	})
}

func TestWhoPostsThroughAnApp(t *testing.T) {
	t.Parallel()
	people := map[string]person{"U0ANN00001": {name: "Ann", known: true}, "U0ROBOT001": {name: "robot", known: true, bot: true}}
	app := &wireBot{Name: "Some App"}
	tests := map[string]struct {
		message wireMessage
		want    conversation.Author
	}{
		"a person":                          {wireMessage{User: "U0ANN00001"}, conversation.Author{ID: "U0ANN00001", Name: "Ann", Kind: conversation.Person}},
		"a person through an app":           {wireMessage{User: "U0ANN00001", BotID: "B1", AppID: "A1", BotProfile: app}, conversation.Author{ID: "U0ANN00001", Name: "Ann", Kind: conversation.Person}},
		"an app's user":                     {wireMessage{User: "U0ROBOT001", BotID: "B1", AppID: "A1", BotProfile: app}, conversation.Author{ID: "U0ROBOT001", Name: "Some App", Kind: conversation.Bot}},
		"an app without a user":             {wireMessage{BotID: "B1", BotProfile: app}, conversation.Author{ID: "B1", Name: "Some App", Kind: conversation.Bot}},
		"a webhook":                         {wireMessage{User: "U0ANN00001", BotID: "B1", Subtype: "bot_message", Username: "hook"}, conversation.Author{ID: "U0ANN00001", Name: "hook", Kind: conversation.Bot}},
		"of whom only the app tells":        {wireMessage{User: "U0UNKNOWN1", BotID: "B1", AppID: "A1"}, conversation.Author{ID: "U0UNKNOWN1", Name: "U0UNKNOWN1", Kind: conversation.Bot}},
		"of whom only the bot profile does": {wireMessage{User: "U0UNKNOWN1", BotID: "B1", BotProfile: app}, conversation.Author{ID: "U0UNKNOWN1", Name: "Some App", Kind: conversation.Bot}},
		"of whom nothing tells":             {wireMessage{User: "U0UNKNOWN1", BotID: "B1"}, conversation.Author{ID: "U0UNKNOWN1", Name: "U0UNKNOWN1", Kind: conversation.Person}},
		"Parley itself":                     {wireMessage{User: testSelf().UserID, BotID: testSelf().BotID}, conversation.Author{ID: testSelf().UserID, Name: "Parley", Kind: conversation.Self}},
		"Slackbot":                          {wireMessage{User: "USLACKBOT"}, conversation.Author{ID: "USLACKBOT", Name: "USLACKBOT", Kind: conversation.Bot}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := normalizer{self: testSelf(), people: func([]string) map[string]person { return people }}
			tt.message.TS, tt.message.Text = "1700000000.000100", "hello"
			m, err := n.message("T1", "C1", "channel", &tt.message)
			if err != nil || m.Author != tt.want {
				t.Errorf("author = %+v (%v), want %+v", m.Author, err, tt.want)
			}
		})
	}
}
