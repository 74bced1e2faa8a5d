package arch

import (
	"fmt"
	"math"

	"lumi/accel"
)

// llama is the forward pass of Llama 1 to 3 (Touvron et al., 2023; Grattafiori
// et al., 2024) and of the models built like it: TinyLlama, SmolLM2, the
// stories models. GGUF stores the rows of its query and key weights so that
// rotary pairs are neighbours.
func llama(b *builder) {
	p := b.p
	qWidth, kvWidth := b.Heads*b.HeadDim, b.KVHeads*b.HeadDim

	x := p.NewBuffer("x", b.Width) // residual stream
	h := p.NewBuffer("h", b.Width) // its normalised copy
	q := p.NewBuffer("q", qWidth)
	k := p.NewBuffer("k", kvWidth)
	v := p.NewBuffer("v", kvWidth)
	a := p.NewBuffer("a", qWidth) // attention's answer
	g := p.NewBuffer("g", b.FFN)  // gated feed-forward

	embd := b.matrix("token_embd.weight", 0, b.Width)
	rope := b.rotary(true)
	scale := float32(1 / math.Sqrt(float64(b.HeadDim)))

	p.Do(accel.Embed{Dst: x, W: embd, Scale: 1})
	for l := range b.Layers {
		name := func(part string) string { return fmt.Sprintf("blk.%d.%s", l, part) }

		p.Do(accel.RMSNorm{Dst: h, Src: x, W: b.vector(name("attn_norm.weight"), b.Width), Eps: b.Eps})
		p.Do(accel.MatMul{Src: h, Out: []accel.Product{
			b.product(q, name("attn_q"), qWidth, b.Width),
			b.product(k, name("attn_k"), kvWidth, b.Width),
			b.product(v, name("attn_v"), kvWidth, b.Width),
		}})
		p.Do(accel.Rope{Q: q, K: k, Heads: b.Heads, KVHeads: b.KVHeads, HeadDim: b.HeadDim, Table: rope})
		p.Do(accel.Attention{
			Dst: a, Q: q, K: k, V: v, Layer: l,
			Heads: b.Heads, KVHeads: b.KVHeads, HeadDim: b.HeadDim, Scale: scale,
		})
		p.Do(accel.MatMul{Src: a, Out: []accel.Product{b.product(x, name("attn_output"), b.Width, qWidth)}, Add: true})

		p.Do(accel.RMSNorm{Dst: h, Src: x, W: b.vector(name("ffn_norm.weight"), b.Width), Eps: b.Eps})
		p.Do(accel.GatedMatMul{
			Dst: g, Src: h, Act: accel.SiLU,
			Gate: b.matrix(name("ffn_gate.weight"), b.FFN, b.Width),
			Up:   b.matrix(name("ffn_up.weight"), b.FFN, b.Width),
		})
		p.Do(accel.MatMul{Src: g, Out: []accel.Product{b.product(x, name("ffn_down"), b.Width, b.FFN)}, Add: true})
	}
	p.Do(accel.RMSNorm{Dst: h, Src: x, W: b.vector("output_norm.weight", b.Width), Eps: b.Eps})
	// A file without output.weight shares the embedding (tied weights).
	out, ok := b.optional("output.weight", 0, b.Width)
	if !ok {
		out = embd
	}
	p.Do(accel.Logits{Src: h, W: out})
}
