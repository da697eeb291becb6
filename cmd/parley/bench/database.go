package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
		err = d.conn.QueryRow(ctx, `SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements`).Scan(&w.statements)
	}
	if err != nil {
		return w, fmt.Errorf("read statistics: %w", err)
	}
	return w, nil
}

// forget begins the statistics of statements anew.
func (d *database) forget(ctx context.Context) error {
	if !d.statements {
		return nil
	}
	_, err := d.conn.Exec(ctx, `SELECT pg_stat_statements_reset()`)
	return err
}

// list writes the statements since forget, the most frequent first, with calls and server time a turn.
func (d *database) list(ctx context.Context, w io.Writer, turns int) error {
	if !d.statements {
		return errors.New("list statements: this Postgres has no pg_stat_statements")
	}
	rows, err := d.conn.Query(ctx, `SELECT calls, total_exec_time, query FROM pg_stat_statements ORDER BY calls DESC LIMIT 60`)
	if err != nil {
		return fmt.Errorf("list statements: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var calls int64
		var took float64
		var query string
		if err := rows.Scan(&calls, &took, &query); err != nil {
			return fmt.Errorf("list statements: %w", err)
		}
		short := []rune(strings.Join(strings.Fields(query), " "))
		fmt.Fprintf(w, "%6.2f calls %7.3f ms  %s\n", float64(calls)/float64(turns), took/float64(turns), string(short[:min(len(short), 110)]))
	}
	return rows.Err()
}

func (d *database) close() error {
	if d.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = d.conn.Close(ctx) // the server ends next
	}
	return d.server.Stop()
}
