package kernel

import (
	"math"

	"lumi/accel"
)

// StoreKey writes a key of Dim columns at position i of a chunk.
func (c Cache) StoreKey(chunk []byte, i int, row []float32) {
	g, lane := i/16, i%16
	w := c.width()
	switch c.Type {
	case accel.F32:
		out := chunk[g*w*64+4*lane:]
		for d, v := range row[:c.Dim] {
			le.PutUint32(out[64*d:], math.Float32bits(v))
		}
	case accel.F16:
		c.storeWords(chunk[g*c.keyGroup():][:c.keyGroup()], lane, row[:c.Dim])
	case accel.Q8_0:
		for b := 0; b < w/32; b++ {
			q, scale := quantiseHead(row[:c.Dim], b)
			out := chunk[(g*w/32+b)*576:][:576]
			le.PutUint32(out[4*lane:], math.Float32bits(scale))
			for d, v := range q {
				out[64+16*d+lane] = byte(v)
			}
		}
	}
}

// storeWords writes a key to a lane of a group of 16.
func (c Cache) storeWords(group []byte, lane int, row []float32) {
	scale, inverse := wordScale(row)
	le.PutUint32(group[4*lane:], math.Float32bits(scale))
	out := group[64+4*lane:]
	const most = 64
	for first := 0; first < len(row); first += most {
		var q [most]int16
		n := min(most, len(row)-first)
		roundWords(q[:n], row[first:first+n], inverse)
		for d := 0; d < n; d += 2 {
			le.PutUint32(out[32*(first+d):], uint32(uint16(q[d]))|uint32(uint16(q[d+1]))<<16)
		}
	}
}

// StoreValue writes a value of Dim columns at position i of a chunk.
func (c Cache) StoreValue(chunk []byte, i int, row []float32) {
	w := c.width()
	out := chunk[i*c.valueStride():][:c.valueStride()]
	switch c.Type {
	case accel.F32:
		for d, v := range row[:c.Dim] {
			le.PutUint32(out[4*d:], math.Float32bits(v))
		}
	case accel.F16:
		var h [16]uint16
		for d := 0; d < c.Dim; d += 16 {
			n := min(16, c.Dim-d)
			ToHalves(h[:n], row[d:d+n])
			for j, v := range h[:n] {
				le.PutUint16(out[2*(d+j):], v)
			}
		}
	case accel.Q8_0:
		for b := 0; b < w/32; b++ {
			q, scale := quantiseHead(row[:c.Dim], b)
			le.PutUint32(out[w+4*b:], math.Float32bits(scale))
			for d, v := range q {
				out[32*b+d] = byte(v)
			}
		}
	}
}

// quantiseHead quantises 32 columns of a key or value, zeros beyond its end.
func quantiseHead(row []float32, b int) (q [Block]int8, scale float32) {
	var x [Block]float32
	copy(x[:], row[b*Block:])
	var out [1]block
	quantiseGeneric(out[:], x[:], 1)
	return out[0].q, out[0].scale
}

// scoresGeneric writes q·k of n queries for the 16-position groups g0 up to g1.
func (c Cache) scoresGeneric(a *Attention, keys []byte, w, n, g0, g1 int) {
	if c.Type == accel.F16 {
		for g := g0; g < g1; g++ {
			for i := range n {
				wordScores(a.scores[i*Chunk+16*g:][:16], keys[g*c.keyGroup():][:c.keyGroup()], a.words[i*w:][:w], a.factors[i])
			}
		}
		return
	}
	var k [16]float32
	for g := g0; g < g1; g++ {
		for i := range n {
			clear(a.scores[i*Chunk+16*g:][:16])
		}
		for d := range w {
			c.keyColumn(&k, keys, w, g, d)
			for i := range n {
				s, v := a.scores[i*Chunk+16*g:][:16], a.q[i*w+d]
				for j := range s {
					s[j] += k[j] * v
				}
			}
		}
	}
}

// wordScores writes the products of a query with a group of keys, both words.
func wordScores(s []float32, group []byte, q []int16, factor float32) {
	var sums [16]int32
	for d, v := range q {
		column := group[64+64*(d/2)+2*(d%2):]
		for j := range sums {
			sums[j] += int32(v) * int32(int16(le.Uint16(column[4*j:])))
		}
	}
	for j, sum := range sums {
		s[j] = float32(sum) * math.Float32frombits(le.Uint32(group[4*j:])) * factor
	}
}

// keyColumn reads column d of the keys of 16 positions.
func (c Cache) keyColumn(k *[16]float32, keys []byte, w, g, d int) {
	switch c.Type {
	case accel.F32:
		unpackFloats(accel.F32, k, keys[g*w*64:], d)
	default:
		in := keys[(g*w/32+d/32)*576:][:576]
		for j := range k {
			k[j] = float32(int8(in[64+16*(d%32)+j])) * math.Float32frombits(le.Uint32(in[4*j:]))
		}
	}
}

// softWeightsGeneric replaces scores by exp(score - top), top being the largest, and
// returns the sum of these, too.
func softWeightsGeneric(s []float32) (top, sum float32) {
	top = Max(s)
	return top, ExpSum(s, top)
}

// valuesGeneric writes Σ weight * value of n queries over positions p0 up to
// p1 to the rows of out.
func (c Cache) valuesGeneric(out []float32, stride int, a *Attention, values []byte, w, n, p0, p1 int) {
	for i := range n {
		clear(out[i*stride:][:w])
	}
	for p := p0; p < p1; p++ {
		row := values[p*c.valueStride():][:c.valueStride()]
		for d := range w {
			v := c.value(row, w, d)
			for i := range n {
				out[i*stride+d] += a.scores[i*Chunk+p] * v
			}
		}
	}
}

// value reads column d of a value row.
func (c Cache) value(row []byte, w, d int) float32 {
	switch c.Type {
	case accel.F32:
		return math.Float32frombits(le.Uint32(row[4*d:]))
	case accel.F16:
		return half(row[2*d:])
	}
	return float32(int8(row[d])) * math.Float32frombits(le.Uint32(row[w+d/32*4:]))
}

// weightedGeneric writes a*dst + b*src to dst.
func weightedGeneric(dst, src []float32, a, b float32) {
	for i, v := range src {
		dst[i] = a*dst[i] + b*v
	}
}
