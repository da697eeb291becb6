package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clean unsets every variable of the table for the test.
func clean(t *testing.T, set map[string]string) {
	t.Helper()
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		for _, prefix := range []string{"SLACK_", "DISCORD_", "LLM_", "TOGETHER_", "DATABASE_", "MAX_", "ALLOW_", "DENY_", "SYSTEM_PROMPT", "FOLLOW_UPS", "TURN_", "DRAIN_", "HTTP_", "LOG_", "DATA_", "USER_TURNS", "BUDGET_", "CATCH_UP", "RETENTION"} {
			if strings.HasPrefix(name, prefix) {
				t.Setenv(name, "")
			}
		}
	}
	for name, value := range set {
		t.Setenv(name, value)
	}
}

func TestEveryFaultIsToldAtOnce(t *testing.T) {
	clean(t, map[string]string{
		"SLACK_BOT_TOKEN": "hunter2-wrong", "MAX_CONCURRENT_TURNS": "many", "TURN_TIMEOUT": "soon", "FOLLOW_UPS": "sometimes",
		"LLM_BASE_URL": "together", "LLM_FALLBACK_BASE_URL": "http://localhost:1/v1", "HTTP_ADDR": "8080", "DISCORD_BOT_TOKEN_FILE": "/nowhere/token",
	})
	_, err := loadConfig(nil)
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("got %v", err)
	}
	for _, name := range []string{"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "MAX_CONCURRENT_TURNS", "TURN_TIMEOUT", "FOLLOW_UPS", "LLM_BASE_URL", "LLM_FALLBACK_MODEL", "HTTP_ADDR", "DISCORD_BOT_TOKEN_FILE"} {
		found := false
		for _, line := range strings.Split(err.Error(), "\n") {
			found = found || strings.HasPrefix(line, name+":")
		}
		if !found {
			t.Errorf("no line names %s:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a secret's value is told: %v", err)
	}
	if os.Getenv("TURN_TIMEOUT") != "soon" {
		t.Error("reading the configuration changes the environment")
	}
}

func TestSecretsMayComeFromFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("xoxb-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	clean(t, map[string]string{"SLACK_BOT_TOKEN_FILE": file, "SLACK_APP_TOKEN": "xapp-1", "TURN_TIMEOUT": "90s", "DENY_USERS": "U1,U2", "MAX_CONCURRENT_TURNS": ""})
	c, err := loadConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.SlackBotToken != "xoxb-1" || c.TurnTimeout != 90*time.Second || len(c.DenyUsers) != 2 || c.MaxConcurrentTurns != 16 {
		t.Errorf("got %+v", c)
	}
	t.Setenv("SLACK_BOT_TOKEN", "xoxb-2")
	if _, err := loadConfig(nil); err == nil || !strings.Contains(err.Error(), "set only one") {
		t.Errorf("two sources of one secret: %v", err)
	}
}

func TestPeriodsMayBeInDays(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 90 * 24 * time.Hour, "0": 0, "30d": 720 * time.Hour, "36h": 36 * time.Hour} {
		clean(t, map[string]string{"RETENTION": text})
		c, err := loadConfig(nil)
		if err != nil || time.Duration(c.Retention) != want || c.policy().CatchUpMaxAge != 6*time.Hour {
			t.Errorf("RETENTION=%q is %v, %v", text, c.Retention, err)
		}
	}
	for _, text := range []string{"-1h", "d", "1.5d", "-3d", "99999999d", "90", "soon"} {
		clean(t, map[string]string{"RETENTION": text})
		if _, err := loadConfig(nil); err == nil || !strings.HasPrefix(err.Error(), "RETENTION: is ") || strings.Contains(err.Error(), "main.") {
			t.Errorf("RETENTION=%q: %v", text, err)
		}
	}
}

func TestTheKeyOfTogetherGoesOnlyToTogether(t *testing.T) {
	for base, want := range map[string]string{
		"": "tk", "https://api.together.ai/v1": "tk", "https://api.together.xyz.evil.example/v1": "", "http://localhost:8000/v1": "", "offline": "",
	} {
		clean(t, map[string]string{"TOGETHER_API_KEY": "tk", "LLM_BASE_URL": base})
		c, err := loadConfig(nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.LLMAPIKey != want {
			t.Errorf("LLM_BASE_URL=%q gets the key %q", base, c.LLMAPIKey)
		}
	}
}

func TestEnvFilesFillInWhatIsNotSet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte("FOLLOW_UPS=never\nLLM_MODEL=from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	clean(t, map[string]string{"LLM_MODEL": "from-environment"})
	if err := os.Unsetenv("FOLLOW_UPS"); err != nil {
		t.Fatal(err)
	}
	defer os.Unsetenv("FOLLOW_UPS") //nolint:errcheck // the test set it
	c, err := loadConfig([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	if c.FollowUps != "never" || c.LLMModel != "from-environment" {
		t.Errorf("follow-ups %q, model %q", c.FollowUps, c.LLMModel)
	}
}

func TestBrokenEnvFilesTellNoSecret(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	for _, text := range []string{"SLACK_BOT_TOKEN=\"xoxb-very-secret-1\nX=1\n", "SLACK BOT TOKEN=very-secret\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		clean(t, nil)
		_, err := loadConfig([]string{file})
		if err == nil || !strings.Contains(err.Error(), "--env-file "+file) || strings.Contains(err.Error(), "very-secret") {
			t.Errorf("%q gives %v", text, err)
		}
	}
}

func TestValuesOutOfRangeAreFaults(t *testing.T) {
	clean(t, map[string]string{
		"DATABASE_URL": "postgres://u:%zz@h/x", "LLM_INPUT_PRICE": "-5", "LLM_OUTPUT_PRICE": "NaN", "TRANSCRIBE_PRICE": "-1", "HTTP_ADDR": ":99999",
	})
	_, err := loadConfig(nil)
	for _, name := range []string{"DATABASE_URL:", "LLM_INPUT_PRICE:", "LLM_OUTPUT_PRICE:", "TRANSCRIBE_PRICE:", "HTTP_ADDR:"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("no fault of %s in %v", name, err)
		}
	}
}
