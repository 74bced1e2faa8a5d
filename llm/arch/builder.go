package arch

import (
	"errors"
	"fmt"

	"lumi/accel"
	"lumi/llm/fault"
)

// builder collects a Program and what is wrong with the file. Tensors that are
// missing or of the wrong shape are gathered so that the error can list them.
type builder struct {
	Config
	*reader
	p       *accel.Program
	weights Weights
	wrong   []string
	foreign bool // something that is wrong is only not supported
	known   map[string]accel.Weight
}

// wrongShown is how many tensors an error lists.
const wrongShown = 5

func (b *builder) misfits() error {
	if len(b.wrong) == 0 {
		return nil
	}
	err := fmt.Errorf("tensors do not fit the architecture %s: %s", b.Architecture, enumerate(b.wrong))
	if b.foreign {
		return fault.Unsupported.Of(err)
	}
	return err
}

// unusable notes a tensor that is there but cannot be used.
func (b *builder) unusable(err error) {
	b.wrong = append(b.wrong, err.Error())
	b.foreign = b.foreign || errors.Is(err, fault.Unsupported)
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
	t, there, fits := b.tensor(name, rows, cols)
	if !fits {
		return accel.None, there
	}
	return b.add(name, t), true
}

// tensor finds a tensor and says whether it is there and fits the given shape.
func (b *builder) tensor(name string, rows, cols int) (t accel.Tensor, there, fits bool) {
	t, there, err := b.weights.Tensor(name)
	switch {
	case err != nil:
		b.unusable(err)
		return t, true, false
	case !there:
		return t, false, false
	case t.Cols != cols || (rows != 0 && t.Rows != rows):
		b.wrong = append(b.wrong, fmt.Sprintf("%s is %d×%d, want %s×%d", name, t.Rows, t.Cols, orAny(rows), cols))
		return t, true, false
	}
	return t, true, true
}

// add declares a weight and remembers it by name.
func (b *builder) add(name string, t accel.Tensor) accel.Weight {
	w := b.p.AddWeight(t)
	if b.known == nil {
		b.known = map[string]accel.Weight{}
	}
	b.known[name] = w
	return w
}

// share declares rows [from, from+rows) of a tensor in which several matrices
// lie one after the other, all rows of them. A vector is cut by columns.
func (b *builder) share(name string, from, rows, all, cols int) (accel.Weight, bool) {
	part := fmt.Sprintf("%s[%d:%d]", name, from, from+rows)
	if w, ok := b.known[part]; ok {
		return w, true
	}
	vector := cols == 0
	shape := [2]int{all, cols}
	if vector {
		shape = [2]int{1, all}
	}
	t, there, fits := b.tensor(name, shape[0], shape[1])
	if !fits {
		return accel.None, there
	}
	if cols, _ := t.Type.Block(); vector && cols != 1 {
		b.wrong = append(b.wrong, fmt.Sprintf("%s has type %s, want F32", name, t.Type))
		return accel.None, true
	}
	size := len(t.Data) / all
	t.Name, t.Data = part, t.Data[from*size:(from+rows)*size]
	if t.Rows = rows; vector {
		t.Rows, t.Cols = 1, rows
	}
	return b.add(part, t), true
}

func orAny(n int) string {
	if n == 0 {
		return "any"
	}
	return fmt.Sprint(n)
}

// compulsory is share of a tensor that must be there.
func (b *builder) compulsory(name string, from, rows, all, cols int) accel.Weight {
	w, ok := b.share(name, from, rows, all, cols)
	if !ok {
		b.wrong = append(b.wrong, name+" is missing")
	}
	return w
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

// neighbours says whether the rotary pairs of an architecture whose rows GGUF
// reorders are neighbours in this model.
func (b *builder) neighbours() bool { return !b.flag(RotateHalves, false) }

// product is W·x with the bias that lies beside the weight, if there is one.
func (b *builder) product(dst accel.Buffer, name string, rows, cols int) accel.Product {
	bias, _ := b.optional(name+".bias", 1, rows)
	return accel.Product{Dst: dst, W: b.matrix(name+".weight", rows, cols), Bias: bias}
}
