package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"lumi/accel"
	"lumi/llm/fault"
	"lumi/llm/gguf"
)

// The names of the numbers that 8-bit weights are multiplied by, behind that of
// the weight less its ending.
var scaleNames = []string{".weight_scale_inv", ".weight_scale"}

// fp8Type is the type of such weights: a sign, four bits of exponent and three
// of mantissa (Micikevicius et al., 2022).
const fp8Type = "F8_E4M3"

// quantisation is what a configuration says of how weights are quantised.
type quantisation struct {
	Method string   `json:"quant_method"`
	Format string   `json:"format"`
	Block  []uint64 `json:"weight_block_size"`
	Groups map[string]struct {
		Weights struct {
			Block []uint64 `json:"block_structure"`
		} `json:"weights"`
	} `json:"config_groups"`
	Four  bool `json:"load_in_4bit"` // bitsandbytes did not always name itself
	Eight bool `json:"load_in_8bit"`
}

// fp8 says whether the weights are 8-bit floats with scales, which are simple
// enough to be made what they were.
func (q quantisation) fp8() bool {
	switch strings.ToLower(q.Method) {
	case "fp8", "fbgemm_fp8":
		return true
	case "compressed-tensors":
		return q.Format == "float-quantized"
	}
	return false
}

// block is the part of a matrix that shares a scale, rows first.
func (q quantisation) block() []uint64 {
	if len(q.Block) == 2 {
		return q.Block
	}
	for _, g := range q.Groups {
		if len(g.Weights.Block) == 2 {
			return g.Weights.Block
		}
	}
	return []uint64{128, 128} // transformers' default
}

// fp8Values are the numbers that the bytes stand for.
var fp8Values = func() (values [256]float32) {
	for b := range values {
		exponent, mantissa := b>>3&15, b&7
		v := math.Ldexp(float64(8+mantissa), exponent-10)
		switch {
		case exponent == 0:
			v = math.Ldexp(float64(mantissa), -9)
		case exponent == 15 && mantissa == 7:
			v = math.NaN()
		}
		values[b] = float32(v)
		if b >= 128 {
			values[b] = -values[b]
		}
	}
	return values
}()

// fp8 adds a matrix of 8-bit floats as what it was before: BF16.
func (t *translator) fp8(name string, x tensor) {
	fail := func(format string, args ...any) {
		t.fail("tensor %s in %s %s", shorten(x.name), filepath.Base(x.path), fmt.Sprintf(format, args...))
	}
	s, ok := t.scales[strings.TrimSuffix(x.name, ".weight")]
	if !ok {
		fail("has the type %s but no scale; fetch a GGUF file of this model or the folder of its original weights", x.dtype)
		return
	}
	if len(x.shape) != 2 || slices.Contains(x.shape, 0) {
		fail("has the shape %d", x.shape)
		return
	}
	rows, cols := x.shape[0], x.shape[1]
	high, wide, ok := t.scaleBlock(s.shape, rows, cols)
	typ, known := dtypes[s.dtype]
	if !ok || !known {
		fail("has scales of the type %s and the shape %d, which do not fit %d rows of %d", s.dtype, s.shape, rows, cols)
		return
	}
	t.parts = append(t.parts, gguf.Part{Name: name, Type: accel.BF16, Dims: []uint64{cols, rows}, Make: func() []byte {
		_, size := typ.Block()
		scales := make([]float32, len(s.data)/size)
		if err := accel.Dequantize(typ, scales, s.data); err != nil {
			return nil // a length that does not fit, which parse refuses
		}
		return widen(x.data, scales, int(rows), int(cols), int(high), int(wide))
	}})
}

// scaleBlock finds how many rows and columns share one of the scales.
func (t *translator) scaleBlock(shape []uint64, rows, cols uint64) (high, wide uint64, ok bool) {
	n := uint64(1)
	for _, d := range shape {
		n *= d
	}
	switch {
	case n == 1:
		return rows, cols, true
	case n == rows && shape[0] == rows:
		return 1, cols, true
	case len(t.scaled) != 2 || len(shape) != 2 || t.scaled[0] == 0 || t.scaled[1] == 0:
		return 0, 0, false
	}
	high, wide = min(rows, t.scaled[0]), min(cols, t.scaled[1])
	return high, wide, shape[0] == (rows-1)/high+1 && shape[1] == (cols-1)/wide+1
}

// widen multiplies a matrix by its scales, each of which a block of so many
// rows and columns shares.
func widen(src []byte, scales []float32, rows, cols, high, wide int) []byte {
	dst := make([]byte, 0, 2*len(src))
	across := (cols-1)/wide + 1
	for r := range rows {
		row := src[r*cols : (r+1)*cols]
		for i := range across {
			scale := scales[r/high*across+i]
			for _, b := range row[i*wide : min(cols, (i+1)*wide)] {
				dst = binary.LittleEndian.AppendUint16(dst, accel.F32ToBF16(fp8Values[b]*scale))
			}
		}
	}
	return dst
}

// findScales gathers the scales of 8-bit weights by the weight's name.
func (t *translator) findScales(tensors []tensor) {
	t.scales = map[string]tensor{}
	for _, x := range tensors {
		for _, suffix := range scaleNames {
			if weight, ok := strings.CutSuffix(x.name, suffix); ok {
				t.scales[weight] = x
			}
		}
	}
}

// checkQuantised refuses weights that are quantised in a way that is not known.
func (c *config) checkQuantised() error {
	for _, data := range []json.RawMessage{c.Quantised, c.Compressed} {
		if !present(data) {
			continue
		}
		var q quantisation
		// One that cannot be read is refused as one without a name.
		_ = json.Unmarshal(data, &q)
		if !q.fp8() {
			return fault.Unsupported.Errorf("the weights are quantised by %s, which is not supported; "+
				"fetch a GGUF file of this model or the folder of its original weights", q.name())
		}
		c.scaled = q.block()
	}
	return nil
}

// methods are the names by which people know what quant_method calls otherwise.
var methods = map[string]string{
	"gptq": "GPTQ", "awq": "AWQ", "auto-round": "AutoRound", "bitsandbytes": "bitsandbytes", "compressed-tensors": "compressed-tensors",
	"sparseml": "compressed-tensors", "mxfp4": "MXFP4", "hqq": "HQQ", "quanto": "Quanto",
	"torchao": "torchao", "modelopt": "ModelOpt", "eetq": "EETQ", "aqlm": "AQLM", "exl2": "EXL2", "exl3": "EXL3",
}

// name names the method.
func (q quantisation) name() string {
	name, known := methods[strings.ToLower(q.Method)]
	switch {
	case known:
		return "the method " + name
	case q.Method != "":
		return fmt.Sprintf("the method %q", shorten(q.Method))
	case q.Four || q.Eight:
		return "the method bitsandbytes"
	}
	return "a method that has no name"
}
