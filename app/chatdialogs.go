package app

import (
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"

	"lumi/app/history"
)

// ShowMessage implements view.
func (w *window) ShowMessage(key int64) { w.chat.transcript.ScrollTo(key) }

// SearchChanged implements view.
func (w *window) SearchChanged() { w.sidebar.showFound(*w.c.find) }

// TransferChanged implements view.
func (w *window) TransferChanged() { w.sidebar.showTransfer(w.c.transfer) }

// temporaryStrip says, above a temporary chat, that it is one.
func (w *window) temporaryStrip() fyne.CanvasObject {
	text := newText(lang.L("Temporary chat: never saved, it ends with this window."),
		theme.ColorNameForeground, theme.SizeNameCaptionText)
	keep := quietButton(lang.L("Keep this chat"), nil, func() { w.c.KeepChat(w.c.chat.ID) })
	w.passing = padded(container.New(column{readingWidth, 16}, container.NewStack(newGround(colorNotice, 8),
		padded(container.NewBorder(nil, nil, nil, keep, container.New(middle{}, text)), 12, 2))), 0, 4)
	w.passing.Hide()
	return w.passing
}

func (w *window) showTemporary() {
	if w.passing.Visible() != w.c.chat.Temporary {
		show(w.passing, w.c.chat.Temporary)
		w.chat.relayout()
	}
}

// importChats asks for a file with chats.
func (w *window) importChats() {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if path, ok := w.chosenFile(file, err); ok {
			w.c.ImportChats(path)
		}
	}, w.win)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".json", ".JSON"}))
	w.showFileDialog(d, lang.L("Open a file"))
}

// chosenFile closes what a file dialog has opened and returns its path: the
// file is read or written elsewhere.
func (w *window) chosenFile(file interface {
	Close() error
	URI() fyne.URI
}, err error,
) (path string, ok bool) {
	if err == nil && file != nil {
		path = file.URI().Path()
		err = file.Close()
	}
	if err != nil {
		w.c.fail(err, action{})
	}
	return path, err == nil && path != ""
}

// askWhere asks for the place of a new file.
func (w *window) askWhere(title, extension string, then func(path string)) {
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		if file == nil && err == nil {
			return // cancelled
		}
		if path, ok := w.chosenFile(file, err); ok {
			then(path)
		}
	}, w.win)
	d.SetFileName(fileNameOf(title, extension))
	w.showFileDialog(d, lang.L("Save a file"))
}

func (w *window) exportMarkdown(chat history.Chat) {
	w.askWhere(chat.Title, ".md", func(path string) { w.c.ExportMarkdown(path, chat.ID) })
}

func (w *window) exportJSON(title string, ids ...int64) {
	w.askWhere(title, ".json", func(path string) { w.c.ExportJSON(path, ids...) })
}

func (w *window) exportOpenMarkdown() {
	if chat, ok := w.openKnown(); ok {
		w.exportMarkdown(chat)
	}
}

func (w *window) exportOpenJSON() {
	if chat, ok := w.openKnown(); ok {
		w.exportJSON(chat.Title, chat.ID)
	}
}

func (w *window) exportAll() {
	var ids []int64
	for _, chat := range w.c.chats {
		ids = append(ids, chat.ID)
	}
	if len(ids) == 0 {
		w.c.tell(say("There is no chat to export yet."), action{})
		return
	}
	w.exportJSON(lang.L("Chats"), ids...)
}

// droppedChats imports those of the dropped files that hold chats, and returns
// the others. What is dropped on the side bar is meant to be chats.
func (w *window) droppedChats(at fyne.Position, uris []fyne.URI) (others []fyne.URI) {
	shown, _ := w.layout.shown(w.root.Size().Width)
	sidebar, _ := sideWidths(w.root.Size().Width)
	onList := shown && at.X < sidebar
	var chats []string
	for _, uri := range uris {
		path := uri.Path()
		if onList && strings.EqualFold(filepath.Ext(path), ".json") || history.HasChats(path) {
			chats = append(chats, path)
		} else {
			others = append(others, uri)
		}
	}
	w.c.ImportChats(chats...)
	return others
}
