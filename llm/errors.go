package llm

import (
	"errors"
	"fmt"
)

// ErrClosed is returned by a Model that has been closed.
var ErrClosed = errors.New("the model has been closed")

// FileError is an error with the model file it concerns.
type FileError struct {
	Path string
	Err  error
}

// Error implements error.
func (e *FileError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

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
