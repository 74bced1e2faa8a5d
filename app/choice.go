package app

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// selection is Fyne's select; keys that it has no use for are the window's.
type selection struct{ widget.Select }

// TypedKey implements fyne.Focusable.
func (s *selection) TypedKey(key *fyne.KeyEvent) {
	listKey(s, &s.Select, key)
}

// TypedRune implements fyne.Focusable.
func (s *selection) TypedRune(r rune) { handRune(s, r) }

// choice is a value that a person picks from a list.
type choice[T comparable] struct {
	widget *selection
	values []T
	name   func(T) string
	quiet  bool // a value is being shown, not chosen
}

// newChoice offers the values; chosen is told of another one.
func newChoice[T comparable](values []T, name func(T) string, chosen func(T)) *choice[T] {
	c := &choice[T]{widget: &selection{}, values: values, name: name}
	c.widget.ExtendBaseWidget(c.widget)
	c.widget.OnChanged = func(string) {
		if i := c.widget.SelectedIndex(); !c.quiet && i >= 0 {
			chosen(c.values[i])
		}
	}
	return c
}

// show displays a value; one that is not offered, as a file can hold it, is
// offered too from then on.
func (c *choice[T]) show(v T) {
	if !slices.Contains(c.values, v) {
		c.values = append(slices.Clone(c.values), v)
	}
	names := make([]string, len(c.values))
	for i, value := range c.values {
		names[i] = c.name(value)
	}
	c.quiet = true
	defer func() { c.quiet = false }()
	if !slices.Equal(names, c.widget.Options) {
		c.widget.SetOptions(names)
	}
	if i := slices.Index(c.values, v); i != c.widget.SelectedIndex() {
		c.widget.SetSelectedIndex(i)
	}
}

// number writes a number with as many decimals as it needs, at most so many.
func number(v float64, decimals int) string {
	text, sign := decimal(v, decimals), lang.X("Decimal sign", ".")
	if strings.Contains(text, sign) {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), sign)
	}
	return text
}
