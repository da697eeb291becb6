//go:build peers

package discordjstest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
)

// startBot runs bot.mjs until the end of the test and fails the test when it reports an error.
func startBot(t *testing.T, sim *discordsim.Server) {
	t.Helper()
	if _, err := os.Stat("node_modules/discord.js"); err != nil {
		t.Fatal("discord.js is not installed in bots/discord/discordsim/discordjstest: run make test, which installs it")
	}
	bot := exec.Command("node", "bot.mjs")
	bot.Env = append(os.Environ(), "DISCORD_API_URL="+sim.URL(), "DISCORD_BOT_TOKEN="+sim.BotToken())
	bot.Stdout, bot.Stderr = t.Output(), t.Output()
	if err := bot.Start(); err != nil {
		t.Fatalf("start node: %v", err)
	}
	t.Cleanup(func() {
		_ = bot.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(10*time.Second, func() { _ = bot.Process.Kill() })
		defer kill.Stop()
		if err := bot.Wait(); err != nil {
			t.Errorf("bot: %v", err)
		}
	})
	wait(t, sim, "the bot to connect", sim.Connected)
}

func wait(t *testing.T, sim *discordsim.Server, what string, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := sim.WaitFor(ctx, cond); err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}

// stage is a simulated Discord with a guild, a person in it and the discord.js bot.
type stage struct {
	*testing.T
	sim     *discordsim.Server
	alice   discordsim.User
	channel discordsim.Channel
}

func set(t *testing.T, limits bool) stage {
	t.Helper()
	sim, err := discordsim.New(discordsim.Options{MessageContentEnabled: true, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	s := stage{T: t, sim: sim, alice: sim.AddUser("alice")}
	guild := sim.AddGuild("Harbour", s.alice.ID)
	if s.channel, err = sim.AddChannel(guild.ID, "general", discordsim.Text); err != nil {
		t.Fatal(err)
	}
	startBot(t, sim)
	return s
}

// mention says something to the bot in the guild channel.
func (s stage) mention(text string, opts ...discordsim.SayOption) discordsim.Message {
	s.Helper()
	m, err := s.sim.Say(s.alice.ID, s.channel.ID, "<@"+s.sim.BotUserID()+"> "+text, opts...)
	if err != nil {
		s.Fatal(err)
	}
	return m
}

// answered waits until the bot's answer to a message has the text.
func (s stage) answered(asked discordsim.Message, text string) discordsim.Message {
	s.Helper()
	var answer discordsim.Message
	wait(s.T, s.sim, "the answer "+text, func() bool {
		for _, m := range s.sim.Messages(asked.ChannelID) {
			if m.ReplyTo == asked.ID && m.Author.ID == s.sim.BotUserID() && m.Content == text {
				answer = m
				return true
			}
		}
		return false
	})
	return answer
}

func TestDiscordJS(t *testing.T) {
	t.Parallel()
	s := set(t, false)

	t.Run("a direct message is answered and the answer edited", func(t *testing.T) {
		dm, err := s.sim.OpenDM(s.alice.ID)
		if err != nil {
			t.Fatal(err)
		}
		asked, err := s.sim.Say(s.alice.ID, dm.ID, "echo good morning")
		if err != nil {
			t.Fatal(err)
		}
		answer := s.answered(asked, "echo: good morning")
		if len(answer.Revisions) != 2 || answer.Revisions[0] != "one moment" {
			t.Errorf("revisions: %q", answer.Revisions)
		}
		if len(s.sim.CallsTo("POST /channels/{channel}/typing")) != 1 {
			t.Error("the bot did not show that it types")
		}
	})

	t.Run("a mention is answered and other talk is not", func(t *testing.T) {
		if _, err := s.sim.Say(s.alice.ID, s.channel.ID, "echo not for the bot"); err != nil {
			t.Fatal(err)
		}
		s.answered(s.mention("echo hello"), "echo: hello")
		for _, m := range s.sim.Messages(s.channel.ID) {
			if strings.Contains(m.Content, "echo: not") {
				t.Errorf("answered what was not for it: %q", m.Content)
			}
		}
	})

	t.Run("history is read newest first", func(t *testing.T) {
		s.answered(s.mention("history"), "4 messages, first by alice: echo not for the bot")
	})

	t.Run("a file is downloaded and uploaded", func(t *testing.T) {
		asked := s.mention("copy", discordsim.WithFiles(discordsim.File{Name: "notes.txt", Data: []byte("three lines")}))
		answer := s.answered(asked, "notes.txt")
		if len(answer.Attachments) != 1 || string(answer.Attachments[0].Data) != "three lines" || answer.Attachments[0].Name != "copy-notes.txt" {
			t.Errorf("attachments: %+v", answer.Attachments)
		}
	})

	t.Run("a thread is started from a message", func(t *testing.T) {
		asked := s.mention("thread plans")
		wait(t, s.sim, "the thread", func() bool {
			list := s.sim.Messages(asked.ID)
			return len(list) == 2 && list[0].Type == discordsim.ThreadStarter && list[1].Content == "continued here"
		})
	})

	t.Run("a reply leads to the message it answers", func(t *testing.T) {
		first, err := s.sim.Say(s.alice.ID, s.channel.ID, "the tide turns at six")
		if err != nil {
			t.Fatal(err)
		}
		answer := s.answered(s.mention("parent", discordsim.ReplyTo(first.ID)), "the tide turns at six")
		if len(answer.Mentions) != 0 {
			t.Errorf("repliedUser false must not notify, notified %v", answer.Mentions)
		}
	})

	t.Run("a text over the limit is refused with 50035", func(t *testing.T) {
		s.answered(s.mention("long 2001"), "refused: 50035")
	})

	t.Run("what was said while the connection was cut is answered after the resume", func(t *testing.T) {
		s.sim.DropGateway(0)
		s.answered(s.mention("echo still there?"), "echo: still there?")
		resumed := false
		for _, e := range s.sim.GatewayLog() {
			resumed = resumed || e.Kind == "resume" && e.Code == 0
		}
		if !resumed {
			t.Errorf("the bot did not resume: %+v", s.sim.GatewayLog())
		}
	})
}

func TestDiscordJSKeepsToTheRateLimits(t *testing.T) {
	t.Parallel()
	s := set(t, true)
	s.answered(s.mention("stream 7"), "7")
	for _, c := range s.sim.Calls() {
		if c.Status == 429 {
			t.Errorf("%s %s was limited: the headers told discord.js nothing", c.Method, c.Path)
		}
	}
}

func TestDiscordJSAnswersCommands(t *testing.T) {
	t.Parallel()
	s := set(t, false)
	wait(t, s.sim, "the commands", func() bool { return len(s.sim.Commands("")) == 2 })
	whispered := func(want string) discordsim.Message {
		t.Helper()
		var found discordsim.Message
		wait(t, s.sim, "the private answer "+want, func() bool {
			for _, m := range s.sim.Whispers(s.alice.ID, s.channel.ID) {
				if m.Content == want {
					found = m
					return true
				}
			}
			return false
		})
		return found
	}
	if _, err := s.sim.InvokeCommand(s.alice.ID, s.channel.ID, "size", discordsim.Option{Name: "file", File: &discordsim.File{Name: "a.bin", Data: []byte("12345")}}, discordsim.Option{Name: "times", Value: 2}); err != nil {
		t.Fatal(err)
	}
	answer := whispered("10 bytes")
	whispered("and that was all")
	if _, err := s.sim.Press(s.alice.ID, answer.ID, "more"); err != nil {
		t.Fatal(err)
	}
	if m := whispered("pressed"); m.ID != answer.ID || string(m.Components) != "[]" {
		t.Errorf("after the press: %+v", m)
	}
	said, err := s.sim.Say(s.alice.ID, s.channel.ID, "the tide turns at six")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.sim.InvokeMessageCommand(s.alice.ID, said.ID, "Read aloud"); err != nil {
		t.Fatal(err)
	}
	whispered("the tide turns at six")
}
