//go:build crash

package crash

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a running parley.
type process struct {
	c     *city
	name  string
	cmd   *exec.Cmd
	done  chan struct{}
	ended time.Time // once done is closed

	mu     sync.Mutex
	log    strings.Builder
	up     time.Time // when it said that it serves
	killed bool      // by the harness
}

// Write keeps what the process says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.up.IsZero() && strings.Contains(string(b), "http=http://") {
		p.up = time.Now()
	}
	return p.log.Write(b)
}

// serves is since when the process has served; ok is false while it starts.
func (p *process) serves() (since time.Time, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.up, !p.up.IsZero()
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// start runs `parley serve` with a plan of failpoints.
func (c *city) start(failpoints string, change ...string) *process {
	c.t.Helper()
	c.mu.Lock()
	name := fmt.Sprintf("parley-%d", len(c.procs)+1)
	c.mu.Unlock()
	p := &process{c: c, name: name, cmd: exec.Command(binary, "serve"), done: make(chan struct{})} //nolint:noctx // ended by the city
	p.cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "HTTP_ADDR=127.0.0.1:0", "DATABASE_URL=" + c.url,
		"LOG_FORMAT=text", "LOG_LEVEL=debug", "PARLEY_FAILPOINT=" + failpoints, "USER_TURNS_PER_MINUTE=0", "LLM_MAX_OUTPUT_TOKENS=8000",
		"SLACK_BOT_TOKEN=" + c.slack.BotToken(), "SLACK_APP_TOKEN=" + c.slack.AppToken(), "SLACK_API_URL=" + c.slack.URL(),
		"DISCORD_BOT_TOKEN=" + c.discord.BotToken(), "DISCORD_API_URL=" + c.discord.URL(),
		"LLM_BASE_URL=" + c.model.URL(), "LLM_API_KEY=model-secret",
	}, change...)
	p.cmd.Stderr = p
	if err := p.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	c.procs = append(c.procs, p)
	c.mu.Unlock()
	go func() {
		_ = p.cmd.Wait()
		p.ended = time.Now()
		close(p.done)
	}()
	return p
}

// ready waits until the process is connected to everything, or has ended.
func (p *process) ready() {
	p.c.t.Helper()
	p.c.until(p.name+" is ready", time.Minute, func() bool { return p.dead() || p.isReady() })
}

func (p *process) isReady() bool {
	_, rest, found := strings.Cut(p.said(), "http=http://")
	address, _, whole := strings.Cut(rest, " ")
	if !found || !whole {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func (p *process) dead() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// diesWithin waits for the process to end by itself.
func (p *process) diesWithin(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	p.mu.Lock()
	p.killed = true
	p.mu.Unlock()
	_ = p.cmd.Process.Kill()
	<-p.done
}

func (p *process) signal(s syscall.Signal) {
	p.c.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.c.t.Fatal(err)
	}
}

// attended is since when there has been at least one process that serves, without a break; now where there is none. On a
// busy machine a process takes seconds to start, and works on nothing until then.
func (c *city) attended() time.Time {
	c.mu.Lock()
	procs := c.procs
	c.mu.Unlock()
	since := time.Now()
	for _, p := range slices.Backward(procs) { // youngest first
		up, ok := p.serves()
		if ok && (!p.dead() || p.ended.After(since)) && up.Before(since) {
			since = up
		}
	}
	return since
}

// step is the failpoint at which the process ended; empty where it was another cause.
func (p *process) step() string {
	_, rest, found := strings.Cut(p.said(), "failpoint: ")
	if !found {
		return ""
	}
	name, _, _ := strings.Cut(rest, " ")
	return name
}

// endAll ends what still runs, and shows what the processes said where the test has failed.
func (c *city) endAll() {
	c.mu.Lock()
	procs := c.procs
	c.mu.Unlock()
	for _, p := range procs {
		byItself := p.dead()
		p.kill()
		if byItself && p.step() == "" && !p.killedByUs() {
			c.t.Errorf("%s ended by itself: %v\n%s", p.name, p.cmd.ProcessState, tail(p.said()))
		}
	}
	if *logs == "" || !c.t.Failed() {
		return
	}
	dir := filepath.Join(*logs, strings.ReplaceAll(c.t.Name(), "/", "_"))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		c.t.Error(err)
	}
	for _, p := range procs {
		if err := os.WriteFile(filepath.Join(dir, p.name+".log"), []byte(p.said()), 0o600); err != nil {
			c.t.Error(err)
		}
	}
}

func (p *process) killedByUs() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

func tail(s string) string { return s[max(0, len(s)-4000):] }

// until polls the outside world.
func (c *city) until(what string, most time.Duration, ok func() bool) {
	c.t.Helper()
	deadline := time.Now().Add(most)
	for tick := time.NewTicker(20 * time.Millisecond); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			c.t.Fatalf("waited %v in vain until %s", most, what)
		}
	}
}
