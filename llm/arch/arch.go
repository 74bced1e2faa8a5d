// Package arch knows the architectures of language models: each is one file
// that writes the architecture's forward pass as an accel.Program, from the
// model file's metadata and tensors.
package arch

import (
	"fmt"
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
}

// Weights finds tensors by GGUF's names. A tensor that is there but cannot be
// used (unknown type) is an error.
type Weights interface {
	Tensor(name string) (t accel.Tensor, ok bool, err error)
}

// Forward is a model's forward pass and what is needed to run it.
type Forward struct {
	Program *accel.Program
	Config  Config
}

// builders has one entry per architecture.
var builders = map[string]func(*builder){
	"llama": llama,
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
		return Forward{}, fmt.Errorf("architecture %q is not supported; supported: %s",
			name, strings.Join(Supported(), ", "))
	}
	c, err := readConfig(name, meta)
	if err != nil {
		return Forward{}, err
	}
	b := &builder{Config: c, p: &accel.Program{}, weights: weights}
	build(b)
	if err := b.err(); err != nil {
		return Forward{}, err
	}
	b.Vocabulary = b.p.Vocabulary()
	if err := b.p.Check(); err != nil {
		return Forward{}, fmt.Errorf("the model's parts do not fit together: %w", err)
	}
	return Forward{Program: b.p, Config: b.Config}, nil
}
