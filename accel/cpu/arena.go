package cpu

import (
	"fmt"
	"unsafe"
)

// arena is memory outside the Go heap for packed weights, KV caches and
// activations: the garbage collector neither scans nor moves it, a refused
// allocation is an error and not the end of the program, and it goes back to
// the system at once when freed.
type arena struct {
	mem  []byte
	used int
}

// arenaAlign is the alignment of all allocations: a cache line and an AVX-512
// vector.
const arenaAlign = 64

// newArena reserves size bytes; memory is taken when it is first written. With
// huge it comes in large pages: weights are read end to end for every token,
// and fewer pages mean fewer misses of the address cache. Without, no more is
// taken than what is used, which suits a KV cache that fills up slowly.
func newArena(size int64, huge bool) (*arena, error) {
	if size <= 0 || int64(int(size)) != size {
		return nil, fmt.Errorf("cannot reserve %d bytes of memory", size)
	}
	mem, err := reserve(int(size))
	if err != nil {
		return nil, fmt.Errorf("not enough memory for %d MiB: %w", size>>20, err)
	}
	if huge {
		adviseHuge(mem)
	}
	return &arena{mem: mem}, nil
}

// aligned rounds n up to the arena's alignment.
func aligned(n int64) int64 { return (n + arenaAlign - 1) &^ (arenaAlign - 1) }

// bytes takes n zeroed bytes. The arena was made large enough for all of them.
func (a *arena) bytes(n int64) []byte {
	b := a.mem[a.used : a.used+int(n) : a.used+int(n)]
	a.used += int(aligned(n))
	return b
}

func (a *arena) free() error {
	if a == nil || a.mem == nil {
		return nil
	}
	mem := a.mem
	a.mem = nil
	return release(mem)
}

// asFloats is b, which is aligned, as float32 values.
func asFloats(b []byte) []float32 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
}
