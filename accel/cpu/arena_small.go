//go:build !linux

package cpu

// adviseHuge does nothing: only Linux is asked page by page.
func adviseHuge([]byte) {}
