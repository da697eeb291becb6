package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// oldestPostgres is the oldest server version that the migrations and River run on.
const oldestPostgres = 14

// ErrPooler says that the connection goes through a pooler which gives each transaction another session.
var ErrPooler = errors.New("the database URL leads through a transaction-mode pooler, where session locks and LISTEN " +
	"do not work: point DATABASE_URL at Postgres itself, or at a pool in session mode")

// probe checks that the database can be reached and used.
func probe(ctx context.Context, pool *pgxpool.Pool) error {
	config := pool.Config().ConnConfig.Copy()
	// A transaction-mode pooler may not know prepared statements, and must be recognised all the same.
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return unreachable(config, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	version, pid, err := session(ctx, conn)
	if err != nil {
		return fault("check database", err)
	}
	if version < oldestPostgres {
		return fmt.Errorf("the database runs PostgreSQL %d, and parley needs %d or newer", version, oldestPostgres)
	}
	if conn.PgConn().PID() == uint32(pid) {
		return nil // no pooler in between: it would have given a process id of its own
	}
	return probePooler(ctx, config, conn, pid)
}

// probePooler keeps other transactions open until the pooler must give conn another session than before, if it
// does that at all.
func probePooler(ctx context.Context, config *pgx.ConnConfig, conn *pgx.Conn, pid int) error {
	const others = 3
	for range others {
		other, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return unreachable(config, err)
		}
		defer func() { _ = other.Close(context.WithoutCancel(ctx)) }()
		tx, err := other.Begin(ctx)
		if err != nil {
			return fault("check database for a pooler", err)
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
		if _, err := tx.Exec(ctx, "SELECT 1"); err != nil {
			return fault("check database for a pooler", err)
		}
		_, now, err := session(ctx, conn)
		if err != nil {
			return fault("check database for a pooler", err)
		}
		if now != pid {
			return ErrPooler
		}
	}
	return nil
}

// session gives the server's major version and the process behind the connection.
func session(ctx context.Context, conn *pgx.Conn) (version, pid int, err error) {
	var number string
	err = conn.QueryRow(ctx, "SELECT current_setting('server_version_num'), pg_backend_pid()").Scan(&number, &pid)
	if err != nil {
		return 0, 0, err
	}
	version, err = strconv.Atoi(number)
	return version / 10000, pid, err
}

// unreachable says in one sentence, without the password, why there is no connection and what to do.
func unreachable(config *pgx.ConnConfig, err error) error {
	at := fmt.Sprintf("%s:%d", config.Host, config.Port)
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "28P01", "28000":
			return fmt.Errorf("the database at %s refuses user %q: check user and password in DATABASE_URL (%s)", at, config.User, pg.Message)
		case "3D000":
			return fmt.Errorf("the server at %s has no database %q: create it (createdb %s), or correct DATABASE_URL", at, config.Database, config.Database)
		}
		return fmt.Errorf("the database at %s refuses the connection: %s", at, pg.Message)
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("connect to database: %w", context.Canceled)
	}
	return fmt.Errorf("no database answers at %s: start Postgres there, or correct DATABASE_URL (%w)", at, ErrUnavailable)
}
