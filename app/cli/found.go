package cli

import (
	"context"
	"fmt"

	"lumi/app/settings"
	"lumi/llm/store"
)

// library is where models are looked for and which was used last. The commands
// share it with the window; everything else they take from their flags.
type library struct {
	dirs []string
	last string // path of a model, or ""
}

// openLibrary reads what the window has remembered.
func openLibrary(s streams) library {
	remembered, notices := settings.Load(settings.Path())
	for _, sentence := range notices {
		fmt.Fprintln(s.err, sentence)
	}
	return library{
		dirs: append([]string{store.ModelsDir()}, remembered.ModelDirs...),
		last: remembered.LastModel,
	}
}

// all lists the models on this machine.
func (l library) all(ctx context.Context) ([]store.Found, error) {
	found := store.Scan(ctx, l.dirs...)
	return found, ctx.Err()
}

// usable lists those that have no known problem.
func (l library) usable(ctx context.Context) ([]store.Found, error) {
	found, err := l.all(ctx)
	var good []store.Found
	for _, f := range found {
		if f.Problem == nil {
			good = append(good, f)
		}
	}
	return good, err
}
