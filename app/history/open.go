package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Open opens the history at path and makes a new one if there is none. The
// sentences it returns are for the person: what was found wrong, and what
// became of it. An error means that there is no history at all, not even one in
// memory.
func Open(path string) (*Store, []string, error) {
	return open(path, time.Now)
}

// open is [Open] with a clock.
func open(path string, now func() time.Time) (*Store, []string, error) {
	ctx := context.Background()
	s := &Store{path: path, turn: make(chan struct{}, 1), now: now}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, err
	}
	var err error
	if s.db, s.conn, err = connect(ctx, path, readWrite); err != nil {
		return nil, nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, nil, errors.Join(err, s.conn.Close(), s.db.Close())
	}
	return s, nil, nil
}

// prepare brings a sound database into the state the methods rely on.
func (s *Store) prepare(ctx context.Context) error {
	version, err := number(ctx, s.conn, "PRAGMA user_version")
	if err != nil {
		return err
	}
	if _, err := s.conn.ExecContext(ctx, "PRAGMA journal_mode=WAL"); err != nil {
		return err
	}
	if err := migrate(ctx, s.conn, int(version)); err != nil {
		return err
	}
	s.before, err = number(ctx, s.conn, "SELECT coalesce(max(id), 0) FROM messages")
	return err
}

// number returns the one number that query yields.
func number(ctx context.Context, conn *sql.Conn, query string) (int64, error) {
	var n int64
	if err := conn.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s: %w", query, err)
	}
	return n, nil
}
