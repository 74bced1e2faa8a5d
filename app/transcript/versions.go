package transcript

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
)

// SetVersions says which of how many versions of a message is shown.
func (t *Transcript) SetVersions(id int64, version, versions int) {
	m := t.byID[id]
	if m == nil || m.version == version && m.versions == versions {
		return
	}
	m.version, m.versions = version, versions
	t.setFooter(m, m.footer)
	t.show()
}

// SetDetails changes what is shown while the pointer is over the footer.
func (t *Transcript) SetDetails(id int64, text string) {
	if m := t.byID[id]; m != nil {
		m.details = clean(text)
	}
}

// ReplaceAfter replaces all messages behind the one of that ID, or all that
// there are for 0. What is above the first new message stays where it is, and
// so does that message if it says what the one before it in its place said.
func (t *Transcript) ReplaceAfter(id int64, messages []Message) {
	from := 0
	for i, m := range t.msgs {
		if m.id == id {
			from = i + 1
		}
	}
	at := len(t.blocks)
	if from < len(t.msgs) {
		at = t.msgs[from].start
	}
	stayed := t.anchor < at
	same := from < len(t.msgs) && len(messages) > 0 && t.msgs[from].text() == clean(messages[0].Markdown)
	anchor, off, stick := t.anchor, t.off, t.stick
	for _, m := range t.msgs[from:] {
		delete(t.byID, m.id)
	}
	kept := t.msgs[:from:from]
	t.msgs = nil // none of them moves
	t.splice(&message{}, at, len(t.blocks)-at, nil)
	t.msgs = kept
	if t.mouse.over != nil && t.byID[t.mouse.over.id] != t.mouse.over {
		t.mouse.over, t.mouse.hot, t.mouse.pressed = nil, nil, nil
	}
	for i := range messages {
		t.add(&messages[i], true)
	}
	t.stick = false
	switch {
	case stayed:
	case same:
		if m := t.msgs[from]; m.pending {
			t.parse(m)
		}
		t.anchor, t.off, t.stick = min(anchor, len(t.blocks)-1), off, stick && len(messages) == 1
	default:
		t.anchor, t.off = min(at, max(len(t.blocks)-1, 0)), 0
	}
	t.renewFootButtons() // another message may be the newest
	t.show()
}

// MenuPosition is where in the window the menu was last opened.
func (t *Transcript) MenuPosition() fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(t).Add(t.mouse.menu)
}

// footButtons are the buttons of a message: the way to its other versions, Copy
// and what the app adds. But for the first, they show for the newest message,
// and for the one under the pointer, once there is text.
func (b *block) footButtons(t *Transcript) []*button {
	m := b.msg
	dim := func() bool {
		empty := !m.pending && len(m.split.src) == 0 && len(m.attached) == 0 && m.thought.text == ""
		return empty || m.live || t.mouse.over != m && t.msgs[len(t.msgs)-1] != m
	}
	var out, versions []*button
	if m.versions > 1 {
		live := func() bool { return m.live }
		step := func(by int) func() {
			return func() {
				if t.OnVersion != nil {
					t.OnVersion(m.id, by)
				}
			}
		}
		versions = append(versions,
			&button{label: lang.L("Earlier version"), icon: theme.NavigateBackIcon(), dim: live, run: step(-1)},
			&button{label: fmt.Sprintf("%d/%d", m.version, m.versions), dim: live},
			&button{label: lang.L("Later version"), icon: theme.NavigateNextIcon(), dim: live, run: step(1)})
	}
	if !m.boxed() {
		out = versions
	}
	out = append(out, &button{label: lang.L("Copy message"), icon: theme.ContentCopyIcon(), dim: dim, copy: func() string {
		if t.OnCopyMessage != nil {
			t.OnCopyMessage(m.id)
		}
		return m.text()
	}})
	if t.Actions != nil {
		for _, a := range t.Actions(m.public()) {
			if !a.MenuOnly {
				out = append(out, &button{label: a.Label, icon: a.Icon, dim: dim, run: func() { a.Run(m.id) }})
			}
		}
	}
	if m.boxed() { // what always shows stands at the edge of the box
		out = append(out, versions...)
	}
	return out
}

// renewFootButtons has the messages' buttons made anew when they are next shown.
func (t *Transcript) renewFootButtons() {
	for _, b := range t.live {
		if b.hasFootButtons() {
			b.view, b.buttons = nil, nil
		}
	}
}

// actionItems are the app's actions as items of the message's menu.
func (t *Transcript) actionItems(m *message) (items []*fyne.MenuItem) {
	if t.Actions == nil || m.role == Notice {
		return nil
	}
	for _, a := range t.Actions(m.public()) {
		items = append(items, fyne.NewMenuItem(a.Label, func() { a.Run(m.id) }))
	}
	if len(items) > 0 {
		items = append([]*fyne.MenuItem{fyne.NewMenuItemSeparator()}, items...)
	}
	return items
}

// detailsAt is what is known of the message whose footer is at a point of the
// widget.
func (t *Transcript) detailsAt(p fyne.Position) string {
	b, x, y := t.contentAt(p)
	if b.kind != footer || x < 0 || x > b.natural || y < 0 || y > b.contentH {
		return ""
	}
	return b.leftOut() + b.msg.details
}

// leftOut is what a footer had no room for.
func (b *block) leftOut() string {
	rest := b.text[b.lines[len(b.lines)-1].end:]
	if rest != "" && b.msg.details != "" {
		rest += " · "
	}
	return strings.TrimPrefix(rest, " · ")
}
