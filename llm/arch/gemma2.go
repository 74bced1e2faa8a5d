package arch

// gemma2 is the forward pass of Gemma 2 (Gemma Team, 2024): what a block gives
// is normalised, scores and logits are bounded, and every other layer has a
// sliding window, the first one too.
func gemma2(b *builder) {
	b.widthScale(46) // 27B
	if !b.given("attention.sliding_window") {
		b.Window = 4096 // the first files do not say
	}
	d := b.gemmaDecoder()
	d.postNorm = true
	d.scoreCap = float32(b.float("attn_logit_softcapping", 50, 1e6))
	d.logitCap = float32(b.float("final_logit_softcapping", 30, 1e6))
	d.windowed = b.pattern(func(layer int) bool { return layer%2 == 0 })
	b.decode(d)
}
