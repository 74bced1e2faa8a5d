package gguf

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The keys of a part: how many parts there are, which one this is, from 0, and
// how many tensors all of them have together.
const (
	splitCountKey   = "split.count"
	splitNoKey      = "split.no"
	splitTensorsKey = "split.tensors.count"
)

// SplitError says that a file is one part of a model that was split into
// several files, and that the model cannot be read from it.
type SplitError struct {
	Part, Parts int    // this file's number, from 1, and how many there are
	Reason      string // why, and what to do
}

// Error implements error.
func (e *SplitError) Error() string {
	return fmt.Sprintf("file is part %d of %d of a split model; %s", e.Part, e.Parts, e.Reason)
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

// splitPath is the path of the part with this number, from 1, beside the one at
// path, whose name's base is given.
func splitPath(path, base string, part, parts int) string {
	return filepath.Join(filepath.Dir(path), fmt.Sprintf("%s-%05d-of-%05d.gguf", base, part, parts))
}

// OtherParts lists the paths of the parts that belong to a part of a split
// model, going by its name; they need not exist. It is empty for other files.
func OtherParts(path string) []string {
	base, part, parts, ok := SplitName(filepath.Base(path))
	if !ok {
		return nil
	}
	var out []string
	for i := 1; i <= parts; i++ {
		if i != part {
			out = append(out, splitPath(path, base, i, parts))
		}
	}
	return out
}

// maxParts is what a name's five digits can count.
const maxParts = 99999

// readSplit says which part of a split model the metadata is from, counted from
// 1, and of how many; parts is 0 or 1 for a whole model.
func readSplit(m *Meta) (part, parts int, err error) {
	count, ok, err := m.Uint(splitCountKey)
	if !ok || err != nil {
		return 0, 0, err
	}
	no, _, err := m.Uint(splitNoKey)
	switch {
	case err != nil:
		return 0, 0, err
	case count <= 1:
		return 1, int(count), nil
	case count > maxParts || no >= count:
		return 0, 0, fmt.Errorf("keys %s and %s say part %d, counted from 0, of %d", splitNoKey, splitCountKey, no, count)
	}
	return int(no) + 1, int(count), nil
}

// openParts opens the whole model of which first, at path, is a part. Its
// metadata decide that, since files get renamed; its name serves to find the
// other parts beside it. The result holds first's mapping, unless there is an
// error.
func openParts(first *File) (*File, error) {
	part, parts := first.part, first.of
	fail := func(format string, args ...any) (*File, error) {
		return nil, &Error{Path: first.Path, Offset: -1, Err: &SplitError{part, parts, fmt.Sprintf(format, args...)}}
	}
	base, named, count, ok := SplitName(filepath.Base(first.Path))
	if !ok || named != part || count != parts {
		return fail("the others are found by their names, but this one's does not end in -%05d-of-%05d.gguf: give all parts the names back that they came with", part, parts)
	}
	if missing := missingParts(first.Path); len(missing) > 0 {
		return fail("missing beside it: %s; fetch them into the same folder", enumerate(missing))
	}
	all := make([]*File, parts)
	closeAll := func() {
		for _, f := range all {
			if f != nil && f != first {
				_ = f.Close() // the error at hand says more
			}
		}
	}
	for i := range all {
		if i+1 == part {
			all[i] = first
			continue
		}
		path := splitPath(first.Path, base, i+1, parts)
		f, err := openPart(path)
		if err == nil {
			all[i] = f
			if f.part != i+1 || f.of != parts {
				err = &Error{Path: path, Offset: -1, Err: fmt.Errorf("it should be part %d of %d of a split model, but its metadata say part %d of %d; fetch it again", i+1, parts, f.part, f.of)}
			}
		}
		if err != nil {
			closeAll()
			return nil, err
		}
	}
	whole, err := joinParts(first.Path, all)
	if err != nil {
		closeAll()
		return nil, err
	}
	return whole, nil
}

// joinParts makes one File of a model's open parts. The metadata is the first
// part's; the mappings are the new File's from then on.
func joinParts(path string, all []*File) (*File, error) {
	head := all[0]
	whole := &File{
		Path: path, Version: head.Version, Alignment: head.Alignment, Meta: head.Meta,
		part: 1, of: 1, index: map[string]int{},
	}
	for _, f := range all {
		whole.Size += f.Size
		whole.Trailing += f.Trailing
		whole.maps = append(whole.maps, f.maps...)
		for _, t := range f.Tensors {
			if _, double := whole.index[t.Name]; double {
				return nil, &Error{Path: f.Path, Offset: -1, Err: fmt.Errorf("tensor %s is in another part, too; the parts do not belong together", t.Name)}
			}
			p := Part{Name: t.Name, Type: t.Type, Dims: t.Dims}
			if t.Type.Known() {
				data, err := f.Data(t)
				if err != nil {
					return nil, err
				}
				p.Data = data
			}
			whole.index[t.Name] = len(whole.Tensors)
			t.Offset = -1
			whole.Tensors = append(whole.Tensors, t)
			whole.parts = append(whole.parts, p)
		}
	}
	want, ok, err := head.Meta.Int(splitTensorsKey)
	if err == nil && ok && want != int64(len(whole.Tensors)) {
		err = fmt.Errorf("the model has %d tensors, but its %d parts hold %d; they do not belong together", want, len(all), len(whole.Tensors))
	}
	if err != nil {
		return nil, &Error{Path: head.Path, Offset: -1, Err: err}
	}
	return whole, nil
}

// enumerate lists names, but no more than a reader takes in.
func enumerate(names []string) string {
	const most = 5
	list := strings.Join(names[:min(len(names), most)], ", ")
	if more := len(names) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// missingParts names the parts that do not lie beside the one at path.
func missingParts(path string) []string {
	var missing []string
	for _, other := range OtherParts(path) {
		if _, err := os.Stat(other); err != nil {
			missing = append(missing, filepath.Base(other))
		}
	}
	return missing
}
