package cli

import (
	"context"
	"fmt"

	"lumi/accel"
	"lumi/llm"
)

var perplexityCommand = command{
	name:    "perplexity",
	args:    "[-m MODEL] -f FILE [--window 512] [--json]",
	summary: "measure how well a model foresees a text",
	help: `Measures the perplexity of a model on a text, the lower the better, as
llama.cpp's tool does: the text is cut into windows, and the second half of each
is scored given what precedes it in the window. -f - reads from stdin.`,
	run: runPerplexity,
}

// perplexity is the JSON form of the result.
type perplexity struct {
	PPL     float64 `json:"ppl"`
	Error   float64 `json:"stderr"`
	Windows int     `json:"windows"`
	Tokens  int     `json:"tokens"`
}

func runPerplexity(ctx context.Context, c command, args []string, s streams) error {
	var load loadFlags
	fs := c.newFlags()
	load.register(fs, accel.F16)
	file := fs.String("f", "", "the text's `FILE`; - is stdin")
	window := fs.Int("window", 512, "`TOKENS` per window")
	asJSON := fs.Bool("json", false, "print the result as JSON")
	if err := c.parse(fs, args, s, 0); err != nil {
		return err
	}
	if *file == "" {
		return usagef("perplexity: -f is missing")
	}
	text, err := readText(*file, s.in)
	if err != nil {
		return err
	}
	if load.context == 0 {
		load.context = *window
	}
	m, err := load.open(ctx, s)
	if err != nil {
		return err
	}
	defer m.Close()
	tellOf(m.Tokenizer(), s)
	var progress func(llm.Perplexity)
	if isTerminal(s.err) {
		progress = func(p llm.Perplexity) {
			fmt.Fprintf(s.err, "\rwindow %d of %d: %.4f\x1b[K", p.Windows, p.Total, p.PPL)
		}
		defer fmt.Fprint(s.err, "\r\x1b[K")
	}
	p, err := m.Perplexity(ctx, text, *window, progress)
	if err != nil {
		return err
	}
	if *asJSON {
		return printJSON(s.out, perplexity{p.PPL, p.Error, p.Windows, p.Tokens})
	}
	_, err = fmt.Fprintf(s.out, "perplexity %.4f ± %.4f (%d tokens in %d windows of %d)\n",
		p.PPL, p.Error, p.Tokens, p.Windows, *window)
	return err
}
