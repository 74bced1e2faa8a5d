package app

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/storage"

	"lumi/llm/store"
)

func (w *window) chooseFile() {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if path, ok := w.chosenFile(file, err); ok {
			w.c.Load(path)
		}
	}, w.win)
	var endings []string
	for _, ending := range append(store.Extensions(), ".safetensors") {
		endings = append(endings, ending, strings.ToUpper(ending))
	}
	d.SetFilter(storage.NewExtensionFileFilter(endings))
	w.showFileDialog(d, lang.L("Open a file"))
}

func (w *window) chooseFolder() {
	d := dialog.NewFolderOpen(func(dir fyne.ListableURI, err error) {
		if err != nil {
			w.c.fail(err, action{})
			return
		}
		if dir != nil {
			w.c.AddFolder(dir.Path())
			w.deps.Changed(w)
			w.showPreferences()
		}
	}, w.win)
	w.showFileDialog(d, lang.L("Choose a folder"))
}

// showFileDialog shows d under a title of its own: Fyne puts two words side by
// side, which is right in English only.
func (w *window) showFileDialog(d *dialog.FileDialog, title string) {
	d.SetTitleText(title)
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
		w.c.failed(say("No program opens the folder {{.Path}}: {{.Why}}", fields{"Path": dir}), err, action{})
	}
}

// askLink opens an address from a message after the person has seen it whole:
// what a link says and where it leads can differ.
func (w *window) askLink(address string) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto") {
		w.c.tell(say("This link leads to no web page: {{.Address}}", fields{"Address": cutAtWord(address, 200)}), action{})
		return
	}
	w.c.tell(say("Open {{.Address}} in the browser?", fields{"Address": cutMiddle(u.String(), 300)}), action{say("Open"), func() {
		if err := w.app.OpenURL(u); err != nil {
			w.c.fail(err, action{})
		}
	}})
}
