package llm

import (
	"os"
	"path/filepath"
	"strings"

	"lumi/llm/gguf"
	"lumi/llm/lmw"
	"lumi/llm/safetensors"
)

// OpenFile opens the model at path, of whatever format, as what it would be as
// a GGUF file: metadata and tensors under GGUF's names. A folder is one of
// Hugging Face's. The caller closes it. Errors name the file.
func OpenFile(path string) (*gguf.File, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return safetensors.Open(path)
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case safetensors.Extension:
		return safetensors.Open(path)
	case lmw.Extension:
		return lmw.Open(path)
	case lmw.Llama2CExtension:
		return lmw.OpenLlama2C(path)
	}
	return gguf.Open(path)
}
