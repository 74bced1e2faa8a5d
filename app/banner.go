package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// banner shows a notice below the title row: a sentence, one action, and a
// button that takes it away.
type banner struct {
	box    *fyne.Container
	back   *ground
	text   *widget.Label
	action *button
}

func newBanner(act, dismiss func()) *banner {
	b := &banner{back: newGround(colorNotice, 8)}
	b.text = widget.NewLabel("")
	b.text.Wrapping = fyne.TextWrapWord
	b.text.Selectable = true
	b.action = newButton("", nil, act)
	closing := iconButton(icon("close"), lang.L("Close"), dismiss)
	right := container.NewHBox(container.NewCenter(b.action), container.NewCenter(closing))
	b.box = padded(container.New(column{readingWidth, 16}, container.NewStack(b.back,
		container.NewBorder(nil, nil, nil, padded(right, 4, 2), padded(b.text, 0, 2)))), 0, 4)
	b.box.Hide()
	return b
}

func (b *banner) show(n *notice) {
	if n == nil {
		b.box.Hide()
		return
	}
	b.back.fill = colorNotice
	if n.Fault {
		b.back.fill = colorFault
	}
	b.text.SetText(told(n.Text))
	if n.Action.Do == nil {
		b.action.Hide()
	} else {
		b.action.SetText(translate(n.Action.Label))
		b.action.Show()
	}
	b.back.Refresh()
	b.box.Show()
	b.box.Refresh()
}

// loadStrip shows a load's progress and lets it be cancelled.
type loadStrip struct {
	box   *fyne.Container
	text  *textLine
	gauge *gauge
}

func newLoadStrip(cancel func()) *loadStrip {
	s := &loadStrip{gauge: newGauge(120, 6)}
	s.text = newText("", theme.ColorNameForeground, theme.SizeNameText)
	s.gauge.calm = true
	stop := newButton(lang.L("Cancel"), nil, cancel)
	s.box = padded(container.New(column{readingWidth, 16}, container.NewStack(newGround(colorNotice, 8),
		padded(container.NewBorder(nil, nil, nil, container.NewHBox(stop),
			container.New(&stackedRow{gap: 5}, padded(s.text, 0, 1), padded(s.gauge, 0, 2))), 12, 6))), 0, 4)
	s.box.Hide()
	return s
}

// show displays a load's progress, nothing for nil. It reports whether the strip
// has appeared or gone.
func (s *loadStrip) show(l *load) (changed bool) {
	was := s.box.Visible()
	if l == nil {
		s.box.Hide()
		return was
	}
	text := lang.L("Loading {{.Name}}", map[string]any{"Name": l.Name()})
	if l.Total > 0 {
		text += " · " + byteSize(l.Done) + " / " + byteSize(l.Total)
	}
	s.text.set(text)
	s.gauge.set(l.Share())
	s.box.Show()
	return !was
}
