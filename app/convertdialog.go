package app

import (
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/llm"
	"lumi/llm/store"
)

// convertDialog shows the controller's conversion: what to make of which model,
// then how far it is, then what was made. Away from the screen, the conversion
// goes on.
type convertDialog struct {
	c       *controller
	dialog  *dialog.CustomDialog
	form    *fyne.Container
	status  *fyne.Container // takes the form's place while it runs and at its end
	sources []store.Found
	source  *choice[string]     // of their paths
	plan    []llm.ConvertChoice // of the rows
	types   *list
	reading *textLine
	name    *field
	lossy   *widget.Label
	problem *widget.Label
	doing   *widget.Label
	gauge   *gauge
	other   *button // cancels or closes
	main    *button // goes on
	buttons *fyne.Container
	content *fyne.Container
	canvas  fyne.Canvas
	overlay fyne.CanvasObject // the dialog on the canvas
	sized   bool              // for the form, or for the status
	forming bool
}

const (
	convertWidth  = 640
	convertHeight = 600
	statusHeight  = 210
)

// typeSentences say what each type is good for.
var typeSentences = map[string]string{
	"":       "Keeps every weight; only the format changes",
	"BF16":   "Half of 32 bits with their full range",
	"F16":    "Half of 32 bits, finer, with less range",
	"Q8_0":   "Practically the original",
	"Q6_K":   "Hardly to be told from the original",
	"Q5_K_M": "Very close to the original",
	"Q4_K_M": "The usual choice: small and good",
	"Q5_1":   "An older type; Q5_K_M is better",
	"Q5_0":   "An older type; Q5_K_M is better",
	"Q4_1":   "An older type; Q4_K_M is better",
	"Q4_0":   "An older type, for the smallest files",
}

func newConvertDialog(w *window) *convertDialog {
	d := &convertDialog{c: w.c}
	d.source = newChoice(nil, d.sourceName, d.chooseSource)
	d.types = d.newTypes()
	d.reading = newText(lang.L("Reading the model…"), colorMuted, theme.SizeNameText)
	d.name = newField(w.plainKey, func() {})
	d.name.OnChanged = w.c.SetConversionName
	d.name.OnSubmitted = func(string) { w.c.StartConversion() }
	d.lossy = wrapped(lang.L("This model is quantised already. A larger type cannot bring back what was lost; a smaller one loses more."))
	d.problem = wrapped("")
	d.problem.Importance = widget.DangerImportance
	d.doing = wrapped("")
	d.gauge = newGauge(200, 8)
	d.gauge.calm = true
	d.other = newButton("", nil, d.leave)
	d.main = newButton("", nil, d.goOn)
	d.main.Importance = widget.HighImportance

	ending := newCaption(".gguf")
	named := container.NewBorder(nil, nil, nil, container.NewCenter(ending), d.name)
	d.form = container.New(between{}, // in the order of the Tab key
		container.New(&stackedRow{gap: 8}, titled(lang.L("Model"), framed(d.source.widget)), titled(lang.L("New type"), d.lossy)),
		container.NewStack(d.types, container.NewVBox(padded(d.reading, 8, 8))),
		titled(lang.L("Name in the models folder"), named))
	d.status = container.New(&stackedRow{gap: 10}, d.doing, padded(d.gauge, 8, 0))
	d.buttons = container.NewHBox(layout.NewSpacer(), d.other, d.main)
	d.content = container.NewBorder(nil, container.New(&stackedRow{gap: 4}, d.problem, d.buttons), nil, nil,
		container.NewStack(d.form, d.status))
	d.dialog = dialog.NewCustomWithoutButtons(lang.L("Convert a model"), d.content, w.win)
	return d
}

func wrapped(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// titled puts a small title above a part of a form.
func titled(title string, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(&stackedRow{gap: 2}, padded(newCaption(title), 6, 0), o)
}

// open shows the dialog above the window.
func (d *convertDialog) open(c fyne.Canvas) {
	d.canvas = c
	d.show()
	d.dialog.Show()
	d.overlay = c.Overlays().Top()
	if d.forming {
		c.Focus(d.source.widget)
	} else {
		c.Focus(d.main)
	}
}

// shown reports whether the dialog is on the screen: a button hides it, and the
// Escape key takes it off the canvas.
func (d *convertDialog) shown() bool { return slices.Contains(d.canvas.Overlays().List(), d.overlay) }

// resize makes the dialog as tall as what it shows; its upper edge stays.
func (d *convertDialog) resize(forming bool) {
	if d.sized && d.forming == forming {
		return
	}
	d.sized, d.forming = true, forming
	height := float32(convertHeight)
	if !forming {
		height = statusHeight
	}
	size := d.canvas.Size()
	d.dialog.Resize(fyne.NewSize(min(convertWidth, size.Width-32), min(height, size.Height-32)))
}

// show brings the dialog up to date.
func (d *convertDialog) show() {
	v := d.c.conversion
	if v == nil {
		d.dialog.Hide()
		return
	}
	forming := v.Stage == conversionReading || v.Stage == conversionChoosing
	setVisible(d.form, forming)
	setVisible(d.status, !forming)
	setVisible(d.gauge, v.Stage == conversionRunning)
	setVisible(d.problem, v.Problem != nil)
	if v.Problem != nil {
		setText(d.problem, told(reported(v.Problem)))
	}
	d.gauge.set(v.Share())
	switch v.Stage {
	case conversionRunning:
		setText(d.doing, joined(lang.L("Writing {{.Name}}", map[string]any{"Name": filepath.Base(v.Target)}), percent(v.Share())))
		d.setButtons(lang.L("Stop"), lang.L("Hide"))
	case conversionDone:
		setText(d.doing, joined(filepath.Base(v.Target), byteSize(v.Size))+"\n"+lang.L("The new model is in the list of models."))
		d.setButtons(lang.L("Close"), lang.L("Load it"))
	default:
		d.showForm(v)
	}
	d.resize(forming)
	relayout(d.content)
	relayout(d.buttons)
}

func (d *convertDialog) showForm(v *conversion) {
	d.sources = d.c.Convertible()
	if !slices.ContainsFunc(d.sources, func(m store.Found) bool { return m.Path == v.Source.Path }) {
		d.sources = append(d.sources, v.Source) // another scan has lost it
	}
	d.source.values = nil
	for _, m := range d.sources {
		d.source.values = append(d.source.values, m.Path)
	}
	d.source.show(v.Source.Path)
	setVisible(d.lossy, v.Plan.Lossy)
	setVisible(d.reading, v.Stage == conversionReading)
	if !slices.Equal(d.plan, v.Plan.Choices) {
		d.plan = v.Plan.Choices
		d.types.UnselectAll()
		d.types.Refresh()
	}
	if at := slices.IndexFunc(d.plan, func(choice llm.ConvertChoice) bool { return choice.Type == v.Type }); at >= 0 {
		d.types.Select(at)
		d.types.Refresh() // for the ink of the row
	}
	if d.name.Text != v.Name {
		d.name.SetText(v.Name)
	}
	label := lang.L("Convert")
	if v.Replace {
		label = lang.L("Replace it")
	}
	d.setButtons(lang.L("Cancel"), label)
	if len(d.plan) == 0 {
		d.main.Disable()
	}
	relayout(d.form)
}

// newTypes lists the types that can be chosen, with what each is good for and
// how large the file becomes.
func (d *convertDialog) newTypes() *list {
	l := &list{}
	l.HideSeparators = true
	l.Length = func() int { return len(d.plan) }
	l.CreateItem = func() fyne.CanvasObject {
		name := newText("", theme.ColorNameForeground, theme.SizeNameText)
		name.style.Bold = true
		size := newText("", theme.ColorNameForeground, theme.SizeNameText)
		size.fits = true
		return padded(container.NewBorder(nil, nil, container.New(fixedWidth(90), name), size,
			newText("", colorMuted, theme.SizeNameText)), 8, 4)
	}
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) {
		kind := d.plan[i].Type
		chosen := d.c.conversion != nil && d.c.conversion.Type == kind
		row := o.(*fyne.Container).Objects[0].(*fyne.Container)
		text, name, size := row.Objects[0], row.Objects[1].(*fyne.Container).Objects[0], row.Objects[2]
		text.(*textLine).set(lang.L(typeSentences[kind]))
		text.(*textLine).quiet(chosen)
		size.(*textLine).set(lang.L("about {{.Size}}", map[string]any{"Size": byteSize(d.plan[i].Size)}))
		if kind == "" {
			kind = lang.L("As it is")
		}
		name.(*textLine).set(kind)
		relayout(row) // the size may have another width
	}
	l.OnSelected = func(i widget.ListItemID) {
		if v := d.c.conversion; v != nil && d.plan[i].Type != v.Type {
			d.c.SetConversionType(d.plan[i].Type)
		}
	}
	l.ExtendBaseWidget(l)
	return l
}

// sourceName is what the model at path is called in the selection, which tells
// its texts apart, not their places.
func (d *convertDialog) sourceName(path string) string {
	text := ""
	for _, m := range d.sources {
		if m.Path == path {
			text = sourceText(m)
		}
	}
	for _, m := range d.sources {
		if m.Path != path && sourceText(m) == text {
			return path
		}
	}
	return text
}

func sourceText(m store.Found) string {
	return joined(modelName(m.Path, m.Quantisation), m.Quantisation, formatName(m.Path), shortDir(m.Path))
}

func (d *convertDialog) chooseSource(path string) {
	for _, m := range d.sources {
		if m.Path == path {
			d.c.Convert(m)
		}
	}
}

func setText(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

func (d *convertDialog) setButtons(other, main string) {
	for b, text := range map[*button]string{d.other: other, d.main: main} {
		if b.Text != text {
			b.SetText(text)
		}
	}
	d.main.Enable()
}

// goOn is what the right button does.
func (d *convertDialog) goOn() {
	switch v := d.c.conversion; {
	case v == nil:
		d.dialog.Hide()
	case v.Stage == conversionDone:
		d.c.LoadConverted()
	case v.Stage == conversionRunning:
		d.dialog.Hide()
	default:
		d.c.StartConversion()
	}
}

// leave is what the left button does.
func (d *convertDialog) leave() {
	if v := d.c.conversion; v != nil && v.Stage == conversionRunning {
		d.c.CancelConversion()
		return
	}
	d.dialog.Hide()
	d.c.EndConversion()
}

func setVisible(o fyne.CanvasObject, visible bool) {
	if visible && !o.Visible() {
		o.Show()
	} else if !visible && o.Visible() {
		o.Hide()
	}
}
