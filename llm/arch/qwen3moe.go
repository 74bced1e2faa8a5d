package arch

// qwen3moe is Qwen 3 with mixtures of experts (Yang et al., 2025).
func qwen3moe(b *builder) {
	b.decode(decoder{headNorm: true, averaged: b.flag(b.prefix+"expert_weights_norm", true)})
}
