package transcript

import (
	"fmt"
	"image/color"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// testTheme is the default theme in one variant, with the backgrounds that the
// palettes are made for.
type testTheme struct {
	fyne.Theme
	variant  fyne.ThemeVariant
	textSize float32
}

func (t testTheme) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	if n == theme.ColorNameBackground {
		if t.variant == theme.VariantLight {
			return color.White
		}
		return rgb(0x17181c)
	}
	return t.Theme.Color(n, t.variant)
}

func (t testTheme) Size(n fyne.ThemeSizeName) float32 {
	if n == theme.SizeNameText && t.textSize > 0 {
		return t.textSize
	}
	return t.Theme.Size(n)
}

func newTheme(v fyne.ThemeVariant, textSize float32) fyne.Theme {
	return testTheme{theme.DefaultTheme(), v, textSize}
}

// window shows an empty transcript in a window of the given size.
func window(t testing.TB, w, h float32) (*Transcript, fyne.Window) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(newTheme(theme.VariantLight, 0))
	software.NewCanvas().Capture() // Fyne takes what is made a minute after a painting for too old at the next
	tr := New()
	win := test.NewTempWindow(t, tr)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return tr, win
}

// find returns the widget position of the first visible occurrence of s, or of
// its end.
func find(t testing.TB, tr *Transcript, s string, end bool) fyne.Position {
	t.Helper()
	for _, p := range tr.shown {
		b := tr.blocks[p.block]
		off := strings.Index(b.text, s)
		if off < 0 || b.kind == header || b.kind == footer {
			continue
		}
		if end {
			off += len(s)
		}
		x, y := b.origin()
		for i := range b.lines {
			if l := &b.lines[i]; off >= l.start && off <= l.end {
				return fyne.NewPos(tr.left+b.shift()+x+b.xAt(l, off), p.y+y+l.y+l.h/2)
			}
		}
	}
	t.Fatalf("%q is not in view", s)
	return fyne.Position{}
}

func mouseEvent(p fyne.Position, mod fyne.KeyModifier) *desktop.MouseEvent {
	ev := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary, Modifier: mod}
	ev.Position = p
	return ev
}

func press(tr *Transcript, p fyne.Position, mod fyne.KeyModifier) {
	tr.MouseDown(mouseEvent(p, mod))
}

func click(tr *Transcript, p fyne.Position) {
	press(tr, p, 0)
	tr.MouseUp(mouseEvent(p, 0))
}

func drag(tr *Transcript, from, to fyne.Position) {
	press(tr, from, 0)
	ev := &fyne.DragEvent{}
	ev.Position = to
	tr.Dragged(ev)
	tr.DragEnd()
}

// sample is a short conversation with every kind of block.
var sample = []Message{
	{ID: 1, Role: System, Author: "System prompt", Markdown: "You are terse."},
	{ID: 2, Role: User, Author: "You", Markdown: "How does *mmap* help to load a model,\nand can you show it in Go?"},
	{ID: 3, Role: Assistant, Author: "SmolLM2", Footer: "214 tokens · 71 tok/s · first after 0.12 s", Markdown: `Mapping the file gives you the weights **without copying** them: the kernel pages them in when a layer first *touches* them. See [mmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html) for the flags.

## Three things to know

1. The page cache is *shared*, so a second start is warm.
1. ` + "`MAP_PRIVATE`" + ` keeps the file untouched.
   - nested: advise with ` + "`madvise`" + `
   - and unmap ~~never~~ at exit
1. Alignment: start every tensor at 32 bytes.

- [x] read the header
- [ ] read the tensors

` + "```go\n// open maps a whole file read-only.\nfunc open(path string) ([]byte, error) {\n\tf, err := os.Open(path)\n\tif err != nil {\n\t\treturn nil, err\n\t}\n\tdefer f.Close()\n\tst, _ := f.Stat()\n\treturn syscall.Mmap(int(f.Fd()), 0, int(st.Size()), syscall.PROT_READ, syscall.MAP_SHARED) // one call\n}\n```" + `

> Measured on one machine, so take the numbers as a hint and not as a promise for yours.

| model | weights | cold start | tok/s |
|---|---|:-:|---:|
| stories15M | 58 MB | 0.04 s | 310 |
| TinyLlama 1.1B | 2.1 GB | 1.90 s | **23.5** |

That is all: slices over the mapping are the tensors.`},
	{ID: 4, Role: Notice, Markdown: "The model was changed to TinyLlama 1.1B."},
	{ID: 5, Role: User, Author: "You", Markdown: "Thanks!"},
	{ID: 6, Role: Assistant, Author: "TinyLlama 1.1B", Footer: "31 tokens · 23 tok/s", Markdown: "Yes. Pages are dropped and read again; a smaller *quantised* file is the better answer.\n\n---\n\n![a chart](https://example.org/chart.png)"},
}

var words = strings.Fields("the model reads tokens from memory and writes an answer which grows as each layer of attention mixes keys with values while the sampler picks one word after another until it stops")

// filler returns n bytes of mixed markdown.
func filler(n int) string {
	var b strings.Builder
	for k := 0; b.Len() < n; k++ {
		switch k % 6 {
		case 0:
			fmt.Fprintf(&b, "## Section %d\n\n", k)
		case 1, 4:
			for i := range 60 {
				w := words[(i*7+k*13)%len(words)]
				if i%17 == 3 {
					w = "**" + w + "**"
				}
				if i%23 == 5 {
					w = "`" + w + "`"
				}
				b.WriteString(w + " ")
			}
			b.WriteString("\n\n")
		case 2:
			for i := range 5 {
				fmt.Fprintf(&b, "- item %d of the list with *some* text\n", i)
			}
			b.WriteString("\n")
		case 3:
			b.WriteString("```go\nfor i := range n {\n\tfmt.Println(i, \"hello\")\n}\n```\n\n")
		case 5:
			b.WriteString("See [the docs](https://example.org/x) for more.\n\n")
		}
	}
	return b.String()[:n]
}
