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
	if x.cols != w.Cols || x.form&FormOf(w.Type) == 0 {
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

// matMulGeneric is MatMul in portable Go.
func matMulGeneric(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	for g := g0; g < g1; g++ {
		for t := t0; t < t1; t += lanes {
			n := min(lanes, t1-t)
			var acc [lanes][Rows]float32
			if FormOf(w.Type) == Float {
				floatTile(&acc, w, x, g, t, n)
			} else {
				quantTile(&acc, w, x, g, t, n)
			}
			for i := range n {
				r := g * Rows
				copy(y[(t+i)*ldy+r:(t+i)*ldy+min(r+Rows, w.Rows)], acc[i][:])
			}
		}
	}
}

// quantTile computes 16 rows of n tokens with quantised weights. Each block of
// weights is unpacked once for all tokens.
func quantTile(acc *[lanes][Rows]float32, w *Packed, x *Acts, g, t, n int) {
	l, _ := layoutOf(w.Type)
	data := w.Data[g*w.group : (g+1)*w.group]
	var blk wideBlock
	for b := 0; b*Block < w.Cols; b++ {
		blk.unpack(w.Type, l, data[b/l.blocks*l.unit():][:l.unit()], b%l.blocks)
		for i := range n {
			a := &x.q[x.at(t+i)+b*x.lanes]
			for r := range Rows {
				var lo, hi int32
				for c := range 16 {
					lo += int32(blk.q[r][c]) * int32(a.q[c])
					hi += int32(blk.q[r][16+c]) * int32(a.q[16+c])
				}
				isum := lo*int32(blk.s[r][0]) + hi*int32(blk.s[r][1])
				s := acc[i][r] + float32(isum)*(blk.d[r]*a.scale)
				switch {
				case blk.min:
					s += blk.m[r] * a.total
				case blk.halfMin:
					imin := int32(blk.sm[r][0])*int32(a.half[0]) + int32(blk.sm[r][1])*int32(a.half[1])
					s += float32(imin) * (blk.dm[r] * a.scale)
				}
				acc[i][r] = s
			}
		}
	}
}

// floatTile computes 16 rows of n tokens with unquantised weights.
func floatTile(acc *[lanes][Rows]float32, w *Packed, x *Acts, g, t, n int) {
	data := w.Data[g*w.group : (g+1)*w.group]
	var col [Rows]float32
	for c := range w.Cols {
		unpackFloats(w.Type, &col, data, c)
		for i := range n {
			v := x.row(t + i)[c]
			for r := range Rows {
				acc[i][r] += col[r] * v
			}
		}
	}
}
