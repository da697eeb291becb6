package store

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrUnavailable says that the database cannot be reached or is shutting down. The same call may work later.
var ErrUnavailable = errors.New("the database is not available")

// ErrNotMigrated says that the database has not the tables of this version: `parley migrate` makes them.
var ErrNotMigrated = errors.New("the database is not migrated: run `parley migrate up`")

// errNotFound stands for pgx.ErrNoRows inside this package.
var errNotFound = errors.New("not found")

// fault turns what the driver says into an error of this package. It is the only place that knows driver errors;
// nil stays nil.
func fault(action string, err error) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", action, err)
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("%s: %w", action, errNotFound)
	case errors.As(err, &pg) && (pg.Code == "42P01" || pg.Code == "42703"):
		return fmt.Errorf("%s: %w (%w)", action, ErrNotMigrated, err)
	case errors.As(err, &pg) && (pg.Code[:2] == "57" || pg.Code[:2] == "08" || pg.Code[:2] == "53" || pg.Code == "25P03"),
		errors.As(err, &connect), errors.As(err, &network):
		return fmt.Errorf("%s: %w: %w", action, ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", action, err)
}

// collided reports whether Postgres gave up a transaction because of others, so that it may be run again.
func collided(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
