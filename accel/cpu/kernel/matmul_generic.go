package kernel

// matMulGeneric is MatMul in portable Go.
func matMulGeneric(w *Packed, x *Acts, y []float32, ldy, g0, g1, t0, t1 int) {
	terms := x.terms
	if w.Form() != Quantised {
		terms = 1
	}
	for g := g0; g < g1; g++ {
		for t := t0; t < t1; t += lanes / terms {
			n := min(lanes/terms, t1-t)
			var acc [lanes][Rows]float32
			if w.Form() != Quantised {
				floatTile(&acc, w, x, g, t, n)
			} else {
				quantTile(&acc, w, x, g, terms*t, terms*n)
			}
			for i := 0; terms > 1 && i < n; i++ {
				addGeneric(acc[i][:], acc[2*i][:], acc[2*i+1][:])
			}
			for i := range n {
				r := g * Rows
				copy(y[(t+i)*ldy+r:(t+i)*ldy+min(r+Rows, w.Rows)], acc[i][:])
			}
		}
	}
}

// quantTile computes 16 rows of n rows of activations with quantised weights.
// Each block of weights is unpacked once for all of them.
func quantTile(acc *[lanes][Rows]float32, w *Packed, x *Acts, g, t, n int) {
	l, _ := layoutOf(w.Type)
	data := w.Data[g*w.group : (g+1)*w.group]
	var blk wideBlock
	var lo, hi [Rows]int32
	for b := 0; b*Block < w.Cols; b++ {
		blk.unpack(w.Type, l, data[b/l.blocks*l.unit():][:l.unit()], b%l.blocks)
		for i := range n {
			a := &x.q[x.at(t+i)+b*x.lanes]
			blk.dot(a, &lo, &hi)
			h0, h1 := int32(a.half[0]), int32(a.half[1])
			out := &acc[i]
			for r := range Rows {
				isum := (lo[r]+blk.zero*h0)*int32(blk.s[r][0]) + (hi[r]+blk.zero*h1)*int32(blk.s[r][1])
				s := out[r] + float32(isum)*(blk.d[r]*a.scale)
				switch {
				case blk.min:
					s += blk.m[r] * a.total
				case blk.halfMin:
					imin := int32(blk.sm[r][0])*h0 + int32(blk.sm[r][1])*h1
					s += float32(imin) * (blk.dm[r] * a.scale)
				}
				out[r] = s
			}
		}
	}
}

// dot computes the integer products of a block with its activations, of the
// first and of the last 16 columns apart.
//
// One 64-bit multiplication makes four products and their sum: with x = 2¹⁶,
//
//	(w0 + w1x + w2x² + w3x³)(a3 + a2x + a1x² + a0x³)
//
// has w0a0 + w1a1 + w2a2 + w3a3 as the coefficient of x³, which is what the
// topmost 16 bits hold once the sign of all below is rounded away. It fits if
// weights have up to 6 bits; bytes are taken apart into nibbles.
func (o *wideBlock) dot(a *block, lo, hi *[Rows]int32) {
	var act [8]int64
	for s := range act {
		q := (*[4]int8)(a.q[4*s:])
		act[s] = int64(q[3]) + int64(q[2])<<16 + int64(q[1])<<32 + int64(q[0])<<48
	}
	for half, sum := range [2]*[Rows]int32{lo, hi} {
		q, act := (*[4][Rows]uint32)(o.q[4*half:]), (*[4]int64)(act[4*half:])
		if o.wide {
			for r := range sum {
				var low, high int64
				for s := range act {
					w := spread(q[s][r])
					low += top(w & 0x000f000f000f000f * act[s])
					high += top(w >> 4 & 0x000f000f000f000f * act[s])
				}
				sum[r] = int32(low + high<<4)
			}
			continue
		}
		for r := range sum {
			sum[r] = int32(top(spread(q[0][r])*act[0]) + top(spread(q[1][r])*act[1]) +
				top(spread(q[2][r])*act[2]) + top(spread(q[3][r])*act[3]))
		}
	}
}

// spread moves the four bytes of w to the four 16-bit words of the result.
func spread(w uint32) int64 {
	x := int64(w)
	x = (x | x<<16) & 0x0000ffff0000ffff
	return (x | x<<8) & 0x00ff00ff00ff00ff
}

// top rounds p to its topmost 16 bits.
func top(p int64) int64 { return (p + 1<<47) >> 48 }

// floatTile computes 16 rows of n tokens with unquantised weights.
func floatTile(acc *[lanes][Rows]float32, w *Packed, x *Acts, g, t, n int) {
	data := w.Data[g*w.group : (g+1)*w.group]
	var col [Rows]float32
	for c := range w.Cols {
		unpackFloats(w.Type, &col, data, c)
		for i := range n {
			v, out := x.row(t + i)[c], &acc[i]
			for r := range Rows {
				out[r] += col[r] * v
			}
		}
	}
}
