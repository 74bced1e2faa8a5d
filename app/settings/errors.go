package settings

import "fmt"

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
	if e.Aside == "" {
		return text + fmt.Sprintf(" It could not be put aside: %v.", e.Stuck)
	}
	return text + fmt.Sprintf(" It is kept as %s.", e.Aside)
}

// Unwrap gives why the file cannot be read.
func (e *FileError) Unwrap() error { return e.Err }

// ValueError says, in a sentence, that a value in a file cannot be used. The
// rest of the file can.
type ValueError struct {
	Path   string
	Holds  string // what the file is, e.g. "settings file"
	Detail string // half a sentence: which value, and what belongs there
}

// Error implements error.
func (e *ValueError) Error() string {
	return fmt.Sprintf("In the %s %s, %s.", e.Holds, e.Path, e.Detail)
}

// valueErrors makes errors of what is wrong with the values of a file.
func valueErrors(holds, path string, faults []string) []error {
	var list []error
	for _, fault := range faults {
		list = append(list, &ValueError{path, holds, fault})
	}
	return list
}
