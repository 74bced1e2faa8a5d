package gguf

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lumi/accel"
)

// part is a file with a tensor of four numbers that says to be part no, counted
// from 0, of count.
func part(t testing.TB, no, count uint16, tensors int, name string) []byte {
	t.Helper()
	meta := []KV{{splitNoKey, no}, {splitCountKey, count}, {splitTensorsKey, int32(tensors)}}
	if no == 0 {
		meta = append(meta, KV{"general.name", "whole"})
	}
	data := bytes.Repeat([]byte{byte(no) + 1}, 16)
	var b bytes.Buffer
	err := Write(&b, meta, []TensorData{{name, accel.F32, []uint64{4}, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// writeParts puts files into a folder of the test.
func writeParts(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	partOne   = "m-00001-of-00003.gguf"
	partTwo   = "m-00002-of-00003.gguf"
	partThree = "m-00003-of-00003.gguf"
)

// threeParts are the files of a whole model.
func threeParts(t testing.TB) map[string][]byte {
	return map[string][]byte{
		partOne: part(t, 0, 3, 3, "a"), partTwo: part(t, 1, 3, 3, "b"), partThree: part(t, 2, 3, 3, "c"),
	}
}

func TestSplitModel(t *testing.T) {
	files := threeParts(t)
	dir := writeParts(t, files)
	for _, name := range []string{partOne, partTwo, partThree} {
		f, err := Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if f.Path != filepath.Join(dir, name) || f.Size != int64(len(files[partOne])+len(files[partTwo])+len(files[partThree])) || f.Version != 3 {
			t.Errorf("%s: path %s, size %d, version %d", name, f.Path, f.Size, f.Version)
		}
		if whole, _, err := f.Meta.String("general.name"); whole != "whole" {
			t.Errorf("%s: name %q, %v: the metadata are not the first part's", name, whole, err)
		}
		var names string
		for i, tensor := range f.Tensors {
			names += tensor.Name
			data, err := f.Data(tensor)
			if err != nil || !bytes.Equal(data, bytes.Repeat([]byte{byte(i) + 1}, 16)) {
				t.Errorf("%s: tensor %s holds %v, %v", name, tensor.Name, data, err)
			}
		}
		if names != "abc" {
			t.Errorf("%s: tensors %s, want abc", name, names)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if _, err := f.Data(f.Tensors[0]); err == nil {
			t.Errorf("%s: data after Close", name)
		}
	}
}

func TestBadParts(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(files map[string][]byte)
		open   string
		want   string // {dir} stands for the folder
	}{
		{"one missing", func(f map[string][]byte) { delete(f, partThree) }, partTwo, "{dir}" + partTwo + ": file is part 2 of 3 of a split model; missing beside it: " + partThree},
		{"two missing", func(f map[string][]byte) { delete(f, partThree); delete(f, partOne) }, partTwo, "missing beside it: " + partOne + ", " + partThree + "; fetch them"},
		{"renamed", func(f map[string][]byte) { f["m.gguf"] = f[partTwo] }, "m.gguf", "part 2 of 3 of a split model; the others are found by their names"},
		{"another part's name", func(f map[string][]byte) { f[partOne], f[partTwo] = f[partTwo], f[partOne] }, partOne, "does not end in -00002-of-00003.gguf"},
		{"the same part twice", func(f map[string][]byte) { f[partThree] = f[partTwo] }, partOne, "{dir}" + partThree + ": it should be part 3 of 3 of a split model, but its metadata say part 2 of 3"},
		{"another model's part", func(f map[string][]byte) { f[partThree] = part(t, 2, 3, 3, "a") }, partOne, "{dir}" + partThree + ": tensor a is in another part, too"},
		{"a whole model as a part", func(f map[string][]byte) { f[partThree] = part(t, 0, 1, 1, "c") }, partOne, "{dir}" + partThree + ": it should be part 3 of 3"},
		{"tensors missing", func(f map[string][]byte) { f[partOne] = part(t, 0, 3, 5, "a") }, partTwo, "{dir}" + partOne + ": the model has 5 tensors, but its 3 parts hold 3"},
		{"one cut", func(f map[string][]byte) { f[partThree] = f[partThree][:len(f[partThree])-20] }, partOne, "{dir}" + partThree + ": at byte"},
		{"one is something else", func(f map[string][]byte) { f[partTwo] = []byte("<html>") }, partOne, "{dir}" + partTwo + ": at byte 0: not a GGUF file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := threeParts(t)
			test.change(files)
			dir := writeParts(t, files)
			_, err := Open(filepath.Join(dir, test.open))
			want := strings.ReplaceAll(test.want, "{dir}", dir+string(filepath.Separator))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
	many := "m-00001-of-00200.gguf"
	_, err := Open(filepath.Join(writeParts(t, map[string][]byte{many: part(t, 0, 200, 200, "a")}), many))
	if split := (*SplitError)(nil); !errors.As(err, &split) || split.Part != 1 || split.Parts != 200 || !strings.Contains(err.Error(), "m-00006-of-00200.gguf and 194 more") {
		t.Errorf("many missing parts: %v", err)
	}
}

// TestPartInMemory refuses a part where there is no folder to look into.
func TestPartInMemory(t *testing.T) {
	_, err := Parse(part(t, 1, 3, 3, "b"), partTwo)
	if split := (*SplitError)(nil); !errors.As(err, &split) || split.Part != 2 || split.Parts != 3 {
		t.Errorf("error %v, want a *SplitError", err)
	}
	if _, err := Parse(part(t, 0, 1, 1, "a"), "m.gguf"); err != nil {
		t.Errorf("the only part: %v", err)
	}
}
