package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Store is an open history. Its methods may be called from several goroutines.
//
// They share one connection and take turns on it: statements take fractions of
// a millisecond, a single writer never waits for a lock of its own program, and
// a history in memory lives exactly as long as its connection. A context
// ends the wait for the turn; a statement that has begun is never interrupted,
// so a caller always learns whether something was saved.
type Store struct {
	path     string // what messages call the history
	db       *sql.DB
	conn     *sql.Conn
	turn     chan struct{} // holds one value while somebody uses conn
	closed   bool          // guarded by turn
	readOnly bool
	// before is the highest message id that existed when the store was opened:
	// an unfinished answer up to it will never be finished by whoever began it.
	before int64
	now    func() time.Time
}

// durability says when a commit returns.
type durability string

const (
	// durable waits until the disk has it: it survives a power cut.
	durable durability = "FULL"
	// relaxed waits until the operating system has it: it survives a crash of
	// this program. The next durable commit makes it durable, too.
	relaxed durability = "NORMAL"
)

// Close writes everything into the one database file and closes it. Closing
// again does nothing.
func (s *Store) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if s.closed {
		return nil
	}
	s.closed = true
	if !s.readOnly {
		// Closing the last connection checkpoints as well, but tells nobody
		// if that fails. Nothing is lost then: the log stays beside the file.
		if _, err := s.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			return errors.Join(s.explain("closing", err), s.conn.Close(), s.db.Close())
		}
	}
	return errors.Join(s.conn.Close(), s.db.Close())
}

// use calls f with the connection when it is this caller's turn.
func (s *Store) use(ctx context.Context, f func(ctx context.Context, conn *sql.Conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	if s.closed {
		return ErrClosed
	}
	return f(context.WithoutCancel(ctx), s.conn)
}

// read calls f in which doing, such as "listing the chats", happens.
func (s *Store) read(ctx context.Context, doing string, f func(ctx context.Context, conn *sql.Conn) error) error {
	return s.explain(doing, s.use(ctx, f))
}

// write calls f in a transaction and commits it as durably as asked for.
func (s *Store) write(ctx context.Context, doing string, how durability, f func(ctx context.Context, tx *sql.Tx) error) error {
	return s.explain(doing, s.use(ctx, func(ctx context.Context, conn *sql.Conn) error {
		if s.readOnly {
			return ErrReadOnly
		}
		if _, err := conn.ExecContext(ctx, "PRAGMA synchronous="+string(how)); err != nil {
			return err
		}
		err := inTransaction(ctx, conn, f)
		if isSearchDamage(err) {
			if err = mendSearch(ctx, conn); err == nil {
				err = inTransaction(ctx, conn, f)
			}
		}
		return err
	}))
}

// inTransaction commits what f does, or nothing of it.
func inTransaction(ctx context.Context, conn *sql.Conn, f func(ctx context.Context, tx *sql.Tx) error) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(ctx, tx); err != nil {
		// A full disk has often rolled back already; then there is nothing
		// left to do and the error of doing it again says nothing.
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// changeOne runs a statement that has to change one row.
func changeOne(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return nil
}

// explain adds to err what was being done, to which file, and what helps.
func (s *Store) explain(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		err = ErrNotFound
	case isDiskFull(err):
		return fmt.Errorf("%s in %s: %w: free some space and try again (%w)", doing, s.path, ErrDiskFull, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fmt.Errorf("%s in %s: %w", doing, s.path, kindOf(err))
}
