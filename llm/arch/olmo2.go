package arch

// olmo2 is the forward pass of OLMo 2 and 3 (OLMo Team, 2024, 2025): norms come
// after the blocks only, and all queries, and all keys, of a token are
// normalised. With a sliding window it is OLMo 3's, in which three layers of
// four have it, and their rotary frequencies are not scaled.
func olmo2(b *builder) {
	d := decoder{noPreNorm: true, postNorm: true, rowNorm: true}
	if b.Window > 0 {
		d.windowed = b.pattern(func(layer int) bool { return layer%4 != 3 })
		d.rotary = b.localRotary(d.windowed, b.float("rope.freq_base_swa", b.Rope.Base, 1e15))
	}
	b.decode(d)
}
