package kernel

import (
	"math/bits"

	"lumi/accel"
)

// Keys and values of Q8_0 have no kernels for NEON.

// scores computes the products of n queries with the keys of the 16-position
// groups g0 up to g1. A group of keys in F32 lies as 16 rows of a packed weight do.
func (c Cache) scores(a *Attention, keys []byte, w, n, g0, g1 int) {
	if level == Generic || c.Type == accel.Q8_0 {
		c.scoresGeneric(a, keys, w, n, g0, g1)
		return
	}
	size := c.keyGroup()
	for i := 0; i < n; {
		m := queryTile(n - i)
		for g := g0; g < g1; {
			k, q, s := &keys[g*size], &a.q[i*w], &a.scores[i*Chunk+16*g]
			switch {
			case c.Type == accel.F16:
				wordScoresNEON(k, &a.words[i*w], &a.factors[i], s, w/8, 2*w, 4*Chunk, m)
				g++
			case m == 1 && g+4 <= g1:
				floatQuadNEON(c.Type, k, q, s, w, size)
				g += 4
			default:
				floatTileNEON(c.Type, k, q, s, w, 4*w, 4*Chunk, m)
				g++
			}
		}
		i += m
	}
}

// values computes the weighted sums of n queries over positions p0 up to p1.
func (c Cache) values(out []float32, stride int, a *Attention, values []byte, w, n, p0, p1 int) {
	if level == Generic || c.Type == accel.Q8_0 {
		c.valuesGeneric(out, stride, a, values, w, n, p0, p1)
		return
	}
	step := c.valueStride()
	v := &values[p0*step]
	for i := 0; i < n; {
		m := queryTile(n - i)
		p, o := &a.scores[i*Chunk+p0], &out[i*stride]
		if c.Type == accel.F16 {
			f16ValuesNEON(v, p, o, w, step, 4*stride, p1-p0, m)
		} else {
			f32ValuesNEON(v, p, o, w, step, 4*stride, p1-p0, m)
		}
		i += m
	}
}

// softWeights has no kernel of its own for NEON.
func softWeights(s []float32) (top, sum float32) { return softWeightsGeneric(s) }

// queryTile is how many of n queries the kernels serve together.
func queryTile(n int) int { return 1 << (bits.Len(uint(min(n, 4))) - 1) }
