package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) serve() *cobra.Command {
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve Slack and Discord until SIGINT or SIGTERM", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := loadConfig(a.envFiles)
			if err == nil {
				err = config.platforms()
			}
			if err != nil {
				return err
			}
			return a.runServe(c.Context(), config)
		},
	}
	withVariables(cmd)
	return cmd
}

// withVariables lets a command's help end with the table of variables.
func withVariables(cmd *cobra.Command) {
	help := cmd.HelpFunc()
	cmd.SetHelpFunc(func(c *cobra.Command, args []string) {
		help(c, args)
		fmt.Fprintln(c.OutOrStdout())
		writeVariables(c.OutOrStdout())
	})
}

func (a *app) runServe(ctx context.Context, config Config) error {
	log := newLogger(config, a.err)
	listener, err := listen(ctx, config.HTTPAddr)
	if err != nil {
		return err
	}
	defer listener.Close()
	db, err := openDatabase(ctx, config, log, owner)
	if err != nil {
		return err
	}
	defer db.close()
	s, err := newService(ctx, config, log, db)
	if err != nil {
		return err
	}
	defer s.close()
	if missing := config.noKey(); missing != "" {
		log.WarnContext(ctx, missing)
	}
	log.InfoContext(ctx, "parley serves", "http", "http://"+listener.Addr().String(), "model", s.language.name, "version", buildVersion)
	return s.run(ctx, func(ctx context.Context) error { return serveHTTP(ctx, listener, s.mux) }, db.lost)
}
