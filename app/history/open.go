package history

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// maxVersion is far above any version that can exist: a file that claims a
// higher one is damaged and not new.
const maxVersion = 1000

// errNewer means a sound history of a later version of the program.
var errNewer = errors.New("it was written by a newer version of Lumi")

// damage is why a file cannot be used as a history, as half a sentence.
type damage string

func (d damage) Error() string { return string(d) }

// Open opens the history at path and makes a new one if there is none. The
// list is for the person: what was found wrong, and what became of it, in whole
// sentences.
//
//   - A damaged file, or one that is no history, is set aside under a name with
//     the date; what can be read of it goes into a new history.
//   - A history of a newer version is opened for reading only.
//   - If the file or its folder cannot be written, or the disk fails, the chats
//     that can be read are copied into memory, where new ones end with the
//     program.
//
// An error means that not even memory could be had.
func Open(path string) (*Store, []error, error) {
	return open(context.Background(), path, time.Now)
}

// open is [Open] with a clock.
func open(ctx context.Context, path string, now func() time.Time) (*Store, []error, error) {
	s, notices, err := openFile(ctx, path, now)
	if err == nil {
		return s, notices, nil
	}
	s, saved, memoryErr := openInMemory(ctx, path, now)
	if memoryErr != nil {
		return nil, notices, fmt.Errorf("opening the chat history %s: %w; and in memory: %w", path, err, memoryErr)
	}
	return s, append(notices, &UnwritableError{path, saved.chats, systemReason(path, err)}), nil
}

// openFile opens the history on disk.
func openFile(ctx context.Context, path string, now func() time.Time) (*Store, []error, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, err
	}
	if err := finishRescue(path, now()); err != nil {
		return nil, nil, err
	}
	var notices []error
	version, err := inspect(ctx, path)
	if isDamage(err) {
		notice, failed := replaceDamaged(ctx, path, err, now())
		if failed != nil {
			return nil, nil, failed
		}
		notices = append(notices, notice)
		version, err = inspect(ctx, path)
	}
	s := newStore(path, now)
	switch {
	case errors.Is(err, errNewer):
		notices = append(notices, &NewerError{path, version, schemaVersion})
		return s, notices, s.openForReading(ctx)
	case err != nil:
		return nil, notices, err
	}
	full, err := s.openForWriting(ctx, version)
	if resultCode(err) == sqlite3.SQLITE_CORRUPT {
		// A damaged constraint in the schema is no damage to those who read.
		notice, failed := replaceDamaged(ctx, path, err, now())
		if failed != nil {
			return nil, nil, failed
		}
		notices = append(notices, notice)
		full, err = s.openForWriting(ctx, schemaVersion)
	}
	if full {
		notices = append(notices, &FullError{path})
	}
	return s, notices, err
}

func newStore(path string, now func() time.Time) *Store {
	return &Store{path: path, turn: make(chan struct{}, 1), now: now}
}

// inspect looks at the file, without changing what it holds, and returns the version of its
// schema, 0 if it is yet to be made. The whole file is read, every time: damage
// that is found later has done more harm, and most of it is found by nothing
// else.
func inspect(ctx context.Context, path string) (version int, err error) {
	switch size, err := fileSize(path); {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	case size == 0:
		return 0, damage("it is empty")
	}
	version, err = checkFile(ctx, path, readOnly)
	if isReadOnly(err) {
		// A program that was killed has left a transaction in a rollback
		// journal, which has to be undone before anything can be read.
		version, err = checkFile(ctx, path, readWrite)
	}
	return version, err
}

func checkFile(ctx context.Context, path string, how mode) (version int, err error) {
	db, conn, err := connect(ctx, path, how)
	if err != nil {
		return 0, err
	}
	version, err = check(ctx, conn)
	return version, errors.Join(err, conn.Close(), db.Close())
}

// fileSize returns the size of a regular file in bytes. Opening a pipe would
// wait for its other end.
func fileSize(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is not an ordinary file", path)
	}
	return info.Size(), nil
}

// openForReading opens a sound history that must not be changed.
func (s *Store) openForReading(ctx context.Context) (err error) {
	s.readOnly = true
	if s.db, s.conn, err = connect(ctx, s.path, readOnly); err != nil {
		return err
	}
	// A version that has changed what this one reads is of no use.
	_, err = s.Chats(ctx)
	if err == nil {
		_, err = s.Messages(ctx, 0)
	}
	if err == nil {
		err = s.noteBefore(ctx)
	}
	return s.closeAfter(err)
}

// openForWriting opens a sound history and brings it to the newest version. It
// reports whether the disk has no room left, which may change.
func (s *Store) openForWriting(ctx context.Context, version int) (full bool, err error) {
	if s.db, s.conn, err = connect(ctx, s.path, readWrite); err != nil {
		return false, err
	}
	full, err = s.prepare(ctx, version)
	return full, s.closeAfter(err)
}

func (s *Store) prepare(ctx context.Context, version int) (full bool, err error) {
	// Where the file system cannot share memory, as on some networks, SQLite
	// stays with its rollback journal, which is as safe and only slower.
	if _, err := s.conn.ExecContext(ctx, "PRAGMA journal_mode=WAL"); err != nil {
		return false, err
	}
	if err := migrate(ctx, s.conn, version); err != nil {
		return false, err
	}
	// Writing what is there already shows whether writing works.
	_, err = s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version=%d", schemaVersion))
	if full = isDiskFull(err); err != nil && !full {
		return false, err
	}
	return full, s.noteBefore(ctx)
}

// noteBefore finds the last message of earlier runs.
func (s *Store) noteBefore(ctx context.Context) error {
	return s.conn.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM messages").Scan(&s.before)
}

// closeAfter closes the database if opening it failed with err.
func (s *Store) closeAfter(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, s.conn.Close(), s.db.Close())
}

// openInMemory opens a history that ends with the program and holds what can
// be read of the one on disk.
func openInMemory(ctx context.Context, path string, now func() time.Time) (*Store, rescued, error) {
	s := newStore(path, now)
	var err error
	if s.db, s.conn, err = connect(ctx, "", inMemory); err != nil {
		return nil, rescued{}, err
	}
	var saved rescued
	if err = migrate(ctx, s.conn, 0); err == nil {
		saved, err = rescue(ctx, path, s.conn)
	}
	if err == nil {
		err = s.noteBefore(ctx)
	}
	return s, saved, s.closeAfter(err)
}
