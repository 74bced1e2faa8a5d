package llm

import (
	"os"
	"path/filepath"
	"strings"

	"lumi/llm/gguf"
	"lumi/llm/safetensors"
)

// OpenFile opens the model at path, of whatever format, as what it would be as
// a GGUF file: metadata and tensors under GGUF's names. A folder is one of
// Hugging Face's. The caller closes it. Errors name the file.
func OpenFile(path string) (*gguf.File, error) {
	if strings.EqualFold(filepath.Ext(path), safetensors.Extension) {
		return safetensors.Open(path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return safetensors.Open(path)
	}
	return gguf.Open(path)
}
