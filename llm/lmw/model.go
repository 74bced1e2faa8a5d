package lmw

import (
	"fmt"
	"path/filepath"
	"strings"

	"lumi/accel"
	"lumi/llm/gguf"
	"lumi/llm/tokenizer"
)

// model is what both formats say about a Llama model.
type model struct {
	name                                                         string
	width, layers, heads, kvHeads, rounding, vocabulary, context uint32
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
		{Key: "general.architecture", Value: "llama"},
		{Key: "general.name", Value: name},
		{Key: "general.file_type", Value: fileType},
		{Key: "llama.block_count", Value: m.layers},
		{Key: "llama.context_length", Value: m.context},
		{Key: "llama.embedding_length", Value: m.width},
		{Key: "llama.feed_forward_length", Value: ffn},
		{Key: "llama.attention.head_count", Value: m.heads},
		{Key: "llama.attention.head_count_kv", Value: m.kvHeads},
		{Key: "llama.attention.layer_norm_rms_epsilon", Value: m.eps},
		{Key: "llama.rope.freq_base", Value: m.base},
		{Key: "llama.vocab_size", Value: m.vocabulary},
	}
	if m.heads != 0 && m.width%m.heads == 0 {
		meta = append(meta, gguf.KV{Key: "llama.rope.dimension_count", Value: m.width / m.heads})
	}
	return append(meta, vocabulary(m.vocab)...), nil
}

// The values of general.file_type.
const (
	fileTypeF32  = 0
	fileTypeBF16 = 32
)

// vocabulary returns the keys of a SentencePiece vocabulary.
func vocabulary(v tokenizer.Vocab) []gguf.KV {
	const prefix = "tokenizer.ggml."
	meta := []gguf.KV{
		{Key: prefix + "model", Value: v.Model},
		{Key: prefix + "pre", Value: "default"},
		{Key: prefix + "tokens", Value: v.Tokens},
		{Key: prefix + "scores", Value: v.Scores},
		{Key: prefix + "token_type", Value: v.Types},
		{Key: prefix + "add_bos_token", Value: v.AddBOS},
		{Key: prefix + "add_eos_token", Value: v.AddEOS},
		{Key: prefix + "add_space_prefix", Value: v.AddSpacePrefix},
	}
	for _, id := range []struct {
		key string
		id  int32
	}{{"bos", v.BOS}, {"eos", v.EOS}, {"unknown", v.UNK}, {"padding", v.PAD}} {
		if id.id >= 0 {
			meta = append(meta, gguf.KV{Key: prefix + id.key + "_token_id", Value: uint32(id.id)})
		}
	}
	return meta
}
