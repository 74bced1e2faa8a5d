package app

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"golang.org/x/text/width"

	"lumi/llm"
)

// SeePrompt asks the model for the prompt that would be sent now, with what
// stands in the composer, and passes it on.
func (c *controller) SeePrompt(show func(pieces []llm.Piece, tokens int)) {
	engine := c.model.engine
	if engine == nil {
		c.tell(say("Choose a model first: it decides what a prompt looks like."), action{say("Choose a model"), c.view.ChooseModel})
		return
	}
	prompt := c.chat.promptWith(c.chat.written())
	if len(prompt) == 0 {
		c.tell(say("There is nothing to send yet."), action{})
		return
	}
	c.engines.add(func() {
		var pieces []llm.Piece
		var tokens int
		err := c.guard("writing the prompt", func() (err error) {
			if c.held != engine {
				return errModelGone
			}
			pieces, tokens, err = engine.Pieces(prompt)
			return err
		})
		c.Post(func() {
			if err != nil {
				c.failed(say("The prompt cannot be shown: {{.Why}}"), err, action{})
				return
			}
			show(pieces, tokens)
		})
	})
}

// seePrompt shows what the model sees.
func (w *window) seePrompt() { w.c.SeePrompt(w.showPrompt) }

func (w *window) showPrompt(pieces []llm.Piece, tokens int) {
	size := w.win.Canvas().Size()
	size = fyne.NewSize(min(860, size.Width-40), min(640, size.Height-40))
	cell := fyne.MeasureText("M", theme.TextSize(), fyne.TextStyle{Monospace: true}).Width
	grid := widget.NewTextGrid()
	grid.Scroll = fyne.ScrollVerticalOnly
	grid.Rows = promptRows(pieces, max(20, int((size.Width-60)/cell)))
	var text strings.Builder
	marks := 0
	for _, p := range pieces {
		text.WriteString(p.Text)
		if p.Control {
			marks++
		}
	}
	copying := newButton(lang.L("Copy"), theme.ContentCopyIcon(), func() { w.app.Clipboard().SetContent(text.String()) })
	head := container.NewBorder(nil, nil, nil, copying,
		newText(lang.N("{{.N}} tokens, of which {{.Marks}} steer the conversation (in colour)", tokens, map[string]any{"N": tokens, "Marks": marks}), colorMuted, theme.SizeNameText))
	d := dialog.NewCustom(lang.L("What the model sees"), lang.L("Close"),
		container.NewBorder(padded(head, 0, 6), nil, nil, nil, grid), w.win)
	d.Resize(size)
	d.Show()
	w.win.Canvas().Focus(copying)
}

// promptRows lays a prompt out in rows of so many cells. Control tokens are in
// the accent colour; what would not show is written as an escape.
func promptRows(pieces []llm.Piece, columns int) []widget.TextGridRow {
	plain := &widget.CustomTextGridStyle{FGColor: themeColor(theme.ColorNameForeground)}
	control := &widget.CustomTextGridStyle{
		FGColor: themeColor(theme.ColorNamePrimary), BGColor: themeColor(theme.ColorNameHover),
		TextStyle: fyne.TextStyle{Bold: true, Monospace: true},
	}
	rows := []widget.TextGridRow{{}}
	put := func(r rune, cells int, style widget.TextGridStyle) {
		row := &rows[len(rows)-1]
		if len(row.Cells)+cells > columns {
			word := wordStart(row.Cells)
			rows = append(rows, widget.TextGridRow{Cells: slices.Clone(row.Cells[word:])})
			rows[len(rows)-2].Cells = row.Cells[:word]
			row = &rows[len(rows)-1]
		}
		row.Cells = append(row.Cells, widget.TextGridCell{Rune: r, Style: style})
		for range cells - 1 { // a wide character takes two cells
			row.Cells = append(row.Cells, widget.TextGridCell{Rune: ' ', Style: style})
		}
	}
	for _, p := range pieces {
		style := widget.TextGridStyle(plain)
		if p.Control {
			style = control
		}
		for _, r := range p.Text {
			switch {
			case r == '\n' && !p.Control:
				rows = append(rows, widget.TextGridRow{})
			case r == '\t':
				for range 4 {
					put(' ', 1, style)
				}
			case r < ' ' || r == 0x7f:
				for _, e := range fmt.Sprintf(`\x%02x`, r) {
					put(e, 1, style)
				}
			default:
				put(r, cellsOf(r), style)
			}
		}
	}
	return rows
}

// wordStart is where the last word of a full row begins, or the row's end where
// moving that word would leave much of the row empty.
func wordStart(cells []widget.TextGridCell) int {
	for i := len(cells); i > len(cells)*2/3; i-- {
		if cells[i-1].Rune == ' ' {
			return i
		}
	}
	return len(cells)
}

// cellsOf is how many cells of a grid a character takes.
func cellsOf(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
