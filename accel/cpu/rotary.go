package cpu

import (
	"math"

	"lumi/accel"
)

// turns are the sines and cosines of a rotary table for the positions of a
// batch: [row][pair]. They are computed in float64 because angles grow with
// the position, and float32 would lose a radian's third digit at 100,000.
type turns struct {
	accel.RotaryTable
	sin, cos []float32
}

// newTurns makes room for a batch.
func newTurns(t accel.RotaryTable, batch int) turns {
	n := batch * len(t.Freq)
	return turns{t, make([]float32, n), make([]float32, n)}
}

// set fills the rows for the positions first, first+1, … of a sequence that is
// long or not.
func (t *turns) set(first, rows int, long bool) {
	n, freq := len(t.Freq), t.Freq
	if long && t.Long != nil {
		freq = t.Long
	}
	for row := range rows {
		pos := float64(first + row)
		for i, f := range freq {
			sin, cos := math.Sincos(pos * f)
			t.sin[row*n+i] = float32(sin * t.Scale)
			t.cos[row*n+i] = float32(cos * t.Scale)
		}
	}
}

func (t *turns) row(row int) (sin, cos []float32) {
	n := len(t.Freq)
	return t.sin[row*n : (row+1)*n], t.cos[row*n : (row+1)*n]
}
