package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// What the exponential function is computed with, which package kernel explains
// (expf).
const (
	expMin   = -87.33654
	expMax   = 89 // whose scale is infinite
	log2e    = 1.44269504
	ln2Upper = 0.693359375
	ln2Lower = -2.12194440e-4
)

// expSeries are the coefficients of r⁶ down to r²; those of r and 1 are 1.
var expSeries = [...]float32{0.0013926184, 0.008363179, 0.041666555, 0.16666577, 0.5}

// powers writes the exponential function.
type powers struct {
	simd
	lowest, highest, log2e, upper, lower, magic operand.Mem
	series                                      []operand.Mem // from r⁶ down to r⁰
}

// makePowers defines its constants.
func (s simd) makePowers() *powers {
	c := func(name string, f float32) operand.Mem { return s.constant(name, 4*s.lanes, bits(f)) }
	e := &powers{
		simd: s, lowest: c("expMin", expMin), highest: c("expMax", expMax), log2e: c("log2e", log2e),
		upper: c("ln2Upper", ln2Upper), lower: c("ln2Lower", ln2Lower),
		// Added to a small number it leaves that, rounded to an integer, plus the
		// bias of an exponent in the low bits.
		magic: c("expMagic", 3<<22+127),
	}
	for i, f := range append(expSeries[:], 1) {
		e.series = append(e.series, c(fmt.Sprintf("expC%d", 6-i), f))
	}
	e.series = append(e.series, e.series[len(e.series)-1])
	return e
}

// exp replaces every x, which are at most expMax, by its exponential. Below the
// normal range it is 0, and from 88.4 on, a little early, infinite.
func (e *powers) exp(x ...reg.VecVirtual) {
	n, p, scale := e.vectors(len(x)), e.vectors(len(x)), e.vectors(len(x))
	live := make([]reg.Register, len(x))
	for i, x := range x {
		e.VMOVUPS(e.lowest, p[i])
		live[i] = e.notBelow(p[i], x)
		e.VMAXPS(x, p[i], x) // x if that is no number
		e.VMOVUPS(e.magic, scale[i])
		e.VFMADD231PS(e.log2e, x, scale[i])
		e.VSUBPS(e.magic, scale[i], n[i])
		e.VFNMADD231PS(e.upper, n[i], x)
		e.VFNMADD231PS(e.lower, n[i], x)
		e.VMOVUPS(e.series[0], p[i])
		e.VPSLLD(operand.U8(23), scale[i], scale[i])
	}
	for _, c := range e.series[1:] {
		for i, x := range x {
			e.VFMADD213PS(c, x, p[i])
		}
	}
	for i, x := range x {
		e.scaled(p[i], scale[i], live[i], x)
	}
}

// bounded is exp for all x.
func (e *powers) bounded(x reg.VecVirtual) {
	top := e.vector()
	e.VMOVUPS(e.highest, top)
	e.VMINPS(x, top, x) // x if that is no number
	e.exp(x)
}

// notBelow marks the lanes in which x is not less than low, no number included.
func (e *powers) notBelow(low, x reg.VecVirtual) reg.Register {
	const notLess = 5
	if e.lanes == 16 {
		k := e.K()
		e.VCMPPS(operand.U8(notLess), low, x, k)
		return k
	}
	y := e.YMM()
	e.VCMPPS(operand.U8(notLess), low, x, y)
	return y
}

// scaled stores p times scale where live says so, and 0 elsewhere.
func (e *powers) scaled(p, scale reg.VecVirtual, live reg.Register, to reg.VecVirtual) {
	if e.lanes == 16 {
		e.VMULPS_Z(scale, p, live, to)
		return
	}
	e.VMULPS(scale, p, to)
	e.VANDPS(live, to, to)
}
