package accel

import (
	"math"
	"testing"
)

// halfValue is what a finite half-precision number means, by the definition of
// IEEE 754.
func halfValue(h uint16) float64 {
	sign, exp, frac := 1.0, int(h>>10&31), float64(h&1023)
	if h&0x8000 != 0 {
		sign = -1
	}
	if exp == 0 {
		return sign * math.Ldexp(frac, -24)
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}

func TestF16OfAllHalves(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		f := F16ToF32(h)
		if h&0x7c00 == 0x7c00 {
			continue
		}
		if float64(f) != halfValue(h) || math.Signbit(float64(f)) != (h>>15 == 1) {
			t.Fatalf("%#04x is %v, want %v", h, f, halfValue(h))
		}
		if back := F32ToF16(f); back != h {
			t.Fatalf("%#04x comes back as %#04x", h, back)
		}
	}
}

// Numbers between two halves go to the nearer one, those in the middle to the
// even one. The distance between neighbours is exact in float32, so that a
// step of a float32 is far smaller.
func TestF16Rounds(t *testing.T) {
	for i := range 0x7c00 {
		low, high := uint16(i), uint16(i+1)
		// Above the largest finite number the next one would be 65536.
		next := 65536.0
		if high != 0x7c00 {
			next = halfValue(high)
		}
		middle := float32((halfValue(low) + next) / 2)
		even := low + low&1
		for _, test := range []struct {
			f    float32
			want uint16
		}{
			{middle, even},
			{math.Nextafter32(middle, 0), low},
			{math.Nextafter32(middle, 1e9), high},
		} {
			if got := F32ToF16(test.f); got != test.want {
				t.Fatalf("%v becomes %#04x, want %#04x", test.f, got, test.want)
			}
			if got := F32ToF16(-test.f); got != test.want|0x8000 {
				t.Fatalf("%v becomes %#04x, want %#04x", -test.f, got, test.want|0x8000)
			}
		}
	}
}

func TestF16Specials(t *testing.T) {
	inf := float32(math.Inf(1))
	for f, want := range map[float32]uint16{
		inf: 0x7c00, -inf: 0xfc00, math.MaxFloat32: 0x7c00, -math.MaxFloat32: 0xfc00,
		65504: 0x7bff, math.SmallestNonzeroFloat32: 0, 1: 0x3c00, -2: 0xc000,
	} {
		if got := F32ToF16(f); got != want {
			t.Errorf("%v becomes %#04x, want %#04x", f, got, want)
		}
	}
	if F16ToF32(0x7c00) != inf || F16ToF32(0xfc00) != -inf {
		t.Error("infinities do not stay infinite")
	}
	// Every NaN stays one: the payload must not be cut down to an infinity.
	for i := uint32(1); i < 1<<23; i += 97 {
		if h := F32ToF16(math.Float32frombits(0x7f800000 | i)); h&0x7c00 != 0x7c00 || h&0x3ff == 0 {
			t.Fatalf("NaN with payload %#x becomes %#04x", i, h)
		}
	}
	for i := uint16(1); i < 1<<10; i++ {
		if f := F16ToF32(0xfc00 | i); f == f {
			t.Fatalf("%#04x becomes %v, want NaN", 0xfc00|i, f)
		}
	}
}

func TestBF16(t *testing.T) {
	for f, want := range map[float32]uint16{
		0: 0, 1: 0x3f80, -1: 0xbf80, math.MaxFloat32: 0x7f80, -math.MaxFloat32: 0xff80,
		1 + 0x1p-8:          0x3f80, // in the middle: to even, down
		1 + 3*0x1p-8:        0x3f82, // in the middle: to even, up
		1 + 0x1p-8 + 1e-6:   0x3f81,
		1 - 0x1p-9:          0x3f80, // the carry reaches the exponent
		0x1p-133:            0x0001, // subnormal
		float32(math.Pi):    0x4049,
		-0x1.fffffep127 / 2: 0xff00,
	} {
		if got := F32ToBF16(f); got != want {
			t.Errorf("%v becomes %#04x, want %#04x", f, got, want)
		}
	}
	for i := range 1 << 16 {
		h := uint16(i)
		f := BF16ToF32(h)
		if f != f {
			if back := F32ToBF16(f); back != h|0x40 {
				t.Fatalf("NaN %#04x comes back as %#04x", h, back)
			}
			continue
		}
		if back := F32ToBF16(f); back != h {
			t.Fatalf("%#04x comes back as %#04x", h, back)
		}
	}
	if h := F32ToBF16(math.Float32frombits(0x7f800001)); h&0x7f == 0 {
		t.Errorf("a NaN with a small payload becomes %#04x", h)
	}
}
