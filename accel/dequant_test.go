package accel

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// sparse makes a block of n bytes: fill everywhere but at the given places.
func sparse(n int, fill byte, at map[int]byte) []byte {
	b := bytes.Repeat([]byte{fill}, n)
	for i, x := range at {
		b[i] = x
	}
	return b
}

// decoded are blocks worked out by hand from the formats' descriptions. The
// elements that want does not list must be rest. Scales are f16: 0x3c00 is 1,
// 0x4000 is 2, 0x3800 is 0.5; little-endian.
var decoded = []struct {
	name string
	typ  Type
	src  []byte
	want map[int]float32
	rest float32
}{
	{"number", F32, []byte{0x00, 0x00, 0x20, 0xc1}, map[int]float32{0: -10}, 0},
	{"number", F16, []byte{0x00, 0xc9}, map[int]float32{0: -10}, 0},
	{"number", BF16, []byte{0x20, 0xc1}, map[int]float32{0: -10}, 0},
	{
		"signed bytes", Q8_0,
		sparse(34, 0, map[int]byte{1: 0x40, 2: 0x80, 3: 0x7f, 33: 0xff}),
		map[int]float32{0: -256, 1: 254, 31: -2},
		0,
	},
	{
		"both nibbles", Q4_0,
		sparse(18, 0x88, map[int]byte{0: 0, 1: 0x40, 2: 0xf0, 5: 0x91, 17: 0x0f}),
		map[int]float32{0: -16, 16: 14, 3: -14, 19: 2, 15: 14, 31: -16},
		0,
	},
	{
		"minimum", Q4_1,
		sparse(20, 0, map[int]byte{1: 0x40, 3: 0xbc, 4: 0xf1, 19: 0x20}),
		map[int]float32{0: 1, 16: 29, 31: 3},
		-1,
	},
	{
		// The fifth bits of all elements but 1 and 18 are set.
		"fifth bits", Q5_0,
		sparse(22, 0, map[int]byte{1: 0x3c, 2: 0xfd, 3: 0xff, 4: 0xfb, 5: 0xff, 6: 0xf0, 8: 0x73}),
		map[int]float32{16: 15, 1: -16, 2: 3, 18: 7 - 16},
		0,
	},
	{
		"fifth bits and minimum", Q5_1,
		sparse(24, 0, map[int]byte{1: 0x3c, 3: 0x40, 4: 0x01, 7: 0x80, 8: 0x0f, 23: 0xf0}),
		map[int]float32{0: 33, 31: 33},
		2,
	},
	{
		// Group 0 (elements 0–15): scale 1, minimum 2; group 9 (144–159): scale
		// 15, minimum 0; d 1, dmin 0.5. Byte 16+0 holds elements 0, 32, 64, 96;
		// byte 16+32+16 holds elements 144, 176, 208, 240.
		"groups", Q2_K,
		sparse(84, 0, map[int]byte{0: 0x21, 9: 0x0f, 16: 0xff, 64: 0x02, 81: 0x3c, 83: 0x38}),
		func() map[int]float32 {
			want := map[int]float32{0: 3 - 1, 144: 30}
			for i := 1; i < 16; i++ {
				want[i] = -1
			}
			return want
		}(), 0,
	},
	{
		// All scales are 32, which stands for 0, but for group 0 (33), group 5
		// (31) and group 15 (63): low nibbles of bytes 96–103, then the high
		// bits in bytes 104–107. All high bits of q are set, so that 0 means 0,
		// but for those of elements 1 and 248.
		"scales of 6 bits", Q3_K,
		sparse(110, 0, map[int]byte{
			96: 0x01, 101: 0x0f, 103: 0xf0, 104: 0xaa, 105: 0xa6, 106: 0xaa, 107: 0xea, 109: 0x3c,
			0: 0xff, 1: 0xfe, 2: 0xff, 3: 0xff, 4: 0xff, 5: 0xff, 6: 0xff, 7: 0xff, 8: 0xff, 9: 0xff, 10: 0xff,
			11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff, 16: 0xff, 17: 0xff, 18: 0xff, 19: 0xff, 20: 0xff,
			21: 0xff, 22: 0xff, 23: 0xff, 24: 0x7f, 25: 0xff, 26: 0xff, 27: 0xff, 28: 0xff, 29: 0xff, 30: 0xff,
			31: 0xff, 32: 0x03, 32 + 20: 0x30, 32 + 63: 0xc0,
		}),
		map[int]float32{
			0: 3, 1: -4, // scale 1
			64 + 20: -3,      // group 5, scale −1
			248:     -4 * 31, // group 15, scale 31, high bit missing
			255:     3 * 31,  // group 15
		},
		0,
	},
	{
		// Group 1: scale 63, minimum 1, from bytes 4+1 and 4+5; group 6: scale
		// 0x2a = 10 | 2<<4 and minimum 0x3c = 12 | 3<<4, from byte 4+10 and the
		// upper bits of bytes 4+2 and 4+6. d 1, dmin 0.5.
		"scales of 6 bits", Q4_K,
		sparse(144, 0, map[int]byte{
			1: 0x3c, 3: 0x38, 5: 0x3f, 9: 0x01, 14: 0xca, 6: 0x80, 10: 0xc0,
			16: 0x2f, 16 + 96 + 4: 0xf3,
		}),
		func() map[int]float32 {
			want := map[int]float32{}
			for i := range 32 {
				want[32+i], want[192+i] = -0.5, -30
			}
			want[32], want[196] = 126-0.5, 3*42-30
			return want
		}(), 0,
	},
	{
		// As above, with the fifth bits of elements 33 (bit 1 of byte 16+1) and
		// 196 (bit 6 of byte 16+4).
		"scales of 6 bits, fifth bits", Q5_K,
		sparse(176, 0, map[int]byte{
			1: 0x3c, 3: 0x38, 5: 0x3f, 9: 0x01, 14: 0xca, 6: 0x80, 10: 0xc0,
			16 + 1: 0x02, 16 + 4: 0x40, 48: 0x2f, 48 + 96 + 4: 0xf3,
		}),
		func() map[int]float32 {
			want := map[int]float32{}
			for i := range 32 {
				want[32+i], want[192+i] = -0.5, -30
			}
			want[32], want[33], want[196] = 126-0.5, 16*63-0.5, 19*42-30
			return want
		}(), 0,
	},
	{
		// Groups 0, 4, 13 have the scales 1, −2, 127, all others 0. The element
		// codes are 0 where nothing is said, which stands for −32.
		"signed scales", Q6_K,
		sparse(210, 0, map[int]byte{
			192: 1, 196: 0xfe, 205: 127, 209: 0x3c,
			0: 0xf1, 128: 0x33, // element 0: 1|3<<4, element 64: 15|3<<4
			80: 0x20, 176: 0x10, // element 208: 2|1<<4
		}),
		func() map[int]float32 {
			want := map[int]float32{}
			for i := range 16 {
				want[i], want[64+i], want[208+i] = -32, 64, -32*127
			}
			want[0] = 49 - 32
			want[64] = -2 * (63 - 32)
			want[208] = 127 * (18 - 32)
			return want
		}(), 0,
	},
	{
		"levels", IQ4_NL,
		sparse(18, 0x88, map[int]byte{0: 0, 1: 0x40, 2: 0xf0, 17: 0x7f}),
		map[int]float32{0: -254, 16: 226, 15: 226, 31: -20},
		2,
	},
	{
		// All scales are 32, which stands for 0, but those of group 0 (33),
		// group 3 (0x1f) and group 7 (63).
		"levels and scales of 6 bits", IQ4_XS,
		sparse(136, 0x88, map[int]byte{
			0: 0, 1: 0x3c, 2: 0x6a, 3: 0xea, 4: 0x01, 5: 0xf0, 6: 0, 7: 0xf0, 8: 0x0f, 8 + 48: 0x10, 135: 0xf0,
		}),
		func() map[int]float32 {
			want := map[int]float32{}
			for i := range 32 {
				want[i], want[96+i], want[224+i] = 1, -1, 31
			}
			want[0], want[16] = 113, -127
			want[96], want[112] = 127, 104
			want[239], want[255] = -127*31, 113*31
			return want
		}(), 0,
	},
	{
		"four-bit floats", MXFP4,
		sparse(17, 0, map[int]byte{0: 128, 1: 0x71, 2: 0xf9, 16: 0x32}),
		map[int]float32{0: 1, 16: 12, 1: -1, 17: -12, 15: 2, 31: 3},
		0,
	},
	{"smallest exponent", MXFP4, sparse(17, 0, map[int]byte{1: 0x02}), map[int]float32{0: 0x1p-127}, 0},
	{
		// A byte of 128 holds the digits 1, 1, 1, 1, 1 of its fraction one half,
		// 0.11111…; 0 and 255 hold 0 and 2 five times.
		"ternary digits", TQ1_0,
		sparse(54, 128, map[int]byte{0: 0, 33: 255, 51: 255, 52: 0, 53: 0x40}),
		map[int]float32{
			0: -2, 32: -2, 64: -2, 96: -2, 128: -2,
			161: 2, 177: 2, 193: 2, 209: 2, 225: 2,
			243: 2, 247: 2, 251: 2, 255: 2,
		},
		0,
	},
	{
		"two-bit digits", TQ2_0,
		sparse(66, 0x55, map[int]byte{0: 0xe4, 63: 0x95, 64: 0, 65: 0x40}),
		map[int]float32{0: -2, 64: 2, 96: 4, 255: 2},
		0,
	},
}

func TestDequantizeByHand(t *testing.T) {
	for _, test := range decoded {
		t.Run(test.typ.String()+" "+test.name, func(t *testing.T) {
			cols, _ := test.typ.Block()
			y := make([]float32, cols)
			if err := Dequantize(test.typ, y, test.src); err != nil {
				t.Fatal(err)
			}
			for i, got := range y {
				want, ok := test.want[i]
				if !ok {
					want = test.rest
				}
				if got != want {
					t.Errorf("element %d is %v, want %v", i, got, want)
				}
			}
		})
	}
}

// Blocks follow one another, and each is decoded by itself.
func TestDequantizeManyBlocks(t *testing.T) {
	for _, test := range decoded {
		cols, size := test.typ.Block()
		one, zero, three := make([]float32, cols), make([]float32, cols), make([]float32, 3*cols)
		src := append(append(append([]byte(nil), test.src...), make([]byte, size)...), test.src...)
		for dst, src := range map[*[]float32][]byte{&one: test.src, &zero: src[size:], &three: src} {
			if err := Dequantize(test.typ, *dst, src); err != nil {
				t.Fatal(err)
			}
		}
		for i := range cols {
			if three[i] != one[i] || three[cols+i] != zero[i] || three[2*cols+i] != one[i] {
				t.Fatalf("%v: element %d of three blocks is %v, %v, %v; want %v, %v, %v", test.typ, i,
					three[i], three[cols+i], three[2*cols+i], one[i], zero[i], one[i])
			}
		}
	}
}

func TestDequantizeErrors(t *testing.T) {
	for _, test := range []struct {
		typ  Type
		cols int
		src  int
		want string
	}{
		{Q8_K, 256, 292, "Q8_K is not a supported type"},
		{I32, 1, 4, "I32 is not a supported type"},
		{31, 1, 4, "unknown type 31 is not a supported type"},
		{Q4_0, 33, 100, "not a whole number of Q4_0 blocks"},
		{Q4_0, 64, 35, "need 36 bytes, there are 35"},
	} {
		err := Dequantize(test.typ, make([]float32, test.cols), make([]byte, test.src))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error %v, want %q", test.typ, err, test.want)
		}
	}
	if err := Dequantize(Q4_0, nil, nil); err != nil {
		t.Errorf("nothing to decode: %v", err)
	}
}

// A scale that is not a number makes numbers that are not, and no crash.
func TestDequantizeNaNScale(t *testing.T) {
	src := sparse(34, 1, map[int]byte{0: 0, 1: 0x7e})
	y := make([]float32, 32)
	if err := Dequantize(Q8_0, y, src); err != nil || !math.IsNaN(float64(y[0])) {
		t.Errorf("element 0 is %v, %v", y[0], err)
	}
}

func BenchmarkDequantize(b *testing.B) {
	for _, typ := range []Type{F16, Q8_0, Q4_0, Q4_K, Q6_K} {
		b.Run(typ.String(), func(b *testing.B) {
			y := make([]float32, 4096)
			n, err := typ.RowBytes(len(y))
			if err != nil {
				b.Fatal(err)
			}
			src := make([]byte, n)
			b.SetBytes(int64(4 * len(y)))
			for b.Loop() {
				if err := Dequantize(typ, y, src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
