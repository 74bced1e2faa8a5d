package arch

import "lumi/accel"

// granite is the forward pass of IBM's Granite 3 and 4 (2024, 2025): Llama's
// with multipliers of the embeddings, the scores, the residuals and the logits.
// GGUF says by rope.scaling.finetuned whether it rotates.
func granite(b *builder) {
	d := decoder{
		neighbours:    b.neighbours(),
		embedScale:    b.factor("embedding_scale"),
		residualScale: b.factor("residual_scale"),
		logitScale:    float32(1 / b.float("logit_scale", 1, 1e6)),
	}
	if !b.flag(b.prefix+"rope.scaling.finetuned", true) {
		d.rotary = func(int) accel.Rotary { return noRotary }
	}
	b.decode(d)
}
