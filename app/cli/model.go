package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"lumi/llm"
	"lumi/llm/store"
)

// open finds the model and loads it. A terminal is shown the progress.
func (l *loadFlags) open(ctx context.Context, s streams) (*llm.Model, error) {
	path, err := modelPath(ctx, l.model, s)
	if err != nil {
		return nil, err
	}
	return openModel(ctx, path, l.options(), s)
}

func openModel(ctx context.Context, path string, o llm.Options, s streams) (*llm.Model, error) {
	progress, done := loadProgress(path, s)
	defer done()
	return llm.Open(ctx, path, o, progress)
}

// loadProgress returns what shows the share of a model that is loaded, at most
// ten times a second and only on a terminal, and what wipes the line again. The
// loader's own goroutines report the progress.
func loadProgress(path string, s streams) (progress func(done, total int64), wipe func()) {
	return shownProgress("Loading", path, s)
}

// shownProgress is loadProgress for any work on a model.
func shownProgress(what, path string, s streams) (progress func(done, total int64), wipe func()) {
	if !isTerminal(s.err) {
		return nil, func() {}
	}
	name := filepath.Base(path)
	var (
		mu    sync.Mutex
		last  time.Time
		shown bool
	)
	progress = func(done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		if total <= 0 || time.Since(last) < 100*time.Millisecond {
			return
		}
		last, shown = time.Now(), true
		fmt.Fprintf(s.err, "\r%s %s … %d%%\x1b[K", what, printable(name), done*100/total)
	}
	return progress, func() {
		mu.Lock()
		defer mu.Unlock()
		if shown {
			fmt.Fprint(s.err, "\r\x1b[K")
		}
	}
}

// modelPath finds the model that name stands for: a file, or one of the
// installed models by its name, the start of it or a part of it.
func modelPath(ctx context.Context, name string, s streams) (string, error) {
	if name == "" {
		return defaultModel(ctx, openLibrary(s))
	}
	if _, err := os.Stat(name); err == nil || looksLikePath(name) {
		return name, nil // what is wrong with it, the loader says best
	}
	found, err := openLibrary(s).usable(ctx)
	if err != nil {
		return "", err
	}
	return pick(name, found)
}

func looksLikePath(name string) bool {
	return strings.ContainsAny(name, "/"+string(filepath.Separator)) || strings.EqualFold(filepath.Ext(name), ".gguf")
}

// pick chooses the model that name means: the one that bears it, else the only
// one whose name begins with it, else the only one whose name holds it. Case
// does not matter.
func pick(name string, found []store.Found) (string, error) {
	want := strings.ToLower(name)
	matches := []func(candidate string) bool{
		func(c string) bool { return c == want },
		func(c string) bool { return strings.HasPrefix(c, want) },
		func(c string) bool { return strings.Contains(c, want) },
	}
	for _, match := range matches {
		var hits []store.Found
		for _, f := range found {
			if match(strings.ToLower(f.Name)) {
				hits = append(hits, f)
			}
		}
		switch len(hits) {
		case 0:
		case 1:
			return hits[0].Path, nil
		default:
			return "", fmt.Errorf("%q could be any of these models, so name one in full or give its path:\n%s", name, listNames(hits))
		}
	}
	if len(found) == 0 {
		return "", fmt.Errorf("there is no file %q, and no model is installed: put a .gguf file into %s", name, store.ModelsDir())
	}
	return "", fmt.Errorf("there is no file and no installed model %q; these are installed:\n%s", name, listNames(found))
}

func listNames(found []store.Found) string {
	lines := make([]string, len(found))
	for i, f := range found {
		lines[i] = fmt.Sprintf("  %s (%s)", printable(f.Name), f.Path)
	}
	return strings.Join(lines, "\n")
}

// starter is the name of the file that `make run` installs.
const starter = "SmolLM2-135M-Instruct.Q4_1.gguf"

var errNoModel = errors.New("no model is installed")

// defaultModel is the model that is used when none is named: the one used last,
// the only one, or the starter model.
func defaultModel(ctx context.Context, l library) (string, error) {
	if l.last != "" {
		if _, err := os.Stat(l.last); err == nil {
			return l.last, nil
		}
	}
	found, err := l.usable(ctx)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", fmt.Errorf("%w: put a .gguf file into %s, or name one with -m", errNoModel, store.ModelsDir())
	}
	if len(found) == 1 {
		return found[0].Path, nil
	}
	for _, f := range found {
		if filepath.Base(f.Path) == starter {
			return f.Path, nil
		}
	}
	return "", usagef("several models are installed, so choose one with -m:\n%s", listNames(found))
}
