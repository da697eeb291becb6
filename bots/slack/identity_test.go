package slack_test

import (
	"testing"

	"parley/bots/slack/slacksim"
)

func TestDirectMessagesOfAServerThatTellsNoScopes(t *testing.T) {
	t.Parallel()
	const method = "assistant.threads.setStatus"
	tests := map[string]struct {
		sim      slacksim.Options
		threaded bool
		calls    int
	}{
		"without agent messaging":     {slacksim.Options{UntoldScopes: true, Unknown: []string{method}}, false, 1},
		"with it, and no scope of it": {slacksim.Options{UntoldScopes: true, Scopes: []string{"im:history", "im:write"}}, false, 1},
		"with it":                     {slacksim.Options{UntoldScopes: true}, true, 1},
		"that tells them after all":   {slacksim.Options{}, true, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, setup{wait: true, sim: tt.sim})
			dm, err := w.sim.OpenDM(w.ann.ID)
			if err != nil {
				t.Fatal(err)
			}
			said, err := w.sim.Say(w.ann.ID, dm.ID, "hello")
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			if tt.threaded {
				want = said.TS
			}
			if m := w.inbox.awaitText(t, "hello"); m.Ref.Thread != want {
				t.Errorf("thread %q, want %q", m.Ref.Thread, want)
			}
			if n := len(w.sim.Calls(method)); n != tt.calls {
				t.Errorf("%s called %d times, want %d", method, n, tt.calls)
			}
		})
	}
}
