package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/cmd/parley/demo"
	"parley/conversation"
	"parley/store"
)

func (a *app) demo() *cobra.Command {
	cmd := &cobra.Command{
		Use: "demo", Short: "Try everything on a simulated Slack and a simulated Discord, in a web page", Args: noArgs,
		Long: "Serve a simulated Slack workspace and a simulated Discord server, through the real adapters, with a web page on HTTP_ADDR to act as\n" +
			"their users. Needs no tokens and no model: the built-in offline model answers unless LLM_BASE_URL is set. Nothing is kept.",
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := loadConfig(a.envFiles)
			if err != nil {
				return err
			}
			return a.runDemo(c.Context(), config)
		},
	}
	withVariables(cmd)
	return cmd
}

func (a *app) runDemo(ctx context.Context, config Config) error {
	log := newLogger(config, a.err)
	listener, err := listen(ctx, config.HTTPAddr)
	if err != nil {
		return err
	}
	defer listener.Close()
	if os.Getenv("LLM_BASE_URL") == "" {
		config.LLMBaseURL = offline
	}
	config.DatabaseURL = ""
	config.DataDir = filepath.Join(config.DataDir, "demo")
	page, closeSims, err := simulate(&config, log)
	if err != nil {
		return err
	}
	defer closeSims()
	defer page.Close()
	db, err := openScratch(ctx, config, log, owner, "parley_demo")
	if err != nil {
		return err
	}
	defer db.close()
	s, err := newService(ctx, config, log, db)
	if err != nil {
		return err
	}
	defer s.close()
	page.Describe(filesOf(s.store))
	s.mux.Handle("/", page.Handler())
	fmt.Fprintf(a.out, "The demo is at http://%s - Ctrl-C ends it.\n", listener.Addr())
	return s.run(ctx, func(ctx context.Context) error { return serveHTTP(ctx, listener, s.mux) }, db.lost)
}

// simulate starts both simulated platforms, with their real limits on, and points the configuration to them.
func simulate(config *Config, log *slog.Logger) (*demo.Demo, func(), error) {
	slackSim, err := slacksim.New(slacksim.Options{Limits: true})
	if err != nil {
		return nil, nil, fmt.Errorf("start the simulated Slack: %w", err)
	}
	discordSim, err := discordsim.New(discordsim.Options{Limits: true, MessageContentEnabled: true})
	if err != nil {
		_ = slackSim.Close()
		return nil, nil, fmt.Errorf("start the simulated Discord: %w", err)
	}
	closeAll := func() {
		_ = discordSim.Close()
		_ = slackSim.Close()
	}
	model := config.LLMModel + " at " + config.LLMBaseURL
	if config.LLMBaseURL == offline {
		model = "offline demo model"
	}
	page, err := demo.New(demo.Options{Slack: slackSim, Discord: discordSim, Model: model, Logger: log})
	if err != nil {
		closeAll()
		return nil, nil, err
	}
	config.SlackBotToken, config.SlackAppToken, config.SlackSigningSecret = slackSim.BotToken(), slackSim.AppToken(), ""
	config.SlackAPIURL = slackSim.URL()
	config.DiscordBotToken, config.DiscordAPIURL = discordSim.BotToken(), discordSim.URL()
	return page, closeAll, nil
}

// filesOf lets the page see what has become of people's files.
func filesOf(st *store.Store) func(context.Context, string, string) ([]demo.File, error) {
	return func(ctx context.Context, platform, userID string) ([]demo.File, error) {
		var out []demo.File
		for f, err := range st.PersonFiles(ctx, conversation.Platform(platform), userID) {
			if err != nil {
				return nil, err
			}
			out = append(out, demo.File{
				Channel: f.Channel, Message: f.MessageID, ID: f.AttachmentID, Verdict: f.Verdict, Description: f.Description,
			})
		}
		return out, nil
	}
}
