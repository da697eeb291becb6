package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// check finds what is set but cannot work, whatever the world outside looks like. It never prints a value of a secret.
func (c *Config) check() (faults Faults) {
	add := func(name, format string, args ...any) {
		faults = append(faults, name+": "+fmt.Sprintf(format, args...))
	}
	if c.DatabaseURL != "" {
		if _, err := pgconn.ParseConfig(c.DatabaseURL); err != nil {
			add("DATABASE_URL", "is no Postgres address that can be read; it looks like postgres://user:password@host:5432/database")
		}
	}
	_, port, err := net.SplitHostPort(c.HTTPAddr)
	if n, numErr := strconv.Atoi(port); err != nil || numErr != nil || n < 0 || n > 65535 {
		add("HTTP_ADDR", "is no host:port such as 127.0.0.1:8080")
	}
	for name, price := range map[string]*float64{"LLM_INPUT_PRICE": c.LLMInputPrice, "LLM_OUTPUT_PRICE": c.LLMOutputPrice, "TRANSCRIBE_PRICE": c.TranscribePrice} {
		if price != nil && !(*price >= 0 && *price < 1e6) {
			add(name, "is no price in US dollars")
		}
	}
	if !(c.BudgetDailyUSD >= 0 && c.BudgetDailyUSD < 1e6) {
		add("BUDGET_DAILY_USD", "is no sum in US dollars; 0 sets no limit")
	}
	if !(c.SummaryAskUSD >= 0 && c.SummaryAskUSD < 1e6) {
		add("SUMMARY_ASK_USD", "is no sum in US dollars; 0 never asks")
	}
	var level slog.Level
	if level.UnmarshalText([]byte(c.LogLevel)) != nil {
		add("LOG_LEVEL", "is none of debug, info, warn, error")
	}
	if !slices.Contains([]string{"", "text", "json"}, c.LogFormat) {
		add("LOG_FORMAT", "is neither text nor json")
	}
	if c.SlackBotToken != "" && !strings.HasPrefix(c.SlackBotToken, "xoxb-") {
		add("SLACK_BOT_TOKEN", "is no bot token; the right one begins with xoxb- (OAuth & Permissions, Bot User OAuth Token)")
	}
	if c.SlackAppToken != "" && !strings.HasPrefix(c.SlackAppToken, "xapp-") {
		add("SLACK_APP_TOKEN", "is no app-level token; the right one begins with xapp- (Basic Information, App-Level Tokens, scope connections:write)")
	}
	if c.SlackBotToken != "" && c.SlackAppToken == "" && c.SlackSigningSecret == "" {
		add("SLACK_APP_TOKEN", "is empty: Slack needs it for Socket Mode, or SLACK_SIGNING_SECRET for the HTTP Events API")
	}
	if c.SlackBotToken == "" && (c.SlackAppToken != "" || c.SlackSigningSecret != "") {
		add("SLACK_BOT_TOKEN", "is empty, but another Slack variable is set")
	}
	for _, u := range []struct{ name, value string }{{"SLACK_API_URL", c.SlackAPIURL}, {"DISCORD_API_URL", c.DiscordAPIURL}, {"LLM_BASE_URL", c.LLMBaseURL}, {"LLM_FALLBACK_BASE_URL", c.LLMFallbackBaseURL},
		{"VISION_BASE_URL", c.VisionBaseURL}, {"TRANSCRIBE_BASE_URL", c.TranscribeBaseURL}} {
		if u.value == "" && u.name != "SLACK_API_URL" && u.name != "DISCORD_API_URL" && u.name != "LLM_BASE_URL" {
			continue
		}
		if u.name == "LLM_BASE_URL" && u.value == offline {
			continue
		}
		if parsed, err := url.Parse(u.value); err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
			add(u.name, "is no address that begins with http:// or https://")
		}
	}
	if c.LLMModel == "" {
		add("LLM_MODEL", "is empty")
	}
	if c.LLMFallbackBaseURL != "" && c.LLMFallbackModel == "" {
		add("LLM_FALLBACK_MODEL", "is empty, but LLM_FALLBACK_BASE_URL is set")
	}
	if c.LLMFallbackBaseURL == "" && (c.LLMFallbackModel != "" || c.LLMFallbackAPIKey != "") {
		add("LLM_FALLBACK_BASE_URL", "is empty, but another variable of the fallback is set")
	}
	for _, s := range []struct{ name, value string }{{"LLM_VISION", c.LLMVision}, {"LLM_AUDIO", c.LLMAudio}} {
		if !slices.Contains([]string{"auto", "on", "off"}, s.value) {
			add(s.name, "is none of auto, on, off")
		}
	}
	if c.VisionModel == "" && (c.VisionBaseURL != "" || c.VisionAPIKey != "") {
		add("VISION_MODEL", "is empty, but another variable of it is set")
	}
	if c.VisionBaseURL == "" && c.VisionAPIKey != "" {
		add("VISION_BASE_URL", "is empty, but VISION_API_KEY is set; the chat server takes LLM_API_KEY")
	}
	if c.TranscribeBaseURL == "" && c.TranscribeAPIKey != "" {
		add("TRANSCRIBE_BASE_URL", "is empty, but TRANSCRIBE_API_KEY is set; the chat server takes LLM_API_KEY")
	}
	if c.LLMContextTokens != 0 && c.LLMContextTokens < 1024 {
		add("LLM_CONTEXT_TOKENS", "is below 1024, too small for instructions, a question and an answer")
	}
	for _, n := range []struct {
		name  string
		value int
		least int
	}{
		{"LLM_MAX_OUTPUT_TOKENS", c.LLMMaxOutputTokens, 0}, {"MAX_CONCURRENT_TURNS", c.MaxConcurrentTurns, 1},
		{"MAX_CONCURRENT_MODEL_CALLS", c.MaxConcurrentModelCalls, 1}, {"DATABASE_MAX_CONNS", c.DatabaseMaxConns, 0}, {"USER_TURNS_PER_MINUTE", c.UserTurnsPerMinute, 0},
		{"BUDGET_USER_DAILY_TOKENS", c.BudgetUserDailyTokens, 0},
	} {
		if n.value < n.least {
			add(n.name, "is below %d", n.least)
		}
	}
	if c.TurnTimeout <= 0 {
		add("TURN_TIMEOUT", "is not above zero")
	}
	if c.DrainTimeout < 0 {
		add("DRAIN_TIMEOUT", "is below zero")
	}
	if c.CatchUpMaxAge < 0 {
		add("CATCH_UP_MAX_AGE", "is below zero")
	}
	if c.Retention < 0 {
		add("RETENTION", "is below zero")
	}
	if !slices.Contains([]string{"never", "thread", "always"}, c.FollowUps) {
		add("FOLLOW_UPS", "is none of never, thread, always")
	}
	return faults
}

// platforms says in one sentence what is missing when nothing is set up to be served.
func (c *Config) platforms() error {
	if c.SlackBotToken == "" && c.DiscordBotToken == "" {
		return Faults{"SLACK_BOT_TOKEN, DISCORD_BOT_TOKEN: neither is set, so there is nothing to serve; set one of them, or try `parley demo`, which needs no tokens"}
	}
	return nil
}
