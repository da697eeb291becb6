package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store"
	"parley/store/localpg"
)

// role says how a command uses the private Postgres.
type role int

const (
	// owner runs it alone: serve and demo. A second owner is refused.
	owner role = iota
	// guest attaches to a running one, or runs one for as long as the command takes.
	guest
)

// database is an open place for data and how to leave it.
type database struct {
	url string
	// alone says that no other process can work on it.
	alone bool
	// lost is closed when a private Postgres of this process ends by itself; nil where there is none.
	lost  <-chan struct{}
	close func()
}

// privateDir is the folder of the private Postgres.
func privateDir(c Config) string { return filepath.Join(c.DataDir, "postgres") }

// openDatabase gives the configured database, or starts the private one.
func openDatabase(ctx context.Context, c Config, log *slog.Logger, as role) (database, error) {
	if c.DatabaseURL != "" {
		return database{url: c.DatabaseURL, close: func() {}}, nil
	}
	start := localpg.Start
	if as == guest {
		start = localpg.Attach
	}
	server, err := start(ctx, localpg.Options{DataDir: privateDir(c), Logger: log})
	if err != nil {
		return database{}, err
	}
	return database{url: server.URL(), alone: as == owner, lost: server.Exited(), close: func() {
		if err := server.Stop(); err != nil {
			log.Warn("the private Postgres did not stop cleanly", "error", err)
		}
	}}, nil
}

// openScratch gives a database of its own, new and empty, that is dropped at the end. What a killed predecessor of the
// same name left is dropped first.
func openScratch(ctx context.Context, c Config, log *slog.Logger, as role, name string) (database, error) {
	db, err := openDatabase(ctx, c, log, as)
	if err != nil {
		return db, err
	}
	drop := "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"
	err = execute(ctx, db.url, drop)
	if err == nil {
		err = execute(ctx, db.url, "CREATE DATABASE "+name)
	}
	var scratch string
	if err == nil {
		scratch, err = withDatabase(db.url, name)
	}
	if err != nil {
		db.close()
		return database{}, fmt.Errorf("create database %s: %w", name, err)
	}
	return database{url: scratch, alone: true, lost: db.lost, close: func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := execute(ctx, db.url, drop); err != nil {
			log.WarnContext(ctx, "a database of this run stays", "database", name, "error", err)
		}
		db.close()
	}}, nil
}

// execute runs one statement on a connection of its own.
func execute(ctx context.Context, databaseURL, statement string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing depends on it
	_, err = conn.Exec(ctx, statement)
	return err
}

// withDatabase puts another database's name into a Postgres address.
func withDatabase(databaseURL, name string) (string, error) {
	if !strings.Contains(databaseURL, "://") {
		return databaseURL + " dbname=" + name, nil
	}
	u, err := url.Parse(databaseURL)
	if err != nil {
		return "", Faults{"DATABASE_URL: cannot be read"}
	}
	u.Path = "/" + name
	return u.String(), nil
}

// openStore opens and migrates the store. Its workers take the turns of the given platforms.
func openStore(ctx context.Context, c Config, log *slog.Logger, db database, platforms []conversation.Platform, finished func(conversation.Turn, conversation.Outcome)) (*store.Store, error) {
	st, err := store.Open(ctx, store.Options{
		DatabaseURL: db.url, MaxConns: c.DatabaseMaxConns, Logger: log, MaxConcurrentTurns: c.MaxConcurrentTurns, Platforms: platforms,
		TurnTimeout: c.TurnTimeout, DrainTimeout: c.DrainTimeout, Alone: db.alone, Budget: c.budget(), Observer: store.Observer{TurnFinished: finished},
	})
	if err != nil {
		return nil, err
	}
	if err := st.Migrate(ctx); err != nil {
		st.Close()
		return nil, err
	}
	return st, nil
}
