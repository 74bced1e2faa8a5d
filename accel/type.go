package accel

import (
	"fmt"
	"math"
	"strconv"
)

// Type says how the elements of a tensor are stored. Its values are ggml's
// type numbers, the ones that a GGUF file carries; the numbers that are missing
// belong to formats that ggml has removed.
type Type uint32

// The element types. The plain ones hold one number each; all others are block
// formats, which store a few dozen or a few hundred neighbouring elements of a
// row as small integers with shared scales.
const (
	F32     Type = 0
	F16     Type = 1
	Q4_0    Type = 2
	Q4_1    Type = 3
	Q5_0    Type = 6
	Q5_1    Type = 7
	Q8_0    Type = 8
	Q8_1    Type = 9
	Q2_K    Type = 10
	Q3_K    Type = 11
	Q4_K    Type = 12
	Q5_K    Type = 13
	Q6_K    Type = 14
	Q8_K    Type = 15
	IQ2_XXS Type = 16
	IQ2_XS  Type = 17
	IQ3_XXS Type = 18
	IQ1_S   Type = 19
	IQ4_NL  Type = 20
	IQ3_S   Type = 21
	IQ2_S   Type = 22
	IQ4_XS  Type = 23
	I8      Type = 24
	I16     Type = 25
	I32     Type = 26
	I64     Type = 27
	F64     Type = 28
	IQ1_M   Type = 29
	BF16    Type = 30
	TQ1_0   Type = 34
	TQ2_0   Type = 35
	MXFP4   Type = 39
)

// layout is a type's name and the shape of one block.
type layout struct {
	name        string
	cols, bytes int
}

// layouts is indexed by Type; an empty name marks a number without a format.
var layouts = [...]layout{
	F32:     {"F32", 1, 4},
	F16:     {"F16", 1, 2},
	Q4_0:    {"Q4_0", 32, 18},
	Q4_1:    {"Q4_1", 32, 20},
	Q5_0:    {"Q5_0", 32, 22},
	Q5_1:    {"Q5_1", 32, 24},
	Q8_0:    {"Q8_0", 32, 34},
	Q8_1:    {"Q8_1", 32, 36},
	Q2_K:    {"Q2_K", 256, 84},
	Q3_K:    {"Q3_K", 256, 110},
	Q4_K:    {"Q4_K", 256, 144},
	Q5_K:    {"Q5_K", 256, 176},
	Q6_K:    {"Q6_K", 256, 210},
	Q8_K:    {"Q8_K", 256, 292},
	IQ2_XXS: {"IQ2_XXS", 256, 66},
	IQ2_XS:  {"IQ2_XS", 256, 74},
	IQ3_XXS: {"IQ3_XXS", 256, 98},
	IQ1_S:   {"IQ1_S", 256, 50},
	IQ4_NL:  {"IQ4_NL", 32, 18},
	IQ3_S:   {"IQ3_S", 256, 110},
	IQ2_S:   {"IQ2_S", 256, 82},
	IQ4_XS:  {"IQ4_XS", 256, 136},
	I8:      {"I8", 1, 1},
	I16:     {"I16", 1, 2},
	I32:     {"I32", 1, 4},
	I64:     {"I64", 1, 8},
	F64:     {"F64", 1, 8},
	IQ1_M:   {"IQ1_M", 256, 56},
	BF16:    {"BF16", 1, 2},
	TQ1_0:   {"TQ1_0", 256, 54},
	TQ2_0:   {"TQ2_0", 256, 66},
	MXFP4:   {"MXFP4", 32, 17},
}

// Known reports whether t is a format whose block layout is known. A known
// type's tensors can be found and measured in a file, but not every known type
// can be computed with: see [Dequantize].
func (t Type) Known() bool {
	return uint64(t) < uint64(len(layouts)) && layouts[t].name != ""
}

// String returns ggml's name of the type, such as "Q4_0", or "unknown type 31"
// for a number that stands for none.
func (t Type) String() string {
	if !t.Known() {
		return "unknown type " + strconv.FormatUint(uint64(t), 10)
	}
	return layouts[t].name
}

// Block returns how many elements of a row one block holds and how many bytes
// it takes; both are 0 for an unknown type. A plain type's block is one element.
func (t Type) Block() (cols, bytes int) {
	if !t.Known() {
		return 0, 0
	}
	return layouts[t].cols, layouts[t].bytes
}

// RowBytes returns the size in bytes of a row of cols elements. It is an error
// if the type is unknown, if cols is not a multiple of the type's block, or if
// the size does not fit an int.
func (t Type) RowBytes(cols int) (int, error) {
	block, size := t.Block()
	switch {
	case block == 0:
		return 0, fmt.Errorf("a row of %v has no known size", t)
	case cols < 0:
		return 0, fmt.Errorf("a row cannot have %d elements", cols)
	case cols%block != 0:
		return 0, fmt.Errorf("a row of %d elements is not a whole number of %v blocks of %d", cols, t, block)
	case cols/block > math.MaxInt/size:
		return 0, fmt.Errorf("a row of %d elements of type %v is too large", cols, t)
	}
	return cols / block * size, nil
}
