package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// mainMenu holds every shortcut: a text field that has the focus would swallow
// those of the canvas, but not those of the menu.
func (w *window) mainMenu() *fyne.MainMenu {
	menus := fyne.NewMainMenu(
		fyne.NewMenu(lang.L("File"),
			withKey(fyne.NewMenuItem(lang.L("New chat"), w.c.NewChat), fyne.KeyN),
			withShiftKey(fyne.NewMenuItem(lang.L("New temporary chat"), w.c.NewTemporaryChat), fyne.KeyN),
			fyne.NewMenuItem(lang.L("New folder…"), func() { w.newFolder() }),
			withKey(fyne.NewMenuItem(lang.L("Open a model file…"), w.chooseFile), fyne.KeyO),
			fyne.NewMenuItem(lang.L("Add a models folder…"), w.chooseFolder),
			fyne.NewMenuItem(lang.L("Open the models folder"), w.openModelsFolder),
			fyne.NewMenuItem(lang.L("Convert model…"), w.convertAny),
			fyne.NewMenuItemSeparator(),
			fyne.NewMenuItem(lang.L("Import chats…"), w.importChats),
			fyne.NewMenuItem(lang.L("Export all chats…"), w.exportAll),
		),
		fyne.NewMenu(lang.L("Edit"),
			w.editItem(lang.L("Undo"), &fyne.ShortcutUndo{}),
			fyne.NewMenuItemSeparator(),
			w.editItem(lang.L("Cut"), &fyne.ShortcutCut{}),
			w.editItem(lang.L("Copy"), &fyne.ShortcutCopy{}),
			w.editItem(lang.L("Paste"), &fyne.ShortcutPaste{}),
			w.editItem(lang.L("Select all"), &fyne.ShortcutSelectAll{}),
			fyne.NewMenuItemSeparator(),
			withKey(fyne.NewMenuItem(lang.L("Write a message"), w.writeMessage), fyne.KeyL),
			withKey(fyne.NewMenuItem(lang.L("Find in this chat"), w.openFind), fyne.KeyF),
			withPlainKey(fyne.NewMenuItem(lang.L("Later match"), func() { w.findNext(1) }), "F3"),
			withPlainKey(fyne.NewMenuItem(lang.L("Earlier match"), func() { w.findNext(-1) }), "Shift+F3"),
			withShiftKey(fyne.NewMenuItem(lang.L("Find a chat"), w.findChat), fyne.KeyF),
			withShiftKey(fyne.NewMenuItem(lang.L("Go to the list of chats"), w.goToChats), fyne.KeyL),
		),
		fyne.NewMenu(lang.L("Chat"), append([]*fyne.MenuItem{
			withKey(fyne.NewMenuItem(lang.L("Stop the answer"), w.c.Stop), fyne.KeyPeriod),
			withKey(fyne.NewMenuItem(lang.L("Answer again"), w.c.Regenerate), fyne.KeyR),
			withShiftKey(fyne.NewMenuItem(lang.L("Same again"), w.c.SameAgain), fyne.KeyR),
			withKey(fyne.NewMenuItem(lang.L("Edit the last message"), w.c.EditLast), fyne.KeyE),
		}, append(w.messageItems(),
			fyne.NewMenuItemSeparator(),
			withShiftKey(fyne.NewMenuItem(lang.L("What the model sees"), w.seePrompt), fyne.KeyP),
			fyne.NewMenuItem(lang.L("Presets"), w.openPresets),
			fyne.NewMenuItem(lang.L("Saved system prompts"), w.openPrompts),
			fyne.NewMenuItemSeparator(),
			withPlainKey(fyne.NewMenuItem(lang.L("Rename…"), w.renameOpen), "F2"),
			fyne.NewMenuItem(lang.L("Pin or unpin"), w.pinOpen),
			fyne.NewMenuItem(lang.L("Duplicate"), w.duplicateOpen),
			fyne.NewMenuItem(lang.L("Export as Markdown…"), w.exportOpenMarkdown),
			fyne.NewMenuItem(lang.L("Export as JSON…"), w.exportOpenJSON),
			fyne.NewMenuItem(lang.L("Delete"), w.deleteOpen),
		)...)...),
		w.viewMenu(),
		fyne.NewMenu(lang.L("Help"),
			withPlainKey(fyne.NewMenuItem(lang.L("Keyboard shortcuts"), w.showKeys), "F1"),
			fyne.NewMenuItem(lang.L("About Lumi"), w.showAbout),
		),
	)
	for _, menu := range menus.Items {
		hinted(menu, w.look.textSize())
	}
	return menus
}

func (w *window) viewMenu() *fyne.Menu {
	text := fyne.NewMenuItem(lang.L("Text size"), nil)
	text.ChildMenu = fyne.NewMenu("",
		withKey(fyne.NewMenuItem(lang.L("Larger"), func() { w.resizeText(1) }), fyne.KeyEqual),
		withKey(fyne.NewMenuItem(lang.L("Smaller"), func() { w.resizeText(-1) }), fyne.KeyMinus),
		withKey(fyne.NewMenuItem(lang.L("Normal"), func() { w.resizeText(0) }), fyne.Key0),
	)
	return fyne.NewMenu(lang.L("View"),
		withKey(fyne.NewMenuItem(lang.L("Chats"), w.toggleSidebar), fyne.KeyB),
		withKey(fyne.NewMenuItem(lang.L("Speed and sampling"), w.togglePanel), fyne.KeyJ),
		withKey(fyne.NewMenuItem(lang.L("Models"), w.ChooseModel), fyne.KeyM),
		withKey(fyne.NewMenuItem(lang.L("Search everything"), w.openPalette), fyne.KeyK),
		fyne.NewMenuItem(lang.L("Benchmark"), w.openBenchmark),
		withKey(fyne.NewMenuItem(lang.L("Settings"), w.openSettings), fyne.KeyComma),
		fyne.NewMenuItemSeparator(), w.themeMenu(), text, w.contextMenu())
}

// themeMenu offers the desktop's own look, the light and the dark one.
func (w *window) themeMenu() *fyne.MenuItem {
	item := fyne.NewMenuItem(lang.L("Theme"), nil)
	item.ChildMenu = fyne.NewMenu("")
	for _, mode := range themeModes {
		choice := fyne.NewMenuItem(themeName(mode), func() { w.setTheme(mode) })
		choice.Checked = w.look.mode == mode
		item.ChildMenu.Items = append(item.ChildMenu.Items, choice)
	}
	return item
}

// contextMenu offers context sizes; the model is loaded again with the one
// that is chosen.
func (w *window) contextMenu() *fyne.MenuItem {
	item := fyne.NewMenuItem(lang.L("Context size"), nil)
	item.ChildMenu = fyne.NewMenu("")
	for _, tokens := range contextSizes {
		choice := fyne.NewMenuItem(contextName(tokens), func() { w.setContext(tokens) })
		choice.Checked = w.c.options.Context == tokens
		item.ChildMenu.Items = append(item.ChildMenu.Items, choice)
	}
	return item
}

func (w *window) findChat() {
	w.showSidebar()
	w.win.Canvas().Focus(w.sidebar.search)
}

func (w *window) setTheme(mode string) {
	w.look.mode = mode
	w.applyLook()
}

// resizeText makes text larger by so many units, or as usual for 0.
func (w *window) resizeText(by float32) {
	if by == 0 {
		w.look.size = 0
	} else {
		w.look.size = min(28, max(10, w.look.textSize()+by))
	}
	w.applyLook()
}

func (w *window) applyLook() {
	w.app.Settings().SetTheme(w.look)
	w.win.SetMainMenu(w.mainMenu()) // for the mark at the theme in use
	w.showPreferences()
	w.deps.Changed(w)
}

// shortcuts are the keys of the window and what they do.
var shortcuts = []struct{ keys, does string }{
	{"Enter", "send"},
	{"Shift+Enter", "new line"},
	{"Esc  Ctrl+.", "stop the answer"},
	{"Ctrl+N", "new chat"},
	{"Ctrl+Shift+N", "new temporary chat"},
	{"Ctrl+L", "write a message"},
	{"Ctrl+R", "answer again"},
	{"Ctrl+Shift+R", "answer again with the same seed"},
	{"Ctrl+Shift+P", "what the model sees"},
	{"Ctrl+E", "edit the last message"},
	{"Ctrl+G", "continue the answer"},
	{"Ctrl+[  Ctrl+]", "earlier or later version"},
	{"Ctrl+U", "attach a file"},
	{"Ctrl+F  F3  Shift+F3", "find in this chat"},
	{"Ctrl+Shift+F", "find a chat"},
	{"Ctrl+Shift+L", "go to the list of chats"},
	{"F2", "rename the chat"},
	{"Ctrl+M", "models"},
	{"Ctrl+O", "open a model file"},
	{"Ctrl+B", "show or hide the chats"},
	{"Ctrl+J", "show or hide speed and sampling"},
	{"Ctrl+=  Ctrl+-  Ctrl+0", "text size"},
	{"Ctrl+K", "search everything"},
	{"Ctrl+,", "settings"},
	{"F1", "this list"},
}

// showKeys lists the keyboard shortcuts.
func (w *window) showKeys() {
	grid := container.New(layout.NewFormLayout())
	for _, s := range shortcuts {
		key := newText(s.keys, theme.ColorNameForeground, theme.SizeNameText)
		key.style.Monospace = true
		key.fits = true
		what := newText(lang.L(s.does), colorMuted, theme.SizeNameText)
		what.fits = true
		grid.Add(padded(key, 6, 3))
		grid.Add(padded(what, 6, 3))
	}
	d := dialog.NewCustom(lang.L("Keyboard shortcuts"), lang.L("Close"), newScroller(grid), w.win)
	d.Show()
	list, window := grid.MinSize(), w.win.Canvas().Size()
	d.Resize(fyne.NewSize(min(list.Width+60, window.Width-32), min(list.Height+130, window.Height-32)))
}

func (w *window) showAbout() {
	text := widget.NewLabel("Lumi " + w.deps.Version + "\n" +
		lang.L("Chats with language models that run on this computer. Nothing you write leaves it."))
	text.Alignment = fyne.TextAlignCenter
	dialog.ShowCustom(lang.L("About Lumi"), lang.L("Close"), text, w.win)
}
