package store

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pipelined is a transaction that spares round trips. BEGIN, and statements that sqlc marks with :exec, whose results
// nobody looks at, wait for the next statement and travel with it, or with COMMIT. The order stays, each statement sees
// what those before it did, and an error of one that waited is told by the statement that it travelled with: the
// transaction is over in either case.
type pipelined struct {
	conn    *pgx.Conn
	waiting []statement
	closed  bool
}

type statement struct {
	sql  string
	args []any
}

var errNested = errors.New("transactions are not nested here")

func newPipelined(conn *pgx.Conn) *pipelined {
	return &pipelined{conn: conn, waiting: []statement{{sql: "begin"}}}
}

// waits reports whether nobody looks at a statement's result.
func waits(sql string) bool {
	name, _, _ := strings.Cut(sql, "\n")
	return strings.HasPrefix(name, "-- name: ") && strings.HasSuffix(name, " :exec")
}

// send sends what waits and one statement more. The results of what waited are read; those of the last are the
// caller's, who closes them.
func (t *pipelined) send(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	batch := &pgx.Batch{}
	for _, s := range t.waiting {
		batch.Queue(s.sql, s.args...)
	}
	batch.Queue(sql, args...)
	n := len(t.waiting)
	t.waiting = nil
	results := t.conn.SendBatch(ctx, batch)
	for range n {
		if _, err := results.Exec(); err != nil {
			_ = results.Close()
			return nil, err
		}
	}
	return results, nil
}

// Exec implements pgx.Tx. The tag of a statement that waits is empty.
func (t *pipelined) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	switch {
	case t.closed:
		return pgconn.CommandTag{}, pgx.ErrTxClosed
	case waits(sql):
		t.waiting = append(t.waiting, statement{sql, args})
		return pgconn.CommandTag{}, nil
	case len(t.waiting) == 0:
		return t.conn.Exec(ctx, sql, args...)
	}
	results, err := t.send(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	if closing := results.Close(); err == nil {
		err = closing
	}
	return tag, err
}

// Query implements pgx.Tx.
func (t *pipelined) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	switch {
	case t.closed:
		return nil, pgx.ErrTxClosed
	case len(t.waiting) == 0:
		return t.conn.Query(ctx, sql, args...)
	}
	results, err := t.send(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close()
		return nil, err
	}
	return &lastRows{Rows: rows, results: results}, nil
}

// lastRows are the rows of a batch's last statement. Closing them closes the batch.
type lastRows struct {
	pgx.Rows
	results pgx.BatchResults
	err     error
	closed  bool
}

// Close implements pgx.Rows.
func (r *lastRows) Close() {
	r.Rows.Close()
	if !r.closed {
		r.closed, r.err = true, r.results.Close()
	}
}

// Err implements pgx.Rows.
func (r *lastRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

// QueryRow implements pgx.Tx.
func (t *pipelined) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := t.Query(ctx, sql, args...)
	return oneRow{rows, err}
}

type oneRow struct {
	rows pgx.Rows
	err  error
}

// Scan implements pgx.Row.
func (r oneRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		r.rows.Close()
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

// flush sends what waits.
func (t *pipelined) flush(ctx context.Context) error {
	if t.closed {
		return pgx.ErrTxClosed
	}
	if len(t.waiting) == 0 {
		return nil
	}
	last := t.waiting[len(t.waiting)-1]
	t.waiting = t.waiting[:len(t.waiting)-1]
	results, err := t.send(ctx, last.sql, last.args)
	if err != nil {
		return err
	}
	return results.Close()
}

// SendBatch implements pgx.Tx.
func (t *pipelined) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if err := t.flush(ctx); err != nil {
		return pgx.FailedBatchResults(b, err)
	}
	return t.conn.SendBatch(ctx, b)
}

// CopyFrom implements pgx.Tx.
func (t *pipelined) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, source pgx.CopyFromSource) (int64, error) {
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	return t.conn.CopyFrom(ctx, table, columns, source)
}

// Prepare implements pgx.Tx.
func (t *pipelined) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.conn.Prepare(ctx, name, sql)
}

// Begin implements pgx.Tx: nothing here nests transactions.
func (t *pipelined) Begin(context.Context) (pgx.Tx, error) { return nil, errNested }

// LargeObjects implements pgx.Tx: nothing here uses them.
func (t *pipelined) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Conn implements pgx.Tx.
func (t *pipelined) Conn() *pgx.Conn { return t.conn }

// Commit implements pgx.Tx, with what still waits.
func (t *pipelined) Commit(ctx context.Context) error {
	if t.closed {
		return pgx.ErrTxClosed
	}
	if len(t.waiting) == 1 && t.waiting[0].sql == "begin" { // nothing was to be done
		t.closed = true
		return nil
	}
	tag, err := t.Exec(ctx, "commit")
	if err != nil {
		return err
	}
	t.closed = true
	if tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return nil
}

// Rollback implements pgx.Tx. A connection on which it fails is closed.
func (t *pipelined) Rollback(ctx context.Context) error {
	if t.closed {
		return pgx.ErrTxClosed
	}
	t.closed, t.waiting = true, nil
	if t.conn.IsClosed() || t.conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	_, err := t.conn.Exec(ctx, "rollback")
	if err != nil {
		_ = t.conn.Close(ctx)
	}
	return err
}
