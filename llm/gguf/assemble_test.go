package gguf

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lumi/accel"
)

func TestAssemble(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weights")
	if err := os.WriteFile(path, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Map(path)
	if err != nil {
		t.Fatal(err)
	}
	meta := []KV{{"general.architecture", "llama"}, {"llama.block_count", uint32(3)}}
	f, err := Assemble("model", meta, []Part{
		{"a", accel.F32, []uint64{2}, m.Data[:8], nil},
		{"b", accel.F16, []uint64{2, 2}, m.Data[8:], nil},
	}, m)
	if err != nil {
		t.Fatal(err)
	}
	if n, ok, err := f.Meta.Uint("llama.block_count"); n != 3 || !ok || err != nil {
		t.Errorf("block count %d, %v, %v", n, ok, err)
	}
	b, ok := f.Tensor("b")
	if !ok || b.Size != 8 || b.Offset != -1 || f.Size != 16 {
		t.Errorf("tensor %+v, size %d", b, f.Size)
	}
	f.Forget()
	if data, err := f.Data(b); err != nil || !bytes.Equal(data, []byte("89abcdef")) {
		t.Errorf("data %q, %v", data, err)
	}
	if _, err := f.Data(Tensor{Name: "c", Type: accel.F32}); err == nil {
		t.Error("a tensor of another model has data")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Data(b); err == nil || m.Data != nil {
		t.Errorf("data after Close: %v", err)
	}
}

func TestAssembleRefuses(t *testing.T) {
	one := Part{"a", accel.F32, []uint64{1}, make([]byte, 4), nil}
	for _, c := range []struct {
		meta  []KV
		parts []Part
		want  string
	}{
		{[]KV{{"k", 1}}, nil, "Go type int"},
		{[]KV{{"k", "v"}, {"k", "v"}}, nil, "occurs twice"},
		{nil, []Part{one, one}, "tensor a occurs twice"},
		{nil, []Part{{"a", accel.F32, []uint64{2}, make([]byte, 4), nil}}, "4 bytes of data, want 8"},
		{nil, []Part{{"a", accel.F32, nil, nil, nil}}, "0 dimensions"},
		{nil, []Part{{"a", accel.Type(999), []uint64{1}, nil, nil}}, "unknown type"},
		{nil, []Part{{"", accel.F32, []uint64{1}, make([]byte, 4), nil}}, "no name"},
	} {
		_, err := Assemble("model", c.meta, c.parts)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "model: ") {
			t.Errorf("error %v, want it to contain %q", err, c.want)
		}
	}
}
