package cpu

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"lumi/accel"
)

// shape is a small Llama-like model.
type shape struct {
	width, ffn, heads, kvHeads, layers, vocab int
	kind                                      accel.Type
	neighbours, bias                          bool
	// modern adds what later architectures have: norms per head and after the
	// blocks, windows, soft caps, multipliers, frequencies for long sequences,
	// and a mixture of experts in every other layer.
	modern bool
	used   int // of 5 experts
}

// modernLimit is the length beyond which a modern shape's sequences are long.
const modernLimit = 20

var small = shape{width: 64, ffn: 96, heads: 4, kvHeads: 2, layers: 2, vocab: 75, kind: accel.F32, used: 2}

// random writes weights of the given type that look like trained ones.
func random(r *rand.Rand, name string, kind accel.Type, rows, cols int) accel.Tensor {
	t := accel.Tensor{Name: name, Type: kind, Rows: rows, Cols: cols}
	scale := 1 / math.Sqrt(float64(cols))
	for range rows * cols / first(kind.Block()) {
		t.Data = append(t.Data, randomBlock(r, kind, scale)...)
	}
	return t
}

func first(a, _ int) int { return a }

func randomBlock(r *rand.Rand, kind accel.Type, scale float64) []byte {
	_, n := kind.Block()
	b := make([]byte, n)
	half := func(v float64) uint16 { return accel.F32ToF16(float32(v)) }
	switch kind {
	case accel.F32:
		binary.LittleEndian.PutUint32(b, math.Float32bits(float32(r.NormFloat64()*scale)))
	case accel.F16:
		binary.LittleEndian.PutUint16(b, half(r.NormFloat64()*scale))
	case accel.Q8_0, accel.Q4_0, accel.Q4_1, accel.IQ4_NL:
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		step := map[accel.Type]float64{accel.Q8_0: 1. / 80, accel.Q4_0: 1. / 5, accel.Q4_1: 1. / 5, accel.IQ4_NL: 1. / 60}[kind]
		binary.LittleEndian.PutUint16(b, half(scale*step*(0.5+r.Float64())))
		if kind == accel.Q4_1 {
			binary.LittleEndian.PutUint16(b[2:], half(-7.5*scale*step))
		}
	default:
		panic("no random blocks of " + kind.String())
	}
	return b
}

// program builds the forward pass of a shape with seeded random weights.
func (sh shape) program(t testing.TB) *accel.Program {
	r := rand.New(rand.NewPCG(7, uint64(sh.kind)))
	p := &accel.Program{}
	dim := sh.width / sh.heads
	kv := dim * sh.kvHeads
	x, h := p.NewBuffer("x", sh.width), p.NewBuffer("h", sh.width)
	q, k, v := p.NewBuffer("q", sh.width), p.NewBuffer("k", kv), p.NewBuffer("v", kv)
	a, g := p.NewBuffer("a", sh.width), p.NewBuffer("g", sh.ffn)
	w := func(name string, rows, cols int) accel.Weight {
		return p.AddWeight(random(r, name, sh.kind, rows, cols))
	}
	norm := func(name string, width int) accel.Weight {
		t := random(r, name, accel.F32, 1, width)
		for i := 0; i < len(t.Data); i += 4 {
			v := math.Float32frombits(binary.LittleEndian.Uint32(t.Data[i:]))
			binary.LittleEndian.PutUint32(t.Data[i:], math.Float32bits(1+v))
		}
		return p.AddWeight(t)
	}
	product := func(dst accel.Buffer, name string, rows, cols int) accel.Product {
		o := accel.Product{Dst: dst, W: w(name, rows, cols), Bias: accel.None}
		if sh.bias {
			o.Bias = p.AddWeight(random(r, name+".bias", accel.F32, 1, rows))
		}
		return o
	}
	freq := make([]float64, dim/2)
	for i := range freq {
		freq[i] = math.Pow(10000, -2*float64(i)/float64(dim))
	}
	table := accel.RotaryTable{Freq: freq, Scale: 1, Neighbours: sh.neighbours}
	var window int
	var scale, cap float32
	if sh.modern {
		table.Freq, table.Scale, table.Limit = freq[:dim/4], 1.1, modernLimit
		for _, f := range table.Freq {
			table.Long = append(table.Long, f/3)
		}
		window, scale, cap = 11, 0.7, 5
	}
	rope := p.AddTable(table)

	embd := p.AddWeight(random(r, "token_embd", sh.kind, sh.vocab, sh.width))
	p.Do(accel.Embed{Dst: x, W: embd, Scale: 3})
	for l := range sh.layers {
		name := func(s string) string { return fmt.Sprintf("blk.%d.%s", l, s) }
		p.Do(accel.RMSNorm{Dst: h, Src: x, W: norm(name("attn_norm"), sh.width), Eps: 1e-5})
		p.Do(accel.MatMul{Src: h, Out: []accel.Product{
			product(q, name("q"), sh.width, sh.width), product(k, name("k"), kv, sh.width), product(v, name("v"), kv, sh.width),
		}})
		if sh.modern {
			p.Do(accel.RMSNorm{Dst: q, Src: q, W: norm(name("q_norm"), dim), Eps: 1e-5})
			p.Do(accel.RMSNorm{Dst: k, Src: k, W: norm(name("k_norm"), kv), Eps: 1e-5})
		}
		p.Do(accel.Rope{Q: q, K: k, Heads: sh.heads, KVHeads: sh.kvHeads, HeadDim: dim, Table: rope})
		p.Do(accel.Attention{
			Dst: a, Q: q, K: k, V: v, Layer: l, Heads: sh.heads, KVHeads: sh.kvHeads,
			HeadDim: dim, Scale: float32(1 / math.Sqrt(float64(dim))), Window: window * (l % 2), SoftCap: cap,
		})
		p.Do(accel.MatMul{Src: a, Out: []accel.Product{product(x, name("o"), sh.width, sh.width)}, Add: true, Scale: scale})
		p.Do(accel.RMSNorm{Dst: h, Src: x, W: norm(name("ffn_norm"), sh.width), Eps: 1e-5})
		if sh.modern && l%2 == 1 {
			e := accel.Experts{
				Dst: x, Src: h, Router: p.AddWeight(random(r, name("router"), accel.F32, 5, sh.width)),
				Used: sh.used, Normalise: l%4 == 1, Act: accel.GELU,
			}
			for range 5 {
				e.Each = append(e.Each, accel.Expert{
					Gate: w("gate", sh.ffn, sh.width), Up: w("up", sh.ffn, sh.width), Down: w("down", sh.width, sh.ffn),
				})
			}
			p.Do(e)
			continue
		}
		act := accel.SiLU
		if l%2 == 1 {
			act = accel.GELU
		}
		p.Do(accel.GatedMatMul{Dst: g, Src: h, Gate: w(name("gate"), sh.ffn, sh.width), Up: w(name("up"), sh.ffn, sh.width), Act: act})
		if sh.modern {
			p.Do(accel.MatMul{Src: g, Out: []accel.Product{product(h, name("down"), sh.width, sh.ffn)}})
			p.Do(accel.RMSNorm{Dst: x, Src: h, W: norm(name("post_norm"), sh.width), Eps: 1e-5, Add: true})
			continue
		}
		p.Do(accel.MatMul{Src: g, Out: []accel.Product{product(x, name("down"), sh.width, sh.ffn)}, Add: true})
	}
	p.Do(accel.RMSNorm{Dst: h, Src: x, W: norm("output_norm", sh.width), Eps: 1e-5})
	p.Do(accel.Logits{Src: h, W: embd, Scale: scale, SoftCap: 2 * cap})
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	return p
}

// tokens draws n token ids.
func (sh shape) tokens(n int) []int32 {
	r := rand.New(rand.NewPCG(3, 4))
	out := make([]int32, n)
	for i := range out {
		out[i] = r.Int32N(int32(sh.vocab))
	}
	return out
}
