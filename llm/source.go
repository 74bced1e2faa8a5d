package llm

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"lumi/accel"
	"lumi/llm/arch"
	"lumi/llm/gguf"
)

// source is a tensor of the new file and where its rows come from.
type source struct {
	name string
	typ  accel.Type // of the parts
	dims []uint64   // of the new tensor
	// parts lie one after the other: one, or the matrices of all experts.
	parts []gguf.Tensor
	// heads is not 0 where the rows of each of so many heads must change from
	// rotary pairs half a head apart to pairs of neighbours.
	heads int
}

// cols is the length of a row; a vector whose elements change places has rows
// of one.
func (s source) cols() int {
	if s.heads > 0 && len(s.dims) == 1 {
		return 1
	}
	return int(s.dims[0])
}

// rows is the number of rows of a part.
func (s source) rows() int { return int(s.parts[0].Elements()) / s.cols() }

// from is the row of a part that becomes row r.
func (s source) from(r int) int {
	if s.heads == 0 {
		return r
	}
	size := s.rows() / s.heads
	head, i := r/size, r%size
	return head*size + i%2*(size/2) + i/2
}

// expertName matches the matrix of one expert, as other formats keep it.
var expertName = regexp.MustCompile(`^(blk\.\d+\.ffn_(?:gate|up|down))\.(\d+)\.weight$`)

// sources lists the tensors of the new file in the order of the old one:
// experts are stacked and rows ordered as GGUF has them.
func (c *conversion) sources() ([]source, error) {
	halves, _, err := c.file.Meta.Bool(arch.RotateHalves)
	if err != nil {
		return nil, err
	}
	var out []source
	stacks := map[string]int{}
	for _, t := range c.file.Tensors {
		if m := expertName.FindStringSubmatch(t.Name); m != nil && len(t.Dims) == 2 {
			name := m[1] + "_exps.weight"
			at, ok := stacks[name]
			if !ok {
				at = len(out)
				stacks[name] = at
				out = append(out, source{name: name, typ: t.Type, dims: []uint64{t.Dims[0], t.Dims[1], 0}})
			}
			s := &out[at]
			number, err := strconv.Atoi(m[2])
			if err != nil || number > 1<<16 || t.Type != s.typ || t.Dims[0] != s.dims[0] || t.Dims[1] != s.dims[1] {
				return nil, fmt.Errorf("tensor %s does not fit the other experts", t.Name)
			}
			if number >= len(s.parts) {
				s.parts = append(s.parts, make([]gguf.Tensor, number+1-len(s.parts))...)
			}
			s.parts[number] = t
			s.dims[2] = uint64(len(s.parts))
			continue
		}
		s := source{name: t.Name, typ: t.Type, dims: t.Dims, parts: []gguf.Tensor{t}}
		if halves {
			if s.heads, err = c.reordered(t); err != nil {
				return nil, err
			}
		}
		out = append(out, s)
	}
	for _, s := range out {
		if slices.ContainsFunc(s.parts, func(t gguf.Tensor) bool { return t.Name == "" }) {
			return nil, fmt.Errorf("%s lacks an expert", s.name)
		}
	}
	return out, nil
}

// reordered returns the number of heads of a tensor whose rows must change
// places, and 0 for all others.
func (c *conversion) reordered(t gguf.Tensor) (int, error) {
	_, role := splitName(strings.TrimSuffix(t.Name, ".bias"))
	key := map[string]string{"attn_q": "head_count", "attn_k": "head_count_kv"}[role]
	if key == "" {
		return 0, nil
	}
	name, _, err := c.file.Meta.String("general.architecture")
	if err != nil {
		return 0, err
	}
	n, ok, err := c.file.Meta.Uint(name + ".attention." + key)
	if !ok && err == nil {
		n, _, err = c.file.Meta.Uint(name + ".attention.head_count")
	}
	if err != nil {
		return 0, err
	}
	rows := t.Dims[len(t.Dims)-1]
	if block, _ := t.Type.Block(); len(t.Dims) > 2 || len(t.Dims) == 1 && block != 1 || n == 0 || rows%n != 0 || rows/n%2 != 0 {
		return 0, fmt.Errorf("tensor %s of %d rows does not fit %d heads", t.Name, rows, n)
	}
	return int(n), nil
}

// maxVocabulary bounds the tokens that a tokenizer is filled up to.
const maxVocabulary = 1 << 24

// folderKeys are the keys that a folder's other files give: its tokenizer, as
// far as GGUF can express it, with a token for each row of the embedding, and
// its chat template.
func folderKeys(file *gguf.File) ([]gguf.KV, error) {
	path, meta := file.Path, file.Meta
	vocab, err := vocabulary(path, meta)
	if err != nil {
		return nil, err
	}
	if vocab, err = vocab.GGUF(); err != nil {
		return nil, err
	}
	if embedding, ok := file.Tensor("token_embd.weight"); ok && len(embedding.Dims) == 2 && embedding.Dims[1] <= maxVocabulary {
		vocab.Pad(int(embedding.Dims[1]))
	}
	var keys []gguf.KV
	for key, value := range vocab.Keys() {
		keys = append(keys, gguf.KV{Key: key, Value: value})
	}
	template, err := templateSource(path, meta)
	if err != nil {
		return nil, err
	}
	if template != "" {
		keys = append(keys, gguf.KV{Key: "tokenizer.chat_template", Value: template})
	}
	return keys, nil
}
