package kernel

import "lumi/accel"

// floatTileAsm computes 16 rows of n tokens.
func floatTileAsm(w *Packed, x *Acts, y *float32, ldy, g, t, n int) {
	data := &w.Data[g*w.group]
	acts, stride := x.rows(x.of(w), t)
	steps := floatSteps(w.Type, w.Cols)
	ldy *= 4
	far := aheadFor(t)
	if level == AVX512 {
		switch w.Type {
		case accel.F16:
			f16AVX512(data, acts, y, steps, stride, ldy, n, far)
		case accel.BF16:
			if x.of(w) == Rounded {
				bf16PairAVX512(data, acts, y, steps, stride, ldy, n, far)
				return
			}
			bf16AVX512(data, acts, y, steps, stride, ldy, n, far)
		case accel.F32:
			f32AVX512(data, acts, y, steps, stride, ldy, n, far)
		}
		return
	}
	switch w.Type {
	case accel.F16:
		f16AVX2(data, acts, y, steps, stride, ldy, n, far)
	case accel.BF16:
		bf16AVX2(data, acts, y, steps, stride, ldy, n, far)
	case accel.F32:
		f32AVX2(data, acts, y, steps, stride, ldy, n, far)
	}
}

// floatQuadAsm computes 64 rows of one token.
func floatQuadAsm(w *Packed, x *Acts, y *float32, g, t int) {
	acts, _ := x.rows(x.of(w), t)
	data, steps := &w.Data[g*w.group], floatSteps(w.Type, w.Cols)
	if level == AVX512 {
		switch w.Type {
		case accel.F16:
			f16QuadAVX512(data, acts, y, steps, w.group, ahead)
		case accel.BF16:
			if x.of(w) == Rounded {
				bf16PairQuadAVX512(data, acts, y, steps, w.group, ahead)
				return
			}
			bf16QuadAVX512(data, acts, y, steps, w.group, ahead)
		case accel.F32:
			f32QuadAVX512(data, acts, y, steps, w.group, ahead)
		}
		return
	}
	switch w.Type {
	case accel.F16:
		f16QuadAVX2(data, acts, y, steps, w.group, ahead)
	case accel.BF16:
		bf16QuadAVX2(data, acts, y, steps, w.group, ahead)
	case accel.F32:
		f32QuadAVX2(data, acts, y, steps, w.group, ahead)
	}
}
