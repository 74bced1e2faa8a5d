package arch

import (
	"fmt"
	"math"
	"strings"

	"lumi/accel"
)

// builder collects a Program and what is wrong with the file. Tensors that are
// missing or of the wrong shape are gathered so that the error can list them.
type builder struct {
	Config
	p       *accel.Program
	weights Weights
	wrong   []string
	known   map[string]accel.Weight
}

// wrongShown is how many wrong tensors an error lists.
const wrongShown = 5

func (b *builder) err() error {
	if len(b.wrong) == 0 {
		return nil
	}
	shown, rest := b.wrong, ""
	if n := len(shown); n > wrongShown {
		shown, rest = shown[:wrongShown], fmt.Sprintf("; and %d more", n-wrongShown)
	}
	return fmt.Errorf("tensors do not fit the architecture %s: %s%s",
		b.Architecture, strings.Join(shown, "; "), rest)
}

// matrix declares a compulsory weight of the given shape; rows 0 stands for
// any number of rows.
func (b *builder) matrix(name string, rows, cols int) accel.Weight {
	w, ok := b.optional(name, rows, cols)
	if !ok {
		b.wrong = append(b.wrong, name+" is missing")
		return accel.None
	}
	return w
}

// optional declares a weight if the file has it. It reports true also for a
// weight that is there but wrong, which is an error of its own.
func (b *builder) optional(name string, rows, cols int) (accel.Weight, bool) {
	if w, ok := b.known[name]; ok {
		return w, true
	}
	t, ok, err := b.weights.Tensor(name)
	if err != nil {
		b.wrong = append(b.wrong, err.Error())
		return accel.None, true
	}
	if !ok {
		return accel.None, false
	}
	if t.Cols != cols || (rows != 0 && t.Rows != rows) {
		b.wrong = append(b.wrong, fmt.Sprintf("%s is %d×%d, want %s×%d", name, t.Rows, t.Cols, orAny(rows), cols))
		return accel.None, true
	}
	w := b.p.AddWeight(t)
	if b.known == nil {
		b.known = map[string]accel.Weight{}
	}
	b.known[name] = w
	return w, true
}

func orAny(n int) string {
	if n == 0 {
		return "any"
	}
	return fmt.Sprint(n)
}

// vector declares a compulsory weight of one row in a float type: norms in
// block formats do not exist.
func (b *builder) vector(name string, cols int) accel.Weight {
	w := b.matrix(name, 1, cols)
	if w != accel.None {
		if t := b.p.Weights[w].Type; t != accel.F32 && t != accel.F16 && t != accel.BF16 {
			b.wrong = append(b.wrong, fmt.Sprintf("%s has type %s, want F32", name, t))
		}
	}
	return w
}

// product is W·x with the bias that lies beside the weight, if there is one.
func (b *builder) product(dst accel.Buffer, name string, rows, cols int) accel.Product {
	bias, _ := b.optional(name+".bias", 1, rows)
	return accel.Product{Dst: dst, W: b.matrix(name+".weight", rows, cols), Bias: bias}
}

// rotary declares the table of rotary frequencies: base^(−2i/dims), divided by
// the linear scaling factor and by the file's own divisors (rope_freqs), in
// which Llama 3.1's scaling is stored.
func (b *builder) rotary(neighbours bool) accel.Rotary {
	t := accel.RotaryTable{Scale: 1, Neighbours: neighbours, Freq: make([]float64, b.Rope.Dims/2)}
	divisors := b.divisors(len(t.Freq))
	for i := range t.Freq {
		t.Freq[i] = math.Pow(b.Rope.Base, -2*float64(i)/float64(b.Rope.Dims)) / b.Rope.Factor / divisors[i]
	}
	return b.p.AddTable(t)
}

func (b *builder) divisors(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	const name = "rope_freqs.weight"
	t, ok, err := b.weights.Tensor(name)
	if err != nil || !ok {
		if err != nil {
			b.wrong = append(b.wrong, err.Error())
		}
		return out
	}
	values := make([]float32, n)
	if t.Rows != 1 || t.Cols != n || t.Type != accel.F32 {
		b.wrong = append(b.wrong, fmt.Sprintf("%s is %d×%d of %s, want 1×%d of F32", name, t.Rows, t.Cols, t.Type, n))
		return out
	}
	if err := accel.Dequantize(t.Type, values, t.Data); err != nil {
		b.wrong = append(b.wrong, name+": "+err.Error())
		return out
	}
	for i, v := range values {
		if !(v > 0) || math.IsInf(float64(v), 0) {
			b.wrong = append(b.wrong, fmt.Sprintf("%s[%d] is %v, want a number above 0", name, i, v))
			return out
		}
		out[i] = float64(v)
	}
	return out
}
