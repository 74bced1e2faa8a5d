package lmw

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"
)

// TestMultiple: the field between the heads and the vocabulary is what the
// feed-forward length of the first Llamas, two thirds of four times the width,
// is rounded up to a multiple of. It is not so for all models, so it is read
// over; TestLMWIgnored shows that nothing depends on it.
func TestMultiple(t *testing.T) {
	root := cmp.Or(os.Getenv("LUMI_CONFORMANCE"), "../../../shared/conformance")
	path := filepath.Join(root, "seed", "stories260K", "stories260k.lmw")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("skipped: no conformance data: %v", err)
	}
	m, err := parse(&cursor{path: path, data: data})
	if err != nil {
		t.Fatal(err)
	}
	third := 8 * m.width / 3
	want := uint64((third + m.multiple - 1) / m.multiple * m.multiple)
	for _, p := range m.parts {
		if p.Name == "blk.0.ffn_gate.weight" && p.Dims[1] != want {
			t.Errorf("the feed-forward length is %d; %d rounded up to a multiple of %d is %d", p.Dims[1], third, m.multiple, want)
		}
	}
	if m.multiple < 2 || want == uint64(third) {
		t.Errorf("a rounding to multiples of %d does not tell", m.multiple)
	}
}
