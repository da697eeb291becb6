//go:build peers

package browsertest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/cmd/parley/demo"
)

// TestPage uses the page with a bot of a few lines behind it, so that a fault shown here is the page's own.
func TestPage(t *testing.T) {
	t.Parallel()
	need(t)
	slack, err := slacksim.New(slacksim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = slack.Close() })
	discord, err := discordsim.New(discordsim.Options{MessageContentEnabled: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = discord.Close() })
	page, err := demo.New(demo.Options{Slack: slack, Discord: discord, Model: "a bot of a few lines"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(page.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(page.Close)
	startBots(t, slack, discord)
	drive(t, server.URL+"/", pictures(t, "page"), "status")
}

// need fails, with what to do, where a tool is missing.
func need(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("node is missing: install Node 20 or newer, or run `make setup-test`")
	}
	if _, err := os.Stat("node_modules/playwright-core"); err != nil {
		t.Fatal("playwright-core is missing: run `npm ci --ignore-scripts` in cmd/parley/demo/browsertest, or `make setup-test`")
	}
	if path := os.Getenv("CHROMIUM"); path != "" {
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("the variable CHROMIUM names %s, which is not there: set it to the program of Chromium or Chrome", path)
		}
	}
}

// chromium finds the browser: what CHROMIUM names, what is on PATH, or Chrome on a Mac. Empty is the browser that
// playwright-core has installed for itself; it says so when it has none.
func chromium() string {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// pictures returns the folder in which the pictures of a run are left.
func pictures(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("PARLEY_PICTURES")
	if root == "" {
		return t.TempDir()
	}
	folder := filepath.Join(root, name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

func drive(t *testing.T, url, folder string, more ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{"drive.mjs", url, folder}, more...)...)
	cmd.Env = append(os.Environ(), "CHROMIUM="+chromium())
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	t.Logf("node drive.mjs:\n%s", out)
	if err != nil {
		t.Fatalf("the page did not do what it should: %v", err)
	}
}

var client = &http.Client{Timeout: 10 * time.Second}
