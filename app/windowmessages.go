package app

import (
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"lumi/app/transcript"
	"lumi/llm"
	"lumi/llm/store"
)

// MessageGrew implements view.
func (w *window) MessageGrew(key int64, thinking, answer string) {
	w.chat.transcript.AppendThinking(key, thinking)
	w.chat.transcript.AppendText(key, answer)
}

// MessageReplaced implements view.
func (w *window) MessageReplaced(m message) { w.chat.transcript.Append(shown(m)) }

// MessageChanged implements view.
func (w *window) MessageChanged(m message) {
	t := w.chat.transcript
	version, versions := m.version()
	t.SetVersions(m.Key, version, versions)
	t.SetDetails(m.Key, m.details())
	t.SetThinkingNote(m.Key, m.thinkingNote())
}

// MessageDone implements view.
func (w *window) MessageDone(m message) {
	w.MessageChanged(m)
	w.chat.transcript.Finish(m.Key, m.footer())
}

// PathChanged implements view.
func (w *window) PathChanged(after int64, messages []message) {
	w.chat.transcript.ReplaceAfter(after, allShown(messages))
	w.showLeftOut()
	if len(messages) == 0 { // what is left is the newest
		w.chat.transcript.ScrollToBottom()
	}
	w.showPage()
}

// EditBegan implements view.
func (w *window) EditBegan(m message) {
	label := lang.L("Editing your message")
	if m.Role == llm.Assistant {
		label = lang.L("Editing the answer")
	}
	w.composer.beginEdit(label, m.shown(), m.Attachments, m.Role == llm.User)
	w.chat.transcript.Reveal(m.Key)
	fyne.Do(w.writeMessage) // after the click on Edit, which takes the focus away
}

// EditEnded implements view.
func (w *window) EditEnded() { w.composer.endEdit(w.c.Draft()) }

// messageActions are what can be done with a message. The newest question and
// answer show the most as buttons; all of it is in the menu of every message.
func (w *window) messageActions(m transcript.Message) []transcript.Action {
	c := w.c
	if m.ID == leftOutEnd {
		return w.leftOutActions()
	}
	if c.answer != nil && c.answer.chat == c.chat || m.Role != llm.User && m.Role != llm.Assistant {
		return nil
	}
	last := m.ID == c.chat.lastKey(llm.Assistant)
	// A question whose answers are all deleted has no message below that offers one.
	unanswered := m.Role == llm.User && m.ID == c.chat.endKey()
	list := []transcript.Action{
		{Icon: theme.DocumentCreateIcon(), Label: lang.L("Edit"), Run: c.Edit},
		{Icon: icon("reset"), Label: lang.L("Answer again"), Run: c.AnswerAgain, MenuOnly: m.Role == llm.User && !unanswered},
	}
	if m.Role == llm.Assistant {
		list = append(list, transcript.Action{Icon: theme.MediaPlayIcon(), Label: lang.L("Continue the answer"), Run: c.Continue, MenuOnly: !last})
	}
	if m.Role == llm.Assistant || unanswered {
		list = append(list, transcript.Action{Label: lang.L("Answer with another model…"), Run: w.answerWith, MenuOnly: true})
	}
	return append(list, transcript.Action{Icon: theme.DeleteIcon(), Label: lang.L("Delete"), Run: c.DeleteMessage})
}

// answerWith lets a person choose another model for another answer.
func (w *window) answerWith(key int64) {
	menu := fyne.NewMenu("", w.otherModels(key)...)
	switch {
	case len(menu.Items) > 0:
		widget.ShowPopUpMenuAtPosition(menu, w.win.Canvas(), w.chat.transcript.MenuPosition())
	case w.loadedPath() != "":
		w.c.tell(say("No other model was found that could answer."), action{say("Models"), w.ChooseModel})
	default:
		w.ChooseModel()
	}
}

// otherModels are the models that can answer and are not loaded; choosing one
// has it do so.
func (w *window) otherModels(key int64) (items []*fyne.MenuItem) {
	for _, m := range w.c.models {
		if m.Problem == nil && m.Path != w.loadedPath() {
			items = append(items, fyne.NewMenuItem(joined(modelName(m.Path, m.Quantisation), m.Quantisation), func() { w.c.AnswerWith(key, m.Path) }))
		}
	}
	return items
}

// messageItems are the items of the main menu that are about messages.
func (w *window) messageItems() []*fyne.MenuItem {
	lastAnswer := func() int64 { return w.c.chat.lastKey(llm.Assistant) }
	return []*fyne.MenuItem{
		fyne.NewMenuItem(lang.L("Answer with another model…"), func() { w.answerWith(w.c.chat.endKey()) }),
		withKey(fyne.NewMenuItem(lang.L("Continue the answer"), w.c.ContinueLast), fyne.KeyG),
		fyne.NewMenuItem(lang.L("Edit the last answer"), func() { w.c.Edit(lastAnswer()) }),
		fyne.NewMenuItem(lang.L("Delete the last answer"), func() { w.c.DeleteMessage(lastAnswer()) }),
		fyne.NewMenuItem(lang.L("Send what is left out again"), w.c.TakeIn),
		withKey(fyne.NewMenuItem(lang.L("Earlier version"), func() { w.c.SwitchLast(-1) }), fyne.KeyLeftBracket),
		withKey(fyne.NewMenuItem(lang.L("Later version"), func() { w.c.SwitchLast(1) }), fyne.KeyRightBracket),
		withKey(fyne.NewMenuItem(lang.L("Attach a file…"), w.attachFile), fyne.KeyU),
	}
}

// openFind lets a person look for a text in the chat.
func (w *window) openFind() {
	w.closePage()
	w.find.open(w.win.Canvas().Focus)
}

// findNext goes to the next match, or to the one before, or asks what to find.
func (w *window) findNext(by int) {
	if w.find.searching() {
		w.find.step(by)
	} else {
		w.openFind()
	}
}

// attachFile asks for a text file and attaches it to the message.
func (w *window) attachFile() {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if path, ok := w.chosenFile(file, err); ok {
			w.c.Attach([]string{path}, w.composer.attach)
			w.writeMessage()
		}
	}, w.win)
	w.showFileDialog(d, lang.L("Attach a file"))
}

// dropped opens a model file that is dropped on the window, looks for models in
// a folder that is, imports chats and attaches other files to the message.
func (w *window) dropped(at fyne.Position, uris []fyne.URI) {
	var attach []string
	uris = w.droppedChats(at, uris)
	for _, uri := range uris {
		info, err := os.Stat(uri.Path())
		switch {
		case err != nil:
			w.c.fail(err, action{})
		case info.IsDir() && store.IsModelFolder(uri.Path()):
			w.c.Load(uri.Path())
			return
		case info.IsDir():
			w.c.AddFolder(uri.Path())
			w.deps.Changed(w)
		case isModel(uri.Path()):
			w.c.Load(uri.Path())
			return
		default:
			attach = append(attach, uri.Path())
		}
	}
	if len(attach) > 0 {
		w.c.Attach(attach, w.composer.attach)
		w.writeMessage()
	}
}

// Compose implements view.
func (w *window) Compose(text string) {
	w.composer.setText(text)
	w.writeMessage()
}
