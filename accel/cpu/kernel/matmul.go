package kernel

// MatMul multiplies rows 16*g0 up to 16*g1 of w with tokens t0 up to t1 of x:
//
//	y[t*ldy+r] = Σ_c w[r][c] * x[t][c]
//
// x must have been Reset with w.Cols columns and the form that w's type reads.
// y[t*ldy+r] is written for the asked rows below w.Rows only. Calls with
// different rows or tokens may run at the same time. Which results a call
// computes together has no influence on their bits.
func MatMul(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	if x.cols != w.Cols || x.form&x.of(w) == 0 {
		panic("kernel: MatMul with activations of another shape or form")
	}
	if g1 > Groups(w.Rows) || t1 > x.tokens || (t1 > t0 && len(y) < (t1-1)*ldy+min(g1*Rows, w.Rows)) {
		panic("kernel: MatMul beyond its operands")
	}
	if t0 >= t1 || g0 >= g1 {
		return
	}
	matMul(w, x, y, ldy, g0, g1, t0, t1)
}
