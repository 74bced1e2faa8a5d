package llm

import "lumi/llm/gguf"

// OpenFile opens the model at path, of whatever format, as what it would be as
// a GGUF file: metadata and tensors under GGUF's names. The caller closes it.
// Errors name the file.
func OpenFile(path string) (*gguf.File, error) {
	return gguf.Open(path)
}
