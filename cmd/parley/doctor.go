package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"parley/bots/discord"
	"parley/bots/slack"
	"parley/conversation"
	"parley/llm"
	"parley/store"
	"parley/store/localpg"
)

// finding is one line of the doctor.
type finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
}

// doctorTimeout bounds each group of checks.
const doctorTimeout = 30 * time.Second

func (a *app) doctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check configuration, database, tokens and model; one line each, with a hint for each fault", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := loadConfig(a.envFiles)
			if err != nil {
				return err
			}
			return a.report(diagnose(c.Context(), config), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	withVariables(cmd)
	return cmd
}

// report prints the findings and fails when one of them is a fault.
func (a *app) report(findings []finding, asJSON bool) error {
	all := true
	for _, f := range findings {
		all = all && f.OK
	}
	if asJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(map[string]any{"ok": all, "findings": findings}); err != nil {
			return err
		}
	} else {
		width := 0
		for _, f := range findings {
			width = max(width, len(f.Name))
		}
		for _, f := range findings {
			mark := "ok   "
			if !f.OK {
				mark = "FAIL "
			}
			fmt.Fprintf(a.out, "%s %-*s  %s\n", mark, width, f.Name, f.Detail)
			if f.Hint != "" {
				fmt.Fprintf(a.out, "      %-*s  -> %s\n", width, "", f.Hint)
			}
		}
	}
	if !all {
		return errSilent
	}
	return nil
}

// diagnose makes every check. One that fails does not keep the others from being made.
func diagnose(ctx context.Context, c Config) []finding {
	log := slog.New(slog.DiscardHandler)
	findings := []finding{{Name: "configuration", OK: true, Detail: "read without faults"}}
	if err := c.platforms(); err != nil {
		findings = append(findings, finding{Name: "platforms", Detail: "neither Slack nor Discord is set up", Hint: "set SLACK_BOT_TOKEN or DISCORD_BOT_TOKEN"})
	}
	group := func(check func(context.Context) []finding) { findings = append(findings, within(ctx, check)...) }
	var aboutModel []finding
	model := func(memory llm.Memory) { aboutModel = checkModel(ctx, c, log, memory) } // its checks take time one by one
	group(func(ctx context.Context) []finding { return checkDatabase(ctx, c, log, model) })
	if aboutModel == nil {
		model(nil)
	}
	group(func(ctx context.Context) []finding { return checkSlack(ctx, c, log) })
	group(func(ctx context.Context) []finding { return checkDiscord(ctx, c, log) })
	return append(append(findings, aboutModel...), checkTools())
}

// within bounds a check, or a group of them.
func within[T any](ctx context.Context, check func(context.Context) T) T {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	return check(ctx)
}

// checkDatabase calls with, while the database is open, with what the service has stored of its model server.
func checkDatabase(ctx context.Context, c Config, log *slog.Logger, with func(llm.Memory)) []finding {
	bad := func(err error) []finding {
		hint := "check DATABASE_URL and that Postgres runs there"
		if c.DatabaseURL == "" {
			hint = "install PostgreSQL's programs, or set DATABASE_URL to a Postgres that runs elsewhere"
		}
		return []finding{{Name: "database", Detail: err.Error(), Hint: hint}}
	}
	if c.DatabaseURL == "" {
		there, err := localpg.Look(ctx, privateDir(c))
		if err != nil {
			return bad(err)
		}
		if !there {
			return []finding{{Name: "database", OK: true, Detail: "none yet; serve makes a private Postgres under " + privateDir(c)}}
		}
	}
	db, err := openDatabase(ctx, c, log, guest)
	if err != nil {
		return bad(err)
	}
	defer db.close()
	st, err := store.Open(ctx, store.Options{DatabaseURL: db.url, MaxConns: 2, Logger: log})
	if err != nil {
		return bad(err)
	}
	defer st.Close()
	states, err := st.MigrationStatus(ctx)
	if err != nil {
		return bad(err)
	}
	pending := 0
	for _, m := range states {
		if !m.Applied {
			pending++
		}
	}
	if pending == 0 {
		with(st)
	}
	detail := "reachable, schema up to date"
	if pending > 0 {
		detail = fmt.Sprintf("reachable, %d migrations pending (serve applies them)", pending)
	}
	if c.DatabaseURL == "" {
		detail = "private Postgres under DATA_DIR: " + detail
	}
	return []finding{{Name: "database", OK: true, Detail: detail}}
}

// nowhere takes no events: the doctor only asks.
type nowhere struct{}

// Ingest implements the adapters' Ingester.
func (nowhere) Ingest(context.Context, conversation.Event) error { return nil }

func checkSlack(ctx context.Context, c Config, log *slog.Logger) (findings []finding) {
	if c.SlackBotToken == "" {
		return nil
	}
	adapter, err := slack.New(slack.Options{BotToken: c.SlackBotToken, AppToken: c.SlackAppToken, SigningSecret: c.SlackSigningSecret, APIURL: c.SlackAPIURL, Ingester: nowhere{}, Logger: log})
	if err != nil {
		return []finding{{Name: "slack", Detail: err.Error(), Hint: "check the SLACK_ variables"}}
	}
	for _, f := range adapter.Check(ctx) {
		findings = append(findings, finding{Name: "slack " + f.Name, OK: f.OK, Detail: f.Detail, Hint: f.Hint})
	}
	return findings
}

func checkDiscord(ctx context.Context, c Config, log *slog.Logger) (findings []finding) {
	if c.DiscordBotToken == "" {
		return nil
	}
	adapter, err := discord.New(discord.Options{BotToken: c.DiscordBotToken, APIURL: c.DiscordAPIURL, Ingester: nowhere{}, Logger: log})
	if err != nil {
		return []finding{{Name: "discord", Detail: err.Error(), Hint: "check the DISCORD_ variables"}}
	}
	for _, f := range adapter.Check(ctx) {
		findings = append(findings, finding{Name: f.Name, OK: f.OK, Detail: f.Detail, Hint: f.Hint})
	}
	return findings
}

func checkModel(ctx context.Context, c Config, log *slog.Logger, memory llm.Memory) []finding {
	model, err := openLanguage(ctx, c, log, prometheus.NewRegistry(), memory)
	if err != nil {
		return []finding{{Name: "model", Detail: err.Error(), Hint: "check LLM_BASE_URL and LLM_MODEL"}}
	}
	defer model.close()
	_ = model.Recall(ctx) // what is wrong with the database is told by its own check
	var found []finding
	if second := model.fallback; second != nil {
		if health, err := checkHealth(ctx, second); err != nil {
			found = append(found, finding{Name: "model fallback", Detail: err.Error(), Hint: strings.ReplaceAll(modelHint(llm.KindOf(err)), "LLM_", "LLM_FALLBACK_")})
		} else {
			found = append(found, finding{Name: "model fallback", OK: true, Detail: fmt.Sprintf("%s answered in %v", second.Model(), health.Took.Round(time.Millisecond))})
		}
	}
	found = append(found, checkChat(ctx, c, model)...)
	return append(found, checkSenses(ctx, c, model)...)
}

// checkChat asks the chat model, and tells what it takes.
func checkChat(ctx context.Context, c Config, model *language) []finding {
	if missing := c.noKey(); missing != "" {
		return []finding{{Name: "model", Detail: "no key", Hint: missing}}
	}
	health, err := checkHealth(ctx, model.Client)
	if err != nil {
		return []finding{{Name: "model", Detail: err.Error(), Hint: modelHint(llm.KindOf(err))}}
	}
	answered := finding{Name: "model", OK: true, Detail: fmt.Sprintf("%s answered in %v", model.name, health.Took.Round(time.Millisecond))}
	return append([]finding{answered}, checkAbilities(ctx, c, model)...)
}

// checkHealth asks a model a tiny question.
func checkHealth(ctx context.Context, client *llm.Client) (llm.Health, error) {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	return client.Check(ctx)
}

func modelHint(kind llm.Kind) string {
	switch kind {
	case llm.KindAuth:
		return "check LLM_API_KEY (for Together, TOGETHER_API_KEY does too)"
	case llm.KindQuota:
		return "add credit at the model server"
	case llm.KindModelNotFound:
		return "check LLM_MODEL: the server has no model of that name; LLM_BASE_URL usually ends with /v1"
	case llm.KindTimeout:
		return "the server is slow or still loads the model; try again in a minute"
	}
	return "check that the model server runs and that LLM_BASE_URL is its OpenAI-compatible address"
}
