//go:build !amd64 && !arm64

package kernel

func detect() []Level { return []Level{Generic} }

func canDot() bool   { return false }
func firstDots() int { return noDots }
