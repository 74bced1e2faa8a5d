package transcript

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A table whose rows are parsed as they come is at every moment what it would be
// if all of it were parsed anew.
func TestGrowingTable(t *testing.T) {
	cells := []string{
		" a cell ", "**bold** ", "*it", "* ", "`co|de` ", "`co\\|de`", "\\|", "<br>", " ", "[l](http://x.y) ", "~~gone~~ ", "日本 ", "\t", "&amp;", "---", "", "$\\alpha",
		"\\(x^2\\) ", "$y_1$ ", "\\(a\\|b", "\\)", "$$", "$5 ", "`$x$` ",
	}
	breaks := []string{"|\n|", "|\n|", "|\n|", "\n|", " |\n| ", "|\r\n|", "|\n\n|", "|\n- ", "|\n# ", "|\n[a]: /b\n|", "\nno row\n|"}
	heads := []string{"| a | *b* | c |\n|---|:-:|--:|\n", "|a|\n|-|\n", "| a | b |\n| --- | --- |\n| 1 | 2 |\n", "| a | b |\n|---|\n", "| a\nb | c |\n|---|---|\n"}
	tables := 0
	rapid.Check(t, func(rt *rapid.T) {
		src := rapid.SampledFrom(heads).Draw(rt, "head") + "|"
		for range rapid.IntRange(0, 8).Draw(rt, "rows") {
			row := rapid.SliceOfN(rapid.SampledFrom(cells), 0, 5).Draw(rt, "cells")
			src += strings.Join(row, "|") + rapid.SampledFrom(breaks).Draw(rt, "break")
		}
		m := &message{live: true}
		for src != "" {
			n := min(rapid.IntRange(1, 15).Draw(rt, "piece"), len(src))
			m.split.feed(m.clean.feed(src[:n]))
			src = src[n:]
			open := m.split.openChunk()
			got, complete := m.parseOpen(), bytes.HasSuffix(open.src, []byte("\n"))
			if _, rows := m.table.grow(m.split.src, m.split.open); !rows || !complete { // of a complete row nothing is to come
				open.src = settle(slices.Clone(open.src))
			}
			want := parseChunk(open)
			if x, y := outline(got), outline(want); x != y {
				rt.Fatalf("%q:\n%swant\n%s", m.split.src, x, y)
			}
			for i := range got {
				if a, b := got[i].cells, want[i].cells; len(a)+len(b) > 0 && !reflect.DeepEqual(a, b) {
					rt.Fatalf("%q:\ncells %v\nwant  %v", m.split.src, a, b)
				}
			}
			if m.table.count > 1 {
				tables++
			}
		}
	})
	if tables < 10 { // with -short there are fewer
		t.Errorf("only %d states of growing tables were looked at", tables)
	}
}
