package app

import (
	"fyne.io/fyne/v2/lang"

	"lumi/app/transcript"
)

// The transcript says where what is left out of prompts begins and ends. These
// are the IDs of the two remarks there; those of messages are positive.
const (
	leftOutBegin int64 = -1 - iota
	leftOutEnd
)

// LeftOutChanged implements view.
func (w *window) LeftOutChanged() {
	w.showLeftOut()
	w.BudgetChanged()
}

// showLeftOut puts the remarks where they belong.
func (w *window) showLeftOut() {
	t, chat := w.chat.transcript, w.c.chat
	t.Remove(leftOutBegin)
	t.Remove(leftOutEnd)
	n := chat.leftOut()
	if n == 0 {
		return
	}
	what := map[string]any{"What": plural(exchanges(chat.messages[:n]), "{{.N}} exchanges")}
	t.InsertAfter(0, transcript.Message{
		ID: leftOutBegin, Role: transcript.Notice,
		Markdown: lang.L("Left out of the prompt from here on: {{.What}}.", what),
	})
	text := lang.L("The model sees the messages from here on.")
	if summary := chat.summary(); summary != "" {
		text = lang.L("In their place the model sees this summary:") + "\n\n" + summary
	}
	t.InsertAfter(chat.messages[n-1].Key, transcript.Message{
		ID: leftOutEnd, Role: transcript.System, Markdown: text,
		Author: lang.L("Left out of the prompt up to here: {{.What}}", what),
	})
}

// leftOutActions are what can be done with the remark at the end of what is
// left out.
func (w *window) leftOutActions() []transcript.Action {
	return []transcript.Action{{Label: lang.L("Send what is left out again"), Run: func(int64) { w.c.TakeIn() }}}
}
