package safetensors

import (
	"math"
	"slices"
	"strings"
	"testing"

	"lumi/accel"
)

func TestFP8Values(t *testing.T) {
	for b, want := range map[byte]float32{
		0: 0, 0x01: 1. / 512, 0x07: 7. / 512, 0x08: 1. / 64, 0x38: 1, 0x39: 1.125, 0x40: 2, 0x7e: 448, 0xb8: -1, 0xfe: -448,
	} {
		if got := fp8Values[b]; got != want {
			t.Errorf("%#x stands for %v, want %v", b, got, want)
		}
	}
	for _, b := range []byte{0x7f, 0xff} {
		if got := float64(fp8Values[b]); !math.IsNaN(got) {
			t.Errorf("%#x stands for %v, want NaN", b, got)
		}
	}
}

// fp8Folder is a folder whose output weight has 4 rows of 8 numbers, all ones,
// and scales in F32.
func fp8Folder(t *testing.T, quantised, name, shape string, scales ...float32) string {
	t.Helper()
	header := object(one("lm_head.weight", "F8_E4M3", "[4,8]", 0, 32), one(name, "F32", shape, 32, int64(32+4*len(scales))))
	data := file(header, 32+4*len(scales))
	body := data[len(data)-32-4*len(scales):]
	for i := range 32 {
		body[i] = 0x38
	}
	copy(body[32:], floats(scales))
	return folder(t, map[string]string{
		configName: strings.TrimSuffix(llamaConfig, "}") + `,"quantization_config":` + quantised + `}`,
		singleName: string(data),
	})
}

// TestFP8 checks which numbers share a scale.
func TestFP8(t *testing.T) {
	all := func(f func(r, c int) float32) (out []float32) {
		for i := range 32 {
			out = append(out, f(i/8, i%8))
		}
		return out
	}
	const inv, plain = "lm_head.weight_scale_inv", "lm_head.weight_scale"
	for _, c := range []struct {
		name, quantised, scale, shape string
		scales                        []float32
		want                          []float32
	}{
		{"whole", `{"quant_method":"fp8","weight_block_size":null}`, inv, "[]", []float32{3}, all(func(int, int) float32 { return 3 })},
		{"whole, in a list", `{"quant_method":"compressed-tensors","format":"float-quantized"}`, plain, "[1]", []float32{3}, all(func(int, int) float32 { return 3 })},
		{"rows", `{"quant_method":"compressed-tensors","format":"float-quantized"}`, plain, "[4,1]", []float32{1, 2, 3, 4}, all(func(r, _ int) float32 { return float32(r + 1) })},
		{"rows, in a list", `{"quant_method":"fbgemm_fp8"}`, plain, "[4]", []float32{1, 2, 3, 4}, all(func(r, _ int) float32 { return float32(r + 1) })},
		{
			"blocks, the last ones cut", `{"quant_method":"fp8","weight_block_size":[3,5]}`, inv, "[2,2]",
			[]float32{1, 2, 3, 4},
			all(func(r, c int) float32 { return float32(1 + r/3*2 + c/5) }),
		},
		{
			"blocks of a group", `{"quant_method":"compressed-tensors","format":"float-quantized","config_groups":{"group_0":{"weights":{"block_structure":[2,8]}}}}`, plain, "[2,1]",
			[]float32{1, 2},
			all(func(r, _ int) float32 { return float32(1 + r/2) }),
		},
		{"blocks of the usual size", `{"quant_method":"fp8"}`, inv, "[1,1]", []float32{3}, all(func(int, int) float32 { return 3 })},
	} {
		f := open(t, fp8Folder(t, c.quantised, c.scale, c.shape, c.scales...))
		x, ok := f.Tensor("output.weight")
		if !ok || x.Type != accel.BF16 || !slices.Equal(x.Dims, []uint64{8, 4}) || len(f.Tensors) != 1 {
			t.Errorf("%s: %+v of %d tensors", c.name, x, len(f.Tensors))
			continue
		}
		data, err := f.Data(x)
		got := make([]float32, 32)
		if err == nil {
			err = accel.Dequantize(accel.BF16, got, data)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
	for _, c := range []struct {
		name, shape string
		scales      int
	}{
		{"lm_head.weight_scale_inv", "[2]", 2},
		{"lm_head.weight_scale_inv", "[2,3]", 6},
		{"lm_head.weight_scale_inv", "[0]", 0},
		{"other.weight_scale_inv", "[1]", 1},
	} {
		dir := fp8Folder(t, `{"quant_method":"fp8","weight_block_size":[2,4]}`, c.name, c.shape, make([]float32, c.scales)...)
		_, err := Open(dir)
		if want := "lm_head.weight in model.safetensors has "; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s of the shape %s: %v", c.name, c.shape, err)
		}
	}
}
