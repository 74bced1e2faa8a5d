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
