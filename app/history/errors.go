package history

import (
	"errors"
	"fmt"
	"path/filepath"

	"lumi/llm/fault"
)

// The errors that a caller may want to tell apart with [errors.Is]. The errors
// returned name the file and say what to do.
var (
	// ErrNotFound: there is no such chat or message.
	ErrNotFound = errors.New("not in the history")
	// ErrDiskFull: nothing was saved because the disk, or the person's share
	// of it, is full. The same call may succeed later.
	ErrDiskFull = errors.New("the disk is full")
	// ErrReadOnly: the history was opened for reading only.
	ErrReadOnly = errors.New("the history is read-only")
	// ErrClosed: the store is closed.
	ErrClosed = errors.New("the history is closed")
)

// The kinds of errors whose words are those of the database.
const (
	// ErrLocked: another program has been writing for too long. The same call
	// may succeed later.
	ErrLocked fault.Kind = "another program is using the history"
	// ErrDamaged: the file was damaged since it was opened.
	ErrDamaged fault.Kind = "the history is damaged"
)

// The kinds of what is wrong with a file that is to be imported.
const (
	// ErrNoChats: the file is something else, or there are no chats in it.
	ErrNoChats fault.Kind = "the file holds no chats"
	// ErrMalformed: the file is no valid JSON, or not as files of chats are.
	ErrMalformed fault.Kind = "the file is damaged"
	// ErrTooLarge: the file holds more than is read.
	ErrTooLarge fault.Kind = "the file is too large"
	// ErrNewerFile: a later version of the program wrote the file.
	ErrNewerFile fault.Kind = "the file is of a newer version"
)

// ImportError says, in a sentence, why a file was not imported. Nothing of it
// was.
type ImportError struct {
	Path string
	Err  error // half a sentence, e.g. "it ends too early"
}

// Error implements error.
func (e *ImportError) Error() string {
	return fmt.Sprintf("%s was not imported: %v", filepath.Base(e.Path), e.Err)
}

// Unwrap gives the reason.
func (e *ImportError) Unwrap() error { return e.Err }

// RescuedError says, in a sentence, that the history was damaged, and what
// became of it.
type RescuedError struct {
	Path            string
	Chats, Messages int    // that could be read and are in the new history
	Aside           string // the path of the damaged file now
	Err             error  // what is wrong with it
}

// Error implements error.
func (e *RescuedError) Error() string {
	what := "Nothing in it could be read"
	if e.Chats > 0 {
		what = fmt.Sprintf("What could be read of it, %s with %s, is in a new history",
			count(e.Chats, "chat"), count(e.Messages, "message"))
	}
	return fmt.Sprintf("The chat history %s is damaged (%v). %s; the damaged file is kept as %s.",
		e.Path, e.Err, what, e.Aside)
}

// Unwrap gives what is wrong.
func (e *RescuedError) Unwrap() error { return e.Err }

// NewerError says, in a sentence, that the history can only be read, because
// a later version of the program wrote it.
type NewerError struct {
	Path       string
	Has, Knows int // versions of the schema
}

// Error implements error.
func (e *NewerError) Error() string {
	return fmt.Sprintf("The chat history %s was written by a newer version of Lumi "+
		"(format %d, this one knows %d). It can be read only; update Lumi to add to it.",
		e.Path, e.Has, e.Knows)
}

// FullError says, in a sentence, that the disk was full when the history was
// opened.
type FullError struct{ Path string }

// Error implements error.
func (e *FullError) Error() string {
	return fmt.Sprintf("The disk with the chat history %s is full: free some space, or nothing new is saved.", e.Path)
}

// UnwritableError says, in sentences, that the history is in memory only.
type UnwritableError struct {
	Path  string
	Chats int   // that could be read
	Err   error // why it cannot be written
}

// Error implements error.
func (e *UnwritableError) Error() string {
	text := fmt.Sprintf("The chat history %s cannot be written (%v), so chats are lost when Lumi ends.", e.Path, e.Err)
	if e.Chats > 0 {
		text += " The chats that are in it can be read."
	}
	return text
}

// Unwrap gives why.
func (e *UnwritableError) Unwrap() error { return e.Err }

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
