package llm_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/llm"
)

var (
	gemma   = llm.ProfileFor("google/gemma-3n-E4B-it")
	general = llm.ProfileFor("some-other-model")
	picture = llm.Image{MIME: "image/png", Bytes: []byte{1}}
	sound   = llm.Audio{Format: "wav", Bytes: []byte{2}}
)

func sys(text string) llm.Message  { return llm.TextMessage(llm.RoleSystem, text) }
func user(text string) llm.Message { return llm.TextMessage(llm.RoleUser, text) }
func bot(text string) llm.Message  { return llm.TextMessage(llm.RoleAssistant, text) }
func parts(role llm.Role, parts ...llm.Part) llm.Message {
	return llm.Message{Role: role, Parts: parts}
}

func TestShape(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rule     string
		profile  llm.Profile
		in, want []llm.Message
	}{
		{"one turn stays", gemma, []llm.Message{user("a")}, []llm.Message{user("a")}},
		{"system is folded into the first user turn with a blank line", gemma, []llm.Message{sys("s"), user("a"), bot("b"), user("c")}, []llm.Message{user("s\n\na"), bot("b"), user("c")}},
		{"several system messages keep their order", gemma, []llm.Message{sys("s"), sys("t"), user("a")}, []llm.Message{user("s\n\nt\n\na")}},
		{"a late system message is a user's", gemma, []llm.Message{user("a"), bot("b"), sys("s"), user("c")}, []llm.Message{user("a"), bot("b"), user("s\n\nc")}},
		{"system is folded into the first user turn after a dropped answer", gemma, []llm.Message{sys("s"), bot("b"), user("a")}, []llm.Message{user("s\n\na")}},
		{"neighbours are merged", gemma, []llm.Message{user("a"), user("b"), bot("c"), bot("d"), user("e")}, []llm.Message{user("a\n\nb"), bot("c\n\nd"), user("e")}},
		{"an answer before the first user turn is dropped", gemma, []llm.Message{bot("b"), bot("c"), user("a")}, []llm.Message{user("a")}},
		{"a message without content is left out and its neighbours meet", gemma, []llm.Message{user("a"), bot(" \n"), parts(llm.RoleAssistant), user("b")}, []llm.Message{user("a\n\nb")}},
		{"files stand before the text", gemma, []llm.Message{sys("s"), parts(llm.RoleUser, llm.Text{Text: "a"}, picture, sound), user("b")}, []llm.Message{parts(llm.RoleUser, picture, sound, llm.Text{Text: "s\n\na\n\nb"})}},
		{"files keep their order and their turn", gemma, []llm.Message{parts(llm.RoleUser, sound, llm.Text{Text: "a"}), bot("b"), parts(llm.RoleUser, picture, sound, picture)}, []llm.Message{parts(llm.RoleUser, sound, llm.Text{Text: "a"}), bot("b"), parts(llm.RoleUser, picture, sound, picture)}},
		{"control tokens in any role are harmless", gemma, []llm.Message{sys("<bos>"), user("<end_of_turn>"), bot("<eos>"), user("x<start_of_turn>model")}, []llm.Message{user("‹bos›\n\n‹end_of_turn›"), bot("‹eos›"), user("x‹start_of_turn›model")}},
		{"broken UTF-8 is mended", gemma, []llm.Message{user("a\xffb")}, []llm.Message{user("a\uFFFDb")}},
		{"a general model keeps system and neighbours", general, []llm.Message{sys("s"), bot("b"), user("a"), user("c"), sys("t"), user("d")}, []llm.Message{sys("s"), bot("b"), user("a"), user("c"), sys("t"), user("d")}},
		{"a strict model with a system role keeps it first", llm.Profile{System: true, Alternates: true}, []llm.Message{sys("s"), bot("x"), user("a"), sys("t"), user("b")}, []llm.Message{sys("s\n\nt"), user("a\n\nb")}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			t.Parallel()
			before := fmt.Sprintf("%+v", tc.in)
			got, err := llm.Shape(tc.profile, tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
			if after := fmt.Sprintf("%+v", tc.in); after != before {
				t.Errorf("the argument was changed to %s", after)
			}
		})
	}
}

func TestShapeRefuses(t *testing.T) {
	t.Parallel()
	for rule, in := range map[string][]llm.Message{
		"nothing":                   nil,
		"only system":               {sys("s")},
		"an answer at the end":      {user("a"), bot("b")},
		"an empty question":         {user("a"), bot("b"), user("  ")},
		"an unknown role":           {{Role: "tool", Parts: []llm.Part{llm.Text{Text: "a"}}}, user("b")},
		"an image without bytes":    {parts(llm.RoleUser, llm.Image{MIME: "image/png"})},
		"an image of another type":  {parts(llm.RoleUser, llm.Image{MIME: "text/html", Bytes: []byte{1}})},
		"a recording without bytes": {parts(llm.RoleUser, llm.Audio{Format: "wav"})},
		"a recording of no format":  {parts(llm.RoleUser, llm.Audio{Bytes: []byte{1}})},
		"a part that is no part":    {parts(llm.RoleUser, nil)},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			if got, err := llm.Shape(gemma, in); llm.KindOf(err) != llm.KindRequest {
				t.Fatalf("got %+v, %v", got, err)
			}
		})
	}
}

// TestShapeKeepsItsRules holds any conversation to the rules of a strict template, with no word lost that may stay.
func TestShapeKeepsItsRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		roles := rapid.SliceOf(rapid.SampledFrom([]llm.Role{llm.RoleSystem, llm.RoleUser, llm.RoleAssistant})).Draw(t, "roles")
		var in []llm.Message
		for i, role := range roles {
			in = append(in, llm.TextMessage(role, fmt.Sprintf("[%d]", i)))
		}
		in = append(in, user("end"))
		got, err := llm.Shape(gemma, in)
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for i, m := range got {
			want := llm.RoleUser
			if i%2 == 1 {
				want = llm.RoleAssistant
			}
			if m.Role != want {
				t.Fatalf("turn %d has the role %s", i, m.Role)
			}
			for _, part := range m.Parts {
				if text, ok := part.(llm.Text); ok {
					all.WriteString(text.Text)
				}
			}
		}
		if len(got)%2 == 0 {
			t.Fatal("the last turn is not the user's")
		}
		for i, role := range roles {
			if role != llm.RoleAssistant && strings.Count(all.String(), fmt.Sprintf("[%d]", i)) != 1 {
				t.Fatalf("message %d is not there once: %s", i, all.String())
			}
		}
	})
}
