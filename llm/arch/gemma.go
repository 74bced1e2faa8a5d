package arch

import (
	"math"

	"lumi/accel"
)

// gemma is the forward pass of the first Gemma (Gemma Team, 2024): embeddings
// grow by the root of their width, and gates are GELUs. GGUF stores the weights
// of its norms with the 1 that the model adds to them.
func gemma(b *builder) { b.decode(b.gemmaDecoder()) }

// gemmaDecoder is what all Gemmas have in common.
func (b *builder) gemmaDecoder() decoder {
	return decoder{act: accel.GELU, embedScale: float32(math.Sqrt(float64(b.Width)))}
}

// widthScale sets the scale of attention by the width per head, as the largest
// model of a family has it, whose file has no key for that.
func (b *builder) widthScale(layers int) {
	if b.Layers == layers && !b.given("attention.scale") {
		b.AttnScale = float32(1 / math.Sqrt(float64(b.Width)/float64(b.Heads)))
	}
}

// alternate says which layers have a sliding window: those that the file names
// or, without that, all but every n-th, counted from first.
func (b *builder) alternate(n, first int) func(layer int) bool {
	if windowed := b.flags("attention.sliding_window_pattern", b.Layers); windowed != nil {
		return func(layer int) bool { return windowed[layer] }
	}
	return func(layer int) bool { return layer%n != first }
}
