package transcript

import (
	"math"
	"strings"

	"fyne.io/fyne/v2"
)

// face is what the size of a text depends on.
type face struct {
	size  float32
	style fyne.TextStyle
}

// ruler measures text. Words repeat, so their widths are kept; with the
// bundled fonts the width of a line is the sum of those of its words.
type ruler struct {
	body   float32 // size of running text, in Fyne units
	pixels float32 // device pixels in a Fyne unit
	widths map[face]map[string]float32
	count  int
	bases  map[face]metrics
}

// metrics are the height and the baseline of a face, in Fyne units.
type metrics struct{ height, base float32 }

// maxWords bounds the words kept.
const maxWords = 50_000

func newRuler(body, pixels float32) *ruler {
	return &ruler{body: body, pixels: pixels, widths: map[face]map[string]float32{}, bases: map[face]metrics{}}
}

// width is the width of s in Fyne units.
func (r *ruler) width(s string, f face) float32 {
	m := r.widths[f]
	if w, ok := m[s]; ok {
		return w
	}
	w := fyne.MeasureText(s, f.size, f.style).Width
	if len(s) > 64 {
		return w
	}
	if r.count >= maxWords { // start again rather than grow for ever
		clear(r.widths)
		m, r.count = nil, 0
	}
	if m == nil {
		m = map[string]float32{}
		r.widths[f] = m
	}
	m[strings.Clone(s)] = w // not a substring: that would keep the whole message alive
	r.count++
	return w
}

func (r *ruler) metrics(f face) metrics {
	if m, ok := r.bases[f]; ok {
		return m
	}
	size, base := fyne.CurrentApp().Driver().RenderedTextSize("x", f.size, f.style, nil)
	m := metrics{size.Height, base}
	r.bases[f] = m
	return m
}

func round(v float32) float32 { return float32(math.Round(float64(v))) }
func ceil(v float32) float32  { return float32(math.Ceil(float64(v))) }
