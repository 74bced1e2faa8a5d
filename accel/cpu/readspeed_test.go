package cpu

import (
	"context"
	"errors"
	"testing"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// TestTokenBytes checks that a token's bytes are those of all matrices, but that
// of a mixture only the experts count that a token is sent to.
func TestTokenBytes(t *testing.T) {
	sh := shape{layers: 2, width: 64, ffn: 96, heads: 4, kvHeads: 2, vocab: 50, kind: accel.Q8_0, modern: true}
	size := func(kind accel.Type, rows, cols int) int64 {
		n, ok := kernel.PackedSize(kind, rows, cols)
		if !ok {
			t.Fatal("no packed layout")
		}
		return int64(n)
	}
	attention := 2*size(sh.kind, 64, 64) + 2*size(sh.kind, 32, 64)
	ffn := 2*size(sh.kind, 96, 64) + size(sh.kind, 64, 96)
	for used := 1; used <= 5; used++ {
		sh.used = used
		m, err := New(2).Load(t.Context(), sh.program(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		want := 2*attention + int64(1+used)*ffn + size(accel.F32, 5, 64) + size(sh.kind, 50, 64)
		r := m.(accel.Reader)
		if n := r.TokenBytes(); n != want {
			t.Errorf("%d experts: %d bytes, want %d", used, n, want)
		}
		if speed, err := r.ReadSpeed(t.Context()); speed <= 0 || err != nil {
			t.Errorf("%g bytes/s, %v", speed, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.ReadSpeed(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}
