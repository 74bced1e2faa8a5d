package arch

// granite is the forward pass of IBM's Granite 3 (2024): Llama's with
// multipliers of the embeddings, the scores, the residuals and the logits.
func granite(b *builder) {
	b.decode(decoder{
		neighbours:    b.neighbours(),
		embedScale:    float32(b.float("embedding_scale", 1, 1e6)),
		residualScale: float32(b.float("residual_scale", 1, 1e6)),
		logitScale:    float32(1 / b.float("logit_scale", 1, 1e6)),
	})
}
