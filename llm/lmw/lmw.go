// Package lmw reads two older formats of Llama models: the .lmw files of
// Lumi's first version, a numpy program, and the .bin files of karpathy's
// llama2.c. Both are opened in place through a memory mapping, as what they
// would be in GGUF.
//
// What follows about .lmw files is what the first version's convert.py wrote and
// its read_lumi.py read; the file of stories260K that the tests compare with
// agrees. The fields are little-endian, 32 bits wide and without gaps:
//
//	"lumi", u32 version = 1
//	text    name of the model
//	u32     width, layers, heads, key/value heads, multiple of the
//	        feed-forward length, vocabulary, context
//	f32     base of the rotary embedding, epsilon of the norms
//	bytes   the tokenizer: the file that came with the model, as it was
//	then tensors to the end of the file:
//	text    name, as in Meta's own files ("layers.0.attention.wq.weight")
//	u32     number of sizes, then the sizes, rows first
//	u32     1 if the matrix is stored transposed, column after column; else 0
//	u32     element type: 132 is float32, 117 is bfloat16
//	…       the elements
//
// A text is its length as u32 and its characters, one to four spaces among
// them that make the number of characters a multiple of four. The tokenizer's
// length is its own; one to four zeros follow, so four where it is a multiple
// of four by itself.
//
// convert.py stored all matrices but the embedding transposed, in the type that
// the model had. Matrices of Llama's kin have their rows in Meta's order, those
// of Qwen in Hugging Face's. The name tells what the fields leave open: which
// tokenizer it is and whether the model is a Qwen. Three fields are not to be
// relied on: the multiple was guessed for TinyLlama and Qwen and ignores Llama
// 3's factor, so the matrices' own sizes count; the context was guessed for the
// same; and the epsilon is 1e-5 for every model, where Qwen's is 1e-6.
package lmw

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lumi/accel"
	"lumi/llm/fault"
	"lumi/llm/gguf"
	"lumi/llm/tokenizer"
)

// Extension is that of the first version's files.
const Extension = ".lmw"

// Limits on what a file may claim. No model comes near them.
const (
	maxText    = 1 << 10  // bytes of a name
	maxBlob    = 64 << 20 // bytes of a tokenizer
	maxTensors = 1 << 16

	maxVocabulary = 1 << 20 // tokens that a tokenizer is filled up to
)

// The codes of the element types.
var elementTypes = map[uint32]accel.Type{132: accel.F32, 117: accel.BF16}

// Open maps an .lmw file and reads its header. Errors wrap a *gguf.Error; a
// cut file's wrap a *gguf.TruncatedError.
func Open(path string) (*gguf.File, error) { return open(path, parse) }

// open maps a file and assembles what parse finds in it.
func open(path string, parse func(c *cursor) (model, error)) (*gguf.File, error) {
	m, err := gguf.Map(path)
	if err != nil {
		return nil, err
	}
	var f *gguf.File
	err = gguf.Guard(path, func() error {
		found, err := parse(&cursor{path: path, data: m.Data})
		if err != nil {
			return err
		}
		meta, err := found.metadata(path)
		if err != nil {
			return err
		}
		f, err = gguf.Assemble(path, meta, found.parts, m)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return f, nil
}

// parse reads an .lmw file.
func parse(c *cursor) (model, error) {
	m := model{architecture: "llama"}
	if !c.starts("lumi") {
		return m, c.fail(0, "%w", fault.NotModel.Errorf("not an .lmw file: it does not start with \"lumi\""))
	}
	c.pos = 4
	if v, err := c.uint32(); err != nil || v != 1 {
		return m, c.or(err, 4, "version %d of the format is not known, only 1 is", v)
	}
	var err error
	if m.name, err = c.text("the model's name"); err != nil {
		return m, err
	}
	for _, to := range []*uint32{&m.width, &m.layers, &m.heads, &m.kvHeads, &m.multiple, &m.vocabulary, &m.context} {
		if *to, err = c.uint32(); err != nil {
			return m, err
		}
	}
	for _, to := range []*float32{&m.base, &m.eps} {
		if *to, err = c.float32(); err != nil {
			return m, err
		}
	}
	at := c.pos
	blob, err := c.filled("the tokenizer", maxBlob)
	if err != nil {
		return m, err
	}
	if err := m.readTokenizer(blob); err != nil {
		return m, c.fail(at, "%w", err)
	}
	for c.left() > 0 {
		if err := m.readTensor(c); err != nil {
			return m, err
		}
	}
	return m, nil
}

// qwenEps is the epsilon of the first Qwen, Qwen 1.5 and Qwen 2.
const qwenEps = 1e-6

// readTokenizer reads the tokenizer's file and does what the model's name asks
// for.
func (m *model) readTokenizer(blob []byte) error {
	read, name := tokenizer.FromSentencePiece, strings.ToLower(m.name)
	switch {
	case strings.Contains(name, "qwen"):
		m.architecture, m.eps = "qwen2", qwenEps
		if read = tokenizer.FromTiktoken; bytes.HasPrefix(blob, []byte("{")) {
			read = tokenizer.FromRanks
		}
	case strings.Contains(name, "llama-3"):
		read = tokenizer.FromLlama3
	}
	v, err := read(blob)
	if err != nil {
		return err
	}
	if m.vocab, err = v.GGUF(); err != nil {
		return err
	}
	if m.architecture == "qwen2" && m.vocabulary <= maxVocabulary {
		m.vocab.Pad(int(m.vocabulary)) // Qwen's embeddings have rows without a token
	}
	return nil
}

// readTensor reads one tensor and adds it under GGUF's name.
func (m *model) readTensor(c *cursor) error {
	start := c.pos
	if len(m.parts) == maxTensors {
		return c.fail(start, "there are more than %d tensors", maxTensors)
	}
	name, err := c.text("a tensor's name")
	if err != nil {
		return err
	}
	at := c.pos
	n, err := c.uint32()
	if err != nil || n < 1 || n > 2 {
		return c.or(err, at, "tensor %q has %d dimensions, want 1 or 2", name, n)
	}
	sizes := make([]uint32, n)
	for i := range sizes {
		at = c.pos
		if sizes[i], err = c.uint32(); err != nil || sizes[i] == 0 {
			return c.or(err, at, "tensor %q has a size of 0", name)
		}
	}
	at = c.pos
	transposed, err := c.uint32()
	if err != nil || transposed > 1 || transposed == 1 && n == 1 {
		return c.or(err, at, "tensor %q cannot be stored transposed in the way %d", name, transposed)
	}
	at = c.pos
	code, err := c.uint32()
	typ, known := elementTypes[code]
	if err != nil || !known {
		return c.or(err, at, "tensor %q has elements of the unknown type %d", name, code)
	}
	ggufName, known := tensorName(name)
	angles := strings.HasSuffix(name, "rope.freqs")
	if !known && !angles {
		return c.fail(start, "tensor %q is not part of a Llama model", name)
	}
	data, err := c.elements(typ, sizes)
	if err != nil {
		return err
	}
	if angles {
		return nil // Llama 2's files hold the rotary angles, too, which follow from the base
	}
	part := gguf.Part{Name: ggufName, Type: typ, Dims: dims(sizes), Data: data}
	if transposed == 1 {
		rows, cols := int(sizes[0]), int(sizes[1])
		part.Data = nil
		part.Make = func() []byte { return transpose(data, rows, cols, len(data)/(rows*cols)) }
	}
	m.parts = append(m.parts, part)
	return nil
}

// dims turns sizes, rows first, into GGUF's dimensions, columns first.
func dims(sizes []uint32) []uint64 {
	var out []uint64
	for _, size := range slices.Backward(sizes) {
		out = append(out, uint64(size))
	}
	return out
}

// tensorNames are GGUF's names for Meta's parts of a layer.
var tensorNames = map[string]string{
	"attention.wq":    "attn_q",
	"attention.wk":    "attn_k",
	"attention.wv":    "attn_v",
	"attention.wo":    "attn_output",
	"attention_norm":  "attn_norm",
	"feed_forward.w1": "ffn_gate",
	"feed_forward.w2": "ffn_down",
	"feed_forward.w3": "ffn_up",
	"ffn_norm":        "ffn_norm",
}

// tensorName translates a name.
func tensorName(name string) (string, bool) {
	switch name {
	case "tok_embeddings.weight":
		return "token_embd.weight", true
	case "norm.weight":
		return "output_norm.weight", true
	case "output.weight":
		return name, true
	}
	rest, ok := strings.CutPrefix(name, "layers.")
	layer, rest, found := strings.Cut(rest, ".")
	dot := strings.LastIndexByte(rest, '.')
	if !ok || !found || dot < 0 || strings.Trim(layer, "0123456789") != "" || layer == "" {
		return "", false
	}
	part, kind := rest[:dot], rest[dot+1:]
	to, ok := tensorNames[part]
	return fmt.Sprintf("blk.%s.%s.%s", layer, to, kind), ok && (kind == "weight" || kind == "bias")
}

// transpose turns columns of elements of the given size into rows, a tile at a
// time, so that neither side is read or written in strides for long.
func transpose(src []byte, rows, cols, size int) []byte {
	const tile = 64
	dst := make([]byte, len(src))
	for r0 := 0; r0 < rows; r0 += tile {
		for c0 := 0; c0 < cols; c0 += tile {
			for r := r0; r < min(r0+tile, rows); r++ {
				for c := c0; c < min(c0+tile, cols); c++ {
					copy(dst[(r*cols+c)*size:][:size], src[(c*rows+r)*size:])
				}
			}
		}
	}
	return dst
}
