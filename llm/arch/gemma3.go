package arch

import "lumi/accel"

// gemma3 is the forward pass of Gemma 3 (Gemma Team, 2025), its text part: the
// heads of queries and keys are normalised, and five layers of six have a
// sliding window and rotary frequencies of their own, which no scaling touches.
func gemma3(b *builder) {
	b.widthScale(62) // 27B
	d := b.gemmaDecoder()
	d.postNorm, d.headNorm = true, true
	if b.given("final_logit_softcapping") {
		d.logitCap = float32(b.float("final_logit_softcapping", 0, 1e6))
	}
	d.windowed = b.pattern(func(layer int) bool { return layer%6 != 5 })
	global := b.rotary(false)
	local := b.p.AddTable(accel.RotaryTable{
		Scale: 1,
		Freq:  RopeConfig{Dims: b.Rope.Dims, Base: b.float("rope.freq_base_swa", 10000, 1e15)}.frequencies(),
	})
	d.rotary = func(layer int) accel.Rotary {
		if d.windowed(layer) {
			return local
		}
		return global
	}
	b.decode(d)
}
