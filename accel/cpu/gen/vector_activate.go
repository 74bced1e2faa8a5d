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
	log2e    = 1.44269504
	ln2Upper = 0.693359375
	ln2Lower = -2.12194440e-4
)

// expSeries are the coefficients of r⁶ down to r²; those of r and 1 are 1.
var expSeries = [...]float32{0.0013926184, 0.008363179, 0.041666555, 0.16666577, 0.5}

// makeExp defines the constants of the exponential function.
func (v *vector) makeExp() {
	e := &v.exp
	for _, c := range []struct {
		m    *operand.Mem
		name string
		bits uint32
	}{
		{&e.lowest, "expMin", bits(expMin)},
		{&e.highest, "expMax", bits(89)},
		{&e.log2e, "log2e", bits(log2e)},
		{&e.upper, "ln2Upper", bits(ln2Upper)},
		{&e.lower, "ln2Lower", bits(ln2Lower)},
		{&e.bias, "expBias", 127},
	} {
		*c.m = v.constant(c.name, 32, c.bits)
	}
	for i, c := range expSeries {
		e.c[i] = v.constant(fmt.Sprintf("expC%d", 6-i), 32, bits(c))
	}
}

// expOf replaces x by its exponential; below the normal range it is 0.
func (v *vector) expOf(x reg.VecVirtual) {
	e := &v.exp
	live, n, p, t := v.YMM(), v.YMM(), v.YMM(), v.YMM()
	v.VMOVUPS(e.lowest, t)
	v.VCMPPS(operand.U8(5), t, x, live) // not x < lowest, so NaN stays NaN
	v.VMAXPS(x, t, x)
	v.VMOVUPS(e.highest, t)
	v.VMINPS(x, t, x)
	v.VMULPS(e.log2e, x, n)
	v.VROUNDPS(operand.U8(0), n, n)
	v.VFNMADD231PS(e.upper, n, x)
	v.VFNMADD231PS(e.lower, n, x)
	v.VMOVUPS(e.c[0], p)
	for _, c := range e.c[1:] {
		v.VFMADD213PS(c, x, p)
	}
	v.VFMADD213PS(v.one, x, p)
	v.VFMADD213PS(v.one, x, p)
	v.VCVTPS2DQ(n, n)
	v.VPSRAD(operand.U8(1), n, t)
	v.VPSUBD(t, n, n)
	for _, half := range []reg.VecVirtual{t, n} { // 2^128 is no float32
		v.VPADDD(e.bias, half, half)
		v.VPSLLD(operand.U8(23), half, half)
		v.VMULPS(half, p, p)
	}
	v.VANDPS(live, p, x)
}

// activations writes act(gate)*up, both being gate*σ(z)*up for some z.
func (v *vector) activations() {
	sign := v.constant("signBit", 32, 1<<31)
	linear, cubic := v.constant("geluLinear", 32, bits(-1.5957691216057308)), v.constant("geluCubic", 32, bits(-1.5957691216057308*0.044715))
	for _, f := range []struct {
		name  string
		minus func(x, z reg.VecVirtual) // z = -z(x)
	}{
		{"siluMul", func(x, z reg.VecVirtual) { v.VXORPS(sign, x, z) }},
		{"geluMul", func(x, z reg.VecVirtual) {
			c := v.YMM()
			v.VMULPS(x, x, z)
			v.VMOVUPS(cubic, c)
			v.VFMADD213PS(linear, c, z)
			v.VMULPS(x, z, z)
		}},
	} {
		p := v.begin(f.name, "writes the activation of gate times up to dst.", "func(dst, gate, up *float32, n int)", "dst", "gate", "up", "n")
		v.each(p[3], p[1:3], nil, p[:1], func(x []reg.VecVirtual) []reg.VecVirtual {
			z := v.YMM()
			f.minus(x[0], z)
			v.expOf(z)
			v.VADDPS(v.one, z, z)
			v.VDIVPS(z, x[0], x[0])
			v.VMULPS(x[1], x[0], x[0])
			return x[:1]
		})
		v.end()
	}
}
