//go:build unix

package kernel

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"

	"lumi/accel"
)

// guarded returns n bytes that end where memory ends: reading or writing one
// byte more stops the program.
func guarded(t *testing.T, n int) []byte {
	t.Helper()
	page := syscall.Getpagesize()
	size := (n+page-1)/page*page + page
	mem, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(mem); err != nil {
			t.Error(err)
		}
	})
	if err := syscall.Mprotect(mem[size-page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return mem[size-page-n : size-page : size-page]
}

// guardedFloats is guarded for float32.
func guardedFloats(t *testing.T, x []float32) []float32 {
	t.Helper()
	if len(x) == 0 {
		return nil
	}
	b := guarded(t, 4*len(x))
	out := unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(x))
	copy(out, x)
	return out
}

func TestNothingBeyondTheEnd(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		for _, typ := range packedTypes {
			const rows, cols, tokens = 25, 256, 3
			src := guarded(t, len(randomWeights(r, typ, rows, cols)))
			copy(src, randomWeights(r, typ, rows, cols))
			n, _ := PackedSize(typ, rows, cols)
			w := NewPacked(typ, rows, cols, guarded(t, n))
			w.Pack(src, 0, Groups(rows))
			x := newActs(guardedFloats(t, randomFloats(r, tokens*cols)), tokens, cols, typ)
			MatMul(w, x, guardedFloats(t, make([]float32, tokens*rows)), rows, 0, Groups(rows), 0, tokens)
		}
		for _, typ := range []accel.Type{accel.F32, accel.F16, accel.Q8_0} {
			for _, dim := range []int{16, 64, 80} {
				c := Cache{typ, dim}
				keys, values := guarded(t, c.KeyBytes()), guarded(t, c.ValueBytes())
				row := guardedFloats(t, randomFloats(r, dim))
				for i := range Chunk {
					c.StoreKey(keys, i, row)
					c.StoreValue(values, i, row)
				}
				for _, n := range []int{1, 3, 8} {
					p := NewPartial(n, dim)
					lo, hi := make([]int32, n), make([]int32, n)
					for i := range hi {
						hi[i] = Chunk
					}
					a := NewAttention(dim)
					a.Also = values
					c.Attend(p, a, guardedFloats(t, randomFloats(r, n*dim)), 1, keys, values, lo, hi)
					p.Result(guardedFloats(t, make([]float32, dim)), n-1)
				}
			}
		}
		for _, n := range lengths[1:] {
			a, b, c := guardedFloats(t, randomFloats(r, n)), guardedFloats(t, randomFloats(r, n)), guardedFloats(t, randomFloats(r, n))
			x := guardedFloats(t, randomFloats(r, 2*n))
			halves := guarded(t, 2*n)
			h := unsafe.Slice((*uint16)(unsafe.Pointer(&halves[0])), n)
			Add(a, b, c)
			Scale(a, 2)
			weighted(a, b, 1, 2)
			SiLUMul(a, b, c)
			GELUMul(a, b, c)
			RMSNorm(a, b, c, 1)
			Argmax(b)
			Rope(x, b, c, true)
			Rope(x, b, c, false)
			ToHalves(h, b)
			FromHalves(a, h)
			Softmax(a)
			ReadSum(halves)
		}
	})
}
