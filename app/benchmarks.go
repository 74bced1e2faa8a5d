package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"lumi/llm"
	"lumi/llm/atomicfile"
)

// measured is an engine whose speed can be measured; *llm.Model is one.
type measured interface {
	Bench(ctx context.Context, o llm.BenchOptions, done func(llm.BenchResult)) ([]llm.BenchResult, error)
}

// The standard test: the sizes that llama-bench measures unless told otherwise.
const (
	benchPrompt = 512
	benchGen    = 128
	benchRepeat = 3
)

// benchRun is the result of one benchmark, as it is kept.
type benchRun struct {
	Time         time.Time     `json:"time"`
	Model        string        `json:"model"` // the file's name
	Quantisation string        `json:"quantisation"`
	Size         int64         `json:"size"`       // of the weights in bytes
	Parameters   int64         `json:"parameters"` // of the model
	Device       string        `json:"device"`
	Threads      int           `json:"threads"`
	KV           string        `json:"kv"`
	Precision    llm.Precision `json:"precision"`
	PP           float64       `json:"pp512"` // tokens/s
	PPDev        float64       `json:"pp512_stddev"`
	TG           float64       `json:"tg128"`
	TGDev        float64       `json:"tg128_stddev"`
}

// benchState is the running benchmark and the results of those before.
type benchState struct {
	cancel context.CancelFunc // nil while none is running
	share  float64            // done of the running one, from 0 to 1
	runs   []benchRun         // of the loaded model, the latest last
}

// Bench measures the loaded model in the background.
func (c *controller) Bench() {
	engine, ok := c.model.engine.(measured)
	if !ok {
		c.tell(say("Load a model first: the benchmark measures the loaded one."), action{say("Choose a model"), c.view.ChooseModel})
		return
	}
	if c.bench.cancel != nil || !c.ready() {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	c.bench.cancel, c.bench.share = cancel, 0
	info, held, kv := c.model.info, c.model.engine, kvType(c.options).String()
	c.view.BenchChanged()
	c.engines.add(func() {
		defer cancel()
		var results []llm.BenchResult
		err := c.guard("measuring the model", func() (err error) {
			if c.held != held {
				return context.Canceled
			}
			results, err = engine.Bench(ctx, llm.BenchOptions{
				Prompt: benchPrompt, Gen: benchGen, Repeat: benchRepeat, Progress: c.benchProgress(),
			}, nil)
			return err
		})
		var runs []benchRun
		var saveErr error
		if err == nil {
			run := newBenchRun(info, kv, results, c.Now())
			if runs, saveErr = keepBench(c.Benchmarks, run); saveErr != nil {
				runs = append(runs, run)
			}
		}
		c.Post(func() {
			c.bench.cancel = nil
			if err == nil && c.model.engine == held {
				c.bench.runs = ofModel(runs, info)
			}
			c.view.BenchChanged()
			c.fail(cmp.Or(err, saveErr), action{})
			c.measure()
		})
	})
}

// benchProgress returns a function that shows how far a benchmark is, at most
// once per frame.
func (c *controller) benchProgress() func(share float64) {
	var shown time.Time
	return func(share float64) {
		if now := c.Now(); share == 1 || now.Sub(shown) >= frame {
			shown = now
			c.Post(func() {
				c.bench.share = share
				c.view.BenchChanged()
			})
		}
	}
}

// CancelBench ends the running benchmark without a result.
func (c *controller) CancelBench() {
	if c.bench.cancel != nil {
		c.bench.cancel()
	}
}

// ReadBenchmarks reads what earlier benchmarks of the loaded model have found.
func (c *controller) ReadBenchmarks() {
	held, info := c.model.engine, c.model.info
	c.disk.add(func() {
		runs, err := readBenchmarks(c.Benchmarks)
		c.Post(func() {
			if c.model.engine == held {
				c.bench.runs = ofModel(runs, info)
				c.view.BenchChanged()
			}
			c.fail(err, action{})
		})
	})
}

func newBenchRun(info llm.Info, kv string, results []llm.BenchResult, now time.Time) benchRun {
	r := benchRun{
		Time: now, Model: modelName(info.Path, ""), Quantisation: info.Quantisation, Size: info.Size,
		Parameters: info.Parameters, Device: info.Device, Threads: info.Threads, KV: kv, Precision: info.Precision,
	}
	for _, result := range results {
		if result.Prompt > 0 {
			r.PP, r.PPDev = result.AvgTS(), result.StddevTS()
		} else {
			r.TG, r.TGDev = result.AvgTS(), result.StddevTS()
		}
	}
	return r
}

// ofModel are the runs of a model.
func ofModel(runs []benchRun, info llm.Info) []benchRun {
	name := modelName(info.Path, "")
	return slices.DeleteFunc(slices.Clone(runs), func(r benchRun) bool { return r.Model != name || r.Size != info.Size })
}

// mostBenchmarks bounds the file; the oldest results give way.
const mostBenchmarks = 1000

// readBenchmarks reads the file of results. No file is none; one that cannot be
// read is put aside, so that the next result does not overwrite it.
func readBenchmarks(path string) ([]benchRun, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, say("The benchmarks could not be read: {{.Why}}").because(err)
	}
	var runs []benchRun
	if err := json.Unmarshal(data, &runs); err != nil {
		aside := path + ".bad"
		if moved := os.Rename(path, aside); moved != nil {
			return nil, say("The benchmarks in {{.Path}} cannot be read ({{.Why}}), and the file could not be put aside: {{.WhyNot}}",
				fields{"Path": path, "WhyNot": moved}).because(err)
		}
		return nil, say("The benchmarks in {{.Path}} cannot be read ({{.Why}}); the file is kept as {{.Aside}}.",
			fields{"Path": path, "Aside": aside}).because(err)
	}
	for i := range runs {
		if runs[i].Precision == llm.PrecisionAuto { // of before there was a choice
			runs[i].Precision = llm.PrecisionFast
		}
	}
	return runs, nil
}

// keepBench adds a result to the file and returns all of them.
func keepBench(path string, run benchRun) ([]benchRun, error) {
	runs, err := readBenchmarks(path)
	if err != nil {
		return nil, err
	}
	runs = append(runs, run)
	runs = runs[max(0, len(runs)-mostBenchmarks):]
	data, err := json.MarshalIndent(runs, "", "  ")
	if err == nil {
		err = atomicfile.WriteBytes(path, atomicfile.Private, append(data, '\n'))
	}
	if err != nil {
		return runs, say("The benchmark could not be kept in {{.Path}}: {{.Why}}", fields{"Path": path}).because(err)
	}
	return runs, nil
}

// benchMarkdown writes results as a table that other programs understand.
func benchMarkdown(runs []benchRun) string {
	var b strings.Builder
	b.WriteString("| date | model | size | params | backend | threads | KV | precision | pp512 t/s | tg128 t/s |\n")
	b.WriteString("| --- | --- | ---: | ---: | --- | ---: | --- | --- | ---: | ---: |\n")
	for _, r := range runs {
		fmt.Fprintf(&b, "| %s | %s | %.1f MB | %.2f B | %s | %d | %s | %s | %.2f ± %.2f | %.2f ± %.2f |\n",
			r.Time.Format("2006-01-02 15:04"), strings.ReplaceAll(joined(r.Model, r.Quantisation), "|", `\|`), float64(r.Size)/1e6,
			float64(r.Parameters)/1e9, r.Device, r.Threads, r.KV, r.Precision, r.PP, r.PPDev, r.TG, r.TGDev)
	}
	return b.String()
}
