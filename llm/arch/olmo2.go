package arch

// olmo2 is the forward pass of OLMo 2 (OLMo Team, 2024): norms come after the
// blocks only, and all queries, and all keys, of a token are normalised.
func olmo2(b *builder) { b.decode(decoder{noPreNorm: true, postNorm: true, rowNorm: true}) }
