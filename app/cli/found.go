package cli

import (
	"context"

	"lumi/llm/store"
)

// scan lists the models on this machine.
func scan(ctx context.Context) []store.Found {
	return store.Scan(ctx, store.ModelsDir())
}

// lastModel is the file of the model that was used last.
func lastModel() string { return "" }
