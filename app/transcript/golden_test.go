package transcript

import (
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

var update = flag.Bool("update", false, "write the golden images instead of comparing with them")

// matches compares what the window shows with testdata/name. Rounding may
// differ between processors: a few pixels may be off, and all by a little.
func matches(t *testing.T, win fyne.Window, name string) {
	t.Helper()
	got := win.Canvas().Capture()
	path := filepath.Join("testdata", name)
	if *update {
		save(t, path, got)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatalf("golden image: %v; write it with -update", err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatalf("golden image %s: %v", path, err)
	}
	if off, all := differing(got, want); off > all/500 {
		out := filepath.Join(t.ArtifactDir(), name)
		save(t, out, got)
		t.Errorf("%d of %d pixels differ from %s; what was shown is in %s (keep it with -artifacts)", off, all, path, out)
	}
}

func save(t *testing.T, path string, img image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// differing counts the pixels that are visibly different.
func differing(a, b image.Image) (off, all int) {
	all = a.Bounds().Dx() * a.Bounds().Dy()
	if a.Bounds().Size() != b.Bounds().Size() {
		return all, all
	}
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > 0x1000 }
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r1, g1, b1, _ := a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y).RGBA()
			r2, g2, b2, _ := b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y).RGBA()
			if far(r1, r2) || far(g1, g2) || far(b1, b2) {
				off++
			}
		}
	}
	return off, all
}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name     string
		variant  fyne.ThemeVariant
		textSize float32
		w, h     float32
	}{
		{"light.png", theme.VariantLight, 0, 860, 1500},
		{"dark.png", theme.VariantDark, 0, 860, 1500},
		{"large-text.png", theme.VariantLight, 20, 700, 900},
		{"narrow.png", theme.VariantDark, 0, 380, 900},
		{"wide.png", theme.VariantLight, 0, 1300, 600},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, win := window(t, c.w, c.h)
			fyne.CurrentApp().Settings().SetTheme(newTheme(c.variant, c.textSize))
			tr.SetMessages(sample)
			matches(t, win, c.name)
		})
	}
}
