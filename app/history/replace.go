package history

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A damaged history is replaced in steps such that the program may be killed
// between any two of them:
//
//  1. What can be read goes into path.rescued, in one transaction.
//  2. path gets its new name, then its log.
//  3. path.rescued becomes path.
//
// Until 2 the next start begins again; from 2 on it only has to do 3.
const rescuedSuffix = ".rescued"

// replaceDamaged puts a new history with what can be read of the damaged one
// in its place and returns what to tell the person.
func replaceDamaged(ctx context.Context, path string, why error, now time.Time) (notice, err error) {
	saved, err := rescueToFile(ctx, path, path+rescuedSuffix)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("it is damaged (%w) and no new one could be made: %w", why, err),
			removeAll(path+rescuedSuffix, path+rescuedSuffix+"-journal"))
	}
	aside, err := setAside(path, now)
	if err != nil {
		return nil, err
	}
	if err := os.Rename(path+rescuedSuffix, path); err != nil {
		return nil, err
	}
	return &RescuedError{path, saved.chats, saved.messages, aside, why}, nil
}

// rescueToFile makes a new history at target. It has no log beside it, so that
// renaming the one file moves all of it.
func rescueToFile(ctx context.Context, path, target string) (saved rescued, err error) {
	db, conn, err := connect(ctx, target, readWrite)
	if err != nil {
		return rescued{}, err
	}
	defer func() { err = errors.Join(err, conn.Close(), db.Close()) }()
	if err := migrate(ctx, conn, 0); err != nil {
		return rescued{}, err
	}
	return rescue(ctx, path, conn)
}

// finishRescue does what a killed program has left undone.
func finishRescue(path string, now time.Time) error {
	target, journal := path+rescuedSuffix, path+rescuedSuffix+"-journal"
	if exists(path) {
		return removeAll(target, journal)
	}
	// The log of a file that is gone must not meet a new file: SQLite would
	// either write its old pages into that or delete it.
	if _, err := setAside(path, now); err != nil {
		return err
	}
	if !exists(target) || exists(journal) {
		return removeAll(target, journal)
	}
	return os.Rename(target, path)
}

// setAside renames the history, and its log if it has one, and returns its new
// name. What is not there is left out.
func setAside(path string, now time.Time) (aside string, err error) {
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(path, ext) + now.Format(".damaged-2006-01-02-150405")
	aside = stem + ext
	for n := 2; exists(aside) || exists(aside+"-wal"); n++ {
		aside = fmt.Sprintf("%s-%d%s", stem, n, ext)
	}
	for _, suffix := range []string{"", "-wal", "-journal"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return aside, removeAll(path + "-shm") // holds nothing of its own
}

// exists reports whether there may be something of that name.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// removeAll removes those of the files that are there.
func removeAll(names ...string) error {
	var errs []error
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
