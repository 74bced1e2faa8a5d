package kernel

import (
	"math/bits"
	"unsafe"

	"lumi/accel"
)

// cachedActs is how many bytes of activations are used again and again for all
// groups of rows: they should stay in the second-level cache.
const cachedActs = 512 << 10

func matMul(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	switch {
	case level == Generic:
		matMulGeneric(w, x, y, ldy, g0, g1, t0, t1)
	case FormOf(w.Type) == Float:
		matMulFloat(w, x, y, ldy, g0, g1, t0, t1)
	default:
		matMulQuant(w, x, y, ldy, g0, g1, t0, t1)
	}
}

// matMulQuant walks over tiles of 16 rows and up to 8 tokens.
func matMulQuant(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	step := max(lanes, cachedActs/(x.blocks*blockSize)/lanes*lanes)
	for t0 < t1 {
		end := min(t1, (t0+step)/lanes*lanes)
		for g := g0; g < g1; g++ {
			for t := t0; t < end; {
				n := tileWidth(t, end, x.lanes)
				if (g+1)*Rows <= w.Rows {
					quantTileAsm(w, x, &y[t*ldy+g*Rows], ldy, g, t, n)
				} else {
					quantEdge(w, x, y, ldy, g, t, n)
				}
				t += n
			}
		}
		t0 = end
	}
}

// tileWidth is how many tokens from t on the next tile serves: a power of two
// up to what the kernels have registers for, within one tile of Acts.
func tileWidth(t, end, lanes int) int {
	n := min(end-t, lanes-t%lanes)
	if level == AVX2 {
		n = min(n, 4)
	}
	return 1 << (bits.Len(uint(n)) - 1)
}

// quantEdge computes the last group of a matrix whose rows do not fill it.
func quantEdge(w *Packed, x *Acts, y []float32, ldy, g, t, n int) {
	var tile [lanes * Rows]float32
	quantTileAsm(w, x, &tile[0], Rows, g, t, n)
	for i := range n {
		copy(y[(t+i)*ldy+g*Rows:(t+i)*ldy+w.Rows], tile[i*Rows:])
	}
}

// quantTileAsm computes 16 rows of n tokens.
func quantTileAsm(w *Packed, x *Acts, y *float32, ldy, g, t, n int) {
	data := &w.Data[g*w.group]
	acts := (*byte)(unsafe.Pointer(&x.q[x.at(t)]))
	stride := x.lanes * blockSize
	if level == AVX512 {
		quantTileAVX512(w.Type, data, acts, y, x.blocks, stride, 4*ldy, n)
	} else {
		quantTileAVX2(w.Type, data, acts, y, x.blocks, stride, 4*ldy, n)
	}
}

func quantTileAVX512(t accel.Type, w, x *byte, y *float32, blocks, stride, ldy, n int) {
	switch t {
	case accel.Q4_0:
		q40AVX512(w, x, y, blocks, stride, ldy, n)
	case accel.Q4_1:
		q41AVX512(w, x, y, blocks, stride, ldy, n)
	case accel.Q5_0:
		q50AVX512(w, x, y, blocks, stride, ldy, n)
	case accel.Q5_1:
		q51AVX512(w, x, y, blocks, stride, ldy, n)
	case accel.Q8_0:
		q80AVX512(w, x, y, blocks, stride, ldy, n)
	case accel.Q2_K:
		q2kAVX512(w, x, y, blocks, stride, ldy, n)
	case accel.Q3_K:
		q3kAVX512(w, x, y, blocks, stride, ldy, n)
	case accel.IQ4_NL:
		iq4nlAVX512(w, x, y, blocks, stride, ldy, n)
	case accel.IQ4_XS:
		iq4xsAVX512(w, x, y, blocks, stride, ldy, n)
	case accel.Q4_K:
		q4kAVX512(w, x, y, blocks, stride, ldy, n)
	case accel.Q5_K:
		q5kAVX512(w, x, y, blocks, stride, ldy, n)
	case accel.Q6_K:
		q6kAVX512(w, x, y, blocks, stride, ldy, n)
	}
}

func quantTileAVX2(t accel.Type, w, x *byte, y *float32, blocks, stride, ldy, n int) {
	switch t {
	case accel.Q4_0:
		q40AVX2(w, x, y, blocks, stride, ldy, n)
	case accel.Q4_1:
		q41AVX2(w, x, y, blocks, stride, ldy, n)
	case accel.Q5_0:
		q50AVX2(w, x, y, blocks, stride, ldy, n)
	case accel.Q5_1:
		q51AVX2(w, x, y, blocks, stride, ldy, n)
	case accel.Q8_0:
		q80AVX2(w, x, y, blocks, stride, ldy, n)
	case accel.Q2_K:
		q2kAVX2(w, x, y, blocks, stride, ldy, n)
	case accel.Q3_K:
		q3kAVX2(w, x, y, blocks, stride, ldy, n)
	case accel.IQ4_NL:
		iq4nlAVX2(w, x, y, blocks, stride, ldy, n)
	case accel.IQ4_XS:
		iq4xsAVX2(w, x, y, blocks, stride, ldy, n)
	case accel.Q4_K:
		q4kAVX2(w, x, y, blocks, stride, ldy, n)
	case accel.Q5_K:
		q5kAVX2(w, x, y, blocks, stride, ldy, n)
	case accel.Q6_K:
		q6kAVX2(w, x, y, blocks, stride, ldy, n)
	}
}
