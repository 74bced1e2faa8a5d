package app

import (
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// showAll brings every part up to date.
func (w *window) showAll() {
	w.ModelsChanged()
	w.ModelChanged()
	w.ChatsChanged()
	w.ChatOpened()
	w.BusyChanged()
	w.SpeedChanged()
	w.NoticeChanged()
	w.SettingsChanged()
	w.PresetsChanged()
}

// ModelsChanged implements view.
func (w *window) ModelsChanged() {
	w.picker.showModels(w.c.models, w.c.scanning, w.loadedPath())
	w.showPage()
}

func (w *window) loadedPath() string {
	if w.c.model.engine == nil {
		return ""
	}
	return w.c.model.info.Path
}

// ModelChanged implements view.
func (w *window) ModelChanged() {
	m := w.c.model
	if m.engine != nil && w.composing() {
		w.win.Canvas().Focus(w.composer.field)
	}
	w.picker.showModel(m)
	if w.strip.show(m.load) {
		w.chat.relayout()
	}
	w.device.set(m.info.Device)
	w.readout.showModel(m.info.Memory, w.c.bandwidth)
	w.benchmark.show(w.c)
	relayout(w.title)
	if m.load == nil || m.load.Done == 0 { // not for each step of its progress
		w.deps.Changed(w)
		w.picker.showModels(w.c.models, w.c.scanning, w.loadedPath())
		w.showPage()
		w.SpeedChanged()
		w.SettingsChanged() // other values are recommended
	}
}

// composing reports whether the composer may take the focus: no other field to
// write in has it.
func (w *window) composing() bool {
	if w.page != nil {
		return false
	}
	switch w.win.Canvas().Focused().(type) {
	case *field, *searchField, *widget.Entry:
		return false
	}
	return true
}

// ChatsChanged implements view.
func (w *window) ChatsChanged() {
	w.sidebar.show(sidebarChats{
		version: w.c.listed, chats: w.c.chats, temporary: w.c.temporaryChats, folders: w.c.folders,
		open: w.c.chat.ID, busy: w.c.answering(),
	})
	w.showTitle()
	w.deps.Changed(w)
}

// ChatOpened implements view.
func (w *window) ChatOpened() {
	w.chat.showMessages(w.c.chat.messages)
	w.showLeftOut()
	if w.system.Text != w.c.chat.System {
		w.system.SetText(w.c.chat.System)
	}
	w.showTitle()
	w.showSeed()
	w.BudgetChanged()
	w.closePage()
	w.chat.transcript.ScrollToBottom()
	w.find.again()
	w.composer.show(w.c.Draft())
	w.showPage()
	w.ChatsChanged()
	w.showTemporary()
	if w.sidebar.list.rename == nil { // its name may be being written already
		w.win.Canvas().Focus(w.composer.field)
	}
}

// showTitle names the open chat in the window's title.
func (w *window) showTitle() {
	title := "Lumi"
	if w.c.chat.Title != "" {
		title += " – " + w.c.chat.Title
	}
	w.win.SetTitle(title)
}

// showPage shows the welcome page while the chat is empty.
func (w *window) showPage() {
	if len(w.c.chat.messages) > 0 || w.c.chat.loading {
		w.chat.welcome.box.Hide()
		w.chat.transcript.Show()
		return
	}
	w.chat.transcript.Hide()
	w.chat.welcome.show(w.c.models, w.c.scanning, w.c.model)
	w.chat.welcome.box.Show()
}

// MessageAdded implements view.
func (w *window) MessageAdded(m message) {
	w.chat.transcript.Append(shown(m))
	w.chat.transcript.ScrollToBottom()
	w.showPage()
}

// MessagesRemoved implements view.
func (w *window) MessagesRemoved(keys []int64) {
	for _, key := range keys {
		w.chat.transcript.Remove(key)
	}
	w.showLeftOut()
	w.chat.transcript.ScrollToBottom()
	w.showPage()
}

// BusyChanged implements view.
func (w *window) BusyChanged() {
	w.composer.setBusy(w.c.Busy())
	w.tellEnd()
	w.chat.transcript.Refresh() // other messages have the buttons now
	w.showSeed()
	w.BudgetChanged()
	w.ChatsChanged()
}

// showSeed shows the seed of the last answer, as soon as it is known: the
// panel would move to and fro if its line went until then.
func (w *window) showSeed() {
	if writing := w.c.answer != nil && w.c.answer.chat == w.c.chat; !writing && !w.c.chat.loading {
		w.samplers.showSeed(w.c.LastSeed())
	}
}

// SpeedChanged implements view.
func (w *window) SpeedChanged() {
	r := w.c.readout
	rate, shown := w.readout.show(r, w.now())
	if !shown {
		return
	}
	r.Rate = rate
	w.chat.status.set(statusText(r))
	used, size := w.c.ContextUsed()
	if size == 0 {
		w.context.set("")
		w.meter.Hide()
		return
	}
	if text := lang.L("Context {{.Used}} / {{.Size}}", map[string]any{"Used": used, "Size": size}); text != w.context.text {
		w.context.set(text)
		w.meter.set(float64(used) / float64(size))
		w.meter.Show()
		relayout(w.title)
	}
}

// NoticeChanged implements view.
func (w *window) NoticeChanged() {
	w.banner.show(w.c.notice)
	w.chat.relayout()
}

// BenchChanged implements view.
func (w *window) BenchChanged() { w.benchmark.show(w.c) }

// ChooseModel implements view.
func (w *window) ChooseModel() { w.picker.open() }
