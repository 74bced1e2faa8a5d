package arch

// llama is the forward pass of Llama 1 to 3 (Touvron et al., 2023; Grattafiori
// et al., 2024) and of the models built like it: TinyLlama, SmolLM2, the
// stories models. With a sliding window it is Mistral's (Jiang et al., 2023),
// with experts Mixtral's (Jiang et al., 2024), which GGUF calls llama too. GGUF
// stores the rows of its query and key weights so that rotary pairs are
// neighbours.
func llama(b *builder) {
	b.decode(decoder{neighbours: b.neighbours(), averaged: true})
}
