package arch

// qwen is the forward pass of the first Qwen (Bai et al., 2023): one tensor
// holds the weights of queries, keys and values, which have biases. Its
// feed-forward length counts gate and up together.
func qwen(b *builder) {
	if b.FFN%2 != 0 {
		b.fail("key %sfeed_forward_length is %d, want an even number", b.prefix, b.FFN)
	}
	b.FFN /= 2
	b.decode(decoder{})
}
