package arch

// gemma3 is the forward pass of Gemma 3 (Gemma Team, 2025), its text part: the
// heads of queries and keys are normalised, and five layers of six have a
// sliding window and rotary frequencies of their own, which no scaling touches.
func gemma3(b *builder) {
	b.widthScale(62) // 27B
	d := b.gemmaDecoder()
	d.postNorm, d.headNorm = true, true
	d.logitCap = b.factor("final_logit_softcapping")
	d.windowed = b.pattern(func(layer int) bool { return layer%6 != 5 })
	if base := b.float("rope.freq_base_swa", 10000, 1e15); b.Window > 0 {
		d.rotary = b.localRotary(d.windowed, base)
	}
	b.decode(d)
}
