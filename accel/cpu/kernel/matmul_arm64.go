package kernel

import (
	"unsafe"

	"lumi/accel"
)

// tokenTile is how many tokens the kernels have registers for.
func tokenTile(accel.Type) int { return 4 }

// quantTileAsm computes 16 rows of n tokens.
func quantTileAsm(w *Packed, x *Acts, y *float32, ldy, g, t, n int) {
	data := &w.Data[g*w.group]
	acts := (*byte)(unsafe.Pointer(&x.q[x.at(t)]))
	stride := x.lanes * blockSize
	switch w.Type {
	case accel.Q4_0:
		q40NEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.Q4_1:
		q41NEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.Q5_0:
		q50NEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.Q5_1:
		q51NEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.Q8_0:
		q80NEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.Q2_K:
		q2kNEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.Q3_K:
		q3kNEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.IQ4_NL:
		iq4nlNEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.IQ4_XS:
		iq4xsNEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.Q4_K:
		q4kNEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.Q5_K:
		q5kNEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	case accel.Q6_K:
		q6kNEON(data, acts, y, x.blocks, stride, 4*ldy, n)
	}
}

// quantQuads leaves all groups: there are no kernels for four.
func quantQuads(_ *Packed, _ *Acts, _ []float32, g0, _, _ int) int { return g0 }

// floatTileAsm computes 16 rows of n tokens.
func floatTileAsm(w *Packed, x *Acts, y *float32, ldy, g, t, n int) {
	acts, stride := x.rows(x.of(w), t)
	floatTileNEON(w.Type, &w.Data[g*w.group], acts, y, floatSteps(w.Type, w.Cols), stride, 4*ldy, n)
}

// floatTileNEON computes 16 rows of n columns of x, which lie stride bytes
// apart, as those of y do ldy.
func floatTileNEON(t accel.Type, w *byte, x, y *float32, steps, stride, ldy, n int) {
	switch t {
	case accel.F16:
		f16NEON(w, x, y, steps, stride, ldy, n)
	case accel.BF16:
		bf16NEON(w, x, y, steps, stride, ldy, n)
	case accel.F32:
		f32NEON(w, x, y, steps, stride, ldy, n)
	}
}

// floatQuadAsm computes 64 rows of one token.
func floatQuadAsm(w *Packed, x *Acts, y *float32, g, t int) {
	acts, _ := x.rows(x.of(w), t)
	floatQuadNEON(w.Type, &w.Data[g*w.group], acts, y, floatSteps(w.Type, w.Cols), w.group)
}

// floatQuadNEON computes 4 groups of 16 rows, group bytes apart, of one column.
func floatQuadNEON(t accel.Type, w *byte, x, y *float32, steps, group int) {
	switch t {
	case accel.F16:
		f16QuadNEON(w, x, y, steps, group)
	case accel.BF16:
		bf16QuadNEON(w, x, y, steps, group)
	case accel.F32:
		f32QuadNEON(w, x, y, steps, group)
	}
}
