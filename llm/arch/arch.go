// Package arch knows the architectures of language models: each is one file
// that writes the architecture's forward pass as an accel.Program, from the
// model file's metadata and tensors.
package arch

import (
	"fmt"
	"iter"
	"sort"
	"strings"

	"lumi/accel"
)

// Metadata is what a model file says about itself, by GGUF's key names. The
// boolean says whether the key is present; the error, that its value has
// another type.
type Metadata interface {
	Uint(key string) (uint64, bool, error)
	Float(key string) (float64, bool, error)
	String(key string) (string, bool, error)
	Bool(key string) (value, ok bool, err error)
	Bools(key string) ([]bool, bool, error)
}

// RotateHalves is the key, true or false, of models of other formats whose
// query and key weights have their rows in Hugging Face's order, in which rotary
// pairs are half a head apart, where GGUF has neighbours for the architecture.
const RotateHalves = "lumi.rotate_halves"

// Weights finds tensors by GGUF's names. Matrices that are stacked in a tensor
// of three dimensions come as one, the rows of the first before those of the
// second. A tensor that is there but cannot be used (unknown type) is an error.
type Weights interface {
	Tensor(name string) (t accel.Tensor, ok bool, err error)
	// Names are those of all tensors.
	Names() iter.Seq[string]
}

// Forward is a model's forward pass and what is needed to run it.
type Forward struct {
	Program *accel.Program
	Config  Config
}

// builders has one entry per architecture.
var builders = map[string]func(*builder){
	"gemma":    gemma,
	"gemma2":   gemma2,
	"gemma3":   gemma3,
	"granite":  granite,
	"llama":    llama,
	"olmo2":    olmo2,
	"phi3":     phi3,
	"qwen":     qwen,
	"qwen2":    qwen2,
	"qwen3":    qwen3,
	"qwen3moe": qwen3moe,
	"smollm3":  smollm3,
}

// UnknownError says that there is no such architecture here.
type UnknownError struct {
	Name string // as model files call it
}

// Error implements error.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("architecture %q is not supported; supported: %s", e.Name, strings.Join(Supported(), ", "))
}

// Supported lists the architectures, sorted.
func Supported() []string {
	names := make([]string, 0, len(builders))
	for name := range builders {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Build reads the configuration and writes the forward pass of the
// architecture that the metadata names.
func Build(meta Metadata, weights Weights) (Forward, error) {
	name, ok, err := meta.String("general.architecture")
	if err != nil {
		return Forward{}, err
	}
	if !ok {
		return Forward{}, fmt.Errorf("the file does not say its architecture (general.architecture is missing)")
	}
	build, ok := builders[name]
	if !ok {
		return Forward{}, &UnknownError{name}
	}
	r := &reader{meta: meta, prefix: name + "."}
	asked := &record{Weights: weights, names: map[string]bool{}}
	b := &builder{Config: readConfig(r, name), p: &accel.Program{}, weights: asked, reader: r}
	if r.err != nil {
		return Forward{}, r.err
	}
	build(b)
	if r.err != nil {
		return Forward{}, r.err
	}
	if err := b.misfits(); err != nil {
		return Forward{}, err
	}
	if err := asked.rest(name); err != nil {
		return Forward{}, err
	}
	b.Vocabulary = b.p.Vocabulary()
	if err := b.p.Check(); err != nil {
		return Forward{}, fmt.Errorf("the model's parts do not fit together: %w", err)
	}
	return Forward{Program: b.p, Config: b.Config}, nil
}
