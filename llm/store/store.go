// Package store knows where model files lie on this machine.
package store

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"lumi/llm"
	"lumi/llm/gguf"
)

// Found is a model file.
type Found struct {
	Path         string
	Name         string // the file's name without its ending
	Architecture string
	Quantisation string
	Size         int64 // bytes of the file
	Parameters   int64
	Modified     time.Time
	// Problem says why the file cannot be opened, as a sentence; empty if
	// nothing is known to be wrong.
	Problem string
}

// maxDepth is how many folders deep a scan looks: enough for
// publisher/model/file, and an end for folders that contain everything.
const maxDepth = 5

// ModelsDir is where Lumi keeps model files: lumi/models in the XDG data
// folder.
func ModelsDir() string { return filepath.Join(xdg.DataHome, "lumi", "models") }

// Scan lists the model files below the given folders, sorted by name. Folders
// that are missing or cannot be read are passed over; a file that is reached
// twice is listed once. It ends early when ctx is cancelled.
func Scan(ctx context.Context, dirs ...string) []Found {
	var (
		found []Found
		seen  []os.FileInfo
	)
	for _, dir := range dirs {
		for _, path := range files(ctx, dir) {
			info, err := os.Stat(path) // follows links: only the target counts
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			if slices.ContainsFunc(seen, func(o os.FileInfo) bool { return os.SameFile(o, info) }) {
				continue
			}
			seen = append(seen, info)
			found = append(found, look(path, info))
		}
	}
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Path, b.Path))
	})
	return found
}

// files lists the paths below dir that look like models by name.
func files(ctx context.Context, dir string) []string {
	if dir == "" {
		return nil
	}
	root := filepath.Clean(dir)
	var out []string
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return fs.SkipAll
		case err != nil && d != nil && !d.IsDir():
			return nil
		case err != nil:
			return fs.SkipDir
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || depth(root, path) >= maxDepth):
			return fs.SkipDir
		case !d.IsDir() && isModelName(d.Name()):
			out = append(out, path)
		}
		return nil
	})
	return out
}

func depth(root, path string) int {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return maxDepth
	}
	return strings.Count(rel, string(filepath.Separator)) + 1
}

// isModelName says whether a file of this name is a model, or the first part
// of one, and not a part that belongs to another file.
func isModelName(name string) bool {
	lower := strings.ToLower(name)
	if filepath.Ext(lower) != ".gguf" || strings.HasPrefix(lower, "mmproj-") || strings.HasPrefix(lower, "mtp-") {
		return false
	}
	if _, part, _, ok := gguf.SplitName(name); ok {
		return part == 1
	}
	return true
}

// look reads a file's header.
func look(path string, info os.FileInfo) Found {
	name := filepath.Base(path)
	f := Found{
		Path: path, Name: strings.TrimSuffix(name, filepath.Ext(name)),
		Size: info.Size(), Modified: info.ModTime(),
	}
	s, err := llm.Inspect(path)
	if err != nil {
		f.Problem = problem(path, err)
		return f
	}
	f.Architecture, f.Quantisation, f.Parameters = s.Architecture, s.Quantisation, s.Parameters
	return f
}

// problem is the error without the path, which is shown beside it.
func problem(path string, err error) string {
	if inner := (*gguf.Error)(nil); errors.As(err, &inner) {
		err = inner.Err
	}
	return strings.TrimPrefix(err.Error(), path+": ")
}
