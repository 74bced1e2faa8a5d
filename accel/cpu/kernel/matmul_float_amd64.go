package kernel

import "lumi/accel"

// matMulFloat walks over tiles of 16 rows and up to 8 tokens, or 4 groups of
// rows for a single token.
func matMulFloat(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	step := max(lanes, cachedActs/(x.stride*4)/lanes*lanes)
	for t0 < t1 {
		end := min(t1, t0+step)
		for g := g0; g < g1; {
			if end-t0 == 1 && g+4 <= g1 && (g+4)*Rows <= w.Rows {
				floatQuadAsm(w, &x.row(t0)[0], &y[t0*ldy+g*Rows], g)
				g += 4
				continue
			}
			for t := t0; t < end; {
				n := tileWidth(0, end-t, lanes)
				if (g+1)*Rows <= w.Rows {
					floatTileAsm(w, x, &y[t*ldy+g*Rows], ldy, g, t, n)
				} else {
					floatEdge(w, x, y, ldy, g, t, n)
				}
				t += n
			}
			g++
		}
		t0 = end
	}
}

// floatEdge computes the last group of a matrix whose rows do not fill it.
func floatEdge(w *Packed, x *Acts, y []float32, ldy, g, t, n int) {
	var tile [lanes * Rows]float32
	floatTileAsm(w, x, &tile[0], Rows, g, t, n)
	for i := range n {
		copy(y[(t+i)*ldy+g*Rows:(t+i)*ldy+w.Rows], tile[i*Rows:])
	}
}

// floatTileAsm computes 16 rows of n tokens.
func floatTileAsm(w *Packed, x *Acts, y *float32, ldy, g, t, n int) {
	data, acts, stride := &w.Data[g*w.group], &x.row(t)[0], 4*x.stride
	ldy *= 4
	if level == AVX512 {
		switch w.Type {
		case accel.F16:
			f16AVX512(data, acts, y, w.Cols, stride, ldy, n)
		case accel.BF16:
			bf16AVX512(data, acts, y, w.Cols, stride, ldy, n)
		case accel.F32:
			f32AVX512(data, acts, y, w.Cols, stride, ldy, n)
		}
		return
	}
	switch w.Type {
	case accel.F16:
		f16AVX2(data, acts, y, w.Cols, stride, ldy, n)
	case accel.BF16:
		bf16AVX2(data, acts, y, w.Cols, stride, ldy, n)
	case accel.F32:
		f32AVX2(data, acts, y, w.Cols, stride, ldy, n)
	}
}

// floatQuadAsm computes 64 rows of one token.
func floatQuadAsm(w *Packed, x, y *float32, g int) {
	data := &w.Data[g*w.group]
	if level == AVX512 {
		switch w.Type {
		case accel.F16:
			f16QuadAVX512(data, x, y, w.Cols, w.group)
		case accel.BF16:
			bf16QuadAVX512(data, x, y, w.Cols, w.group)
		case accel.F32:
			f32QuadAVX512(data, x, y, w.Cols, w.group)
		}
		return
	}
	switch w.Type {
	case accel.F16:
		f16QuadAVX2(data, x, y, w.Cols, w.group)
	case accel.BF16:
		bf16QuadAVX2(data, x, y, w.Cols, w.group)
	case accel.F32:
		f32QuadAVX2(data, x, y, w.Cols, w.group)
	}
}
