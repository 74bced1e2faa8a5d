package main

import "github.com/mmcloughlin/avo/reg"

// cpuid writes the question for the processor's maker.
func cpuid(a *asm) {
	a.function("vendor", "returns the 12 letters of the processor's maker, 4 in each number.", "func() (first, second, third uint32)")
	a.XORL(reg.EAX, reg.EAX)
	a.XORL(reg.ECX, reg.ECX)
	a.CPUID()
	for i, r := range []reg.Register{reg.EBX, reg.EDX, reg.ECX} {
		a.Store(r, a.ReturnIndex(i))
	}
	a.RET()
}
