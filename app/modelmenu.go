package app

import (
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/llm/store"
)

// modelMenu shows what can be done with a model of the list.
func (w *window) modelMenu(m store.Found, at fyne.Position) {
	item := func(name string, do func()) *fyne.MenuItem {
		return fyne.NewMenuItem(name, func() {
			w.picker.close()
			do()
		})
	}
	convert := item(lang.L("Convert…"), func() {
		w.c.Convert(m)
		w.showConversion()
	})
	convert.Disabled = m.Problem != nil
	menu := fyne.NewMenu("", convert,
		item(lang.L("Model information"), func() {
			w.c.Describe(m, func(text string) { w.showModelInfo(m, text) })
		}),
		fyne.NewMenuItemSeparator(),
		item(lang.L("Show in folder"), func() { w.openFolder(filepath.Dir(m.Path)) }),
		item(lang.L("Copy path"), func() { w.app.Clipboard().SetContent(m.Path) }),
	)
	widget.ShowPopUpMenuAtPosition(menu, w.win.Canvas(), at)
}

// convertAny offers to convert the model in use, or another.
func (w *window) convertAny() {
	if w.c.ConvertAny() {
		w.showConversion()
	}
}

func (w *window) showConversion() {
	if w.convert != nil {
		w.convert.dialog.Hide()
	}
	w.convert = newConvertDialog(w)
	w.convert.open(w.win.Canvas())
}

// ConversionChanged implements view.
func (w *window) ConversionChanged() {
	if w.convert != nil {
		w.convert.show()
	}
}

// ConversionShown implements view.
func (w *window) ConversionShown() bool { return w.convert != nil && w.convert.shown() }

// showModelInfo shows all that is in a model's header.
func (w *window) showModelInfo(m store.Found, text string) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	l := &list{}
	l.Length = func() int { return len(lines) }
	l.HideSeparators = true
	l.CreateItem = func() fyne.CanvasObject {
		line := newText("", theme.ColorNameForeground, theme.SizeNameCaptionText)
		line.style.Monospace = true
		return line
	}
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) { o.(*textLine).set(lines[i]) }
	l.ExtendBaseWidget(l)
	var d *dialog.CustomDialog
	shut := newButton(lang.L("Close"), nil, func() { d.Hide() })
	copying := newButton(lang.L("Copy"), theme.ContentCopyIcon(), func() { w.app.Clipboard().SetContent(text) })
	content := container.NewBorder(nil, container.NewHBox(layout.NewSpacer(), copying, shut), nil, nil, l)
	d = dialog.NewCustomWithoutButtons(modelName(m.Path, ""), content, w.win)
	d.Show()
	size := w.win.Canvas().Size()
	d.Resize(fyne.NewSize(min(960, size.Width-32), min(640, size.Height-32)))
	w.win.Canvas().Focus(l)
}
