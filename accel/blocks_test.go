package accel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"testing"
)

// TestBlocks decodes blocks of random numbers. What they mean was computed by
// the Python package gguf; testdata/blocks.json holds the first elements and
// the SHA-256 of all as little-endian float32, minus zero written as zero. The
// codebook formats' blocks use every entry of their codebooks.
func TestBlocks(t *testing.T) {
	data, err := os.ReadFile("testdata/blocks.json")
	if err != nil {
		t.Fatal(err)
	}
	var blocks map[string]struct {
		Blocks []byte
		First  []float32
		SHA256 string
	}
	if err := json.Unmarshal(data, &blocks); err != nil {
		t.Fatal(err)
	}
	for typ := range Type(len(layouts)) {
		c, ok := blocks[typ.String()]
		if !ok {
			if cols, _ := typ.Block(); typ.Decodable() && cols > 1 {
				t.Errorf("there are no blocks of type %v", typ)
			}
			continue
		}
		t.Run(typ.String(), func(t *testing.T) {
			cols, bytes := typ.Block()
			got := make([]float32, len(c.Blocks)/bytes*cols)
			if err := Dequantize(typ, got, c.Blocks); err != nil {
				t.Fatal(err)
			}
			for i, want := range c.First {
				if got[i] != want {
					t.Errorf("element %d is %v, want %v", i, got[i], want)
				}
			}
			var raw []byte
			for _, x := range got {
				if x == 0 {
					x = 0 // also when it is −0
				}
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
			}
			if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != c.SHA256 {
				t.Error("the elements are not those of the reference")
			}
		})
	}
}
