package kernel

import (
	"unsafe"

	"lumi/accel"
)

// tokenTile is how many tokens the kernels of a type have registers for.
func tokenTile(t accel.Type) int {
	switch t {
	case accel.Q4_0, accel.Q4_1, accel.Q4_K, accel.IQ4_NL, accel.IQ4_XS, accel.Q8_0:
		return 8
	case accel.Q5_0, accel.Q5_1, accel.Q5_K:
		if level != AVX2 {
			return 8
		}
	}
	if level == AVX512 {
		return 8
	}
	return 4
}

// quantTileAsm computes 16 rows of n tokens.
func quantTileAsm(w *Packed, x *Acts, y *float32, ldy, g, t, n int) {
	data := &w.Data[g*w.group]
	acts := (*byte)(unsafe.Pointer(&x.q[x.at(t)]))
	stride := x.lanes * blockSize
	switch level {
	case AVX512:
		quantTileAVX512(w.Type, data, acts, y, x.blocks, stride, 4*ldy, n, aheadFor(t))
	case AVXVNNI:
		quantTileVNNI(w.Type, data, acts, y, x.blocks, stride, 4*ldy, n, aheadFor(t))
	default:
		quantTileAVX2(w.Type, data, acts, y, x.blocks, stride, 4*ldy, n, aheadFor(t))
	}
}

func quantTileAVX512(t accel.Type, w, x *byte, y *float32, blocks, stride, ldy, n, ahead int) {
	switch t {
	case accel.Q4_0:
		q40AVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q4_1:
		q41AVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q5_0:
		q50AVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q5_1:
		q51AVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q8_0:
		q80AVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q2_K:
		q2kAVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q3_K:
		q3kAVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.IQ4_NL:
		iq4nlAVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.IQ4_XS:
		iq4xsAVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q4_K:
		q4kAVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q5_K:
		q5kAVX512(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q6_K:
		q6kAVX512(w, x, y, blocks, stride, ldy, n, ahead)
	}
}

func quantTileVNNI(t accel.Type, w, x *byte, y *float32, blocks, stride, ldy, n, ahead int) {
	switch t {
	case accel.Q4_0:
		q40VNNI(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q4_1:
		q41VNNI(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q5_0:
		q50VNNI(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q5_1:
		q51VNNI(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q8_0:
		q80VNNI(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.IQ4_NL:
		iq4nlVNNI(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.IQ4_XS:
		iq4xsVNNI(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q4_K:
		q4kVNNI(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q5_K:
		q5kVNNI(w, x, y, blocks, stride, ldy, n, ahead)
	default:
		quantTileAVX2(t, w, x, y, blocks, stride, ldy, n, ahead)
	}
}

func quantTileAVX2(t accel.Type, w, x *byte, y *float32, blocks, stride, ldy, n, ahead int) {
	switch t {
	case accel.Q4_0:
		q40AVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q4_1:
		q41AVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q5_0:
		q50AVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q5_1:
		q51AVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q8_0:
		q80AVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q2_K:
		q2kAVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q3_K:
		q3kAVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.IQ4_NL:
		iq4nlAVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.IQ4_XS:
		iq4xsAVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q4_K:
		q4kAVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q5_K:
		q5kAVX2(w, x, y, blocks, stride, ldy, n, ahead)
	case accel.Q6_K:
		q6kAVX2(w, x, y, blocks, stride, ldy, n, ahead)
	}
}

// useQuads reports whether four groups of rows are multiplied with one token at
// a time.
func useQuads() bool { return level == AVX2 && quads }

// quantQuads multiplies one token with four quarters of the groups side by
// side, each of which is read from its beginning to its end, and returns the
// first group that is left.
func quantQuads(w *Packed, x *Acts, y []float32, g0, g1, t int) int {
	quarter := (min(g1, w.Rows/Rows) - g0) / 4
	if quarter <= 0 || !useQuads() {
		return g0
	}
	acts := (*byte)(unsafe.Pointer(&x.q[x.at(t)]))
	for g := g0; g < g0+quarter; g++ {
		quantQuadAVX2(w.Type, &w.Data[g*w.group], acts, &y[g*Rows], x.blocks, x.lanes*blockSize, quarter*w.group, quarter*4*Rows, ahead)
	}
	return g0 + 4*quarter
}

func quantQuadAVX2(t accel.Type, w, x *byte, y *float32, blocks, stride, group, ldy, ahead int) {
	switch t {
	case accel.Q4_0:
		q40QuadAVX2(w, x, y, blocks, stride, group, ldy)
	case accel.Q4_1:
		q41QuadAVX2(w, x, y, blocks, stride, group, ldy)
	case accel.Q5_0:
		q50QuadAVX2(w, x, y, blocks, stride, group, ldy, ahead)
	case accel.Q5_1:
		q51QuadAVX2(w, x, y, blocks, stride, group, ldy, ahead)
	case accel.Q8_0:
		q80QuadAVX2(w, x, y, blocks, stride, group, ldy)
	case accel.Q2_K:
		q2kQuadAVX2(w, x, y, blocks, stride, group, ldy, ahead)
	case accel.Q3_K:
		q3kQuadAVX2(w, x, y, blocks, stride, group, ldy, ahead)
	case accel.IQ4_NL:
		iq4nlQuadAVX2(w, x, y, blocks, stride, group, ldy)
	case accel.IQ4_XS:
		iq4xsQuadAVX2(w, x, y, blocks, stride, group, ldy, ahead)
	case accel.Q4_K:
		q4kQuadAVX2(w, x, y, blocks, stride, group, ldy, ahead)
	case accel.Q5_K:
		q5kQuadAVX2(w, x, y, blocks, stride, group, ldy, ahead)
	case accel.Q6_K:
		q6kQuadAVX2(w, x, y, blocks, stride, group, ldy, ahead)
	}
}
