package arch

import "lumi/accel"

// smollm3 is the forward pass of SmolLM3 (Hugging Face, 2025): Llama's, but
// every fourth layer does without rotation. The key rope.layers, which other
// formats' models have, names the layers that rotate.
func smollm3(b *builder) {
	rotates := b.flags("rope.layers", b.Layers)
	table := b.rotary(b.neighbours())
	b.decode(decoder{rotary: func(layer int) accel.Rotary {
		if rotates == nil && layer%4 == 3 || rotates != nil && !rotates[layer] {
			return noRotary
		}
		return table
	}})
}
