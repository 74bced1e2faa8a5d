package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
)

// AskRoom implements view: it says what does not fit and lets the person choose
// what to do.
func (w *window) AskRoom() {
	s := w.c.short
	width := min(480, w.win.Canvas().Size().Width-80)
	var d *dialog.CustomDialog
	choose := func(do func()) func() {
		return func() {
			d.Hide()
			do()
		}
	}
	buttons := container.New(&stackedRow{gap: 6})
	add := func(name string, do func()) { buttons.Add(newButton(name, nil, choose(do))) }
	if s.Exchanges > 0 {
		add(lang.L("Leave them out"), w.c.DropOldest)
		add(lang.L("Let the model summarise them"), w.c.SummariseOldest)
	}
	if s.Larger > 0 {
		add(plural(s.Larger, "Load the model with a larger context ({{.N}} tokens)"), func() {
			w.c.LargerContext()
			w.win.SetMainMenu(w.mainMenu()) // for the mark at the size in use
		})
	}
	add(lang.L("Send nothing"), w.c.KeepWriting)
	text := container.New(&stackedRow{gap: 8})
	for _, sentence := range shortageText(s) {
		text.Add(newParagraph(sentence, theme.ColorNameForeground, width))
	}
	d = dialog.NewCustomWithoutButtons(lang.L("This does not fit into the context"),
		container.New(&stackedRow{gap: 14}, text, buttons), w.win)
	d.Show()
	if first, ok := buttons.Objects[0].(fyne.Focusable); ok {
		w.win.Canvas().Focus(first)
	}
}

// shortageText says what does not fit and what could be done.
func shortageText(s *shortage) []string {
	list := []string{translate(tooLong(s.Tokens, s.Context))}
	switch {
	case s.Exchanges == 1:
		list = append(list, lang.L("Leaving out the oldest exchange, “{{.First}}”, makes room.", map[string]any{"First": s.First}))
	case s.Exchanges > 1:
		list = append(list, lang.L("Leaving out the oldest {{.N}} exchanges, from “{{.First}}” to “{{.Last}}”, makes room.",
			map[string]any{"N": s.Exchanges, "First": s.First, "Last": s.Last}))
	default:
		return append(list, lang.L("Leaving out older messages is not enough: your message has to become shorter, or the context larger."))
	}
	return append(list, plural(s.Remaining, "The system prompt and your message with all that is attached to it stay; the prompt would have {{.N}} tokens. What is left out stays in the chat."))
}

// BudgetChanged implements view.
func (w *window) BudgetChanged() {
	w.SpeedChanged()
	text, full := "", false
	if used, size := w.c.ContextUsed(); w.c.budget.Known && w.c.chat.drafted() && size > 0 {
		text = lang.L("{{.Used}} / {{.Size}} tokens", map[string]any{"Used": used, "Size": size})
		full = used+answerRoom(size) > size
	}
	if n := exchanges(w.c.chat.messages[:w.c.chat.leftOut()]); n > 0 {
		text = joined(text, plural(n, "{{.N}} exchanges left out"))
	}
	w.chat.showCount(text, full)
}
