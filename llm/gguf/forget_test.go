package gguf

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"lumi/accel"
)

// TestForget reads the same bytes after the pages have been given back, from
// a mapping and from memory.
func TestForget(t *testing.T) {
	var b bytes.Buffer
	row := bytes.Repeat([]byte("weights "), 4096)
	err := Write(&b, []KV{{Key: "general.architecture", Value: "llama"}}, []TensorData{{
		Name: "w", Type: accel.F32, Dims: []uint64{uint64(len(row) / 4)}, Write: func(w io.Writer) error { _, err := w.Write(row); return err },
	}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.gguf")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	mapped, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	inMemory, err := Parse(b.Bytes(), "m")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*File{mapped, inMemory} {
		w, _ := f.Tensor("w")
		before, err := f.Data(w)
		if err != nil || !bytes.Equal(before, row) {
			t.Fatalf("%s: wrong data, %v", f.Path, err)
		}
		f.Forget()
		if !bytes.Equal(before, row) {
			t.Errorf("%s: other data after Forget", f.Path)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		f.Forget()
	}
}
