package arch

import (
	"fmt"

	"lumi/accel"
)

// decoder says how an architecture differs from the plain transformer decoder
// (Vaswani et al., 2017, with RMS norms before the blocks and gated
// feed-forward networks) that all of them are. The zero value is Llama's with
// Hugging Face's order of rows.
type decoder struct {
	neighbours bool // rotary pairs are columns side by side
	act        accel.Activation

	noPreNorm bool // blocks read the residual stream as it is
	postNorm  bool // what a block gives is normalised before it is added
	headNorm  bool // each head of queries and keys is normalised
	rowNorm   bool // all queries, and all keys, of a token are normalised together

	embedScale    float32 // multiplies embeddings; 0 is 1, here and below
	residualScale float32 // multiplies what a block adds
	logitScale    float32
	scoreCap      float32 // bounds attention's scores
	logitCap      float32

	// windowed says which layers have the sliding window; nil stands for those
	// that the file names, or all.
	windowed func(layer int) bool
	// rotary is the layer's table, noRotary for none; nil stands for the one
	// that the file describes.
	rotary func(layer int) accel.Rotary

	averaged bool // the chosen experts' shares are divided by their sum
}

// noRotary is the table of a layer that does not rotate (Kazemnejad et al.,
// 2023).
const noRotary accel.Rotary = -1

// buffers are the activations that all layers share.
type buffers struct {
	x    accel.Buffer // residual stream
	h    accel.Buffer // its normalised copy
	y    accel.Buffer // what a block gives, where that is normalised
	q    accel.Buffer
	k, v accel.Buffer
	a    accel.Buffer // attention's answer
	g    accel.Buffer // hidden layer of the feed-forward network
}

// decode writes the forward pass.
func (b *builder) decode(d decoder) {
	p := b.p
	qWidth, kvWidth := b.Heads*b.HeadDim, b.KVHeads*b.HeadDim
	s := buffers{
		x: p.NewBuffer("x", b.Width), h: p.NewBuffer("h", b.Width),
		q: p.NewBuffer("q", qWidth), k: p.NewBuffer("k", kvWidth), v: p.NewBuffer("v", kvWidth),
		a: p.NewBuffer("a", qWidth), g: p.NewBuffer("g", b.FFN),
	}
	if d.postNorm {
		s.y = p.NewBuffer("y", b.Width)
	}
	if d.windowed == nil {
		d.windowed = b.pattern(func(int) bool { return true })
	}
	if d.rotary == nil {
		table := b.rotary(d.neighbours)
		d.rotary = func(int) accel.Rotary { return table }
	}
	embd := b.matrix("token_embd.weight", 0, b.Width)
	scale := d.embedScale
	if scale == 0 {
		scale = 1
	}
	p.Do(accel.Embed{Dst: s.x, W: embd, Scale: scale})
	for l := range b.Layers {
		b.attention(d, s, l)
		b.feedForward(d, s, l)
	}
	p.Do(accel.RMSNorm{Dst: s.h, Src: s.x, W: b.vector("output_norm.weight", b.Width), Eps: b.Eps})
	// A file without output.weight shares the embedding (tied weights).
	out, ok := b.optional("output.weight", 0, b.Width)
	if !ok {
		out = embd
	}
	p.Do(accel.Logits{Src: s.h, W: out, Scale: d.logitScale, SoftCap: d.logitCap})
}

// pattern says which layers have a sliding window: those that the file names,
// by a truth value for each or by a number n for all but every n-th (0 for
// all), or else those of the architecture.
func (b *builder) pattern(usual func(layer int) bool) func(layer int) bool {
	const key = "attention.sliding_window_pattern"
	if n, ok, err := b.meta.Uint(b.prefix + key); ok && err == nil {
		if n == 0 {
			return func(int) bool { return true }
		}
		n := b.size(key, 0, maxLayers)
		return func(layer int) bool { return (layer+1)%n != 0 }
	}
	if windowed := b.flags(key, b.Layers); windowed != nil {
		return func(layer int) bool { return windowed[layer] }
	}
	return usual
}

func block(l int, part string) string { return fmt.Sprintf("blk.%d.%s", l, part) }

// attention writes the attention block of a layer.
func (b *builder) attention(d decoder, s buffers, l int) {
	p := b.p
	src := b.preNorm(d, s, block(l, "attn_norm.weight"))
	p.Do(accel.MatMul{Src: src, Out: b.queriesKeysValues(s, l)})
	if d.headNorm || d.rowNorm {
		q, k := b.HeadDim, b.HeadDim
		if d.rowNorm {
			q, k = b.Heads*b.HeadDim, b.KVHeads*b.HeadDim
		}
		p.Do(accel.RMSNorm{Dst: s.q, Src: s.q, W: b.vector(block(l, "attn_q_norm.weight"), q), Eps: b.Eps})
		p.Do(accel.RMSNorm{Dst: s.k, Src: s.k, W: b.vector(block(l, "attn_k_norm.weight"), k), Eps: b.Eps})
	}
	if table := d.rotary(l); table != noRotary {
		p.Do(accel.Rope{Q: s.q, K: s.k, Heads: b.Heads, KVHeads: b.KVHeads, HeadDim: b.HeadDim, Table: table})
	}
	a := accel.Attention{
		Dst: s.a, Q: s.q, K: s.k, V: s.v, Layer: l,
		Heads: b.Heads, KVHeads: b.KVHeads, HeadDim: b.HeadDim, Scale: b.AttnScale, SoftCap: d.scoreCap,
	}
	if d.windowed(l) {
		a.Window = b.Window
	}
	p.Do(a)
	b.addBlock(d, s, s.a, b.Heads*b.HeadDim, block(l, "attn_output"), block(l, "post_attention_norm.weight"))
}

// queriesKeysValues are the three products of attention, whose weights may lie
// in one tensor.
func (b *builder) queriesKeysValues(s buffers, l int) []accel.Product {
	q, kv := b.Heads*b.HeadDim, b.KVHeads*b.HeadDim
	name := block(l, "attn_qkv")
	if _, fused, _ := b.weights.Tensor(name + ".weight"); !fused {
		return []accel.Product{
			b.product(s.q, block(l, "attn_q"), q, b.Width),
			b.product(s.k, block(l, "attn_k"), kv, b.Width),
			b.product(s.v, block(l, "attn_v"), kv, b.Width),
		}
	}
	part := func(dst accel.Buffer, from, rows int) accel.Product {
		w, _ := b.share(name+".weight", from, rows, q+2*kv, b.Width)
		bias, _ := b.share(name+".bias", from, rows, q+2*kv, 0)
		return accel.Product{Dst: dst, W: w, Bias: bias}
	}
	return []accel.Product{part(s.q, 0, q), part(s.k, q, kv), part(s.v, q+kv, kv)}
}

// preNorm normalises the residual stream for a block and says where it reads.
func (b *builder) preNorm(d decoder, s buffers, name string) accel.Buffer {
	if d.noPreNorm {
		return s.x
	}
	b.p.Do(accel.RMSNorm{Dst: s.h, Src: s.x, W: b.vector(name, b.Width), Eps: b.Eps})
	return s.h
}

// addBlock adds the last product of a block to the residual stream.
func (b *builder) addBlock(d decoder, s buffers, src accel.Buffer, cols int, name, norm string) {
	if !d.postNorm {
		b.p.Do(accel.MatMul{
			Src: src, Out: []accel.Product{b.product(s.x, name, b.Width, cols)}, Add: true, Scale: d.residualScale,
		})
		return
	}
	b.p.Do(accel.MatMul{Src: src, Out: []accel.Product{b.product(s.y, name, b.Width, cols)}})
	b.p.Do(accel.RMSNorm{Dst: s.x, Src: s.y, W: b.vector(norm, b.Width), Eps: b.Eps, Add: true})
}

// feedForward writes the second block of a layer: a gated network or, where the
// layer has a router, a mixture of them.
func (b *builder) feedForward(d decoder, s buffers, l int) {
	src := b.preNorm(d, s, block(l, "ffn_norm.weight"))
	if b.Experts > 0 {
		if router, ok := b.optional(block(l, "ffn_gate_inp.weight"), b.Experts, b.Width); ok {
			b.p.Do(accel.Experts{
				Dst: s.x, Src: src, Router: router, Each: b.experts(l), Used: b.ExpertsUsed, Normalise: d.averaged, Act: d.act,
			})
			return
		}
	}
	step := accel.GatedMatMul{Dst: s.g, Src: src, Act: d.act}
	if _, separate, _ := b.weights.Tensor(block(l, "ffn_gate.weight")); separate || b.Architecture != "phi3" {
		step.Gate = b.matrix(block(l, "ffn_gate.weight"), b.FFN, b.Width)
		step.Up = b.matrix(block(l, "ffn_up.weight"), b.FFN, b.Width)
	} else { // one tensor holds both
		step.Gate = b.compulsory(block(l, "ffn_up.weight"), 0, b.FFN, 2*b.FFN, b.Width)
		step.Up = b.compulsory(block(l, "ffn_up.weight"), b.FFN, b.FFN, 2*b.FFN, b.Width)
	}
	b.p.Do(step)
	b.addBlock(d, s, s.g, b.FFN, block(l, "ffn_down"), block(l, "post_ffw_norm.weight"))
}

// experts are the networks of a layer. GGUF stacks the same matrix of all
// experts in one tensor; older files, and other formats, have one for each.
func (b *builder) experts(l int) []accel.Expert {
	_, stacked, _ := b.weights.Tensor(block(l, "ffn_gate_exps.weight"))
	matrix := func(part string, e, rows, cols int) accel.Weight {
		if stacked {
			return b.compulsory(block(l, part+"_exps.weight"), e*rows, rows, b.Experts*rows, cols)
		}
		return b.matrix(block(l, fmt.Sprintf("%s.%d.weight", part, e)), rows, cols)
	}
	out := make([]accel.Expert, b.Experts)
	for e := range out {
		out[e] = accel.Expert{
			Gate: matrix("ffn_gate", e, b.ExpertFFN, b.Width),
			Up:   matrix("ffn_up", e, b.ExpertFFN, b.Width),
			Down: matrix("ffn_down", e, b.Width, b.ExpertFFN),
		}
	}
	return out
}
