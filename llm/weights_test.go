package llm

import (
	"testing"

	"lumi/accel"
	"lumi/llm/gguf"
)

// TestQuantisationOfMixtures: a mixture keeps its name even where a large
// embedding in another type has most of the bytes.
func TestQuantisationOfMixtures(t *testing.T) {
	parts := []gguf.Part{
		{Name: "token_embd.weight", Type: accel.Q8_0, Dims: []uint64{256, 100}, Data: make([]byte, 100*8*34)},
		{Name: "blk.0.attn_q.weight", Type: accel.Q4_K, Dims: []uint64{256, 2}, Data: make([]byte, 2*144)},
	}
	for _, test := range []struct {
		fileType uint32
		want     string
	}{{15, "Q4_K_M"}, {17, "Q8_0"}, {7, "Q8_0"}} {
		file, err := gguf.Assemble("test", []gguf.KV{{Key: "general.file_type", Value: test.fileType}}, parts)
		if err != nil {
			t.Fatal(err)
		}
		name, size, parameters := quantisation(file)
		if name != test.want || size != 27200+288 || parameters != 256*102 {
			t.Errorf("file type %d: %s, %d bytes, %d parameters; want %s", test.fileType, name, size, parameters, test.want)
		}
	}
}
