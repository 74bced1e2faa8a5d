package cpu

import "golang.org/x/sys/unix"

// adviseHuge asks for pages of 2 MiB. Refusal is harmless.
func adviseHuge(mem []byte) { _ = unix.Madvise(mem, unix.MADV_HUGEPAGE) }
