package app

import (
	"image/color"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/app/history"
)

// markedText is a short text of few lines with some of its parts marked, such
// as what a search has found. What has no room is cut.
type markedText struct {
	widget.BaseWidget
	text  string
	marks []history.Range
	lines int // at most
	color fyne.ThemeColorName
	size  fyne.ThemeSizeName
}

func newMarkedText(lines int, color fyne.ThemeColorName, size fyne.ThemeSizeName) *markedText {
	m := &markedText{lines: lines, color: color, size: size}
	m.ExtendBaseWidget(m)
	return m
}

func (m *markedText) set(text string, marks []history.Range) {
	m.text, m.marks = text, marks
	m.Refresh()
}

func (m *markedText) lineHeight() float32 {
	return fyne.MeasureText("M", m.Theme().Size(m.size), fyne.TextStyle{}).Height
}

// CreateRenderer implements fyne.Widget.
func (m *markedText) CreateRenderer() fyne.WidgetRenderer {
	r := &markedRenderer{m: m}
	r.Refresh()
	return r
}

type markedRenderer struct {
	m       *markedText
	objects []fyne.CanvasObject
}

func (r *markedRenderer) Refresh() {
	m := r.m
	size, ink, mark := m.Theme().Size(m.size), themeColor(m.color), themeColor(theme.ColorNameFocus)
	height := m.lineHeight()
	r.objects = nil
	var texts []fyne.CanvasObject
	width := m.Size().Width
	if width > 0 {
		widths := map[rune]float32{}
		runeWidth := func(c rune) float32 {
			w, ok := widths[c]
			if !ok {
				w = fyne.MeasureText(string(c), size, fyne.TextStyle{}).Width
				widths[c] = w
			}
			return w
		}
		for i, line := range breakText(m.text, width, m.lines, runeWidth) {
			y := float32(i) * height
			for _, p := range markedParts(m.text, line, m.marks) {
				before := fyne.MeasureText(m.text[line.Start:p.Start], size, fyne.TextStyle{}).Width
				w := fyne.MeasureText(m.text[p.Start:p.End], size, fyne.TextStyle{}).Width
				back := canvas.NewRectangle(mark)
				back.CornerRadius = 3
				back.Move(fyne.NewPos(before-1, y))
				back.Resize(fyne.NewSize(w+2, height))
				r.objects = append(r.objects, back)
			}
			s := strings.TrimRightFunc(m.text[line.Start:line.End], unicode.IsSpace)
			if i == m.lines-1 && line.End < len(m.text) {
				s += "…"
			}
			texts = append(texts, textAt(s, ink, size, y, width, height))
		}
	}
	r.objects = append(r.objects, texts...)
	canvas.Refresh(m)
}

func textAt(s string, ink color.Color, size, y, width, height float32) fyne.CanvasObject {
	text := canvas.NewText(s, ink)
	text.TextSize = size
	text.Move(fyne.NewPos(0, y))
	text.Resize(fyne.NewSize(width, height))
	return text
}

func (r *markedRenderer) Layout(fyne.Size) { r.Refresh() }

func (r *markedRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, float32(r.m.lines)*r.m.lineHeight())
}

func (r *markedRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *markedRenderer) Destroy()                     {}

// breakText breaks text into at most so many lines, at spaces or, where there
// are none, between characters. The last line leaves room for an ellipsis if
// something is left.
func breakText(text string, width float32, most int, measure func(rune) float32) (lines []history.Range) {
	for start := 0; start < len(text) && len(lines) < most; {
		end, used, space := start, float32(0), -1
		whole := true
		for end < len(text) {
			c, size := utf8.DecodeRuneInString(text[end:])
			w := measure(c)
			if used+w > width {
				whole = false
				break
			}
			used += w
			end += size
			if unicode.IsSpace(c) {
				space = end
			}
		}
		if !whole {
			switch last := len(lines) == most-1; {
			case last: // the ellipsis takes its room from the end
				for room := used + measure('…'); room > width && end > start; {
					c, size := utf8.DecodeLastRuneInString(text[start:end])
					room -= measure(c)
					end -= size
				}
			case space > start:
				end = space
			}
			if end == start { // not even one character has room
				_, size := utf8.DecodeRuneInString(text[start:])
				end += size
			}
		}
		lines = append(lines, history.Range{Start: start, End: end})
		start = end
	}
	return lines
}

// markedParts returns the parts of the marks that are on a line.
func markedParts(text string, line history.Range, marks []history.Range) (parts []history.Range) {
	for _, m := range marks {
		p := history.Range{Start: max(m.Start, line.Start), End: min(m.End, line.End, len(text))}
		if p.Start < p.End {
			parts = append(parts, p)
		}
	}
	return parts
}
