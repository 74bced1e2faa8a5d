package cli

import (
	"context"
	"fmt"
	"os"

	"lumi/llm"
)

// opener returns what opens the model to measure: an installed one, or one
// with random weights.
func opener(ctx context.Context, model, synthetic string, s streams) (func(llm.Options) (*llm.Model, error), error) {
	if synthetic != "" {
		m, err := llm.ParseSynthetic(synthetic)
		if err != nil {
			return nil, usagef("bench: %w", err)
		}
		return func(o llm.Options) (*llm.Model, error) {
			progress, done := loadProgress(synthetic, s)
			defer done()
			return m.Open(ctx, o, progress)
		}, nil
	}
	path, err := modelPath(ctx, model, s)
	if err != nil {
		return nil, err
	}
	return func(o llm.Options) (*llm.Model, error) { return openModel(ctx, path, o, s) }, nil
}

// writeSynthetic saves a synthetic model. An unfinished file is removed.
func writeSynthetic(spec, path string) (err error) {
	m, err := llm.ParseSynthetic(spec)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("cannot save the model: %w", err)
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			_ = os.Remove(path) // the first error says more
			err = fmt.Errorf("cannot save the model: %w", err)
		}
	}()
	return m.Write(file)
}

// showReads prints how fast a test read the weights, if it has been measured.
func showReads(s streams, r llm.BenchResult) {
	if decoding, loop, share, ok := r.WeightSpeed(); ok {
		fmt.Fprintf(s.err, "%s reads the weights at %.1f GB/s, %.0f %% of what a loop does that only reads them (%.1f GB/s)\n",
			r.Test, decoding/1e9, 100*share, loop/1e9)
	}
}
