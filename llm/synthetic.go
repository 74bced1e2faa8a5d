package llm

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"lumi/accel"
	"lumi/llm/gguf"
)

// shape is the size of a Llama model, as published with it.
type shape struct {
	width, ffn, layers, heads, kvHeads, headDim, vocab int
	base                                               float32 // of the rotary embedding
	tied                                               bool    // the embedding gives the logits
}

var shapes = map[string]shape{
	"smollm2-135m":   {576, 1536, 30, 9, 3, 64, 49152, 1e5, true},
	"tinyllama-1.1b": {2048, 5632, 22, 32, 4, 64, 32000, 1e4, false},
	"llama-3.2-1b":   {2048, 8192, 16, 32, 8, 64, 128256, 5e5, true},
	"llama-3.2-3b":   {3072, 8192, 28, 24, 8, 128, 128256, 5e5, true},
	"llama-3-8b":     {4096, 14336, 32, 32, 8, 128, 128256, 5e5, false},
}

// mixtures give the type of each weight by its role.
var mixtures = map[string]func(role string, layer, layers int) accel.Type{
	"Q4_K_M": func(role string, layer, layers int) accel.Type {
		// The most sensitive weights have six bits.
		if role == "output" || moreBits(layer, layers) && (role == "attn_v" || role == "ffn_down") {
			return accel.Q6_K
		}
		return accel.Q4_K
	},
}

// syntheticTypes are the types that random weights can be made in.
var syntheticTypes = []accel.Type{
	accel.F32, accel.F16, accel.BF16, accel.Q8_0, accel.Q4_0, accel.Q4_1, accel.Q4_K, accel.Q6_K,
}

// Synthetic is a model of a known shape with random weights, for measurements:
// its speed is that of a real one, its answers are noise.
type Synthetic struct {
	name  string
	shape shape
	types func(role string, layer, layers int) accel.Type
}

// ParseSynthetic reads a model's name and weight type, such as
// "tinyllama-1.1b:Q4_0".
func ParseSynthetic(spec string) (*Synthetic, error) {
	name, kind, _ := strings.Cut(spec, ":")
	s := &Synthetic{name: spec}
	var ok bool
	if s.shape, ok = shapes[strings.ToLower(name)]; !ok {
		return nil, fmt.Errorf("no synthetic model is called %q; there are %s",
			name, strings.Join(slices.Sorted(maps.Keys(shapes)), ", "))
	}
	kind = strings.ToUpper(kind)
	if s.types, ok = mixtures[kind]; ok {
		return s, nil
	}
	var names []string
	for _, t := range syntheticTypes {
		if t.String() == kind {
			s.types = func(string, int, int) accel.Type { return t }
			return s, nil
		}
		names = append(names, t.String())
	}
	names = append(names, slices.Sorted(maps.Keys(mixtures))...)
	return nil, fmt.Errorf("synthetic weights cannot be of type %q; give a model and a type, as in tinyllama-1.1b:Q4_0, with one of %s",
		kind, strings.Join(names, ", "))
}

// Write writes the model as a GGUF file, the same bytes each time.
func (s *Synthetic) Write(w io.Writer) error { return gguf.Write(w, s.meta(), s.tensors()) }

// Open makes the model in memory and loads it.
func (s *Synthetic) Open(ctx context.Context, o Options, progress func(done, total int64)) (*Model, error) {
	var b bytes.Buffer
	b.Grow(int(s.size()))
	if err := s.Write(&b); err != nil {
		return nil, err
	}
	file, err := gguf.Parse(b.Bytes(), s.name)
	if err != nil {
		return nil, err
	}
	return openFile(ctx, file, o, progress)
}

// size is about the length of the file in bytes.
func (s *Synthetic) size() (n int64) {
	for _, t := range s.tensors() {
		row, _ := t.Type.RowBytes(int(t.Dims[0])) // shapes are whole blocks
		rows := 1
		if len(t.Dims) > 1 {
			rows = int(t.Dims[1])
		}
		n += int64(row) * int64(rows)
	}
	return n + 16<<20
}

func (s *Synthetic) meta() []gguf.KV {
	sh := s.shape
	tokens := []string{"<unk>", "<s>", "</s>"}
	types := []int32{2, 3, 3}
	for b := range 256 {
		tokens, types = append(tokens, fmt.Sprintf("<0x%02X>", b)), append(types, 6)
	}
	for len(tokens) < sh.vocab {
		tokens, types = append(tokens, fmt.Sprintf("\u2581t%d", len(tokens))), append(types, 1)
	}
	scores := make([]float32, len(tokens))
	for i := range scores {
		scores[i] = -float32(i)
	}
	return []gguf.KV{
		{Key: "general.architecture", Value: "llama"},
		{Key: "general.name", Value: s.name},
		{Key: "llama.block_count", Value: uint32(sh.layers)},
		{Key: "llama.context_length", Value: uint32(8192)},
		{Key: "llama.embedding_length", Value: uint32(sh.width)},
		{Key: "llama.feed_forward_length", Value: uint32(sh.ffn)},
		{Key: "llama.attention.head_count", Value: uint32(sh.heads)},
		{Key: "llama.attention.head_count_kv", Value: uint32(sh.kvHeads)},
		{Key: "llama.attention.key_length", Value: uint32(sh.headDim)},
		{Key: "llama.attention.value_length", Value: uint32(sh.headDim)},
		{Key: "llama.attention.layer_norm_rms_epsilon", Value: float32(1e-5)},
		{Key: "llama.rope.freq_base", Value: sh.base},
		{Key: "llama.rope.dimension_count", Value: uint32(sh.headDim)},
		{Key: "llama.vocab_size", Value: uint32(sh.vocab)},
		{Key: "tokenizer.ggml.model", Value: "llama"},
		{Key: "tokenizer.ggml.tokens", Value: tokens},
		{Key: "tokenizer.ggml.scores", Value: scores},
		{Key: "tokenizer.ggml.token_type", Value: types},
		{Key: "tokenizer.ggml.bos_token_id", Value: uint32(1)},
		{Key: "tokenizer.ggml.eos_token_id", Value: uint32(2)},
		{Key: "tokenizer.ggml.unknown_token_id", Value: uint32(0)},
	}
}

func (s *Synthetic) tensors() []gguf.TensorData {
	sh := s.shape
	var out []gguf.TensorData
	matrix := func(name, role string, layer, cols, rows int) {
		out = append(out, randomTensor(name, s.types(role, layer, sh.layers), uint64(cols), uint64(rows)))
	}
	norm := func(name string) {
		out = append(out, gguf.TensorData{
			Name: name, Type: accel.F32, Dims: []uint64{uint64(sh.width)},
			Write: func(w io.Writer) error {
				one := binary.LittleEndian.AppendUint32(nil, math.Float32bits(1))
				_, err := w.Write(bytes.Repeat(one, sh.width))
				return err
			},
		})
	}
	embedding := "token_embd"
	if sh.tied {
		embedding = "output" // the role decides the type
	}
	matrix("token_embd.weight", embedding, 0, sh.width, sh.vocab)
	for l := range sh.layers {
		part := func(role string, cols, rows int) {
			matrix(fmt.Sprintf("blk.%d.%s.weight", l, role), role, l, cols, rows)
		}
		norm(fmt.Sprintf("blk.%d.attn_norm.weight", l))
		part("attn_q", sh.width, sh.heads*sh.headDim)
		part("attn_k", sh.width, sh.kvHeads*sh.headDim)
		part("attn_v", sh.width, sh.kvHeads*sh.headDim)
		part("attn_output", sh.heads*sh.headDim, sh.width)
		norm(fmt.Sprintf("blk.%d.ffn_norm.weight", l))
		part("ffn_gate", sh.width, sh.ffn)
		part("ffn_up", sh.width, sh.ffn)
		part("ffn_down", sh.ffn, sh.width)
	}
	norm("output_norm.weight")
	if !sh.tied {
		matrix("output.weight", "output", 0, sh.width, sh.vocab)
	}
	return out
}

// randomTensor draws weights with a standard deviation of about
// 1/sqrt(columns), so that activations keep their size through the layers.
func randomTensor(name string, kind accel.Type, cols, rows uint64) gguf.TensorData {
	return gguf.TensorData{
		Name: name, Type: kind, Dims: []uint64{cols, rows},
		Write: func(w io.Writer) error {
			seed := [32]byte{}
			copy(seed[:], name)
			source := rand.NewChaCha8(seed)
			bytesPerRow, err := kind.RowBytes(int(cols))
			if err != nil {
				return err
			}
			row := make([]byte, bytesPerRow)
			_, block := kind.Block()
			for range rows {
				source.Read(row) // never fails
				for i := 0; i < len(row); i += block {
					tame(kind, row[i:i+block], 1/math.Sqrt(float64(cols)))
				}
				if _, err := w.Write(row); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// tame gives a block of random bytes scales for a standard deviation of about
// sd; the quants stay random.
func tame(kind accel.Type, b []byte, sd float64) {
	half := func(at int, v float64) { binary.LittleEndian.PutUint16(b[at:], accel.F32ToF16(float32(v))) }
	sign := func(bit byte) float64 { return sd * float64(1-2*int(bit&1)) * (0.5 + float64(bit)/255) }
	switch kind {
	case accel.F32:
		binary.LittleEndian.PutUint32(b, math.Float32bits(float32(sign(b[0]))))
	case accel.F16:
		half(0, sign(b[0]))
	case accel.BF16:
		binary.LittleEndian.PutUint16(b, accel.F32ToBF16(float32(sign(b[0]))))
	case accel.Q8_0:
		half(0, sd/74)
	case accel.Q4_0:
		half(0, sd/4.6)
	case accel.Q4_1:
		half(0, sd/4.6)
		half(2, -7.5*sd/4.6)
	case accel.Q4_K:
		// Six-bit scales and minima average 32 with quants of 7.5 on average.
		half(0, sd/4.6/36)
		half(2, 7.5*sd/4.6/36)
	case accel.Q6_K:
		half(208, sd/18.5/74)
	}
}
