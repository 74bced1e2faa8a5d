package cli

import (
	"context"
	"io"
	"slices"

	"lumi/accel"
	"lumi/llm"
)

var benchCommand = command{
	name:    "bench",
	args:    "[-m MODEL | --synthetic SHAPE:TYPE] [-p 512] [-n 128] [-d DEPTH] [-t N] [-r 5] [-o md|json]",
	summary: "measure a model's speed",
	help: `Measures how fast a model reads a prompt (pp) and writes an answer (tg), after
one run that warms up. Tokenising and sampling are not in the times. Table and
JSON have the form and the field names of llama.cpp's llama-bench. -p, -n, -d
and -t take comma lists, and every combination is measured.

--synthetic measures a model of a known shape with random weights, made in
memory, such as tinyllama-1.1b:Q4_0; with --write it is saved as a file instead,
so that other programs can be measured on the same weights.`,
	run: runBench,
}

func runBench(ctx context.Context, c command, args []string, s streams) error {
	var load loadFlags
	fs := c.newFlags()
	load.registerModel(fs)
	load.registerKV(fs, accel.F16)
	load.registerPrecision(fs)
	prompts := countsValue{list: []int{512}}
	gens := countsValue{list: []int{128}}
	depths := countsValue{list: []int{0}}
	threads := countsValue{list: []int{0}}
	fs.Var(&prompts, "p", "prompt sizes to measure, a `LIST` in tokens; 0 is none")
	fs.Var(&gens, "n", "answer sizes to measure, a `LIST` in tokens; 0 is none")
	fs.Var(&depths, "d", "tokens already in the context before each test, a `LIST`")
	fs.Var(&threads, "t", "worker threads, a `LIST`; 0 takes one per core")
	fs.Var(&threads, "threads", "")
	synthetic := fs.String("synthetic", "", "measure random weights of a `SHAPE:TYPE`, such as llama-3.2-1b:Q4_K_M")
	write := fs.String("write", "", "save the synthetic model to this `FILE` and measure nothing")
	bandwidth := fs.Bool("bandwidth", false, "also measure how fast a loop that does nothing else reads the weights, which bounds the speed of writing an answer")
	repeat := fs.Int("r", 5, "run each test `N` times")
	output := fs.String("o", "md", "`FORM` of the output: md or json")
	if err := c.parse(fs, args, s, 0); err != nil {
		return err
	}
	if *repeat < 1 {
		return usagef("bench: -r must be at least 1")
	}
	if *output != "md" && *output != "json" {
		return usagef("bench: -o is md or json, not %q", *output)
	}
	b := bench{
		prompts: prompts.list, gens: gens.list, depths: depths.list,
		repeat: *repeat, reads: *bandwidth, kv: load.kv.t, precision: load.precision, streams: s,
	}
	if b.context() == 0 {
		return usagef("bench: -p and -n are both 0, so there is nothing to measure")
	}
	switch {
	case *synthetic != "" && load.model != "":
		return usagef("bench: give either -m or --synthetic")
	case *write != "" && *synthetic == "":
		return usagef("bench: --write needs --synthetic")
	}
	var err error
	if b.open, err = opener(ctx, load.model, *synthetic, s); err != nil {
		return err
	}
	if *write != "" {
		return writeSynthetic(*synthetic, *write)
	}
	var rows []benchRow
	show := func(r benchRow) error {
		rows = append(rows, r)
		if *output == "json" {
			return nil // the list is printed when it is whole
		}
		line := r.line()
		if len(rows) == 1 {
			line = benchHeader() + line
		}
		_, err := io.WriteString(s.out, line)
		return err
	}
	for _, n := range threads.list {
		if err := b.run(ctx, n, show); err != nil {
			return err
		}
	}
	if *output == "json" {
		return printIndentedJSON(s.out, rows)
	}
	return nil
}

// bench is the set of tests to run on one model.
type bench struct {
	open                  func(llm.Options) (*llm.Model, error)
	prompts, gens, depths []int
	repeat                int
	reads                 bool
	kv                    accel.Type
	precision             llm.Precision
	streams
}

// context is the context size that the largest test needs, in tokens.
func (b *bench) context() int {
	largest := max(slices.Max(b.prompts), slices.Max(b.gens))
	if largest == 0 {
		return 0
	}
	return slices.Max(b.depths) + largest
}

// run measures every combination with n threads and passes each result to show.
func (b *bench) run(ctx context.Context, n int, show func(benchRow) error) error {
	m, err := b.open(llm.Options{Context: b.context(), KV: &b.kv, Threads: n, Precision: b.precision})
	if err != nil {
		return err
	}
	defer m.Close()
	for _, o := range b.tests() {
		results, err := m.Bench(ctx, o, nil)
		if err != nil {
			return err
		}
		for _, r := range results {
			if err := show(newBenchRow(m.Info(), b.kv, r)); err != nil {
				return err
			}
			showReads(b.streams, r)
		}
	}
	return nil
}

// tests are the single tests, in llama-bench's order.
func (b *bench) tests() []llm.BenchOptions {
	var tests []llm.BenchOptions
	for _, depth := range b.depths {
		for _, p := range b.prompts {
			if p > 0 {
				tests = append(tests, llm.BenchOptions{Prompt: p, Depth: depth, Repeat: b.repeat})
			}
		}
		for _, g := range b.gens {
			if g > 0 {
				tests = append(tests, llm.BenchOptions{Gen: g, Depth: depth, Repeat: b.repeat, Reads: b.reads})
			}
		}
	}
	return tests
}
