package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/store/localpg"
)

// database is the Postgres that parley works on, and what it has done.
type database struct {
	server     *localpg.Server
	conn       *pgx.Conn
	postmaster int
	statements bool // statistics of statements are there
}

func openDatabase(ctx context.Context, dir string) (*database, error) {
	server, statements, err := openServer(ctx, dir)
	if err != nil {
		return nil, err
	}
	d := &database{server: server, statements: statements}
	if d.conn, err = pgx.Connect(ctx, server.URL()); err != nil {
		return nil, fmt.Errorf("connect to Postgres: %w", err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	if err != nil {
		return nil, fmt.Errorf("find Postgres's process: %w", err)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	if d.postmaster, err = strconv.Atoi(first); err != nil {
		return nil, fmt.Errorf("find Postgres's process: %w", err)
	}
	if statements {
		if _, err := d.conn.Exec(ctx, "CREATE EXTENSION pg_stat_statements"); err != nil {
			return nil, fmt.Errorf("count statements: %w", err)
		}
	}
	return d, nil
}

// work is what the database did, since its start.
type work struct {
	commits, statements int64
	cpu                 time.Duration
}

func (d *database) work(ctx context.Context) (work, error) {
	var w work
	var err error
	if w.cpu, err = familyCPU(d.postmaster); err != nil {
		return w, err
	}
	err = d.conn.QueryRow(ctx, `SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()`).Scan(&w.commits)
	if err == nil && d.statements {
		// BEGIN and COMMIT are among them, as round trips of their own.
		err = d.conn.QueryRow(ctx, `SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements`).Scan(&w.statements)
	}
	if err != nil {
		return w, fmt.Errorf("read statistics: %w", err)
	}
	return w, nil
}

func (d *database) close() error {
	if d.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = d.conn.Close(ctx) // the server ends next
	}
	return d.server.Stop()
}
