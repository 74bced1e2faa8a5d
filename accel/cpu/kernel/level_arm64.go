package kernel

import "golang.org/x/sys/cpu"

// detect asks the operating system for the dot products of 8-bit numbers,
// which are an extension (FEAT_DotProd); the rest of NEON every arm64 has.
func detect() []Level {
	if cpu.ARM64.HasASIMDDP {
		return []Level{Generic, NEON}
	}
	return []Level{Generic}
}

func canDot() bool   { return false }
func firstDots() int { return noDots }
