//go:build !amd64 && !arm64

package kernel

func matMul(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	matMulGeneric(w, x, y, ldy, g0, g1, t0, t1)
}

func quantise(dst []block, row []float32, stride int) { quantiseGeneric(dst, row, stride) }

func sumSquares(x []float32) float32                   { return sumSquaresGeneric(x) }
func scaleMul(dst, x, w []float32, s float32)          { scaleMulGeneric(dst, x, w, s) }
func add(dst, a, b []float32)                          { addGeneric(dst, a, b) }
func scale(x []float32, s float32)                     { scaleGeneric(x, s) }
func siluMul(dst, gate, up []float32)                  { siluMulGeneric(dst, gate, up) }
func geluMul(dst, gate, up []float32)                  { geluMulGeneric(dst, gate, up) }
func maximum(x []float32) float32                      { return maximumGeneric(x) }
func index(x []float32, value float32) int             { return indexGeneric(x, value) }
func expSum(x []float32, top float32) float32          { return expSumGeneric(x, top) }
func softWeights(s []float32) (top, sum float32)       { return softWeightsGeneric(s) }
func ropeNeighbours(x, cos, sin []float32)             { ropeNeighboursGeneric(x, cos, sin) }
func ropeHalves(x, y, cos, sin []float32)              { ropeHalvesGeneric(x, y, cos, sin) }
func toHalves(dst []uint16, src []float32)             { toHalvesGeneric(dst, src) }
func fromHalves(dst []float32, src []uint16)           { fromHalvesGeneric(dst, src) }
func toBF16(dst []uint16, src []float32)               { toBF16Generic(dst, src) }
func readSum(b []byte) uint64                          { return readSumGeneric(b) }
func roundWords(dst []int16, src []float32, f float32) { roundWordsGeneric(dst, src, f) }
func weighted(dst, src []float32, a, b float32)        { weightedGeneric(dst, src, a, b) }

func (c Cache) scores(a *Attention, keys []byte, w, n, g0, g1 int) {
	c.scoresGeneric(a, keys, w, n, g0, g1)
}

func (c Cache) values(out []float32, stride int, a *Attention, values []byte, w, n, p0, p1 int) {
	c.valuesGeneric(out, stride, a, values, w, n, p0, p1)
}
