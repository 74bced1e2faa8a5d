package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"lumi/app/settings"
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

	panelScroll  *scroller
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
	w.win.SetContent(container.New(tipped{layout.NewStackLayout(), w.tips}, w.root, w.tips.layer))
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
		case w.sidebar.list.cancelDrag():
		case w.closePage():
		case w.c.CancelEdit():
		case w.c.Busy():
			w.c.Stop()
		default:
			w.find.close()
		}
	case fyne.KeyF3:
		w.findNext(direction())
	case fyne.KeyF1:
		w.showKeys()
	case fyne.KeyF2:
		w.renameOpen()
	default:
		return false
	}
	return true
}
