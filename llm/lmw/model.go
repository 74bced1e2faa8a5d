package lmw

import (
	"fmt"
	"path/filepath"
	"strings"

	"lumi/accel"
	"lumi/llm/gguf"
	"lumi/llm/tokenizer"
)

// model is what both formats say about a model.
type model struct {
	architecture, name                                           string
	width, layers, heads, kvHeads, multiple, vocabulary, context uint32
	base, eps                                                    float32
	vocab                                                        tokenizer.Vocab
	parts                                                        []gguf.Part
}

// metadata returns the model's keys under GGUF's names. Their values are
// checked by who uses them.
func (m *model) metadata(path string) ([]gguf.KV, error) {
	if n := len(m.vocab.Tokens); n != int(m.vocabulary) {
		return nil, &gguf.Error{Path: path, Offset: -1, Err: fmt.Errorf(
			"the tokenizer has %d tokens and the model %d", n, m.vocabulary)}
	}
	ffn, fileType := uint32(0), uint32(fileTypeF32)
	for _, p := range m.parts {
		if strings.HasSuffix(p.Name, ".ffn_gate.weight") {
			ffn = uint32(p.Dims[len(p.Dims)-1])
			if p.Type == accel.BF16 {
				fileType = fileTypeBF16
			}
			break
		}
	}
	name := m.name
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	meta := []gguf.KV{
		{Key: "general.architecture", Value: m.architecture},
		{Key: "general.name", Value: name},
		{Key: "general.file_type", Value: fileType},
		{Key: m.architecture + ".block_count", Value: m.layers},
		{Key: m.architecture + ".context_length", Value: m.context},
		{Key: m.architecture + ".embedding_length", Value: m.width},
		{Key: m.architecture + ".feed_forward_length", Value: ffn},
		{Key: m.architecture + ".attention.head_count", Value: m.heads},
		{Key: m.architecture + ".attention.head_count_kv", Value: m.kvHeads},
		{Key: m.architecture + ".attention.layer_norm_rms_epsilon", Value: m.eps},
		{Key: m.architecture + ".rope.freq_base", Value: m.base},
		{Key: m.architecture + ".vocab_size", Value: m.vocabulary},
	}
	if m.heads != 0 && m.width%m.heads == 0 {
		meta = append(meta, gguf.KV{Key: m.architecture + ".rope.dimension_count", Value: m.width / m.heads})
	}
	for key, value := range m.vocab.Keys() {
		meta = append(meta, gguf.KV{Key: key, Value: value})
	}
	return meta, nil
}

// The values of general.file_type.
const (
	fileTypeF32  = 0
	fileTypeBF16 = 32
)
