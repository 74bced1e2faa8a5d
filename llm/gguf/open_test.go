package gguf

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen(t *testing.T) {
	data := sample(t)
	path := write(t, "a model.gguf", data)
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.Path != path || f.Size != int64(len(data)) || len(f.Tensors) != 2 {
		t.Errorf("file is %+v", f)
	}
	b, err := f.Data(f.Tensors[0])
	if err != nil || string(b) != "abcdefghijkl" || cap(b) != len(b) {
		t.Errorf("tensor holds %q with room for %d, %v", b, cap(b), err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err == nil {
		t.Error("closing twice has no error")
	}
	if _, err := f.Data(f.Tensors[0]); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("data of a closed file: %v", err)
	}
	// Metadata outlives the mapping.
	if s, ok, err := f.Meta.Strings("strings"); !ok || err != nil || !slices.Equal(s, []string{"a", "", "\xff\x00", "Straße"}) {
		t.Errorf("strings after Close are %q, %v, %v", s, ok, err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		name, path, want string
		is               error
	}{
		{"missing", filepath.Join(dir, "none.gguf"), "cannot open the model", fs.ErrNotExist},
		{"folder", dir, "it is a folder", nil},
		{"null device", os.DevNull, "it is a", nil},
		{"empty", write(t, "empty.gguf", nil), "it is empty", ErrNotGGUF},
		{"page", write(t, "page.gguf", []byte("<html>")), "HTML page", ErrNotGGUF},
		{"cut", write(t, "cut.gguf", sample(t)[:100]), "file is cut", nil},
		{"NUL in the path", "a\x00b", "cannot open the model", nil},
	} {
		f, err := Open(test.path)
		if err == nil {
			t.Errorf("%s: opened as %+v", test.name, f)
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Path != test.path {
			t.Errorf("%s: error %v does not carry the path", test.name, err)
		}
		if !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: error %q, want %q", test.name, err, test.want)
		}
		if strings.Count(err.Error(), test.path) > 1 {
			t.Errorf("%s: error %q names the path twice", test.name, err)
		}
	}
}

func TestErrorQuotesStrangePath(t *testing.T) {
	if _, err := Parse(nil, "a\nb\x1b[31m.gguf"); strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("error %q holds control characters", err)
	}
	if _, err := Parse(nil, "my müßig model 😀.gguf"); !strings.HasPrefix(err.Error(), "my müßig model 😀.gguf: ") {
		t.Errorf("error %q does not show the path as it is", err)
	}
}

func TestSplitName(t *testing.T) {
	for name, want := range map[string]struct {
		base        string
		part, parts int
		ok          bool
	}{
		"Llama-70B-Q4_K_M-00002-of-00003.gguf": {"Llama-70B-Q4_K_M", 2, 3, true},
		"m-00000-of-00003.gguf":                {"m", 0, 3, false},
		"m-00004-of-00003.gguf":                {"m", 4, 3, false},
		"m-1-of-3.gguf":                        {},
		"m.gguf":                               {},
	} {
		base, part, parts, ok := SplitName(name)
		if base != want.base || part != want.part || parts != want.parts || ok != want.ok {
			t.Errorf("%s: %q, %d of %d, %v; want %+v", name, base, part, parts, ok, want)
		}
	}
}

func TestGuardPassesOtherPanicsOn(t *testing.T) {
	defer func() {
		if r := recover(); r != "a bug" {
			t.Errorf("recovered %v, want the panic itself", r)
		}
	}()
	_ = Guard("m", func() error { panic("a bug") })
}
