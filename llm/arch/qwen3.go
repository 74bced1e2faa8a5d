package arch

// qwen3 is the forward pass of Qwen 3 (Yang et al., 2025): the heads of queries
// and keys are normalised.
func qwen3(b *builder) { b.decode(decoder{headNorm: true}) }
