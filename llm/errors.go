package llm

import (
	"errors"
	"fmt"
	"io/fs"

	"lumi/llm/gguf"
)

// The errors of models and of conversions that a caller may want to tell apart
// with [errors.Is], beside the kinds of package fault and the types below.
var (
	// ErrClosed is returned by a Model that has been closed.
	ErrClosed = errors.New("the model has been closed")
	// ErrNoWeights: the file knows words and nothing else.
	ErrNoWeights = errors.New("the file holds a vocabulary only and no weights")
	// ErrTwoForms: the settings hold an answer to two forms at once.
	ErrTwoForms = errors.New("an answer can be held to a grammar or to a JSON schema, not to both")
	// ErrOverItself: a conversion would replace what it reads.
	ErrOverItself = errors.New("the model cannot be written over itself")
	// ErrNoFile: a conversion would replace a folder or a device.
	ErrNoFile = errors.New("there is something that is not a file")
)

// FileError is an error with the model file it concerns.
type FileError struct {
	Path string
	Err  error
}

// Error implements error.
func (e *FileError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// WithoutPath is what is wrong with the file at path, for a sentence that names
// the file already. An error about another file stays as it is.
func WithoutPath(err error, path string) error {
	if e, ok := errors.AsType[*FileError](err); ok && e.Path == path {
		err = e.Err
	}
	if e, ok := errors.AsType[*gguf.Error](err); ok && e.Path == path {
		err = e.Err
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok && e.Path == path {
		err = e.Err
	}
	return err
}

// PromptTooLongError says that a prompt does not fit the context. Nothing has
// been cut and nothing was generated.
type PromptTooLongError struct {
	Tokens  int // of the prompt
	Context int // size of the context
}

// Error implements error.
func (e *PromptTooLongError) Error() string {
	return fmt.Sprintf("the prompt has %d tokens and the context holds %d, which leaves no room for an answer; "+
		"shorten the conversation or load the model with a larger context", e.Tokens, e.Context)
}

// MemoryError says that a model needs more memory than the machine has, in
// bytes. Nothing has been loaded.
type MemoryError struct {
	Need, Have int64
	Context    int // the context in tokens that Need is for
}

// Error implements error.
func (e *MemoryError) Error() string {
	return fmt.Sprintf("the model needs %.1f GiB with a context of %d tokens and this machine has %.1f GiB of memory; "+
		"choose a smaller model, a smaller quantisation or a smaller context",
		gib(e.Need), e.Context, gib(e.Have))
}

// SpaceError says that a new file needs more bytes than the disk has free.
// Nothing has been written.
type SpaceError struct {
	Need, Free int64
}

// Error implements error.
func (e *SpaceError) Error() string {
	return fmt.Sprintf("the new file needs %.2f GiB and the disk has %.2f GiB free; make room or choose a smaller type",
		gib(e.Need), gib(e.Free))
}
