package main

import "github.com/mmcloughlin/avo/reg"

// activations writes act(gate)*up, both being gate*σ(z)*up for some z.
// Registers of AVX-512 would be no faster: they divide no more numbers a cycle.
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
			v.bounded(z)
			v.VADDPS(v.series[len(v.series)-1], z, z) // 1
			v.VDIVPS(z, x[0], x[0])
			v.VMULPS(x[1], x[0], x[0])
			return x[:1]
		})
		v.end()
	}
}
