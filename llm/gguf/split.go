package gguf

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The keys of a part: how many parts there are, and which one this is, from 0.
const (
	splitCountKey = "split.count"
	splitNoKey    = "split.no"
)

// SplitError says that a file is one part of a model that was split into
// several files.
type SplitError struct {
	Part, Parts int      // this file's number, from 1, and how many there are
	Missing     []string // names of the parts that do not lie beside it
}

// Error implements error.
func (e *SplitError) Error() string {
	what := fmt.Sprintf("file is part %d of %d of a split model", e.Part, e.Parts)
	const join = "join all parts into one file, as llama-gguf-split --merge does, and open that"
	if len(e.Missing) == 0 {
		return what + "; " + join
	}
	const most = 5
	names := strings.Join(e.Missing[:min(len(e.Missing), most)], ", ")
	if more := len(e.Missing) - most; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s, of which these are missing beside it: %s; fetch them, then %s", what, names, join)
}

// splitName matches the end of a part's file name: numbers from 1, five digits.
var splitName = regexp.MustCompile(`^(.*)-(\d{5})-of-(\d{5})\.gguf$`)

// SplitName reports whether a file name is that of a part of a split model,
// such as "model-00002-of-00003.gguf": base is "model", part 2, parts 3.
func SplitName(name string) (base string, part, parts int, ok bool) {
	m := splitName.FindStringSubmatch(name)
	if m == nil {
		return "", 0, 0, false
	}
	part, _ = strconv.Atoi(m[2]) // five digits
	parts, _ = strconv.Atoi(m[3])
	return m[1], part, parts, 1 <= part && part <= parts
}

// maxParts is what a name's five digits can count.
const maxParts = 99999

// checkSplit returns a SplitError if the metadata says that the file is a
// part. The metadata decides, since files get renamed; the name serves to find
// the other parts in folder, unless that is nil.
func checkSplit(m *Meta, path string, folder fs.FS) error {
	count, ok, err := m.Uint(splitCountKey)
	if !ok || err != nil {
		return err
	}
	no, _, err := m.Uint(splitNoKey)
	switch {
	case err != nil:
		return err
	case count <= 1:
		return nil
	case count > maxParts || no >= count:
		return fmt.Errorf("keys %s and %s say part %d, counted from 0, of %d", splitNoKey, splitCountKey, no, count)
	}
	e := &SplitError{Part: int(no) + 1, Parts: int(count)}
	base, _, parts, ok := SplitName(filepath.Base(path))
	if folder == nil || !ok || parts != e.Parts {
		return e
	}
	for i := range e.Parts {
		name := fmt.Sprintf("%s-%05d-of-%05d.gguf", base, i+1, e.Parts)
		if _, err := fs.Stat(folder, name); err != nil {
			e.Missing = append(e.Missing, name)
		}
	}
	return e
}
