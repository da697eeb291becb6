package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migration is one step of the schema.
type Migration struct {
	// Name is the file's name, or "river N" for a step of the queue's tables.
	Name    string
	Applied bool
}

// Migrate brings the schema up to date, ours and River's, under one lock: replicas that start at once wait for each
// other. It changes nothing when there is nothing to do.
func (s *Store) Migrate(ctx context.Context) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fault("migrate database", err)
	}
	defer conn.Release()
	const lock = `hashtextextended('parley/migrate', 0)`
	for held := false; !held; {
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(`+lock+`)`).Scan(&held); err != nil {
			return fault("lock migrations", err)
		}
		if held {
			break
		}
		select {
		case <-ctx.Done():
			return fault("wait for another process that migrates", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	defer func() {
		if _, err := conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(`+lock+`)`); err != nil {
			s.log.WarnContext(ctx, "migration lock was not released", "error", err)
		}
	}()
	return s.migrate(ctx)
}

func (s *Store) migrate(ctx context.Context) (err error) {
	river, err := rivermigrate.New(riverpgxv5.New(s.pool), &rivermigrate.Config{Logger: riverLogger(s.log)})
	if err != nil {
		return fmt.Errorf("prepare migration of the queue: %w", err)
	}
	if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fault("migrate queue", err)
	}
	own, err := s.goose()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	if _, err := own.Up(ctx); err != nil {
		return fault("migrate database", err)
	}
	return nil
}

// MigrationStatus lists all steps in the order in which they are applied.
func (s *Store) MigrationStatus(ctx context.Context) (list []Migration, err error) {
	river, err := rivermigrate.New(riverpgxv5.New(s.pool), &rivermigrate.Config{Logger: riverLogger(s.log)})
	if err != nil {
		return nil, fmt.Errorf("prepare migration of the queue: %w", err)
	}
	existing, err := river.ExistingVersions(ctx)
	if err != nil {
		return nil, fault("read migrations of the queue", err)
	}
	applied := make(map[int]bool, len(existing))
	for _, m := range existing {
		applied[m.Version] = true
	}
	for _, m := range river.AllVersions() {
		list = append(list, Migration{Name: fmt.Sprintf("river %d", m.Version), Applied: applied[m.Version]})
	}
	own, err := s.goose()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	states, err := own.Status(ctx)
	if err != nil {
		return nil, fault("read migrations", err)
	}
	for _, m := range states {
		list = append(list, Migration{Name: path.Base(m.Source.Path), Applied: m.State == goose.StateApplied})
	}
	return list, nil
}

func (s *Store) goose() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, stdlib.OpenDBFromPool(s.pool), files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("prepare migration: %w", err)
	}
	return provider, nil
}
