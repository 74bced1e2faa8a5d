package arch

import (
	"fmt"
	"slices"
	"strings"

	"lumi/accel"
	"lumi/llm/fault"
)

// record remembers which tensors a builder has asked for.
type record struct {
	Weights
	names map[string]bool
}

// Tensor implements Weights.
func (r *record) Tensor(name string) (accel.Tensor, bool, error) {
	r.names[name] = true
	return r.Weights.Tensor(name)
}

// rest refuses a file with weights that the forward pass leaves out, such as
// biases that only some models have: its answers would be wrong without a word.
// Tensors beside the layers, of a picture's encoder or a classifier, do not
// matter, and neither do the rotary frequencies that the first files held.
func (r *record) rest(architecture string) error {
	var left []string
	for name := range r.Weights.Names() {
		ours := strings.HasPrefix(name, "blk.") || strings.HasPrefix(name, "output") || strings.HasPrefix(name, "rope_")
		if ours && !r.names[name] && !strings.HasSuffix(name, ".attn_rot_embd.weight") {
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return nil
	}
	slices.Sort(left)
	return fault.Unsupported.Errorf("this model has weights that other models of the architecture %s do not have and that are not supported: %s; choose another model",
		architecture, enumerate(left))
}

// enumerate lists what is wrong, but no more than a reader takes in.
func enumerate(list []string) string {
	shown, rest := list, ""
	if n := len(shown); n > wrongShown {
		shown, rest = shown[:wrongShown], fmt.Sprintf("; and %d more", n-wrongShown)
	}
	return strings.Join(shown, "; ") + rest
}
