package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/llm/llmsim"
	"parley/store/storetest"
)

// asParley makes this test binary behave as parley itself, so that tests run the real program with the race detector.
const asParley = "PARLEY_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	// The worker that decodes a picture is this program once more, without our environment.
	if os.Getenv(asParley) != "" || len(os.Args) > 1 && os.Args[1] == mediaWorker {
		main()
		return
	}
	os.Exit(storetest.Main(m).Run())
}

// town is two simulated platforms and a simulated model for the real binary.
type town struct {
	slack   *slacksim.Server
	discord *discordsim.Server
	model   *llmsim.Server
	db      string

	ana, dana       string // one person on Slack and on Discord
	general, direct string // Slack channel and direct message
	lobby, dm       string // Discord channel and direct message
}

func newTown(t *testing.T, responder llmsim.Responder, limits ...bool) *town {
	t.Helper()
	w := &town{db: storetest.New(t)}
	var err error
	if w.slack, err = slacksim.New(slacksim.Options{Limits: slices.Contains(limits, true)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.slack.Close() })
	if w.discord, err = discordsim.New(discordsim.Options{MessageContentEnabled: true, Limits: slices.Contains(limits, true)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.discord.Close() })
	w.model = llmsim.New(llmsim.Options{Responder: responder, Key: "model-secret"})
	if err := w.model.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.model.Close() })

	ana := w.slack.AddUser("Ana")
	w.ana = ana.ID
	channel := must(w.slack.AddChannel("general", false, ana.ID, w.slack.BotUserID()))(t)
	w.general = channel.ID
	w.direct = must(w.slack.OpenDM(ana.ID))(t).ID
	dana := w.discord.AddUser("Ana")
	w.dana = dana.ID
	guild := w.discord.AddGuild("Guild", dana.ID)
	w.lobby = must(w.discord.AddChannel(guild.ID, "lobby", discordsim.Text))(t).ID
	w.dm = must(w.discord.OpenDM(dana.ID))(t).ID
	return w
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// environment is what the binary is started with: nothing of this process but the way to find programs.
func (w *town) environment(change map[string]string) []string {
	set := map[string]string{
		asParley: "1", "PATH": os.Getenv("PATH"), "HOME": os.Getenv("HOME"), "HTTP_ADDR": "127.0.0.1:0", "DATABASE_URL": w.db, "LOG_FORMAT": "text",
		"SLACK_BOT_TOKEN": w.slack.BotToken(), "SLACK_APP_TOKEN": w.slack.AppToken(), "SLACK_API_URL": w.slack.URL(),
		"DISCORD_BOT_TOKEN": w.discord.BotToken(), "DISCORD_API_URL": w.discord.URL(), "LLM_BASE_URL": w.model.URL(), "LLM_VISION": "off", "LLM_API_KEY": "model-secret",
	}
	for name, value := range change {
		set[name] = value
	}
	env := make([]string, 0, len(set))
	for name, value := range set {
		env = append(env, name+"="+value)
	}
	return env
}

// process is a running parley.
type process struct {
	cmd  *exec.Cmd
	mu   sync.Mutex
	err  bytes.Buffer
	done chan struct{}
}

// Write keeps what the process says on stderr.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err.Write(b)
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err.String()
}

func (w *town) start(t *testing.T, change map[string]string, args ...string) *process {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(executable, args...), done: make(chan struct{})} //nolint:noctx // ended by the cleanup
	p.cmd.Env = w.environment(change)
	p.cmd.Stderr = p
	p.cmd.Stdout = io.Discard
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if t.Failed() {
			t.Logf("parley said:\n%s", p.log())
		}
		for _, secret := range []string{w.slack.BotToken(), w.slack.AppToken(), w.discord.BotToken(), "model-secret"} {
			if strings.Contains(p.log(), secret) {
				t.Error("a secret stands in the log")
			}
		}
	})
	return p
}

// serve starts `parley serve` and waits until it says where it serves.
func (w *town) serve(t *testing.T, change map[string]string) (*process, string) {
	t.Helper()
	p := w.start(t, change, "serve")
	var url string
	until(t, "parley serves", func() bool {
		select {
		case <-p.done:
			t.Fatalf("parley ended: %s", p.log())
		default:
		}
		_, rest, found := strings.Cut(p.log(), "http=http://")
		if found {
			url, _, _ = strings.Cut(rest, " ")
		}
		return found && url != ""
	})
	return p, "http://" + url
}

// run executes a command to its end.
func (w *town) run(t *testing.T, change map[string]string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, executable, args...)
	cmd.Env = w.environment(change)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

// until polls a condition of the outside world.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	untilWithin(t, 90*time.Second, what, ok)
}

func untilWithin(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

// readyz asks a process how it stands.
func readyz(url string) (status int, checks map[string]verdict) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return 0, nil
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	var body struct{ Checks map[string]verdict }
	_ = json.NewDecoder(response.Body).Decode(&body)
	return response.StatusCode, body.Checks
}

func ready(t *testing.T, url string) {
	t.Helper()
	until(t, "it is ready", func() bool { status, _ := readyz(url); return status == http.StatusOK })
}

// slackSays gives the bot's messages in a Slack channel, direct message or thread, without those that one person sees.
func (w *town) slackSays(channel string) (texts []string) {
	for _, m := range w.slack.Messages(channel) {
		if m.BotID != "" && !m.Deleted && m.Ephemeral == "" {
			texts = append(texts, m.Plain)
		}
		if m.ReplyCount > 0 {
			for _, reply := range w.slack.Thread(channel, m.TS)[1:] {
				if reply.BotID != "" && !reply.Deleted && reply.Ephemeral == "" {
					texts = append(texts, reply.Plain)
				}
			}
		}
	}
	return texts
}

func (w *town) discordSays(channel string) (texts []string) {
	for _, m := range w.discord.Messages(channel) {
		if m.Author.ID == w.discord.BotUserID() && !m.Deleted {
			texts = append(texts, m.Content)
		}
	}
	return texts
}

// echo answers with the question's last word, so that each answer can be told from the others.
func echo() llmsim.Responder {
	return llmsim.ResponderFunc(func(_ context.Context, r llmsim.Request) llmsim.Reply {
		return llmsim.Say("You said " + lastWord(r) + ".")
	})
}

func lastWord(r llmsim.Request) string {
	text := r.Messages[len(r.Messages)-1].Text
	_, question, _ := strings.Cut(text, "writes to you:")
	question, _, _ = strings.Cut(question, "\n\nAnswer ")
	words := append([]string{"nothing"}, strings.Fields(question)...)
	return words[len(words)-1]
}

func count(texts []string, want string) (n int) {
	for _, text := range texts {
		if text == want {
			n++
		}
	}
	return n
}

func freePort(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // only its number matters
	return listener.Addr().String()
}

func signalTerm(t *testing.T, p *process) int {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(40 * time.Second):
		t.Fatal("it does not end after SIGTERM")
	}
	return p.cmd.ProcessState.ExitCode()
}

func numbered(format string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, i)
	}
	return out
}
