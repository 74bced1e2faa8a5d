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
	"lumi/llm/lmw"
	"lumi/llm/safetensors"
)

// Found is a model: a file, or a folder as Hugging Face has them.
type Found struct {
	Path         string
	Name         string // the file's name without its ending, or the folder's
	Architecture string
	Quantisation string
	Size         int64 // bytes of the file, or of a folder's weights
	Parameters   int64
	Modified     time.Time
	// Problem says why the file cannot be opened, without the path; nil if
	// nothing is known to be wrong.
	Problem error
}

// maxDepth is how many folders deep a scan looks: enough for
// publisher/model/file, and an end for folders that contain everything.
const maxDepth = 5

// ModelsDir is where Lumi keeps model files: lumi/models in the XDG data
// folder.
func ModelsDir() string { return filepath.Join(xdg.DataHome, "lumi", "models") }

// Scan lists the models in and below the given folders, sorted by name. Folders
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
			if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
				continue
			}
			if slices.ContainsFunc(seen, func(o os.FileInfo) bool { return os.SameFile(o, info) }) {
				continue
			}
			seen = append(seen, info)
			if f, ok := look(path, info); ok {
				found = append(found, f)
			}
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
		case d.IsDir() && IsModelFolder(path), !d.IsDir() && isModelName(d.Name()) && isFirst(path):
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

// extensions are the endings of model files.
var extensions = []string{".gguf", lmw.Extension, lmw.Llama2CExtension}

// Extensions are the endings that a model file's name can have, in lower case.
func Extensions() []string { return slices.Clone(extensions) }

// Name is what the model at path is called: the file's name without its ending
// and the number of its part, or the folder's name, in which a dot is no ending.
func Name(path string) string {
	name := filepath.Base(path)
	if base, _, _, ok := gguf.SplitName(name); ok {
		return base
	}
	if ext := filepath.Ext(name); slices.Contains(extensions, strings.ToLower(ext)) || strings.EqualFold(ext, safetensors.Extension) {
		return strings.TrimSuffix(name, ext)
	}
	return name
}

// IsModelFolder says whether dir holds a model as Hugging Face has them: a
// config.json and weights as safetensors, which together are one model.
func IsModelFolder(dir string) bool {
	if info, err := os.Stat(filepath.Join(dir, "config.json")); err != nil || !info.Mode().IsRegular() {
		return false
	}
	return len(weights(dir)) > 0
}

// weights lists the files in dir that hold weights.
func weights(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if strings.EqualFold(filepath.Ext(e.Name()), safetensors.Extension) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out
}

// isModelName says whether a file of this name is a model, or a part of one,
// and not one that belongs to another file.
func isModelName(name string) bool {
	lower := strings.ToLower(name)
	return slices.Contains(extensions, filepath.Ext(lower)) && !strings.HasPrefix(lower, "mmproj-") && !strings.HasPrefix(lower, "mtp-")
}

// isFirst says whether no earlier part of the same model lies beside the file:
// a model in parts is listed once, also where the first part is missing.
func isFirst(path string) bool {
	_, part, _, ok := gguf.SplitName(filepath.Base(path))
	if !ok {
		return true
	}
	for _, other := range gguf.OtherParts(path)[:part-1] {
		if _, err := os.Lstat(other); err == nil {
			return false
		}
	}
	return true
}

// filesOf are the paths of the files that hold the weights of the model at path:
// all parts that there are, or those in a folder.
func filesOf(path string) []string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return weights(path)
	}
	out := []string{path}
	for _, part := range gguf.OtherParts(path) {
		if _, err := os.Lstat(part); err == nil {
			out = append(out, part)
		}
	}
	return out
}

// look reads a model's header; ok is false for a file that is something else.
func look(path string, info os.FileInfo) (f Found, ok bool) {
	f = Found{Path: path, Name: Name(path), Modified: info.ModTime()}
	for _, file := range filesOf(path) {
		if part, err := os.Stat(file); err == nil {
			f.Size += part.Size()
		}
	}
	s, err := llm.Inspect(path)
	if err != nil {
		f.Problem = llm.WithoutPath(err, path)
		// Much else is called .bin: only what lacks its tokenizer is a model.
		return f, !strings.EqualFold(filepath.Ext(path), lmw.Llama2CExtension) || info.IsDir() || errors.Is(err, fs.ErrNotExist)
	}
	f.Architecture, f.Quantisation, f.Parameters = s.Architecture, s.Quantisation, s.Parameters
	return f, true
}
