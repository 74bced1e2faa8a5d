package app

import (
	"fmt"
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
	source  *choice
	plan    []llm.ConvertChoice // of the rows
	types   *fyne.Container
	scroll  *container.Scroll
	name    *field
	lossy   *widget.Label
	problem *widget.Label
	doing   *widget.Label
	gauge   *gauge
	other   *button // cancels or closes
	main    *button // goes on
	content *fyne.Container
}

const (
	convertWidth  = 640
	convertHeight = 600
	typeRowHeight = 32
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
	d.source = newChoice(d.chooseSource)
	d.types = container.New(&stackedRow{})
	d.scroll = container.NewVScroll(d.types)
	d.name = newField(w.plainKey, func() {})
	d.name.OnChanged = w.c.SetConversionName
	d.name.OnSubmitted = func(string) { w.c.StartConversion() }
	d.lossy = wrapped(lang.L("This model is quantised already. A larger type cannot bring back what was lost; a smaller one loses more."))
	d.lossy.Importance = widget.LowImportance
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
	d.form = container.NewBorder(
		container.New(&stackedRow{gap: 8}, titled(lang.L("Model"), d.source), titled(lang.L("New type"), d.lossy)),
		container.New(&stackedRow{gap: 8}, titled(lang.L("Name in the models folder"), named)),
		nil, nil, d.scroll)
	d.status = container.New(&stackedRow{gap: 10}, d.doing, padded(d.gauge, 8, 0))
	buttons := container.NewHBox(layout.NewSpacer(), d.other, d.main)
	d.content = container.NewBorder(nil, container.New(&stackedRow{gap: 4}, d.problem, buttons), nil, nil,
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
	d.show()
	d.dialog.Show()
	d.dialog.Resize(fyne.NewSize(min(convertWidth, c.Size().Width-32), min(convertHeight, c.Size().Height-32)))
	c.Focus(d.source)
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
	setVisible(d.problem, v.Problem != "")
	if v.Problem != d.problem.Text {
		d.problem.SetText(v.Problem)
	}
	d.gauge.set(v.Share())
	switch v.Stage {
	case conversionRunning:
		d.setDoing(fmt.Sprintf("%s %s · %d %%", lang.L("Writing"), filepath.Base(v.Target), int(100*v.Share())))
		d.setButtons(lang.L("Stop"), lang.L("Hide"))
	case conversionDone:
		d.setDoing(fmt.Sprintf("%s · %s\n%s", filepath.Base(v.Target), byteSize(v.Size), lang.L("The new model is in the list of models.")))
		d.setButtons(lang.L("Close"), lang.L("Load it"))
	default:
		d.showForm(v)
	}
	relayout(d.content)
}

func (d *convertDialog) showForm(v *conversion) {
	d.sources = d.c.Convertible()
	options := make([]string, len(d.sources))
	for i, m := range d.sources {
		options[i] = sourceText(m)
	}
	if at := slices.IndexFunc(d.sources, func(m store.Found) bool { return m.Path == v.Source.Path }); at < 0 {
		d.sources, options = append(d.sources, v.Source), append(options, sourceText(v.Source))
	}
	if !slices.Equal(d.source.Options, options) {
		d.source.SetOptions(options)
	}
	if text := sourceText(v.Source); d.source.Selected != text {
		d.source.SetSelected(text)
	}
	setVisible(d.lossy, v.Plan.Lossy)
	if !slices.Equal(d.plan, v.Plan.Choices) || len(d.types.Objects) == 0 {
		d.showTypes(v)
	}
	for i, choice := range d.plan {
		if row := d.types.Objects[i].(*pressable); row.selected != (choice.Type == v.Type) {
			row.selected = choice.Type == v.Type
			row.Refresh()
		}
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

// showTypes makes a row for each type that can be chosen.
func (d *convertDialog) showTypes(v *conversion) {
	d.plan = v.Plan.Choices
	d.types.RemoveAll()
	for i, choice := range d.plan {
		name, text := choice.Type, newText(lang.L(typeSentences[choice.Type]), colorMuted, theme.SizeNameText)
		if name == "" {
			name = lang.L("As it is")
		}
		title := newText(name, theme.ColorNameForeground, theme.SizeNameText)
		title.style.Bold = true
		size := newText(lang.L("about")+" "+byteSize(choice.Size), theme.ColorNameForeground, theme.SizeNameText)
		size.fits = true
		d.types.Add(newPressable(padded(container.NewBorder(nil, nil, container.New(fixedWidth(90), title),
			size, text), 10, 6), func() { d.c.SetConversionType(choice.Type) }))
		if choice.Type == v.Type && i > 3 {
			d.scroll.Offset.Y = float32(i-2) * typeRowHeight
		}
	}
	if v.Stage == conversionReading {
		d.types.Add(padded(newText(lang.L("Reading the model…"), colorMuted, theme.SizeNameText), 10, 8))
	}
	d.scroll.Refresh()
}

// sourceText tells models of one name apart.
func sourceText(m store.Found) string {
	return joined(modelName(m.Path, m.Quantisation), m.Quantisation, shortDir(m.Path))
}

func (d *convertDialog) chooseSource(text string) {
	for _, m := range d.sources {
		if v := d.c.conversion; v != nil && sourceText(m) == text && m.Path != v.Source.Path {
			d.c.Convert(m)
			return
		}
	}
}

func (d *convertDialog) setDoing(text string) {
	if d.doing.Text != text {
		d.doing.SetText(text)
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
