package llm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lumi/accel"
)

// target is a choice of the weights' types by their part in the model, under
// the name that llama.cpp gives it.
type target struct {
	name     string
	fileType uint32 // general.file_type
	base     accel.Type
	// more is the type of the weights that suffer most from a short one; it is
	// the base type in a file of one type.
	more accel.Type
	// output is the type of the last matrix.
	output accel.Type
}

// targets are what a file can be converted to.
var targets = []target{
	{"Q8_0", 7, accel.Q8_0, accel.Q8_0, accel.Q8_0},
	{"Q6_K", 18, accel.Q6_K, accel.Q6_K, accel.Q6_K},
	{"Q5_K_M", 17, accel.Q5_K, accel.Q6_K, accel.Q6_K},
	{"Q4_K_M", 15, accel.Q4_K, accel.Q6_K, accel.Q6_K},
	{"Q5_1", 9, accel.Q5_1, accel.Q5_1, accel.Q6_K},
	{"Q5_0", 8, accel.Q5_0, accel.Q5_0, accel.Q6_K},
	{"Q4_1", 3, accel.Q4_1, accel.Q4_1, accel.Q6_K},
	{"Q4_0", 2, accel.Q4_0, accel.Q4_0, accel.Q6_K},
	{"BF16", 32, accel.BF16, accel.BF16, accel.BF16},
	{"F16", 1, accel.F16, accel.F16, accel.F16},
}

// ConvertTypes are the types that Convert knows, the largest first.
func ConvertTypes() []string {
	names := make([]string, len(targets))
	for i, m := range targets {
		names[i] = m.name
	}
	return names
}

// findTarget looks a type up, whatever the case of its name.
func findTarget(name string) (target, error) {
	for _, m := range targets {
		if strings.EqualFold(m.name, name) {
			return m, nil
		}
	}
	return target{}, fmt.Errorf("cannot convert to %q; there are %s", name, strings.Join(ConvertTypes(), ", "))
}

// traits are what a target must know of a model.
type traits struct {
	layers  int
	experts int
	tied    bool // the embedding gives the logits
}

// typeOf chooses the type of a matrix with rows of the given length.
func (t target) typeOf(name string, cols int, model traits) accel.Type {
	return fitting(t.wanted(name, model), cols)
}

func (t target) wanted(name string, model traits) accel.Type {
	layer, role := splitName(name)
	block, _ := t.base.Block()
	mixed := t.more != t.base
	switch {
	case role == "output", role == "token_embd" && model.tied:
		return t.output
	case role == "ffn_gate_inp":
		return accel.F32 // it chooses the experts and is small
	case block == 1:
		return t.base
	// With eight experts the attention is a small part of the file.
	case model.experts == 8 && (role == "attn_k" || role == "attn_v"):
		return accel.Q8_0
	case model.experts == 8 && role == "attn_output" && t.base == accel.Q4_K:
		return accel.Q5_K
	case role == "attn_qkv" && mixed:
		return map[accel.Type]accel.Type{accel.Q4_K: accel.Q5_K, accel.Q5_K: accel.Q6_K}[t.base]
	case mixed && (role == "attn_v" || strings.HasPrefix(role, "ffn_down")) && moreBits(layer, model.layers):
		return t.more
	}
	return t.base
}

// moreBits says which layers are given a larger type, by llama.cpp's recipe:
// the first and the last eighth and every third between.
func moreBits(layer, layers int) bool {
	return layer < layers/8 || layer >= 7*layers/8 || (layer-layers/8)%3 == 2
}

// splitName takes "blk.3.attn_v.weight" apart into 3 and "attn_v".
func splitName(name string) (layer int, role string) {
	parts := strings.Split(strings.TrimSuffix(name, ".weight"), ".")
	if len(parts) == 3 && parts[0] == "blk" {
		if n, err := strconv.Atoi(parts[1]); err == nil {
			return n, parts[2]
		}
	}
	return 0, strings.Join(parts, ".")
}

// fitting is t, or the next larger type whose blocks divide a row of cols.
func fitting(t accel.Type, cols int) accel.Type {
	larger := []accel.Type{accel.Q4_K, accel.Q5_0, accel.Q5_K, accel.Q5_1, accel.Q6_K, accel.Q8_0}
	for {
		if block, _ := t.Block(); cols%block == 0 {
			return t
		}
		at := slices.Index(larger, t)
		switch {
		case at < 0, t == accel.Q8_0:
			return accel.F16
		case at%2 == 0:
			t = larger[at+1]
		default:
			return accel.F16
		}
	}
}
