package arch

// phi3 is the forward pass of Phi-3 and Phi-4-mini (Abdin et al., 2024): Llama's
// with the weights of queries, keys and values in one tensor and those of gate
// and up in another. Its long-RoPE has two sets of frequencies; as in Hugging
// Face's software the length of the sequence chooses between them.
func phi3(b *builder) { b.decode(decoder{}) }
