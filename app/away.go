package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

// longAnswer is how long an answer must take for its end to be worth a
// notification: people look away while they wait for it.
const longAnswer = 10 * time.Second

// away knows whether a person looks at the window, and since when they wait.
type away struct {
	app     fyne.App
	out     bool      // another program has the focus
	waiting time.Time // since when an answer is being written; zero for none
}

func newAway(a fyne.App) *away {
	w := &away{app: a}
	a.Lifecycle().SetOnExitedForeground(func() { w.out = true })
	a.Lifecycle().SetOnEnteredForeground(func() { w.out = false })
	return w
}

// busy takes note of an answer's start or end and reports whether a person
// should be told that it has ended.
func (a *away) busy(busy bool, now time.Time) bool {
	switch {
	case busy && a.waiting.IsZero():
		a.waiting = now
	case !busy && !a.waiting.IsZero():
		long := now.Sub(a.waiting) >= longAnswer
		a.waiting = time.Time{}
		return long && a.out
	}
	return false
}

// tell shows a notification of the desktop. Nobody waits for it: a desktop that
// does not answer must not hold up the window, nor its end.
func (a *away) tell(title, text string) {
	go a.app.SendNotification(fyne.NewNotification(title, text))
}

// tellEnd tells the person in another program that an answer is complete.
func (w *window) tellEnd() {
	if !w.away.busy(w.c.Busy(), w.now()) || !w.comfort.notify {
		return
	}
	text := lang.L("The answer is complete.")
	if i := w.c.chat.last("assistant"); i >= 0 && w.c.chat.messages[i].Text != "" {
		text = cutAtWord(w.c.chat.messages[i].Text, 120)
	}
	w.away.tell(w.win.Title(), text)
}
