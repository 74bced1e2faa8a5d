// Package kernel holds the CPU's inner loops: matrix products with packed,
// quantised weights, streamed attention, and the vector operations between
// them. It knows nothing of models, workers or memory maps; a caller decides
// which rows, tokens or positions one call covers and may run any number of
// calls at the same time as long as their outputs do not overlap.
//
// # Levels
//
// Every operation exists in portable Go ([Generic]) and in assembly: on amd64
// for AVX2 with FMA and F16C ([AVX2]), for the same with AVX-VNNI's dot products
// of bytes ([AVXVNNI]) and for AVX-512 F, BW, DQ, VL and VNNI ([AVX512]), on arm64
// for NEON with dot products of bytes ([NEON]). What a level has no assembly for it
// takes from the one below. The best level that the machine has is chosen once, when
// the program starts; the environment variable LUMI_CPU (generic, avx2, avxvnni,
// avx512 or neon) lowers it. Within a level results are bit-identical however the
// work is cut up: a token alone or in a batch, any split of rows over workers, any
// split of positions at multiples of [Chunk]. Levels agree with each other to about
// 1e-5 relative on the same activations.
//
// # Packed weights
//
// The rows of a weight are packed in groups of 16, the last group filled up
// with zero rows, so that one vector holds the same four columns of 16 rows
// and no kernel ever sums across a register ("R16"). A group is a run of
// units; a unit is two blocks of 32 columns (eight for types with a
// super-block, which it is), its scales first. Every unit is a multiple of 64 bytes.
// If the columns end within a unit its remaining blocks are zero.
//
//	Q4_0  [2][16]f16 d                  [2][4][16][4]u8 q            576 bytes
//	Q4_1  [2][16]f16 d, [2][16]f16 m    [2][4][16][4]u8 q            640
//	Q5_0  [2][16]f16 d                  [2]{[4][16][4]u8 q, h}       704
//	Q5_1  [2][16]f16 d, [2][16]f16 m    [2]{[4][16][4]u8 q, h}       768
//	Q8_0  [2][16]f16 d                  [2][8][16][4]i8 q           1088
//	Q2_K  [16]f32 d, [16]f32 dmin, [8][16][2]u8 s
//	                                    [8]q2                       1408
//	Q3_K  [16]f32 d, [8][16][2]i8 s     [8]{q2, h}                  1856
//	Q4_K  [16]f16 d, [16]f16 dmin, [8]{[16]u8 s, [16]u8 m}
//	                                    [8][4][16][4]u8 q           2368
//	Q5_K  the same                      [8]{[4][16][4]u8 q, h}      2880
//	Q6_K  [16]f32 d, [8][16][2]i8 s     [8]{[4][16][4]u8 q, q2}     3392
//	IQ4_NL as Q4_0
//	IQ4_XS [16]f32 d, [8][16]i8 s       [8][4][16][4]u8 q           2240
//
// Byte j of row r in nibble vector v holds column 4v+j of the block in its low
// and column 16+4v+j in its high half. h is [16][4]u8 with the fifth bits: bit
// v of byte j belongs to column 4v+j. q2 is [2][16][4]u8 with the upper or only
// two bits: bits 2v and 2v+1 of byte j of vector i belong to column 16i+4v+j.
// The bytes s of Q2_K hold a scale in the low and a minimum in the high half.
// F32 and F16 are packed as [cols][16] values of their own type, BF16 as
// [pairs of cols][16][2]; a last column without a second is paired with zeros.
//
// # Arithmetic
//
// A row of activations is quantised per 32 columns to int8 with a float32
// scale da ([Acts]): of eight steps from max|x|/127 to max|x|/120 the one that
// loses least, and then the scale that fits the integers best. Where max|x| is
// below 2^-110 all are zeros. Every level arrives at the same bits, and
// quantised weights are multiplied with those in exact integers. Let isum be
// the sum over a block of (q-zero)*a, times the integer scale of each 16
// columns for Q6_K, and dw the block's weight scale (for the K-quants float32
// d*s). Then, block after block,
//
//	acc = fma(float32(isum), dw*da, acc)
//	acc = fma(m, da*Σa, acc)        // types with a minimum; for K-quants m = -(dmin*m)
//
// Precise activations have a second row for what rounding has left of the first
// ([NewPreciseActs]); the products of both are added at last.
//
// Weights in F32, F16 and BF16 are multiplied with float32 activations, column
// after column: acc = fma(w, x, acc). On AMD's processors with AVX512_BF16 large
// BF16 matrices are multiplied with activations that are rounded to bfloat16, in
// pairs of columns by VDPBF16PS, which takes denormal numbers as zeros and
// rounds each addition to nearest.
//
// # Assembly
//
// The assembly is written by the program in ../gen, a module of its own, and
// committed. To change it, change the generator and run go generate here, or
//
//	cd accel/cpu/gen && go run .
package kernel

//go:generate go run -C ../gen .

// Rows is the number of rows that a packed group interleaves.
const Rows = 16

// Block is the number of columns that share an activation scale.
const Block = 32
