package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// maxTurns is MAX_CONCURRENT_TURNS and MAX_CONCURRENT_MODEL_CALLS of the measured parley.
const maxTurns = 600

// process is the parley that is measured.
type process struct {
	cmd  *exec.Cmd
	url  string
	done chan struct{}

	mu       sync.Mutex
	last     []string // its last lines
	warned   int
	serving  chan string
	reported bool
}

// startParley starts parley on a database and waits until it is ready.
func startParley(ctx context.Context, path string, w *world, databaseURL string) (*process, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(path, "serve"), done: make(chan struct{}), serving: make(chan string, 1)}
	p.cmd.Dir = w.dir
	p.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "HTTP_ADDR=127.0.0.1:0", "DATABASE_URL=" + databaseURL, "LOG_FORMAT=text",
		"SLACK_BOT_TOKEN=" + w.slack.BotToken(), "SLACK_APP_TOKEN=" + w.slack.AppToken(), "SLACK_API_URL=" + w.slack.URL(),
		"DISCORD_BOT_TOKEN=" + w.discord.BotToken(), "DISCORD_API_URL=" + w.discord.URL(),
		"LLM_BASE_URL=" + w.model.url, "LLM_API_KEY=" + modelKey, "USER_TURNS_PER_MINUTE=0",
		fmt.Sprint("MAX_CONCURRENT_TURNS=", maxTurns), fmt.Sprint("MAX_CONCURRENT_MODEL_CALLS=", maxTurns),
	}
	for _, name := range []string{"GOGC", "GOMEMLIMIT", "GODEBUG", "GOMAXPROCS", "DATABASE_MAX_CONNS", "LOG_LEVEL"} { // for experiments
		if value, set := os.LookupEnv(name); set {
			p.cmd.Env = append(p.cmd.Env, name+"="+value)
		}
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("start parley: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start parley: %w", err)
	}
	go func() {
		defer close(p.done)
		p.read(stderr)
		_ = p.cmd.Wait()
	}()
	if err := p.await(ctx); err != nil {
		p.stop()
		return nil, fmt.Errorf("start parley: %w:\n%s", err, p.tail())
	}
	return p, nil
}

// read takes parley's log.
func (p *process) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		p.mu.Lock()
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") {
			p.warned++
			if p.warned <= 5 {
				fmt.Fprintln(os.Stderr, "parley:", line)
			}
		}
		p.last = append(p.last, line)
		if len(p.last) > 20 {
			p.last = p.last[1:]
		}
		if _, rest, found := strings.Cut(line, "http=http://"); found && !p.reported {
			p.reported = true
			address, _, _ := strings.Cut(rest, " ")
			p.serving <- "http://" + address
		}
		p.mu.Unlock()
	}
}

func (p *process) await(ctx context.Context) error {
	select {
	case p.url = <-p.serving:
	case <-p.done:
		return errors.New("it has ended")
	case <-ctx.Done():
		return ctx.Err()
	}
	for range 300 {
		if _, err := p.get(ctx, "/readyz"); err == nil {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-p.done:
			return errors.New("it has ended")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("it is not ready after 30 s")
}

func (p *process) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, response.Status)
	}
	return body, err
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) cpu() (time.Duration, error) {
	s, err := readStat(p.pid())
	return s.own, err
}

// liveHeap collects garbage and gives what stays, in bytes.
func (p *process) liveHeap(ctx context.Context) (int64, error) {
	if _, err := p.get(ctx, "/debug/pprof/heap?gc=1"); err != nil {
		return 0, err
	}
	metrics, err := p.get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(metrics), "\ngo_memstats_heap_alloc_bytes ")
	if !found {
		return 0, errors.New("parley tells no go_memstats_heap_alloc_bytes")
	}
	value, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseFloat(value, 64)
	return int64(n), err
}

// profile writes a CPU profile of the next seconds and then one of what was allocated since the start, and gives the
// function that waits for them.
func (p *process) profile(ctx context.Context, folder, name string, seconds int) (wait func() error) {
	if folder == "" {
		return func() error { return nil }
	}
	done := make(chan error, 1)
	go func() {
		err := p.save(ctx, fmt.Sprint("/debug/pprof/profile?seconds=", seconds), filepath.Join(folder, name+".pprof"))
		if err == nil {
			err = p.save(ctx, "/debug/pprof/allocs", filepath.Join(folder, name+".allocs.pprof"))
		}
		done <- err
	}()
	return func() error { return <-done }
}

func (p *process) save(ctx context.Context, path, file string) error {
	raw, err := p.get(ctx, path)
	if err != nil {
		return err
	}
	return os.WriteFile(file, raw, 0o600)
}

func (p *process) warnings() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.warned
}

func (p *process) tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.last, "\n")
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(35 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}
