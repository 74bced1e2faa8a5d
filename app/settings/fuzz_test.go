package settings

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzLoad reads any bytes as a settings file: the result lies within the
// ranges, so that what is saved of it is read back without a complaint.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", "{", "null", "[]", `{"version":1}`, `{"version":99,"theme":"dark"}`, `{"theme":3,"textSize":1e999}`,
		`{"sampling":{"temperature":-1,"topK":2.5,"stop":["\n"]},"threads":-1,"context":1e300}`, `{"modelDirs":["a","\u0000"],"extra":{"a":[1]}}`,
		`{"sampling":{"temperature":-1,"stop":[]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "settings.json")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		first, _ := Load(path)
		if err := Save(path, first); err != nil {
			t.Fatal(err)
		}
		again, notices := Load(path)
		if len(notices) > 0 {
			t.Errorf("saved settings are complained about: %q", notices)
		}
		if d := cmp.Diff(first, again, exported, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("settings changed by saving: %s", d)
		}
	})
}
