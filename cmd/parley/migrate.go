package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"parley/store"
)

func (a *app) migrate() *cobra.Command {
	cmd := &cobra.Command{
		Use: "migrate [up|status]", Short: "Bring the database's schema up to date, or say how it stands",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != "up" && args[0] != "status" {
				return &usageError{fmt.Errorf("migrate takes up or status")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			config, err := loadConfig(a.envFiles)
			if err != nil {
				return err
			}
			return a.runMigrate(c.Context(), config, len(args) == 1 && args[0] == "status")
		},
	}
	withVariables(cmd)
	return cmd
}

func (a *app) runMigrate(ctx context.Context, config Config, status bool) error {
	log := newLogger(config, a.err)
	db, err := openDatabase(ctx, config, log, guest)
	if err != nil {
		return err
	}
	defer db.close()
	st, err := store.Open(ctx, store.Options{DatabaseURL: db.url, MaxConns: 4, Logger: log})
	if err != nil {
		return err
	}
	defer st.Close()
	if !status {
		if err := st.Migrate(ctx); err != nil {
			return err
		}
	}
	state, err := st.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	for _, m := range state {
		mark := "pending"
		if m.Applied {
			mark = "applied"
		}
		fmt.Fprintf(a.out, "%-8s %s\n", mark, m.Name)
	}
	return nil
}
