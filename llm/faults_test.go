package llm

import (
	"encoding/binary"
	"errors"
	"fmt"
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
	return damaged(t, stories(t), change)
}

// damaged puts a copy of a model file, changed by change, into a folder of the
// test.
func damaged(t *testing.T, from string, change func(data []byte, f *gguf.File)) string {
	t.Helper()
	data, err := os.ReadFile(from)
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

// TestNaNWeight shows that a broken weight ends the answer with a sentence that
// says where, and not with a silent token 0: in every kind of step, in weights
// as they are and in the scales of quantised ones.
func TestNaNWeight(t *testing.T) {
	quantised := filepath.Join(t.TempDir(), "stories-Q8_0.gguf")
	if err := Convert(t.Context(), stories(t), quantised, "Q8_0", nil); err != nil {
		t.Fatal(err)
	}
	nan32 := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
	inf32 := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.Inf(1))))
	nan16 := []byte{0, 0x7e}
	for _, c := range []struct {
		from, tensor string
		bytes        []byte // what its data begin with
		want         string
	}{
		{stories(t), "token_embd.weight", nan32, ""}, // token 0 is not in the prompt, but its logit is
		{stories(t), "output_norm.weight", nan32, "appeared at output_norm.weight"},
		{stories(t), "output_norm.weight", inf32, "appeared at output_norm.weight"},
		{stories(t), "blk.2.attn_norm.weight", nan32, "appeared at layer 2, with blk.2.attn_norm.weight"},
		{stories(t), "blk.1.attn_v.weight", nan32, "appeared at layer 1, with blk.1.attn_v.weight"},
		{stories(t), "blk.3.ffn_up.weight", nan32, "appeared at layer 3, with blk.3.ffn_gate.weight"},
		{quantised, "output_norm.weight", nan32, "appeared at output_norm.weight"},
		{quantised, "blk.0.ffn_norm.weight", nan32, "appeared at layer 0, with blk.0.ffn_norm.weight"},
		{quantised, "blk.4.ffn_down.weight", nan16, "appeared at layer 4, with blk.4.ffn_down.weight"},
		{quantised, "blk.0.attn_q.weight", nan16, "appeared at layer 0, with blk.0.attn_q.weight"},
	} {
		path := damaged(t, c.from, func(data []byte, f *gguf.File) {
			tensor, ok := f.Tensor(c.tensor)
			if !ok {
				t.Fatalf("no %s", c.tensor)
			}
			copy(data[tensor.Offset:], c.bytes)
		})
		m, err := Open(t.Context(), path, Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Complete(t.Context(), "Once", greedy, nil)
		wrong := errors.Is(err, sample.ErrNaN) || errors.Is(err, sample.ErrInf)
		if !wrong || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%s of %s: error %v, want one that names the file and %q", c.tensor, filepath.Base(c.from), err, c.want)
		}
		if _, _, err = m.Eval(t.Context(), []int32{1, 5}, 1); !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s of %s: evaluating: error %v, want %q", c.tensor, filepath.Base(c.from), err, c.want)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
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
