package app

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// paragraph is small text of several lines in a column of known width. Unlike a
// wrapped label it knows its height before it is laid out.
type paragraph struct {
	widget.BaseWidget
	text  string
	color fyne.ThemeColorName
	width float32
	below float32 // room below the text
}

func newParagraph(text string, color fyne.ThemeColorName, width float32) *paragraph {
	p := &paragraph{text: text, color: color, width: width}
	p.ExtendBaseWidget(p)
	return p
}

// set changes the text.
func (p *paragraph) set(text string) {
	if p.text != text {
		p.text = text
		p.Refresh()
	}
}

// lines are the text's lines as they fit into the width.
func (p *paragraph) lines() []string {
	if p.text == "" {
		return nil
	}
	size := p.Theme().Size(theme.SizeNameCaptionText)
	return wrapWords(p.text, p.width, func(s string) float32 {
		return fyne.MeasureText(s, size, fyne.TextStyle{}).Width
	})
}

// wrapWords breaks text into lines of at most the width: between words, and in
// scripts that have none between any two characters.
func wrapWords(text string, width float32, measure func(string) float32) []string {
	var lines []string
	for given := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, part := range breakable(given) {
			if line != "" && measure(line+strings.TrimRight(part, " ")) > width {
				lines = append(lines, strings.TrimRight(line, " "))
				line = ""
			}
			for measure(part) > width && len([]rune(part)) > 1 { // longer than a line
				runes := []rune(part)
				n := len(runes) - 1
				for n > 1 && measure(string(runes[:n])) > width {
					n--
				}
				lines = append(lines, string(runes[:n]))
				part = string(runes[n:])
			}
			line += part
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// breakable cuts a line into the parts between which it may be broken.
func breakable(line string) []string {
	var parts []string
	start := 0
	for i, r := range line {
		if i > start && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || line[i-1] == ' ' && r != ' ') {
			parts = append(parts, line[start:i])
			start = i
		}
	}
	return append(parts, line[start:])
}

// CreateRenderer implements fyne.Widget.
func (p *paragraph) CreateRenderer() fyne.WidgetRenderer {
	r := &paragraphRenderer{p: p}
	r.Refresh()
	return r
}

type paragraphRenderer struct {
	p     *paragraph
	texts []fyne.CanvasObject
}

func (r *paragraphRenderer) Refresh() {
	size := r.p.Theme().Size(theme.SizeNameCaptionText)
	r.texts = nil
	for i, line := range r.p.lines() {
		t := canvas.NewText(line, themeColor(r.p.color))
		t.TextSize = size
		min := t.MinSize()
		t.Move(fyne.NewPos(0, float32(i)*min.Height))
		t.Resize(min)
		r.texts = append(r.texts, t)
	}
	canvas.Refresh(r.p)
}

func (r *paragraphRenderer) Layout(fyne.Size) {}

func (r *paragraphRenderer) MinSize() fyne.Size {
	if len(r.texts) == 0 {
		return fyne.NewSize(r.p.width, 0)
	}
	return fyne.NewSize(r.p.width, float32(len(r.texts))*r.texts[0].MinSize().Height+r.p.below)
}

func (r *paragraphRenderer) Objects() []fyne.CanvasObject { return r.texts }

func (r *paragraphRenderer) Destroy() {}
