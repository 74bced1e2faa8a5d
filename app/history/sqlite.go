package history

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// mode says how a database file is opened.
type mode string

const (
	readWrite mode = "mode=rwc"
	readOnly  mode = "mode=ro"
	// asItLies reads the file without locks and without its log, which is the
	// only way for a folder that cannot be written.
	asItLies mode = "mode=ro&immutable=1"
	inMemory mode = "mode=memory"
)

// connect opens the database at path with a single connection. It does not
// look at the file yet.
func connect(ctx context.Context, path string, how mode) (*sql.DB, *sql.Conn, error) {
	name := "file::memory:"
	if how != inMemory {
		var err error
		if name, err = fileURI(path); err != nil {
			return nil, nil, err
		}
	}
	// Foreign keys are off by default; two programs on one history wait for
	// each other; a transaction that will write says so from the start and
	// cannot fail half-way for want of the lock.
	db, err := sql.Open("sqlite", name+"?"+string(how)+
		"&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_txlock=immediate")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, conn, nil
}

// fileURI returns the name SQLite knows a file by, with every character that
// means something in a URI escaped.
func fileURI(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/… on Windows
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String(), nil
}

// resultCode returns SQLite's primary result code of err, or 0. The extended
// codes carry it in their lowest byte (sqlite.org/rescode.html).
func resultCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// isDamage reports whether err, which came from looking at a file, says that
// it is not a sound history. A plain error is one in the queries, and those are
// right for every sound one.
func isDamage(err error) bool {
	if _, ok := errors.AsType[damage](err); ok {
		return true
	}
	switch resultCode(err) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR:
		return true
	}
	return false
}

// kindOf adds to err what it is, where its words are those of the database.
func kindOf(err error) error {
	switch resultCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrLocked.Of(err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrDamaged.Of(err)
	}
	return err
}

// isSearchDamage reports whether err says that the search index is damaged, and
// nothing else (sqlite.org/rescode.html#corrupt_vtab).
func isSearchDamage(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_CORRUPT_VTAB
}

// isReadOnly reports whether err says that what was opened for reading would
// have to be written.
func isReadOnly(err error) bool { return resultCode(err) == sqlite3.SQLITE_READONLY }

// systemReason is what the system says to writing the file at path, where the
// database says no more than that it cannot; else it is err.
func systemReason(path string, err error) error {
	switch resultCode(err) {
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
	default:
		return err
	}
	file, why := os.OpenFile(path, os.O_RDWR, 0)
	if why == nil {
		why = file.Close()
	}
	if why == nil || errors.Is(why, fs.ErrNotExist) { // a journal has to be made beside it
		dir := filepath.Dir(path)
		if file, why = os.CreateTemp(dir, ".journal-*"); why == nil {
			why = errors.Join(file.Close(), os.Remove(file.Name()))
		} else if e, ok := errors.AsType[*fs.PathError](why); ok {
			why = &fs.PathError{Op: "write into", Path: dir, Err: e.Err}
		}
	}
	if why == nil {
		return err
	}
	return why
}

// isDiskFull reports whether err says that there is no room for more.
func isDiskFull(err error) bool {
	return resultCode(err) == sqlite3.SQLITE_FULL || errors.Is(err, syscall.ENOSPC)
}
