package kernel

import (
	"unsafe"

	"lumi/accel"
)

// scores computes the products of n queries with the keys of the 16-position
// groups g0 up to g1.
func (c Cache) scores(a *Attention, keys []byte, w, n, g0, g1 int) {
	if level == Generic {
		c.scoresGeneric(a, keys, w, n, g0, g1)
		return
	}
	k := &keys[g0*c.keyGroup()]
	also := 0
	if len(a.Also) >= len(keys) {
		also = int(uintptr(unsafe.Pointer(&a.Also[0])) - uintptr(unsafe.Pointer(&keys[0])))
	}
	for i := 0; i < n; also = 0 {
		m := min(n-i, queryTile())
		q, s := &a.q[i*w], &a.scores[i*Chunk+16*g0]
		if level == AVX512 {
			switch c.Type {
			case accel.F16:
				wordScoresAVX512(k, &a.words[i*w], &a.factors[i], s, w, g1-g0, m, also)
			case accel.F32:
				f32ScoresAVX512(k, q, s, w, g1-g0, m, also)
			case accel.Q8_0:
				q8ScoresAVX512(k, q, s, w, g1-g0, m, also)
			}
		} else {
			switch c.Type {
			case accel.F16:
				wordScoresAVX2(k, &a.words[i*w], &a.factors[i], s, w, g1-g0, m, also)
			case accel.F32:
				f32ScoresAVX2(k, q, s, w, g1-g0, m, also)
			case accel.Q8_0:
				q8ScoresAVX2(k, q, s, w, g1-g0, m, also)
			}
		}
		i += m
	}
}

// values computes the weighted sums of n queries over positions p0 up to p1.
func (c Cache) values(out []float32, stride int, a *Attention, values []byte, w, n, p0, p1 int) {
	if level == Generic {
		c.valuesGeneric(out, stride, a, values, w, n, p0, p1)
		return
	}
	clear(out[:(n-1)*stride+w])
	for p := p0; p < p1; p += valueRows {
		c.addValues(out, stride, a, values, w, n, p, min(p+valueRows, p1))
	}
}

// valueRows is how many value rows are read together. The kernels go over them
// several times, a few columns for a few queries at a time; from memory they
// should come but once, and upwards.
const valueRows = 16

// addValues adds the weighted sums of n queries over positions p0 up to p1.
func (c Cache) addValues(out []float32, stride int, a *Attention, values []byte, w, n, p0, p1 int) {
	step := c.valueStride()
	v := &values[p0*step]
	for i := 0; i < n; {
		m := min(n-i, 4)
		p, o := &a.scores[i*Chunk+p0], &out[i*stride]
		if level == AVX512 {
			switch c.Type {
			case accel.F16:
				f16ValuesAVX512(v, p, o, w, step, 4*stride, p1-p0, m)
			case accel.F32:
				f32ValuesAVX512(v, p, o, w, step, 4*stride, p1-p0, m)
			case accel.Q8_0:
				q8ValuesAVX512(v, p, o, w, step, 4*stride, p1-p0, m)
			}
		} else {
			switch c.Type {
			case accel.F16:
				f16ValuesAVX2(v, p, o, w, step, 4*stride, p1-p0, m)
			case accel.F32:
				f32ValuesAVX2(v, p, o, w, step, 4*stride, p1-p0, m)
			case accel.Q8_0:
				q8ValuesAVX2(v, p, o, w, step, 4*stride, p1-p0, m)
			}
		}
		i += m
	}
}

// softWeights is softWeightsGeneric for a multiple of 16 scores.
func softWeights(s []float32) (top, sum float32) {
	switch level {
	case AVX512:
		return softWeightsAVX512(&s[0], len(s)/16)
	case AVX2, AVXVNNI:
		return softWeightsAVX2(&s[0], len(s)/16)
	}
	return softWeightsGeneric(s)
}

// queryTile is how many queries the kernels of scores have registers for.
func queryTile() int {
	if level == AVX512 {
		return 8
	}
	return 4
}
