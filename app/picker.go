package app

import (
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/llm/store"
)

// picker is the model's name in the title row; pressing it lists the models
// that were found.
type picker struct {
	button *pressable
	name   *textLine
	detail *textLine
	list   *modelList
	popup  *widget.PopUp
	canvas func() fyne.Canvas
}

// pickerActions are what a person can do in the list of models.
type pickerActions struct {
	load       func(path string)
	explain    func(m store.Found) // why it cannot be loaded
	unload     func()
	chooseFile func()
	addFolder  func()
	openFolder func()
	rescan     func()
	menu       func(m store.Found, at fyne.Position) // what else can be done with a model
}

func newPicker(do pickerActions, canvas func() fyne.Canvas) *picker {
	p := &picker{canvas: canvas}
	p.name = newText("", theme.ColorNameForeground, theme.SizeNameText)
	p.name.style.Bold = true
	p.name.fits = true
	p.detail = newCaption("")
	arrow := widget.NewIcon(icon("chevron-down"))
	p.button = newPressable(padded(container.New(&nameLayout{}, p.name, p.detail, arrow), 10, 8), p.open)
	closing := func(f func()) func() {
		return func() {
			p.close()
			f()
		}
	}
	p.list = newModelList(pickerActions{
		load: func(path string) {
			p.close()
			do.load(path)
		},
		explain: func(m store.Found) {
			p.close()
			do.explain(m)
		},
		unload:     closing(do.unload),
		chooseFile: closing(do.chooseFile),
		addFolder:  closing(do.addFolder),
		openFolder: closing(do.openFolder),
		rescan:     do.rescan,
		menu:       do.menu,
	})
	p.list.menus = true
	return p
}

// showModel displays the loaded model, or the one being loaded, in the title row.
func (p *picker) showModel(m modelState) {
	switch {
	case m.load != nil:
		p.name.set(m.load.Name())
		p.detail.set(lang.L("loading"))
	case m.engine != nil:
		p.name.set(m.name())
		p.detail.set(joined(m.info.Quantisation, byteSize(m.size)))
	default:
		p.name.set(lang.L("Choose a model"))
		p.detail.set("")
	}
	p.button.Refresh()
}

// showModels fills the list.
func (p *picker) showModels(models []store.Found, scanning bool, loaded string) {
	p.list.show(models, scanning, loaded)
	if p.popup != nil && p.popup.Visible() {
		p.popup.Resize(p.size())
	}
}

// size is how large the list wants to be and can be.
func (p *picker) size() fyne.Size {
	c := p.canvas().Size()
	return fyne.NewSize(min(pickerWidth, c.Width-24), min(p.list.wantedHeight(), c.Height-90))
}

// open shows the list below the button.
func (p *picker) open() {
	c, size := p.canvas(), p.size()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.button)
	at = at.AddXY(0, p.button.Size().Height+4)
	at.X = min(at.X, c.Size().Width-size.Width-12)
	p.popup = widget.NewPopUp(p.list.box, c)
	p.popup.Resize(size)
	p.popup.ShowAtPosition(at)
}

func (p *picker) close() {
	if p.popup != nil {
		p.popup.Hide()
		p.popup = nil
	}
}

// modelList lists models with what a person needs to choose between them.
type modelList struct {
	box    *fyne.Container
	rows   *fyne.Container
	unload *button
	rescan *button
	do     pickerActions
	menus  bool // rows have a button for their menu
}

const (
	modelRowHeight = 52
	pickerWidth    = 560 // what is wrong with a file fits into a line
)

func newModelList(do pickerActions) *modelList {
	l := &modelList{do: do, rows: container.New(&stackedRow{gap: 2})}
	l.rescan = quietButton(lang.L("Look again"), theme.ViewRefreshIcon(), do.rescan)
	l.unload = quietButton(lang.L("Unload"), icon("close"), do.unload)
	buttons := container.NewHBox(
		quietButton(lang.L("Choose a file…"), theme.FileIcon(), do.chooseFile),
		quietButton(lang.L("Add a folder…"), theme.FolderNewIcon(), do.addFolder),
		layout.NewSpacer(), l.rescan,
	)
	second := container.NewHBox(
		quietButton(lang.L("Open the models folder"), theme.FolderOpenIcon(), do.openFolder),
		layout.NewSpacer(), l.unload)
	foot := container.NewVBox(widget.NewSeparator(), buttons, second)
	l.box = container.NewBorder(nil, foot, nil, nil, newScroller(padded(l.rows, 2, 4)))
	return l
}

func (l *modelList) show(models []store.Found, scanning bool, loaded string) {
	l.rows.RemoveAll()
	for _, m := range models {
		l.rows.Add(l.row(m, m.Path == loaded))
	}
	if len(models) == 0 {
		text := lang.L("No model was found yet.")
		if scanning {
			text = lang.L("Looking for models…")
		}
		l.rows.Add(padded(newText(text, colorMuted, theme.SizeNameText), 10, 12))
	}
	if loaded == "" {
		l.unload.Hide()
	} else {
		l.unload.Show()
	}
	if scanning {
		l.rescan.Disable()
	} else {
		l.rescan.Enable()
	}
	l.box.Refresh()
}

// row shows one model: its name, and below what it is and where.
func (l *modelList) row(m store.Found, loaded bool) fyne.CanvasObject {
	name := newText(modelName(m.Path, m.Quantisation), theme.ColorNameForeground, theme.SizeNameText)
	name.style.Bold = true
	below := newText(joined(m.Quantisation, m.Architecture, formatName(m.Path), shortDir(m.Path)), colorMuted, theme.SizeNameCaptionText)
	press := func() { l.do.load(m.Path) }
	var right []fyne.CanvasObject
	if m.Problem != nil {
		name.color = colorMuted
		below.text, below.color = told(explained(m.Problem)), theme.ColorNameError
		press = func() { l.do.explain(m) }
	} else {
		size := newText(byteSize(m.Size), theme.ColorNameForeground, theme.SizeNameCaptionText)
		size.fits = true
		right = append(right, size)
	}
	if loaded {
		right = append(right, widget.NewIcon(icon("check")))
	}
	if l.menus {
		var more *pressable
		more = newPressable(padded(widget.NewIcon(icon("more")), 4, 4), func() {
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(more)
			l.do.menu(m, at.AddXY(0, more.Size().Height))
		})
		more.tip = lang.L("More")
		right = append(right, container.NewCenter(more))
	}
	text := container.New(&stackedRow{gap: 2}, name, below)
	row := newPressable(padded(container.NewBorder(nil, nil, nil,
		padded(container.NewHBox(right...), 8, 0), text), 10, 7), press)
	row.selected = loaded
	if m.Problem == nil {
		below.quiet(loaded)
	}
	row.onSecondary = func(at fyne.Position) { l.do.menu(m, at) }
	return row
}

// wantedHeight is the height that shows all rows.
func (l *modelList) wantedHeight() float32 {
	return float32(max(1, len(l.rows.Objects)))*modelRowHeight + 120
}

// modelName is what a person calls a model: its file's name without the ending
// and without the quantisation, which is shown beside it. What a file says of
// itself is often the name of a step of its making.
func modelName(path, quantisation string) string {
	name := store.Name(path)
	stem := name
	if n := len(name) - len(quantisation); quantisation != "" && n > 1 && strings.EqualFold(name[n:], quantisation) {
		stem = strings.TrimRight(name[:n], ".-_ ")
	}
	if stem == "" {
		return name
	}
	return stem
}

// formatName names the format of a model that is no GGUF file.
func formatName(path string) string {
	ext := strings.ToLower(filepath.Ext(path))
	switch {
	case ext == ".gguf":
		return ""
	case slices.Contains(store.Extensions(), ext):
		return ext
	}
	return lang.L("folder")
}

// joined puts a middle dot between the parts that are not empty.
func joined(parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, " · ")
}

// shortDir is the last two elements of a file's folder: enough to tell which
// program or collection it belongs to.
func shortDir(path string) string {
	dir := filepath.Dir(path)
	return filepath.Join(filepath.Base(filepath.Dir(dir)), filepath.Base(dir))
}

// cutMiddle shortens a name to n runes and keeps both ends: models differ in
// the end of their names.
func cutMiddle(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	tail := n / 3
	return string(r[:n-1-tail]) + "…" + string(r[len(r)-tail:])
}
