package cpu

import "golang.org/x/sys/unix"

// adviseHuge asks for 2 MiB pages: weights are read end to end once per token,
// and fewer pages mean fewer misses of the address cache. Refusal is harmless.
func adviseHuge(mem []byte) { _ = unix.Madvise(mem, unix.MADV_HUGEPAGE) }
