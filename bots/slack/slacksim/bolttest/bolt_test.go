//go:build peers

// Package bolttest checks the simulated Slack workspace with @slack/bolt, a client that nobody here
// wrote. It runs with the build tag peers and needs Node and the packages of package.json.
package bolttest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
)

// boltApp starts app.mjs and returns the port of its HTTP receiver.
func boltApp(t *testing.T, s *slacksim.Server, mode string) int {
	t.Helper()
	if _, err := os.Stat("node_modules/@slack/bolt"); err != nil {
		t.Fatal("@slack/bolt is not installed: run `make test`, which installs the packages of bots/slack/slacksim/bolttest")
	}
	cmd := exec.Command("node", "app.mjs")
	cmd.Env = append(os.Environ(), "MODE="+mode, "SLACK_API_URL="+s.URL(), "SLACK_BOT_TOKEN="+s.BotToken(),
		"SLACK_APP_TOKEN="+s.AppToken(), "SLACK_SIGNING_SECRET="+s.SigningSecret())
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start node: %v", err)
	}
	lines := make(chan string)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			select {
			case lines <- scanner.Text():
			default: // after the first answer they are only a log
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)                                    // it may have ended already
		killer := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() }) // the same
		defer killer.Stop()
		<-read
		_ = cmd.Wait() // its exit code after a signal says nothing
		if t.Failed() {
			t.Logf("the app wrote:\n%s", complaints.String())
		}
	})
	deadline := time.After(30 * time.Second)
	for {
		select {
		case line := <-lines:
			var said struct {
				Ready bool `json:"ready"`
				Port  int  `json:"port"`
			}
			if json.Unmarshal([]byte(line), &said) == nil && said.Ready {
				return said.Port
			}
		case <-read:
			t.Fatalf("the app ended before it was ready:\n%s", complaints.String())
		case <-deadline:
			t.Fatalf("the app was not ready in time:\n%s", complaints.String())
		}
	}
}

func TestBoltAnswers(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"socket", "http"} {
		t.Run("over "+mode, func(t *testing.T) {
			t.Parallel()
			s, err := slacksim.New(slacksim.Options{Limits: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			t.Cleanup(cancel)
			port := boltApp(t, s, mode)
			if mode == "http" {
				if err := s.SetRequestURL(ctx, fmt.Sprintf("http://127.0.0.1:%d/slack/events", port)); err != nil {
					t.Fatal(err)
				}
				hook := fmt.Sprintf("http://127.0.0.1:%d/slack/events", port)
				s.SetInteractionURLs(hook, hook)
			}
			exerciseBolt(t, ctx, s)
			exerciseInteractions(t, ctx, s)
		})
	}
}

// exerciseInteractions gives a command, uses a shortcut and presses a button, and looks at what the person sees then.
func exerciseInteractions(t *testing.T, ctx context.Context, s *slacksim.Server) {
	bob := s.AddUser("Bob")
	room, err := s.AddChannel("gears", false, bob.ID, s.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	// An acknowledgement and a post by response_url may overtake each other.
	sees := func(want ...string) []slacksim.Message {
		slices.Sort(want)
		err := s.WaitFor(ctx, func(w *slacksim.Workspace) bool {
			var have []string
			for _, m := range w.Ephemerals(bob.ID) {
				have = append(have, m.Plain)
			}
			slices.Sort(have)
			return slices.Equal(have, want)
		})
		if err != nil {
			t.Fatalf("bob does not come to see %q: %+v", want, s.Ephemerals(bob.ID))
		}
		return s.Ephemerals(bob.ID)
	}
	if _, err := s.Slash(bob.ID, room.ID, "/parley summarize #gears"); err != nil {
		t.Fatal(err)
	}
	seen := sees("working", "asked summarize #gears")
	answer := slices.IndexFunc(seen, func(m slacksim.Message) bool { return len(s.Buttons(room.ID, m.TS)) == 1 })
	if answer < 0 {
		t.Fatalf("no button stands under %+v", seen)
	}
	if _, err := s.Click(bob.ID, room.ID, seen[answer].TS, "share"); err != nil {
		t.Fatal(err)
	}
	sees("working", "shared asked summarize #gears for "+bob.ID)
	said, err := s.Say(bob.ID, room.ID, "look")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Shortcut(bob.ID, room.ID, said.TS, "summarize_thread"); err != nil {
		t.Fatal(err)
	}
	sees("working", "shared asked summarize #gears for "+bob.ID, "on look by "+bob.ID)
	settled := func(*slacksim.Workspace) bool {
		return !slices.ContainsFunc(s.Interactions(), func(i slacksim.Interaction) bool { return !i.Acked && i.Failed == "" })
	}
	if err := s.WaitFor(ctx, settled); err != nil {
		t.Fatal(err)
	}
	for _, i := range s.Interactions() {
		if !i.Acked {
			t.Errorf("%s on %s failed: %s", i.Kind, i.Channel, i.Failed)
		}
	}
}

// exerciseBolt speaks to the app in a channel and in a DM, and looks at what stands there then.
func exerciseBolt(t *testing.T, ctx context.Context, s *slacksim.Server) {
	ada := s.AddUser("Ada Lovelace")
	room, err := s.AddChannel("engines", true, ada.ID, s.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	dm, err := s.OpenHome(ada.ID)
	if err != nil {
		t.Fatal(err)
	}
	file, err := s.Upload(ada.ID, "notes.txt", "text/plain", []byte("numbers"))
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []struct {
		channel, text string
		opts          []slacksim.SayOption
		want          []string
	}{
		{room.ID, "@parley are you there?", nil, []string{"**Ada Lovelace** asked, 1 in thread"}},
		{dm.ID, "and here?", nil, []string{"**Ada Lovelace** asked, 1 in thread"}},
		{dm.ID, "a file", []slacksim.SayOption{slacksim.WithFiles(file.ID)}, []string{"**Ada Lovelace** asked, 1 in thread", ""}},
	} {
		asked, err := s.Say(ada.ID, place.channel, place.text, place.opts...)
		if err != nil {
			t.Fatal(err)
		}
		answered := func(w *slacksim.Workspace) bool {
			thread := w.Thread(place.channel, asked.TS)
			if len(thread) != len(place.want)+1 {
				return false
			}
			for i, want := range place.want {
				if thread[i+1].Plain != want || thread[i+1].BotID != w.BotID() {
					return false
				}
			}
			return true
		}
		if err := s.WaitFor(ctx, answered); err != nil {
			t.Fatalf("%q was not answered: %v\nthread: %+v\ncalls: %+v", place.text, err, s.Thread(place.channel, asked.TS), s.Calls(""))
		}
		thread := s.Thread(place.channel, asked.TS)
		if got := thread[1]; got.Edits != 1 || got.EditedTS != "" || !strings.Contains(string(got.Metadata), asked.TS) {
			t.Errorf("answer to %q: %d edits, edited at %q, metadata %s", place.text, got.Edits, got.EditedTS, got.Metadata)
		}
		if line := s.Status(place.channel, asked.TS); line != "" {
			t.Errorf("the status is still %q after the answer", line)
		}
		if len(place.want) == 2 {
			data, _ := s.FileBytes(thread[2].Files[0].ID)
			if string(data) != "saw notes.txt" {
				t.Errorf("the uploaded file holds %q", data)
			}
		}
	}
	if err := s.WaitFor(ctx, func(*slacksim.Workspace) bool { return s.Settled() }); err != nil {
		t.Fatal(err)
	}
	for _, d := range s.Deliveries() {
		if !d.Acked || len(d.Attempts) != 1 {
			t.Errorf("%s was not acknowledged at once: %+v", d.Type, d.Attempts)
		}
	}
	for _, c := range s.Calls("") {
		if !c.OK {
			t.Errorf("%s failed with %s", c.Method, c.Error)
		}
	}
}
