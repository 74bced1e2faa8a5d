package app

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/app/settings"
	"lumi/llm"
	"lumi/llm/store"
)

// window shows the controller's state and passes on what a person does. It is
// the controller's view.
type window struct {
	app  fyne.App
	win  fyne.Window
	c    *controller
	now  func() time.Time
	deps windowDeps

	layout   *windowLayout
	title    *fyne.Container
	root     *fyne.Container
	sidebar  *sidebar
	picker   *picker
	convert  *convertDialog // nil until it is asked for
	chat     *chatView
	composer *composer
	find     *findBar
	strip    *loadStrip
	banner   *banner
	samplers *samplers
	preset   *presetRow
	prompts  *button // opens the saved system prompts
	system   *field
	readout  *readout
	device   *textLine
	context  *textLine
	passing  *fyne.Container // says that the open chat is temporary
	meter    *gauge
	look     lumiTheme

	panelScroll  *container.Scroll
	panelResized func() // a part of the panel has another height
	page         *page  // the open one, nil for the chat
	preferences  *preferences
	benchmark    *benchmarkPage
	palette      *palette
	tips         *tips
	comfort      comfort
	away         *away
}

// windowDeps is what the window needs beside the controller.
type windowDeps struct {
	ModelsDir string
	Version   string
	Look      lumiTheme
	Prefs     settings.Settings // of which the window takes what it looks like
	// Changed is called when something that is remembered has changed.
	Changed func(w *window)
}

// newWindow builds the window around the controller; it is shown by the caller.
func newWindow(a fyne.App, c *controller, d windowDeps) *window {
	w := &window{app: a, c: c, now: c.Now, deps: d, win: a.NewWindow("Lumi")}
	w.look, w.comfort = d.Look, comfortOf(d.Prefs)
	w.tips, w.away = newTips(c.Post, w.win.Canvas), newAway(a)
	w.layout = &windowLayout{sidebar: d.Prefs.SidebarOpen, panel: d.Prefs.PanelOpen}
	actions := pickerActions{
		load: c.Load, explain: c.Explain, unload: c.Unload, chooseFile: w.chooseFile,
		addFolder: w.chooseFolder, openFolder: w.openModelsFolder, rescan: c.Rescan,
		menu: w.modelMenu,
	}
	w.picker = newPicker(actions, w.win.Canvas)
	w.strip = newLoadStrip(c.CancelLoad)
	w.banner = newBanner(c.Act, c.Dismiss)
	w.composer = newComposer(c.Send, c.Stop, w.plainKey)
	w.composer.field.onGrow = func() { w.chat.relayout() }
	w.composer.field.SetPlaceHolder(lang.L("Write a message…"))
	w.composer.onChange = c.SetDraft
	w.composer.onCancel = func() { c.CancelEdit() }
	w.composer.add.OnTapped = w.attachFile
	top := container.NewVBox(w.titleRow(), w.temporaryStrip(), w.strip.box, w.banner.box)
	w.chat = newChatView(top, w.composer, newWelcomePage(actions, d.ModelsDir))
	w.chat.transcript.OnLink = w.askLink
	w.chat.transcript.Actions = w.messageActions
	w.chat.transcript.OnVersion = c.Switch
	w.find = newFindBar(w.chat.transcript, w.plainKey, w.chat.relayout, func() { w.win.Canvas().Focus(w.composer.field) })
	top.Add(w.find.box)
	w.sidebar = newSidebar(sidebarActions{
		newChat: c.NewChat, open: c.OpenAt, search: c.Search, menu: w.lineMenu, chosenMenu: w.chosenMenu,
		rename: w.renameLine, delete: func(chats []int64) { c.DeleteChats(chats...) }, stopTransfer: c.StopTransfer,
		move: func(folder int64, chats []int64) { c.MoveChats(folder, chats...) }, folded: func() { d.Changed(w) },
		settings: func(fyne.Position) { w.openSettings() }, keys: w.plainKey, now: c.Now,
	})
	w.sidebar.setFolded(d.Prefs.FoldedFolders)
	right := w.panel()
	w.preferences, w.benchmark, w.palette = newPreferences(w), newBenchmarkPage(w), newPalette(w)
	w.chat.middle.Objects = append(w.chat.middle.Objects, w.preferences.box, w.benchmark.box)
	w.root = container.New(w.layout, w.sidebar.box, w.chat.box, right)
	w.win.SetContent(container.NewStack(w.root, w.tips.layer))
	w.win.SetPadded(false)
	w.win.SetMainMenu(w.mainMenu())
	w.win.Canvas().SetOnTypedKey(func(key *fyne.KeyEvent) { w.plainKey(key) })
	w.win.Canvas().SetOnTypedRune(func(r rune) { // writing works wherever one is
		w.writeMessage()
		w.composer.field.TypedRune(r)
	})
	w.win.SetOnDropped(w.dropped)
	w.win.Canvas().Focus(w.composer.field)
	c.view = w
	w.showAll()
	return w
}

// titleRow is the row above the chat: the model, its device and the context.
func (w *window) titleRow() fyne.CanvasObject {
	w.device = newCaption("")
	w.context = newCaption("")
	w.meter = newGauge(56, 6)
	w.title = container.New(&titleLayout{},
		w.tips.on(quietButton("", icon("panel-left"), w.toggleSidebar), lang.L("Show or hide the chats")),
		w.picker.button, w.device, w.context, w.meter,
		w.tips.on(quietButton("", icon("panel-right"), w.togglePanel), lang.L("Show or hide speed and sampling")))
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
	reset := quietButton(lang.L("Reset"), icon("reset"), func() {
		w.c.SetSettings(w.c.Recommended())
		w.SettingsChanged()
		w.PresetsChanged()
	})
	column := container.New(&stackedRow{gap: 14},
		section(lang.L("Speed"), nil, w.readout.box),
		widget.NewSeparator(),
		section(lang.L("Sampling"), reset, container.New(&stackedRow{gap: 6}, w.preset.button, w.samplers.box)),
		widget.NewSeparator(),
		section(lang.L("System prompt"), w.prompts, container.New(&stackedRow{gap: 6}, w.system, see)),
	)
	w.panelScroll = container.NewVScroll(padded(column, 14, 12))
	w.panelResized = func() {
		column.Refresh()
		w.panelScroll.Refresh()
	}
	return container.NewStack(newGround(colorSidebar, 0), w.panelScroll)
}

// section puts a name, and perhaps a button, above a part of the panel.
func section(name string, button fyne.CanvasObject, content fyne.CanvasObject) fyne.CanvasObject {
	title := newText(name, theme.ColorNameForeground, theme.SizeNameText)
	title.style.Bold = true
	title.fits = true
	return container.New(&stackedRow{gap: 8},
		container.NewBorder(nil, nil, container.NewCenter(title), button), content)
}

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
	w.samplers.showSeed(w.c.LastSeed())
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
	w.showPage()
}

// BusyChanged implements view.
func (w *window) BusyChanged() {
	w.composer.setBusy(w.c.Busy())
	w.tellEnd()
	w.chat.transcript.Refresh() // other messages have the buttons now
	w.samplers.showSeed(w.c.LastSeed())
	w.BudgetChanged()
	w.ChatsChanged()
}

// SpeedChanged implements view.
func (w *window) SpeedChanged() {
	r := w.c.readout
	r.Rate = w.readout.show(r, w.now())
	w.chat.status.set(statusText(r))
	used, size := w.c.ContextUsed()
	if size == 0 {
		w.context.set("")
		w.meter.Hide()
		return
	}
	if text := lang.L("Context") + " " + contextText(llm.Stats{ContextUsed: used, ContextSize: size}); text != w.context.text {
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

func (w *window) toggleSidebar() {
	sidebar, _ := w.layout.shown(w.root.Size().Width)
	w.layout.sidebar, w.layout.panelLast = !sidebar, false
	w.root.Refresh()
	w.deps.Changed(w)
}

func (w *window) togglePanel() {
	_, panel := w.layout.shown(w.root.Size().Width)
	w.layout.panel, w.layout.panelLast = !panel, true
	w.root.Refresh()
	w.deps.Changed(w)
}

// plainKey handles the window's keys that need no modifier, wherever the focus
// is, and reports whether this was one of them.
func (w *window) plainKey(key *fyne.KeyEvent) bool {
	switch key.Name {
	case fyne.KeyEscape:
		if top := w.win.Canvas().Overlays().Top(); top != nil { // a dialog or a list
			w.win.Canvas().Overlays().Remove(top)
			return true
		}
		switch {
		case w.closePage():
		case w.c.CancelEdit():
		case w.c.Busy():
			w.c.Stop()
		default:
			w.find.close()
		}
	case fyne.KeyF3:
		w.find.step(direction())
	case fyne.KeyF1:
		w.showKeys()
	case fyne.KeyF2:
		w.renameOpen()
	default:
		return false
	}
	return true
}

func (w *window) chooseFile() {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err != nil {
			w.c.fail(err, action{})
			return
		}
		if file == nil { // cancelled
			return
		}
		path := file.URI().Path()
		if err := file.Close(); err != nil {
			w.c.fail(err, action{})
			return
		}
		w.c.Load(path)
	}, w.win)
	var endings []string
	for _, ending := range append(store.Extensions(), ".safetensors") {
		endings = append(endings, ending, strings.ToUpper(ending))
	}
	d.SetFilter(storage.NewExtensionFileFilter(endings))
	w.showFileDialog(d)
}

func (w *window) chooseFolder() {
	w.showFileDialog(dialog.NewFolderOpen(func(dir fyne.ListableURI, err error) {
		if err != nil {
			w.c.fail(err, action{})
			return
		}
		if dir != nil {
			w.c.AddFolder(dir.Path())
			w.deps.Changed(w)
			w.showPreferences()
		}
	}, w.win))
}

func (w *window) showFileDialog(d *dialog.FileDialog) {
	size := w.win.Canvas().Size()
	d.Show() // has to come first: before it, the dialog has nothing to resize
	d.Resize(fyne.NewSize(min(900, size.Width-40), min(640, size.Height-40)))
}

// openModelsFolder shows the folder in the desktop's file manager.
func (w *window) openModelsFolder() {
	dir := w.deps.ModelsDir
	if err := os.MkdirAll(dir, 0o755); err != nil {
		w.c.fail(err, action{})
		return
	}
	w.openFolder(dir)
}

func (w *window) openFolder(dir string) {
	path := filepath.ToSlash(dir)
	if runtime.GOOS == "windows" {
		path = "/" + path
	}
	if err := w.app.OpenURL(&url.URL{Scheme: "file", Path: path}); err != nil {
		w.c.fail(fmt.Errorf("no program opens the folder %s: %w", dir, err), action{})
	}
}

// askLink opens an address from a message after the person has seen it whole:
// what a link says and where it leads can differ.
func (w *window) askLink(address string) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto") {
		w.c.tell("This link leads to no web page: "+cutAtWord(address, 200), action{})
		return
	}
	w.c.tell("Open "+cutMiddle(u.String(), 300)+" in the browser?", action{"Open", func() {
		if err := w.app.OpenURL(u); err != nil {
			w.c.fail(err, action{})
		}
	}})
}
