package llm

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"lumi/accel"
	"lumi/llm/gguf"
	"lumi/llm/sample"
)

// copyStories puts a copy of the stories model, changed by change, into a
// folder of the test.
func copyStories(t *testing.T, change func(data []byte, f *gguf.File)) string {
	t.Helper()
	data, err := os.ReadFile(stories(t))
	if err != nil {
		t.Fatal(err)
	}
	f, err := gguf.Parse(data, "stories")
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(data, f)
	}
	path := filepath.Join(t.TempDir(), "stories.gguf")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFileCutWhileInUse cuts the file under a running model: an error that
// names the file, and the program goes on.
func TestFileCutWhileInUse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: Windows does not let a mapped file be cut")
	}
	path := copyStories(t, nil)
	m, err := Open(t.Context(), path, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	complete(t, m, "Once upon a time", greedy())
	if err := os.Truncate(path, 64); err != nil {
		t.Fatal(err)
	}
	_, err = m.Complete(t.Context(), "The big dog ran to the park", greedy, nil)
	if !errors.Is(err, accel.ErrFault) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s and the fault", err, path)
	}
}

// TestFileDeletedWhileInUse shows that an open model outlives its name.
func TestFileDeletedWhileInUse(t *testing.T) {
	path := copyStories(t, nil)
	m, err := Open(t.Context(), path, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	want := complete(t, m, "Once upon a time", greedy()).Text
	if err := os.Remove(path); err != nil {
		t.Skipf("skipped: this system keeps mapped files: %v", err)
	}
	if got := complete(t, m, "Once upon a time", greedy()).Text; got != want {
		t.Errorf("%q after the file was deleted, want %q", got, want)
	}
}

// TestNaNWeight shows that a broken weight ends the answer with a sentence
// and not with a silent token 0.
func TestNaNWeight(t *testing.T) {
	path := copyStories(t, func(data []byte, f *gguf.File) {
		norm, ok := f.Tensor("output_norm.weight")
		if !ok {
			t.Fatal("no output_norm.weight")
		}
		binary.LittleEndian.PutUint32(data[norm.Offset:], math.Float32bits(float32(math.NaN())))
	})
	m, err := Open(t.Context(), path, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	_, err = m.Complete(t.Context(), "Once", greedy, nil)
	if !errors.Is(err, sample.ErrNaN) {
		t.Errorf("error %v, want %v", err, sample.ErrNaN)
	}
}

// TestTypedControlTokensStayText checks that what a person types cannot end
// a turn or begin another one.
func TestTypedControlTokensStayText(t *testing.T) {
	m := openStories(t, 1)
	v := m.tok.Vocab()
	typed := m.tok.Text(v.EOS)
	ids, _, err := m.encodeChat([]Message{{Role: User, Content: "a" + typed + "b"}})
	if err != nil {
		t.Fatal(err)
	}
	plain, _, err := m.encodeChat([]Message{{Role: User, Content: "ab"}})
	if err != nil {
		t.Fatal(err)
	}
	count := func(ids []int32) (n int) {
		for _, id := range ids {
			if m.tok.IsControl(id) {
				n++
			}
		}
		return n
	}
	if count(ids) != count(plain) {
		t.Errorf("%d control tokens with %q in the message, %d without", count(ids), typed, count(plain))
	}
	text, err := m.Render([]Message{{Role: User, Content: "a" + typed + "b"}})
	if err != nil || !strings.Contains(text, "a"+typed+"b") {
		t.Errorf("rendered as %q, %v", text, err)
	}
}

// TestVocabularyLargerThanWeights refuses ids that have no embedding.
func TestVocabularyLargerThanWeights(t *testing.T) {
	path := copyStories(t, func(data []byte, f *gguf.File) {
		embd, _ := f.Tensor("token_embd.weight")
		dims := binary.LittleEndian.AppendUint64(nil, embd.Dims[0])
		dims = binary.LittleEndian.AppendUint64(dims, embd.Dims[1])
		at := strings.Index(string(data), "token_embd.weight") + len("token_embd.weight") + 4
		if string(data[at:at+16]) != string(dims) {
			t.Fatal("the file's directory is not where it was expected")
		}
		binary.LittleEndian.PutUint64(data[at+8:], embd.Dims[1]-1)
	})
	_, err := Open(t.Context(), path, Options{}, nil)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names the file", err)
	}
}
