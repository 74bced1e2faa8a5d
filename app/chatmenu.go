package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"lumi/app/history"
)

// lineMenu shows what can be done with a line of the list of chats: with its
// chat, with all chosen ones if it is one of them, or with its folder.
func (w *window) lineMenu(line listLine, at fyne.Position) {
	var items []*fyne.MenuItem
	ids := w.sidebar.list.picked(line.chat.ID)
	switch {
	case line.kind == folderHead:
		items = w.folderItems(line)
	case len(ids) > 1:
		items = w.chosenItems(ids)
	default:
		items = w.chatItems(line.chat)
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), w.win.Canvas(), at)
}

// chosenMenu shows, above a place, what can be done with the chosen chats.
func (w *window) chosenMenu(at fyne.Position) {
	pop := widget.NewPopUpMenu(fyne.NewMenu("", w.chosenItems(w.sidebar.list.allChosen())...), w.win.Canvas())
	pop.ShowAtPosition(at.SubtractXY(0, pop.MinSize().Height+4))
}

func (w *window) chatItems(chat history.Chat) []*fyne.MenuItem {
	rename := fyne.NewMenuItem(lang.L("Rename…"), func() { w.sidebar.beginRename(lineKey{id: chat.ID}) })
	duplicate := fyne.NewMenuItem(lang.L("Duplicate"), func() { w.c.DuplicateChat(chat.ID) })
	remove := fyne.NewMenuItem(lang.L("Delete"), func() { w.c.DeleteChats(chat.ID) })
	export := fyne.NewMenuItem(lang.L("Export"), nil)
	export.ChildMenu = fyne.NewMenu("",
		fyne.NewMenuItem(lang.L("As Markdown…"), func() { w.exportMarkdown(chat) }),
		fyne.NewMenuItem(lang.L("As JSON…"), func() { w.exportJSON(chat.Title, chat.ID) }))
	if isTemporary(chat.ID) {
		return []*fyne.MenuItem{
			fyne.NewMenuItem(lang.L("Keep this chat"), func() { w.c.KeepChat(chat.ID) }),
			fyne.NewMenuItemSeparator(), rename, duplicate, export, fyne.NewMenuItemSeparator(), remove,
		}
	}
	pin := fyne.NewMenuItem(lang.L("Pin"), func() { w.c.PinChats(true, chat.ID) })
	if chat.Pinned {
		pin = fyne.NewMenuItem(lang.L("Unpin"), func() { w.c.PinChats(false, chat.ID) })
	}
	return []*fyne.MenuItem{
		rename, pin, w.moveItem(chat.Folder, chat.ID), duplicate, export, fyne.NewMenuItemSeparator(), remove,
	}
}

// chosenItems is what can be done with several chats at once. Temporary ones
// can only be deleted: the rest is about what is on disk.
func (w *window) chosenItems(ids []int64) []*fyne.MenuItem {
	remove := fyne.NewMenuItem(lang.L("Delete"), func() { w.c.DeleteChats(ids...) })
	for _, id := range ids {
		if isTemporary(id) {
			return []*fyne.MenuItem{remove}
		}
	}
	return []*fyne.MenuItem{
		fyne.NewMenuItem(lang.L("Pin"), func() { w.c.PinChats(true, ids...) }),
		fyne.NewMenuItem(lang.L("Unpin"), func() { w.c.PinChats(false, ids...) }),
		w.moveItem(-1, ids...),
		fyne.NewMenuItem(lang.L("Export as JSON…"), func() { w.exportJSON(lang.L("Chats"), ids...) }),
		fyne.NewMenuItemSeparator(), remove,
	}
}

// moveItem offers the folders; the one that the chats lie in is marked.
func (w *window) moveItem(in int64, ids ...int64) *fyne.MenuItem {
	item := fyne.NewMenuItem(lang.L("Move to a folder"), nil)
	item.ChildMenu = fyne.NewMenu("")
	add := func(name string, folder int64) {
		choice := fyne.NewMenuItem(name, func() { w.c.MoveChats(folder, ids...) })
		choice.Checked = folder == in
		item.ChildMenu.Items = append(item.ChildMenu.Items, choice)
	}
	add(lang.L("No folder"), 0)
	for _, f := range w.c.folders {
		add(f.Name, f.ID)
	}
	item.ChildMenu.Items = append(item.ChildMenu.Items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(lang.L("New folder…"), func() { w.newFolder(ids...) }))
	return item
}

// newFolder makes a folder of some chats, or an empty one, and asks for its name
// in the list.
func (w *window) newFolder(ids ...int64) {
	w.c.NewFolder(lang.L("New folder"), func(f history.Folder) {
		w.showSidebar()
		w.sidebar.beginRename(lineKey{folder: true, id: f.ID})
	}, ids...)
}

func (w *window) folderItems(line listLine) []*fyne.MenuItem {
	id := line.folder.ID
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(lang.L("Rename…"), func() { w.sidebar.beginRename(line.key()) }),
	}
	if line.count > 0 {
		items = append(items, fyne.NewMenuItem(lang.L("Export as JSON…"), func() {
			var ids []int64
			for _, chat := range w.c.chats {
				if chat.Folder == id {
					ids = append(ids, chat.ID)
				}
			}
			w.exportJSON(line.folder.Name, ids...)
		}))
	}
	return append(items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(lang.L("Delete the folder"), func() { w.c.DeleteFolder(id) }))
}

// renameLine takes over what was written into a line of the list.
func (w *window) renameLine(line listLine, name string) {
	if line.kind == folderHead {
		w.c.RenameFolder(line.folder.ID, name)
		return
	}
	w.c.RenameChat(line.chat.ID, name)
}

// openKnown returns the open chat if it is in the list.
func (w *window) openKnown() (history.Chat, bool) { return w.c.known(w.c.chat.ID) }

func (w *window) renameOpen() {
	if chat, ok := w.openKnown(); ok {
		w.showSidebar()
		w.sidebar.beginRename(lineKey{id: chat.ID})
	}
}

func (w *window) deleteOpen() {
	if w.c.chat.ID != 0 {
		w.c.DeleteChats(w.c.chat.ID)
	}
}

func (w *window) pinOpen() {
	if chat, ok := w.openKnown(); ok && !isTemporary(chat.ID) {
		w.c.PinChats(!chat.Pinned, chat.ID)
	}
}

func (w *window) duplicateOpen() {
	if chat, ok := w.openKnown(); ok {
		w.c.DuplicateChat(chat.ID)
	}
}

// goToChats puts the focus on the list of chats.
func (w *window) goToChats() {
	w.showSidebar()
	if i := w.sidebar.list.find(lineKey{id: w.c.chat.ID}); i >= 0 {
		w.sidebar.list.moveTo(i, 1)
	}
	w.win.Canvas().Focus(w.sidebar.list)
}

func (w *window) showSidebar() {
	if shown, _ := w.layout.shown(w.root.Size().Width); !shown {
		w.toggleSidebar()
	}
}
