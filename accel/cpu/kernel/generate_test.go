package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGenerated demands that the committed assembly is what the generator
// writes.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: the generator takes some seconds")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("skipped: no go command")
	}
	gen := filepath.Join("..", "gen")
	run := func(args ...string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = gen
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		return cmd.CombinedOutput()
	}
	if out, err := run("mod", "download"); err != nil {
		t.Skipf("skipped: the generator's modules cannot be had: %v\n%s", err, out)
	}
	dir := t.TempDir()
	if out, err := run("run", ".", "-dir", dir); err != nil {
		t.Fatalf("generator: %v\n%s", err, out)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("the generator wrote %d files: %v", len(files), err)
	}
	for _, f := range files {
		fresh, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if committed, err := os.ReadFile(f.Name()); err != nil || !bytes.Equal(fresh, committed) {
			t.Errorf("%s is not what the generator writes; run `go generate` (%v)", f.Name(), err)
		}
	}
}
