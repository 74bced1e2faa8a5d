package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"lumi/accel"
)

// mixtureProgram is a stack of feed-forward blocks: mixtures of 32 experts of
// which 4 are used or, for comparison, dense ones that multiply as much.
func mixtureProgram(mixture bool) *accel.Program {
	const width, ffn, experts, used, layers, vocab = 1024, 512, 32, 4, 4, 64
	r := rand.New(rand.NewPCG(1, 2))
	p := &accel.Program{}
	w := func(rows, cols int) accel.Weight { return p.AddWeight(random(r, "w", accel.Q8_0, rows, cols)) }
	x, h, g := p.NewBuffer("x", width), p.NewBuffer("h", width), p.NewBuffer("g", used*ffn)
	norm := p.AddWeight(random(r, "norm", accel.F32, 1, width))
	embd := w(vocab, width)
	p.Do(accel.Embed{Dst: x, W: embd, Scale: 1})
	for range layers {
		p.Do(accel.RMSNorm{Dst: h, Src: x, W: norm, Eps: 1e-5})
		if !mixture {
			p.Do(accel.GatedMatMul{Dst: g, Src: h, Gate: w(used*ffn, width), Up: w(used*ffn, width)})
			p.Do(accel.MatMul{Src: g, Out: []accel.Product{{Dst: x, W: w(width, used*ffn), Bias: accel.None}}, Add: true})
			continue
		}
		e := accel.Experts{
			Dst: x, Src: h, Router: p.AddWeight(random(r, "router", accel.F32, experts, width)), Used: used, Normalise: true,
		}
		for range experts {
			e.Each = append(e.Each, accel.Expert{Gate: w(ffn, width), Up: w(ffn, width), Down: w(width, ffn)})
		}
		p.Do(e)
	}
	p.Do(accel.Logits{Src: x, W: embd})
	return p
}

// BenchmarkExperts reports the time of mixtures of experts against that of
// dense networks with the same number of products.
func BenchmarkExperts(b *testing.B) {
	for _, batch := range []int{1, 256} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			var spent [2]time.Duration
			var sessions [2]accel.Session
			for i := range sessions {
				m, err := New(2).Load(b.Context(), mixtureProgram(i == 0), nil)
				if err != nil {
					b.Fatal(err)
				}
				defer m.Close()
				if sessions[i], err = m.NewSession(f32(batch)); err != nil {
					b.Fatal(err)
				}
				defer sessions[i].Close()
			}
			ids := make([]int32, batch)
			for i := range ids {
				ids[i] = int32(i * 37 % 64)
			}
			for b.Loop() {
				for i, s := range sessions { // in turns, so that other work on the machine hits both
					s.Truncate(0)
					start := time.Now()
					forward(b, s, ids, accel.WantAll)
					spent[i] += time.Since(start)
				}
			}
			b.ReportMetric(float64(spent[0])/float64(spent[1]), "×dense")
			b.ReportMetric(float64(spent[0].Microseconds())/float64(b.N), "µs/mixture")
		})
	}
}
