package app

import (
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"lumi/app/transcript"
	"lumi/llm/store"
)

// readingWidth is how wide a chat gets: longer lines are hard to read.
const readingWidth = 800

// chatView is the centre of the window: the messages, or a page that says what
// to do next, and the composer below.
type chatView struct {
	box        *fyne.Container
	transcript *transcript.Transcript
	welcome    *welcomePage
	composer   *composer
	status     *textLine
	count      *textLine       // tokens of the next prompt
	line       *fyne.Container // status and count
	top        *fyne.Container
	reading    *fyne.Container // transcript and welcome page, where other pages can be
	middle     *fyne.Container
	foot       *fyne.Container
}

func newChatView(top *fyne.Container, c *composer, w *welcomePage) *chatView {
	v := &chatView{transcript: transcript.New(), welcome: w, composer: c, top: top}
	v.status = newText("", colorMuted, theme.SizeNameCaptionText)
	v.status.align = fyne.TextAlignCenter
	v.count = newCaption("")
	v.count.Hide()
	v.line = container.NewBorder(nil, nil, nil, v.count, v.status)
	foot := container.New(&stackedRow{gap: 5}, c, v.line)
	v.reading = container.NewStack(v.transcript, w.box)
	v.middle = container.NewStack(v.reading)
	v.foot = padded(container.New(column{readingWidth, 16}, foot), 0, 8)
	v.box = container.New(between{}, top, v.middle, v.foot)
	return v
}

// relayout makes room for what has appeared above or grown below the messages.
func (v *chatView) relayout() {
	relayout(v.top)
	relayout(v.box)
}

// showCount displays how much of the context the next prompt takes; full says
// that it does not fit.
func (v *chatView) showCount(text string, full bool) {
	v.count.color = colorMuted
	if full {
		v.count.color = theme.ColorNameError
	}
	v.count.set(text)
	if text == "" {
		v.count.Hide()
	} else {
		v.count.Show()
	}
	v.line.Refresh()
}

// showMessages replaces what is shown by the messages of a chat.
func (v *chatView) showMessages(messages []message) {
	v.transcript.SetMessages(allShown(messages))
}

func allShown(messages []message) []transcript.Message {
	list := make([]transcript.Message, len(messages))
	for i, m := range messages {
		list[i] = shown(m)
	}
	return list
}

// shown is a message as the transcript takes it.
func shown(m message) transcript.Message {
	out := transcript.Message{
		ID: m.Key, Role: m.Role, Author: authorName(m.Author), Markdown: m.shown(), Footer: m.footer(), Details: m.details(),
		Thinking: m.Thinking, ThinkingNote: m.thinkingNote(),
	}
	out.Version, out.Versions = m.version()
	for _, a := range m.Attachments {
		out.Attached = append(out.Attached, attachmentLabel(a))
	}
	return out
}

// authorName is the name of the model that wrote an answer. What was imported
// may name a file instead.
func authorName(model string) string {
	if filepath.IsAbs(model) {
		return store.Name(model)
	}
	return model
}
