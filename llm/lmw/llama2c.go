package lmw

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lumi/accel"
	"lumi/llm/fault"
	"lumi/llm/gguf"
	"lumi/llm/tokenizer"
)

// Llama2CExtension is that of llama2.c's files, and of much else.
const Llama2CExtension = ".bin"

// llama2cMagic starts the files of llama2.c's versions 1 and 2.
const llama2cMagic = "24ka"

// OpenLlama2C maps a .bin file of llama2.c. Two forms hold float32 numbers:
// seven int32 — width, feed-forward length, layers, heads, key/value heads,
// vocabulary, negative if the output has a matrix of its own, and context —
// followed by the tensors; and version 1, which begins with a magic number and
// the version, has the vocabulary positive, then a byte that says whether the
// output shares the embedding, and its tensors from byte 256 on.
// The tokenizer lies beside it, as tok512.bin for a vocabulary of 512, or as
// tokenizer.bin. Errors are as those of [Open].
func OpenLlama2C(path string) (*gguf.File, error) {
	return open(path, func(c *cursor) (model, error) {
		m, err := parseLlama2C(c)
		if err != nil {
			return m, err
		}
		m.vocab, err = llama2cTokenizer(path, m.vocabulary)
		return m, err
	})
}

// llama2cTokenizer reads the tokenizer beside a model.
func llama2cTokenizer(path string, size uint32) (tokenizer.Vocab, error) {
	names := []string{fmt.Sprintf("tok%d.bin", size), "tokenizer.bin"}
	for _, name := range names {
		name = filepath.Join(filepath.Dir(path), name)
		m, err := gguf.Map(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return tokenizer.Vocab{}, err
		}
		var v tokenizer.Vocab
		err = gguf.Guard(name, func() (err error) {
			if v, err = tokenizer.FromLlama2C(m.Data); err != nil {
				err = &gguf.Error{Path: name, Offset: -1, Err: err}
			}
			return err
		})
		return v, errors.Join(err, m.Close())
	}
	return tokenizer.Vocab{}, &gguf.Error{Path: path, Offset: -1, Err: fault.Damaged.Errorf(
		"its tokenizer is missing: put %s or %s into the same folder: %w", names[0], names[1], os.ErrNotExist)}
}

// parseLlama2C reads all but the tokenizer.
func parseLlama2C(c *cursor) (model, error) {
	m := model{architecture: "llama", base: 10000, eps: 1e-5}
	version := uint32(0)
	if c.starts(llama2cMagic) {
		c.pos = 4
		var err error
		if version, err = c.uint32(); err != nil || version != 1 {
			return m, c.or(err, 4, "%w", fault.Unsupported.Errorf("version %d of llama2.c's format is not supported, only 0 and 1, which hold float32, are", version))
		}
	} else if c.starts("PK\x03\x04") {
		return m, c.fail(0, "%w", fault.NotModel.Errorf("not a model of llama2.c: it looks like a PyTorch file, whose folder may hold safetensors files instead"))
	}
	start := c.pos
	var ffn uint32
	for _, to := range []*uint32{&m.width, &ffn, &m.layers, &m.heads, &m.kvHeads, &m.vocabulary, &m.context} {
		var err error
		if *to, err = c.uint32(); err != nil {
			return m, err
		}
	}
	shared := int32(m.vocabulary) > 0
	if !shared {
		m.vocabulary = -m.vocabulary
	}
	if version == 1 {
		b, err := c.take(1)
		if err != nil {
			return m, err
		}
		shared = b[0] != 0
		if _, err := c.take(uint64(256 - c.pos)); err != nil {
			return m, err
		}
	}
	// What no model exceeds keeps sizes computed from them within bounds.
	for _, v := range []struct {
		what      string
		is, limit uint32
	}{
		{"width", m.width, 1 << 17},
		{"feed-forward length", ffn, 1 << 20},
		{"layers", m.layers, 1 << 10},
		{"heads", m.heads, 1 << 12},
		{"key/value heads", m.kvHeads, m.heads},
		{"vocabulary", m.vocabulary, 1 << 24},
		{"context", m.context, 1 << 27},
	} {
		if v.is < 1 || v.is > v.limit {
			return m, c.fail(start, "not a model of llama2.c, or a damaged one: %s is %d, want 1 to %d", v.what, int32(v.is), v.limit)
		}
	}
	if m.width%m.heads != 0 || m.heads%m.kvHeads != 0 || m.width/m.heads%2 != 0 {
		return m, c.fail(start, "not a model of llama2.c, or a damaged one: width %d, %d heads and %d key/value heads do not fit together", m.width, m.heads, m.kvHeads)
	}
	if err := m.readLlama2C(c, version, ffn, shared); err != nil {
		return m, err
	}
	if c.left() > 0 {
		return m, c.fail(c.pos, "not a model of llama2.c, or a damaged one: %d bytes follow the last tensor", c.left())
	}
	return m, nil
}

// kind is one kind of tensor of llama2.c: those of all layers lie together.
type kind struct {
	name  string // GGUF's, with %d where there is one per layer; "" is passed over
	sizes []uint32
}

// readLlama2C reads the tensors.
func (m *model) readLlama2C(c *cursor, version, ffn uint32, shared bool) error {
	kv, half := m.width/m.heads*m.kvHeads, m.width/m.heads/2
	embedding := kind{"token_embd.weight", []uint32{m.vocabulary, m.width}}
	attnNorm := kind{"blk.%d.attn_norm.weight", []uint32{m.width}}
	ffnNorm := kind{"blk.%d.ffn_norm.weight", []uint32{m.width}}
	norm := kind{"output_norm.weight", []uint32{m.width}}
	attention := []kind{
		{"blk.%d.attn_q.weight", []uint32{m.width, m.width}},
		{"blk.%d.attn_k.weight", []uint32{kv, m.width}},
		{"blk.%d.attn_v.weight", []uint32{kv, m.width}},
		{"blk.%d.attn_output.weight", []uint32{m.width, m.width}},
	}
	feedForward := []kind{
		{"blk.%d.ffn_gate.weight", []uint32{ffn, m.width}},
		{"blk.%d.ffn_down.weight", []uint32{m.width, ffn}},
		{"blk.%d.ffn_up.weight", []uint32{ffn, m.width}},
	}
	// Version 0 keeps tables of the rotary angles' cosines and sines.
	angles := kind{"", []uint32{2, m.context, half}}

	order := slices.Concat([]kind{embedding, attnNorm}, attention, []kind{ffnNorm}, feedForward, []kind{norm, angles})
	if version == 1 {
		order = slices.Concat([]kind{attnNorm, ffnNorm, norm, embedding}, attention, feedForward)
	}
	if !shared {
		order = append(order, kind{"output.weight", []uint32{m.vocabulary, m.width}})
	}
	for _, k := range order {
		if err := m.readKind(c, k); err != nil {
			return err
		}
	}
	return nil
}

// readKind reads the float32 tensors of one kind.
func (m *model) readKind(c *cursor, k kind) error {
	count, perLayer := uint32(1), strings.Contains(k.name, "%d")
	if perLayer {
		count = m.layers
	}
	for l := range count {
		data, err := c.elements(accel.F32, k.sizes)
		if err != nil {
			return err
		}
		name := k.name
		if name == "" {
			continue
		}
		if perLayer {
			name = fmt.Sprintf(name, l)
		}
		m.parts = append(m.parts, gguf.Part{Name: name, Type: accel.F32, Dims: dims(k.sizes), Data: data})
	}
	return nil
}
