package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lumi/llm"
)

// benchEngine is a fake whose speed can be measured.
type benchEngine struct {
	*fakeEngine
	during func(ctx context.Context) error
}

func (e *benchEngine) Bench(ctx context.Context, o llm.BenchOptions, _ func(llm.BenchResult)) ([]llm.BenchResult, error) {
	o.Progress(0.25)
	if e.during != nil {
		if err := e.during(ctx); err != nil {
			return nil, err
		}
	}
	o.Progress(1)
	return []llm.BenchResult{
		{Test: "pp512", Prompt: o.Prompt, Samples: []time.Duration{time.Second, time.Second}},
		{Test: "tg128", Gen: o.Gen, Samples: []time.Duration{time.Second, 2 * time.Second}},
	}, nil
}

// useBench loads an engine that can be measured.
func (b *bench) useBench(during func(ctx context.Context) error) *benchEngine {
	b.t.Helper()
	e := &benchEngine{newFakeEngine("x"), during}
	b.load = func(context.Context, string, func(done, total int64)) (Engine, error) { return e, nil }
	b.Benchmarks = filepath.Join(filepath.Dir(b.path), "benchmarks.json")
	b.Load(e.info.Path)
	b.until("the model is loaded", func() bool { return b.model.engine == e })
	return e
}

func (b *bench) measured() {
	b.until("it is measured", func() bool { return b.controller.bench.cancel == nil })
}

func TestBenchmark(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	b.Bench()
	if b.notice == nil || !strings.Contains(told(b.notice.Text), "Load a model first") {
		t.Errorf("without a model it tells %+v", b.notice)
	}
	b.useBench(nil)
	for range 2 {
		b.Bench()
		b.measured()
	}
	if b.controller.bench.share != 1 {
		t.Errorf("the progress ended at %v", b.controller.bench.share)
	}
	b.controller.bench.runs = nil
	b.ReadBenchmarks()
	b.until("the file is read", func() bool { return b.controller.bench.runs != nil })
	runs := b.controller.bench.runs
	if len(runs) != 2 || runs[0].PP != 512 || runs[0].TG != 96 || runs[0].Model != "tiny" || runs[1].Threads != b.model.info.Threads {
		t.Fatalf("kept %+v", runs)
	}
	text := benchMarkdown(runs[:1])
	if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) != 3 || !strings.Contains(lines[2], "| 512.00 ± 0.00 | 96.00 ±") {
		t.Errorf("as Markdown:\n%s", text)
	}
	other := b.model.info
	other.Size++
	if got := ofModel(runs, other); len(got) != 0 {
		t.Errorf("another model of the same name has the results %+v", got)
	}
}

func TestBenchmarkIsExclusive(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, "")
	defer b.end()
	begun := make(chan struct{}, 1)
	b.useBench(func(ctx context.Context) error {
		begun <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})
	b.Bench()
	<-begun
	b.Bench() // does not begin a second one
	if b.Send("hello") || len(b.chat.messages) != 0 {
		t.Error("a message was sent to a model that is being measured")
	}
	b.Act() // stops it
	b.measured()
	if b.notice != nil || len(b.controller.bench.runs) != 0 {
		t.Errorf("cancelled, it left the notice %+v and %d results", b.notice, len(b.controller.bench.runs))
	}
	if _, err := os.Stat(b.Benchmarks); err == nil {
		t.Error("a cancelled benchmark is kept")
	}
	b.Bench()
	<-begun
	b.Unload()
	b.measured()
	b.until("the model is closed", func() bool { return b.model.engine == nil })
}

func TestBenchmarkFails(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.useBench(func(context.Context) error {
		return errors.New("the test needs a context of 512 tokens and this one holds 64")
	})
	b.Bench()
	b.measured()
	if b.notice == nil || !b.notice.Fault || !strings.Contains(told(b.notice.Text), "holds 64") {
		t.Errorf("it tells %+v", b.notice)
	}
}

func TestBenchmarkFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "benchmarks.json")
	for i := range mostBenchmarks + 5 {
		if i > 2 && i < mostBenchmarks { // the file need not be written so often
			continue
		}
		if _, err := keepBench(path, benchRun{Model: "m", Threads: i}); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := readBenchmarks(path)
	if err != nil || len(runs) != 8 || runs[7].Threads != mostBenchmarks+4 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	if err := os.WriteFile(path, []byte(`[{"time": `), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keepBench(path, benchRun{}); err == nil || !strings.Contains(err.Error(), path+".bad") {
		t.Errorf("a damaged file gives %v", err)
	}
	if _, err := os.Stat(path + ".bad"); err != nil {
		t.Error("a damaged file is not kept")
	}
	if runs, err := keepBench(path, benchRun{Model: "n"}); err != nil || len(runs) != 1 {
		t.Errorf("after it: %d runs, %v", len(runs), err)
	}
	if err := os.WriteFile(path, []byte(`[{"model": "old"}, {"model": "new", "precision": "high"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	runs, err = readBenchmarks(path)
	if err != nil || len(runs) != 2 || runs[0].Precision != llm.PrecisionFast || runs[1].Precision != llm.PrecisionHigh {
		t.Errorf("results of before and after there was a choice of precision: %+v, %v", runs, err)
	}
}
