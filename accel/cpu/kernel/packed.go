package kernel

import "lumi/accel"

// layout describes how a quantised type is packed (see the package comment).
type layout struct {
	blocks int // blocks of 32 columns per unit
	head   int // bytes of scales at the start of a unit
	body   int // bytes of quants per block
}

func (l layout) unit() int { return l.head + l.blocks*l.body }

// layoutOf returns the layout of a block-quantised type; ok is false for all
// others.
func layoutOf(t accel.Type) (l layout, ok bool) {
	switch t {
	case accel.Q4_0, accel.IQ4_NL:
		return layout{2, 64, 256}, true
	case accel.Q4_1:
		return layout{2, 128, 256}, true
	case accel.Q5_0:
		return layout{2, 64, 320}, true
	case accel.Q5_1:
		return layout{2, 128, 320}, true
	case accel.Q8_0:
		return layout{2, 64, 512}, true
	case accel.Q2_K:
		return layout{8, 128 + 256, 128}, true
	case accel.Q3_K:
		return layout{8, 64 + 256, 192}, true
	case accel.Q4_K:
		return layout{8, 64 + 256, 256}, true
	case accel.Q5_K:
		return layout{8, 64 + 256, 320}, true
	case accel.Q6_K:
		return layout{8, 64 + 256, 384}, true
	case accel.IQ4_XS:
		return layout{8, 64 + 128, 256}, true
	}
	return layout{}, false
}

// floatSize is the size of one weight of the types that are packed as they
// are, 0 for all others.
func floatSize(t accel.Type) int {
	switch t {
	case accel.F32:
		return 4
	case accel.F16, accel.BF16:
		return 2
	}
	return 0
}

// floatCols is how many columns of the types that are packed as they are lie
// side by side: BF16 in pairs, as dot products of bfloat16 read them.
func floatCols(t accel.Type) int {
	if t == accel.BF16 {
		return 2
	}
	return 1
}

// floatSteps is how many times as many columns as lie side by side there are in
// a row of an unquantised type.
func floatSteps(t accel.Type, cols int) int { return (cols + floatCols(t) - 1) / floatCols(t) }

// Groups is the number of groups that rows are packed in.
func Groups(rows int) int { return (rows + Rows - 1) / Rows }

// groupBytes is the packed size of 16 rows; ok is false for a type that has no
// packed layout and for columns that are not whole blocks of the type.
func groupBytes(t accel.Type, cols int) (n int, ok bool) {
	if size := floatSize(t); size > 0 {
		return floatSteps(t, cols) * floatCols(t) * Rows * size, true
	}
	l, ok := layoutOf(t)
	if per, _ := t.Block(); !ok || cols%per != 0 {
		return 0, false
	}
	width := l.blocks * Block
	return (cols + width - 1) / width * l.unit(), true
}

// PackedSize is the length in bytes of a packed weight. ok is false if type t
// has no packed layout or cols is not a multiple of its block.
func PackedSize(t accel.Type, rows, cols int) (n int, ok bool) {
	g, ok := groupBytes(t, cols)
	return g * Groups(rows), ok
}

// Packed is a weight matrix in the layout that the kernels read.
type Packed struct {
	Type       accel.Type
	Rows, Cols int
	Data       []byte // PackedSize(Type, Rows, Cols) bytes, 64-byte aligned for full speed

	group int // bytes per group
}

// NewPacked returns a weight that lies in data, which must have the length
// that PackedSize gives. Fill it with Pack, or hand in what Pack has written
// before.
func NewPacked(t accel.Type, rows, cols int, data []byte) *Packed {
	g, ok := groupBytes(t, cols)
	if n := g * Groups(rows); !ok || len(data) < n {
		panic("kernel: NewPacked without a layout or with too little memory")
	}
	return &Packed{Type: t, Rows: rows, Cols: cols, Data: data[:g*Groups(rows)], group: g}
}

// Groups is the memory of groups g0 up to g1.
func (w *Packed) Groups(g0, g1 int) []byte { return w.Data[g0*w.group : g1*w.group] }

// Pack repacks rows 16*g0 up to 16*g1 of src, the matrix as it lies in a GGUF
// file: rows of cols weights one after the other. Calls for different groups
// may run at the same time.
func (w *Packed) Pack(src []byte, g0, g1 int) {
	stride, err := w.Type.RowBytes(w.Cols)
	if err != nil {
		panic("kernel: " + err.Error()) // NewPacked has checked
	}
	for g := g0; g < g1; g++ {
		dst := w.Data[g*w.group : (g+1)*w.group]
		rows := min(Rows, w.Rows-g*Rows)
		packGroup(w.Type, dst, src[g*Rows*stride:][:rows*stride], stride, rows)
	}
}
