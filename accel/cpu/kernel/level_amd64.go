package kernel

import "golang.org/x/sys/cpu"

// detect asks the processor, and through it the operating system, which
// registers and instructions may be used.
func detect() []Level {
	x := &cpu.X86
	found := []Level{Generic}
	if !x.HasAVX2 || !x.HasFMA || !x.HasF16C {
		return found
	}
	found = append(found, AVX2)
	if x.HasAVXVNNI {
		found = append(found, AVXVNNI)
	}
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512VNNI {
		found = append(found, AVX512)
	}
	return found
}

// canDot says that the processor has dot products of bfloat16.
func canDot() bool { return cpu.X86.HasAVX512BF16 && Best() == AVX512 }

// firstDots is dotsFrom for this processor. AMD's (Zen 4 and 5) make as many dot
// products of pairs as they make single ones of float32, Intel's a quarter.
func firstDots() int {
	if canDot() && maker(vendor()) == "AuthenticAMD" {
		return 1 << 20
	}
	return noDots
}
