package app

import (
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"lumi/app/settings"
)

// presetRow is the line with the preset in use; pressing it shows what can be
// done with presets.
type presetRow struct {
	button *pressable
	name   *textLine
	state  *textLine
}

func newPresetRow(open func()) *presetRow {
	r := &presetRow{name: newKnobName(""), state: newCaption("")}
	arrow := widget.NewIcon(icon("chevron-down"))
	r.button = newPressable(padded(container.New(&nameLayout{}, r.name, r.state, arrow), 6, 5), open)
	return r
}

func (r *presetRow) show(name string, changed bool) {
	state := ""
	if name == "" {
		name = lang.L("No preset")
	} else if changed {
		state = lang.L("changed")
	}
	r.name.set(name)
	r.state.set(state)
	r.button.Refresh()
	relayout(r.button.content.(*fyne.Container))
}

// openMenu shows a menu below an object of the panel, which is unfolded first.
func (w *window) openMenu(menu *fyne.Menu, below fyne.CanvasObject) {
	if _, panel := w.layout.shown(w.root.Size().Width); !panel {
		w.togglePanel()
	}
	at := w.app.Driver().AbsolutePositionForObject(below)
	size := below.Size()
	at = at.AddXY(0, size.Height+2)
	pop := widget.NewPopUpMenu(menu, w.win.Canvas())
	edge := w.win.Canvas().Size()
	at.X = max(0, min(at.X, edge.Width-pop.MinSize().Width-8))
	at.Y = max(0, min(at.Y, edge.Height-pop.MinSize().Height-8))
	pop.ShowAtPosition(at)
}

// openPresets shows the presets and what can be done with them.
func (w *window) openPresets() {
	inUse, changed := w.c.PresetName()
	menu := fyne.NewMenu("")
	add := func(name string, checked bool, do func()) {
		item := fyne.NewMenuItem(name, do)
		item.Checked = checked
		menu.Items = append(menu.Items, item)
	}
	for _, p := range w.c.presets.Sampling {
		add(p.Name, p.Name == inUse, func() { w.c.UsePreset(p.Name) })
	}
	if inUse != "" && w.c.chat.preset != "" {
		add(lang.L("No preset"), false, func() { w.c.UsePreset("") })
	}
	if len(menu.Items) > 0 {
		menu.Items = append(menu.Items, fyne.NewMenuItemSeparator())
	}
	if changed {
		add(lang.L("Save the changes"), false, func() { w.c.SavePreset(inUse) })
		add(lang.L("Take the changes back"), false, w.c.RevertPreset)
	}
	add(lang.L("Save as a preset…"), false, func() {
		w.askName(lang.L("Save as a preset"), lang.L("Save"), inUse, w.c.SavePreset)
	})
	if inUse != "" {
		isDefault := w.c.presets.Models[w.c.model.info.Path] == inUse
		if w.c.model.engine != nil {
			add(lang.L("Use with this model"), isDefault, func() {
				if isDefault {
					w.c.UseForModel("")
				} else {
					w.c.UseForModel(inUse)
				}
			})
		}
		add(lang.L("Rename…"), false, func() {
			w.askName(lang.L("Rename the preset"), lang.L("Rename"), inUse, func(name string) { w.c.RenamePreset(inUse, name) })
		})
		add(lang.L("Delete"), false, func() { w.c.DeletePreset(inUse) })
		add(lang.L("Export…"), false, func() { w.exportPreset(inUse) })
	}
	add(lang.L("Import…"), false, w.importPreset)
	w.openMenu(menu, w.preset.button)
}

// openPrompts shows the saved system prompts and what can be done with them.
func (w *window) openPrompts() {
	menu := fyne.NewMenu("")
	now := ""
	for _, p := range w.c.presets.Prompts {
		item := fyne.NewMenuItem(p.Name, func() {
			w.system.SetText(p.Text)
			w.c.SaveSystem()
		})
		if item.Checked = p.Text == w.c.chat.System; item.Checked {
			now = p.Name
		}
		menu.Items = append(menu.Items, item)
	}
	if len(menu.Items) > 0 {
		menu.Items = append(menu.Items, fyne.NewMenuItemSeparator())
	}
	save := fyne.NewMenuItem(lang.L("Save this text…"), func() {
		w.askName(lang.L("Save the system prompt"), lang.L("Save"), now, w.c.SavePrompt)
	})
	save.Disabled = strings.TrimSpace(w.c.chat.System) == ""
	menu.Items = append(menu.Items, save)
	if now != "" {
		menu.Items = append(menu.Items, fyne.NewMenuItem(lang.L("Delete “{{.Name}}”", map[string]any{"Name": now}), func() { w.c.DeletePrompt(now) }))
	}
	w.openMenu(menu, w.prompts)
}

// askName asks for a name and passes it on.
func (w *window) askName(title, confirm, name string, do func(string)) {
	field := newField(w.plainKey, func() {})
	field.SetText(name)
	form := dialog.NewForm(title, confirm, lang.L("Cancel"),
		[]*widget.FormItem{widget.NewFormItem(lang.L("Name"), field)}, func(ok bool) {
			if ok {
				do(field.Text)
			}
		}, w.win)
	field.OnSubmitted = func(string) { form.Submit() }
	form.Resize(fyne.NewSize(440, form.MinSize().Height))
	form.Show()
	w.win.Canvas().Focus(field)
	field.TypedShortcut(&fyne.ShortcutSelectAll{})
}

func (w *window) exportPreset(name string) {
	p, ok := w.c.presets.Find(name)
	if !ok {
		return
	}
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		if path, ok := w.chosenFile(file, err); ok {
			w.c.failed(say("{{.Name}} was not written: {{.Why}}", fields{"Name": filepath.Base(path)}), settings.ExportPreset(path, p), action{})
		}
	}, w.win)
	d.SetFileName(strings.Map(inFileName, name) + ".json")
	w.showFileDialog(d, lang.L("Save a file"))
}

// inFileName replaces what not every file system takes in a name.
func inFileName(r rune) rune {
	if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
		return '-'
	}
	return r
}

func (w *window) importPreset() {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		path, ok := w.chosenFile(file, err)
		if !ok {
			return
		}
		p, faults, err := settings.ImportPreset(path)
		if err != nil {
			w.c.failed(say("{{.Name}} was not imported: {{.Why}}", fields{"Name": filepath.Base(path)}), err, action{})
			return
		}
		w.c.AddPreset(p, faults)
	}, w.win)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".json"}))
	w.showFileDialog(d, lang.L("Open a file"))
}

// PresetsChanged implements view.
func (w *window) PresetsChanged() { w.preset.show(w.c.PresetName()) }

// SettingsChanged implements view.
func (w *window) SettingsChanged() {
	w.samplers.show(w.c.Settings(), w.c.Recommended())
	w.deps.Changed(w)
}
