package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/assets"
	"lumi/llm/store"
)

// welcomePage fills the centre while there is nothing to read: it says how to
// get a model, lists the models to choose from, or invites to write.
type welcomePage struct {
	box     *fyne.Container
	title   *textLine
	text    *widget.Label
	rows    *fyne.Container
	buttons *fyne.Container
	do      pickerActions
	folder  string
}

// welcomeModels is how many models the page lists; the picker lists all.
const welcomeModels = 5

func newWelcomePage(do pickerActions, folder string) *welcomePage {
	w := &welcomePage{do: do, folder: folder}
	mark := canvas.NewImageFromResource(fyne.NewStaticResource("lumi.png", assets.IconPNG))
	mark.FillMode = canvas.ImageFillContain
	mark.ScaleMode = canvas.ImageScaleSmooth
	mark.SetMinSize(fyne.NewSquareSize(64))
	w.title = newText("", theme.ColorNameForeground, theme.SizeNameHeadingText)
	w.title.style.Bold = true
	w.title.align = fyne.TextAlignCenter
	w.text = widget.NewLabel("")
	w.text.Wrapping = fyne.TextWrapWord
	w.text.Alignment = fyne.TextAlignCenter
	w.rows = container.New(&stackedRow{gap: 4})
	choose := newButton(lang.L("Choose a file…"), theme.FileIcon(), do.chooseFile)
	choose.Importance = widget.HighImportance
	w.buttons = container.New(&stackedRow{gap: 6},
		container.NewCenter(container.NewHBox(choose,
			newButton(lang.L("Open the models folder"), theme.FolderOpenIcon(), do.openFolder))),
		container.NewCenter(container.NewHBox(
			quietButton(lang.L("Add a folder…"), theme.FolderNewIcon(), do.addFolder),
			quietButton(lang.L("Look again"), theme.ViewRefreshIcon(), do.rescan))))
	// A window that is lower than the page scrolls it: it may be as low as a
	// small screen at a large scale.
	w.box = container.NewStack(newScroller(container.New(column{520, 20}, container.NewVBox(
		layout.NewSpacer(), mark, w.title, w.text, w.rows, w.buttons, layout.NewSpacer(), layout.NewSpacer()))))
	return w
}

// show chooses what the page says.
func (w *welcomePage) show(models []store.Found, scanning bool, m modelState) {
	w.rows.RemoveAll()
	w.rows.Hide()
	w.buttons.Hide()
	switch {
	case m.load != nil:
		w.title.set(lang.L("One moment"))
		w.text.SetText(lang.L("The model is being loaded. You can write your message already."))
	case m.engine != nil:
		w.title.set(lang.L("What would you like to know?"))
		w.text.SetText(lang.L("Enter sends, Shift+Enter starts a new line, Esc stops an answer. Everything stays on this computer."))
	case len(models) > 0:
		w.title.set(lang.L("Choose a model"))
		w.text.SetText(lang.L("These models were found on this computer."))
		list := &modelList{do: w.do}
		for _, f := range models[:min(len(models), welcomeModels)] {
			card := newGround(theme.ColorNameInputBackground, 8)
			card.stroke = theme.ColorNameSeparator
			w.rows.Add(container.NewStack(card, list.row(f, false)))
		}
		w.rows.Show()
	case scanning:
		w.title.set(lang.L("Looking for models…"))
		w.text.SetText("")
	default:
		w.title.set(lang.L("Welcome to Lumi"))
		w.text.SetText(lang.L("Lumi runs language models on this computer, and there is none here yet. "+
			"Put a model file (its name ends in .gguf) into the models folder, or choose one from anywhere.") +
			"\n" + w.folder)
		w.buttons.Show()
	}
	w.box.Refresh()
}
