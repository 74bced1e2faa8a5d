package llm

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"lumi/accel"
	"lumi/accel/cpu"
)

// BenchOptions say what Bench measures, in llama-bench's terms.
type BenchOptions struct {
	Prompt int // prefill this many tokens at once; 0 skips the test
	Gen    int // decode this many tokens one by one; 0 skips the test
	Depth  int // tokens in the KV cache before each test
	Repeat int // measurements of each test, at least 1
	// Reads has the weights read by a loop that does nothing else now and then
	// while tokens are decoded. The time that it takes is not in the samples.
	Reads bool
	// Progress, if not nil, is told which share of the work is done, from 0 to
	// 1, after every piece of it. Each test counts the same.
	Progress func(share float64)
}

// report tells o.Progress that so many tokens of a test are done, of as many in
// each round; the round that warms up is one of them.
func (o BenchOptions) report(gen bool, done, round int) {
	if o.Progress == nil {
		return
	}
	share := float64(done) / float64(round*(max(1, o.Repeat)+1))
	if o.Prompt > 0 && o.Gen > 0 {
		share /= 2
		if gen {
			share += 0.5
		}
	}
	o.Progress(share)
}

// BenchResult holds the measurements of one test.
type BenchResult struct {
	Test    string // e.g. "pp512", "tg128 @ d4096"
	Prompt  int
	Gen     int
	Depth   int
	Samples []time.Duration
	Time    time.Time // when the test began

	TokenBytes int64     // of weights that a token is multiplied with; 0 without Reads
	Reads      []float64 // by sample: how fast the loop read them, in bytes/s
}

// tokens is how many tokens each sample processed.
func (r BenchResult) tokens() float64 { return float64(r.Prompt + r.Gen) }

// AvgTS is the mean speed in tokens/s.
func (r BenchResult) AvgTS() float64 {
	sum := 0.0
	for _, d := range r.Samples {
		sum += r.tokens() / d.Seconds()
	}
	return sum / float64(len(r.Samples))
}

// StddevTS is the sample standard deviation of the speed in tokens/s.
func (r BenchResult) StddevTS() float64 {
	if len(r.Samples) < 2 {
		return 0
	}
	avg, sum := r.AvgTS(), 0.0
	for _, d := range r.Samples {
		e := r.tokens()/d.Seconds() - avg
		sum += e * e
	}
	return math.Sqrt(sum / float64(len(r.Samples)-1))
}

// WeightSpeed is how fast decoding read the weights, how fast the loop did that
// only reads, both in bytes/s, and the first as a part of the second: each the
// median of all samples. ok is false if the loop was not asked for.
func (r BenchResult) WeightSpeed() (decoding, loop, share float64, ok bool) {
	if len(r.Reads) == 0 {
		return 0, 0, 0, false
	}
	speeds, shares := make([]float64, len(r.Reads)), make([]float64, len(r.Reads))
	for i, loop := range r.Reads {
		speeds[i] = float64(r.TokenBytes) * r.tokens() / r.Samples[i].Seconds()
		shares[i] = speeds[i] / loop
	}
	return median(speeds), median(r.Reads), median(shares), true
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}

// Bench measures the model's speed on random tokens, without tokenizing and
// sampling, as llama-bench does. Each finished test is passed to done, which
// may be nil. The conversation in the KV cache is lost.
func (m *Model) Bench(ctx context.Context, o BenchOptions, done func(BenchResult)) ([]BenchResult, error) {
	if err := m.take(ctx); err != nil {
		return nil, err
	}
	defer m.giveBack()
	defer func() { _ = m.rewind() }() // 0 is always a valid length
	if need := o.Depth + max(o.Prompt, o.Gen); need > m.info.Context {
		return nil, fmt.Errorf("the test needs a context of %d tokens and this one holds %d", need, m.info.Context)
	}
	var out []BenchResult
	for _, test := range [][2]int{{o.Prompt, 0}, {0, o.Gen}} {
		if test[0]+test[1] == 0 {
			continue
		}
		r, err := m.benchTest(ctx, test[0], test[1], o)
		if err != nil {
			return out, err
		}
		if done != nil {
			done(r)
		}
		out = append(out, r)
	}
	return out, nil
}

func (m *Model) benchTest(ctx context.Context, prompt, gen int, o BenchOptions) (BenchResult, error) {
	r := BenchResult{Test: fmt.Sprintf("pp%d", prompt), Prompt: prompt, Gen: gen, Depth: o.Depth, Time: time.Now()}
	if gen > 0 {
		r.Test = fmt.Sprintf("tg%d", gen)
	}
	if o.Depth > 0 {
		r.Test += fmt.Sprintf(" @ d%d", o.Depth)
	}
	var reader accel.Reader // nil unless it is to read
	if o.Reads && gen > 0 {
		var ok bool
		if reader, ok = m.loaded.(accel.Reader); !ok {
			return r, fmt.Errorf("%s cannot tell how fast it reads weights", m.info.Device)
		}
		r.TokenBytes = reader.TokenBytes()
	}
	ids := m.randomIDs(max(o.Depth, prompt, gen, 1))
	if err := m.rewind(); err != nil {
		return r, err
	}
	if o.Depth > 0 {
		if _, err := m.forward(ctx, ids[:o.Depth], accel.WantNone); err != nil {
			return r, err
		}
	}
	for i := -1; i < max(1, o.Repeat); i++ { // the first round warms up
		if err := m.session.Truncate(o.Depth); err != nil {
			return r, err
		}
		m.held = m.held[:o.Depth]
		var reads []float64
		var reading time.Duration
		start := time.Now()
		if prompt > 0 {
			if _, err := m.forward(ctx, ids[:prompt], accel.WantLast); err != nil {
				return r, err
			}
			o.report(false, (i+2)*prompt, prompt)
		}
		for j := range gen {
			if reader != nil && j%readEvery == 0 {
				before := time.Now()
				speed, err := reader.ReadSpeed(ctx)
				if err != nil {
					return r, err
				}
				reads = append(reads, speed)
				reading += time.Since(before)
			}
			if _, err := m.forward(ctx, ids[j:j+1], accel.WantLast); err != nil {
				return r, err
			}
			o.report(true, (i+1)*gen+j+1, gen)
		}
		if i < 0 {
			continue
		}
		r.Samples = append(r.Samples, time.Since(start)-reading)
		if reader != nil {
			r.Reads = append(r.Reads, median(reads))
		}
	}
	return r, nil
}

// readEvery is after how many tokens the weights are read for BenchOptions.Reads:
// so few that both see the same moments of a machine that others use, too.
const readEvery = 4

// randomIDs draws token ids, always the same ones.
func (m *Model) randomIDs(n int) []int32 {
	source := rand.New(rand.NewPCG(1, 2))
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = source.Int32N(int32(m.info.Vocabulary))
	}
	return ids
}

// Bandwidth measures how fast the given number of threads together read
// memory, in bytes per second. Decoding reads all weights once per token.
func Bandwidth(threads int) (float64, error) { return cpu.Bandwidth(threads) }
