package arch

// qwen2 is the forward pass of Qwen 1.5, 2 and 2.5 (Yang et al., 2024): Llama's
// with biases of queries, keys and values.
func qwen2(b *builder) { b.decode(decoder{}) }
