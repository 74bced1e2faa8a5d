package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/llm"
)

// titleRow is the row above the chat: the model, its device and the context.
func (w *window) titleRow() fyne.CanvasObject {
	w.device = newCaption("")
	w.context = newCaption("")
	w.meter = newGauge(56, 6)
	w.title = container.New(&titleLayout{},
		iconButton(icon("panel-left"), lang.L("Show or hide the chats"), w.toggleSidebar),
		w.picker.button, w.device, w.context, w.meter,
		iconButton(icon("panel-right"), lang.L("Show or hide speed and sampling"), w.togglePanel))
	return container.New(&stackedRow{}, w.title, widget.NewSeparator())
}

// panel is the right side: speed, sampler, system prompt.
func (w *window) panel() fyne.CanvasObject {
	w.readout = newReadout()
	w.samplers = newSamplers(func(s llm.Settings) {
		w.c.SetSettings(s)
		w.PresetsChanged()
		w.deps.Changed(w)
	}, panelHooks{w.plainKey, func() { w.panelResized() }, func(e *fyne.ScrollEvent) { w.panelScroll.Scrolled(e) }}, w.c.SameAgain)
	w.preset = newPresetRow(w.openPresets)
	w.prompts = quietButton(lang.L("Saved texts"), icon("chevron-down"), w.openPrompts)
	see := quietButton(lang.L("What the model sees"), theme.VisibilityIcon(), w.seePrompt)
	w.system = newTextArea(w.plainKey, w.c.SaveSystem)
	w.system.SetMinRowsVisible(4)
	w.system.SetPlaceHolder(lang.L("How the model should answer in this chat"))
	w.system.OnChanged = w.c.SetSystem
	reset := quietButton(lang.L("Reset"), icon("reset"), w.c.ResetSettings)
	column := container.New(&stackedRow{gap: 14},
		section(lang.L("Speed"), nil, w.readout.box),
		widget.NewSeparator(),
		section(lang.L("Sampling"), reset, container.New(&stackedRow{gap: 6}, w.preset.button, w.samplers.box)),
		widget.NewSeparator(),
		section(lang.L("System prompt"), w.prompts, container.New(&stackedRow{gap: 6}, w.system, see)),
	)
	w.panelScroll = newScroller(padded(column, 14, 12))
	w.panelResized = func() {
		w.panelScroll.contentResized()
		relayoutAll(column)
		canvas.Refresh(column) // what was never drawn cannot ask for it itself
	}
	return container.NewStack(newFlat(colorSidebar), w.panelScroll)
}

// section puts a name, and perhaps a button, above a part of the panel.
func section(name string, button fyne.CanvasObject, content fyne.CanvasObject) fyne.CanvasObject {
	title := newText(name, theme.ColorNameForeground, theme.SizeNameText)
	title.style.Bold = true
	title.fits = true
	return container.New(&stackedRow{gap: 8},
		container.NewBorder(nil, nil, container.NewCenter(title), button), content)
}
