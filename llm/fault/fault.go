// Package fault gives errors a kind without changing what they say. An error's
// words are for whoever reads a terminal or a log; by its kind a window can say
// in the person's own language what happened, and add the words as the detail.
package fault

import "fmt"

// Kind is what many errors have in common. It is found with [errors.Is].
type Kind string

// Error implements error.
func (k Kind) Error() string { return string(k) }

// The kinds of trouble with a model's files.
const (
	// NotModel: the file is something else altogether.
	NotModel Kind = "not a model file"
	// Damaged: what the file holds contradicts itself or is incomplete.
	Damaged Kind = "the model file is damaged or was made wrongly"
	// Unsupported: the file may well be sound, but asks for what is not there.
	Unsupported Kind = "the model needs something that is not supported"
)

// Of is err as an error of this kind, which reads as before; nil stays nil.
func (k Kind) Of(err error) error {
	if err == nil {
		return nil
	}
	return &marked{err, k}
}

// Errorf is [fmt.Errorf] for an error of this kind.
func (k Kind) Errorf(format string, args ...any) error { return k.Of(fmt.Errorf(format, args...)) }

// marked is an error with its kind.
type marked struct {
	error
	kind Kind
}

// Unwrap gives the error and its kind.
func (m *marked) Unwrap() []error { return []error{m.error, m.kind} }
