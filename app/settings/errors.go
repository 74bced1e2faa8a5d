package settings

import (
	"fmt"
	"strings"
)

// FileError says, in sentences, that a file of settings or of presets could
// not be read, and what became of it.
type FileError struct {
	Presets bool // else the settings
	Path    string
	Aside   string // where it is kept now; empty if it could not be moved
	Err     error  // why it cannot be read
	Stuck   error  // why it could not be moved
}

// Error implements error.
func (e *FileError) Error() string {
	text := fmt.Sprintf("The settings file %s cannot be read (%v), so the defaults are used.", e.Path, e.Err)
	if e.Presets {
		text = fmt.Sprintf("The file of presets %s cannot be read (%v), so there are none.", e.Path, e.Err)
	}
	if e.Aside == "" {
		return text + fmt.Sprintf(" It could not be put aside: %v.", e.Stuck)
	}
	return text + fmt.Sprintf(" It is kept as %s.", e.Aside)
}

// Unwrap gives why the file cannot be read.
func (e *FileError) Unwrap() error { return e.Err }

// mostFaults is how many faults of a file are told one by one.
const mostFaults = 3

// ValueError says, in one sentence, which values in a file cannot be used. The
// rest of the file can. It is one error for all of them, since the window has
// room for one notice and the name of the file is long.
type ValueError struct {
	Path   string
	Holds  string   // what the file is, e.g. "settings file"
	Faults []string // for each: which value, and what belongs there
}

// Error implements error.
func (e *ValueError) Error() string {
	return fmt.Sprintf("In the %s %s, the default stands in for what cannot be used: %s.", e.Holds, e.Path, e.Detail())
}

// Detail tells the first faults and counts the others.
func (e *ValueError) Detail() string {
	text := strings.Join(e.Faults[:min(mostFaults, len(e.Faults))], "; ")
	if more := len(e.Faults) - mostFaults; more > 0 {
		text += fmt.Sprintf("; and %d more cannot be used", more)
	}
	return text
}

// valueErrors makes an error of each thing that is wrong in a file of presets.
func valueErrors(holds, path string, faults []string) []error {
	var list []error
	for _, fault := range faults {
		list = append(list, &ValueError{path, holds, []string{fault}})
	}
	return list
}
