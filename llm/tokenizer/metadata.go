package tokenizer

import (
	"fmt"
	"math"
	"strings"
)

// Metadata is where a model file's keys are looked up. ok is false if the key
// is not there; an error means that it has a value of another type.
type Metadata interface {
	Uint(key string) (v uint64, ok bool, err error)
	Bool(key string) (v, ok bool, err error)
	String(key string) (v string, ok bool, err error)
	Strings(key string) (v []string, ok bool, err error)
	Ints(key string) (v []int64, ok bool, err error)
	Floats(key string) (v []float32, ok bool, err error)
}

// FromGGUF reads a vocabulary. What the file leaves open is set as llama.cpp
// has it for the kind of tokenizer.
func FromGGUF(m Metadata) (Vocab, error) {
	r := reader{m: m}
	v := Vocab{
		Model:  r.string("model"),
		Pre:    r.string("pre"),
		Tokens: r.strings("tokens"),
		Merges: r.strings("merges"),
		BOS:    -1, EOS: -1, EOT: -1, EOM: -1, UNK: -1, PAD: -1,
	}
	if r.err == nil && v.Model == "" {
		return Vocab{}, fmt.Errorf("the model file has no tokenizer (key %smodel is missing): it cannot be used for chat", prefix)
	}
	switch v.Model {
	case SentencePiece:
		v.UNK, v.BOS, v.EOS = 0, 1, 2
		v.AddBOS, v.AddSpacePrefix = true, true
		v.Scores = r.floats("scores")
	case ByteLevel:
		p, _ := findPre(v.Pre)
		v.AddBOS = p.addBOS
	}
	v.Types = r.types("token_type")
	r.id("bos_token_id", &v.BOS)
	r.id("eos_token_id", &v.EOS)
	r.id("eot_token_id", &v.EOT)
	r.id("eom_token_id", &v.EOM)
	r.id("unknown_token_id", &v.UNK)
	r.id("padding_token_id", &v.PAD)
	r.bool("add_bos_token", &v.AddBOS)
	r.bool("add_eos_token", &v.AddEOS)
	r.bool("add_space_prefix", &v.AddSpacePrefix)
	// No key says that a token swallows white space; llama.cpp goes by the name.
	name, _, _ := m.String("general.name")
	name = strings.ToLower(name)
	v.TrimAfterControl = strings.Contains(name, "phi-3") || strings.Contains(name, "phi3")
	if r.err != nil {
		return Vocab{}, fmt.Errorf("read the tokenizer: %w", r.err)
	}
	if form, ok := characterForms[v.Pre]; ok && v.Model == ByteLevel || v.Model == gemma4 {
		v.joinCharacters(form)
	}
	return v, nil
}

const prefix = "tokenizer.ggml."

// reader reads the keys of a tokenizer and keeps the first error.
type reader struct {
	m   Metadata
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) string(key string) string {
	v, _, err := r.m.String(prefix + key)
	r.fail(err)
	return v
}

func (r *reader) strings(key string) []string {
	v, _, err := r.m.Strings(prefix + key)
	r.fail(err)
	return v
}

func (r *reader) bool(key string, to *bool) {
	v, ok, err := r.m.Bool(prefix + key)
	r.fail(err)
	if ok {
		*to = v
	}
}

// id reads a token's id. An id too large for any vocabulary becomes one that
// [New] drops with a note.
func (r *reader) id(key string, to *int32) {
	v, ok, err := r.m.Uint(prefix + key)
	r.fail(err)
	if ok {
		*to = int32(min(v, math.MaxInt32))
	}
}

func (r *reader) floats(key string) []float32 {
	v, _, err := r.m.Floats(prefix + key)
	r.fail(err)
	return v
}

func (r *reader) types(key string) []int32 {
	v, ok, err := r.m.Ints(prefix + key)
	r.fail(err)
	if !ok {
		return nil
	}
	to := make([]int32, len(v))
	for i := range v {
		to[i] = int32(v[i])
	}
	return to
}
