package app

import (
	"strings"

	"fyne.io/fyne/v2"
)

// What a screen reader says of the widgets that Fyne does not know. Fyne tells
// readers on macOS and Windows, in programs built with its tag accessibility.

var (
	_ fyne.Accessible = (*button)(nil)
	_ fyne.Accessible = (*pressable)(nil)
	_ fyne.Accessible = (*textLine)(nil)
)

// AccessibilityLabel implements fyne.Accessible: a button without text is called
// by its tip.
func (b *button) AccessibilityLabel() string {
	if b.Text == "" {
		return b.tip
	}
	return b.Text
}

// AccessibilityLabel implements fyne.Accessible.
func (t *textLine) AccessibilityLabel() string { return t.text }

// AccessibilityRole implements fyne.Accessible.
func (t *textLine) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel implements fyne.Accessible: it is called by its tip or by
// the texts in it.
func (p *pressable) AccessibilityLabel() string {
	if p.tip != "" {
		return p.tip
	}
	return strings.Join(textsIn(p.content), ", ")
}

// AccessibilityRole implements fyne.Accessible.
func (p *pressable) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// textsIn are the texts that are to be seen in an object.
func textsIn(o fyne.CanvasObject) []string {
	if !o.Visible() {
		return nil
	}
	switch o := o.(type) {
	case *textLine:
		if o.text != "" {
			return []string{o.text}
		}
	case *fyne.Container:
		var texts []string
		for _, child := range o.Objects {
			texts = append(texts, textsIn(child)...)
		}
		return texts
	}
	return nil
}
