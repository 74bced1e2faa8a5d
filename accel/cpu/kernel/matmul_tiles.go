//go:build amd64 || arm64

package kernel

import (
	"math/bits"

	"lumi/accel"
)

// cachedActs is how many bytes of activations are used again and again for all
// groups of rows: they should stay in the second-level cache.
const cachedActs = 512 << 10

func matMul(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	switch {
	case level == Generic:
		matMulGeneric(w, x, y, ldy, g0, g1, t0, t1)
	case w.Form() != Quantised:
		matMulFloat(w, x, y, ldy, g0, g1, t0, t1)
	default:
		matMulQuant(w, x, y, ldy, g0, g1, t0, t1)
	}
}

// matMulQuant walks over tiles of 16 rows of weights and up to 8 of activations.
func matMulQuant(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	if t1-t0 == 1 && x.terms == 1 {
		g0 = quantQuads(w, x, y[t0*ldy:], g0, g1, t0)
	}
	t0, t1 = x.terms*t0, x.terms*t1
	step := max(lanes, cachedActs/(x.blocks*blockSize)/lanes*lanes)
	for t0 < t1 {
		end := min(t1, (t0+step)/lanes*lanes)
		for g := g0; g < g1; g++ {
			for t := t0; t < end; {
				n := tileWidth(w.Type, t, end, x.lanes)
				if x.terms == 1 && (g+1)*Rows <= w.Rows {
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
func tileWidth(typ accel.Type, t, end, lanes int) int {
	n := min(end-t, lanes-t%lanes, tokenTile(typ))
	return 1 << (bits.Len(uint(n)) - 1)
}

// quantEdge computes what cannot be written as it comes: the last group of a
// matrix whose rows do not fill it, and products with several terms.
func quantEdge(w *Packed, x *Acts, y []float32, ldy, g, t, n int) {
	var tile [lanes * Rows]float32
	quantTileAsm(w, x, &tile[0], Rows, g, t, n)
	for i := 0; i < n; i += x.terms {
		sum := tile[i*Rows:][:Rows]
		if x.terms > 1 {
			addGeneric(sum, sum, tile[(i+1)*Rows:])
		}
		copy(y[(t+i)/x.terms*ldy+g*Rows:][:min(Rows, w.Rows-g*Rows)], sum)
	}
}

// matMulFloat walks over tiles of 16 rows and up to 8 tokens, or 4 groups of
// rows for a single token.
func matMulFloat(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	_, bytes := x.rows(x.of(w), t0)
	step := max(lanes, cachedActs/bytes/lanes*lanes)
	for t0 < t1 {
		end := min(t1, t0+step)
		for g := g0; g < g1; {
			if end-t0 == 1 && g+4 <= g1 && (g+4)*Rows <= w.Rows {
				floatQuadAsm(w, x, &y[t0*ldy+g*Rows], g, t0)
				g += 4
				continue
			}
			for t := t0; t < end; {
				n := tileWidth(w.Type, 0, end-t, lanes)
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
