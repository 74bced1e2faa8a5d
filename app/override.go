package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// currentTheme is the window's theme as it is now. What is built on it changes
// some names for one widget and follows when the window's theme is changed.
type currentTheme struct{}

func (currentTheme) base() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

// Color implements fyne.Theme.
func (t currentTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	return t.base().Color(name, v)
}

// Font implements fyne.Theme.
func (t currentTheme) Font(style fyne.TextStyle) fyne.Resource { return t.base().Font(style) }

// Icon implements fyne.Theme.
func (t currentTheme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base().Icon(name) }

// Size implements fyne.Theme.
func (t currentTheme) Size(name fyne.ThemeSizeName) float32 { return t.base().Size(name) }

// flatInput takes the frame from an entry that stands in a frame of its own.
type flatInput struct{ currentTheme }

// Color implements fyne.Theme.
func (t flatInput) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameInputBackground {
		return color.Transparent
	}
	return t.base().Color(name, v)
}

// Size implements fyne.Theme.
func (t flatInput) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNameInputBorder {
		return 0
	}
	return t.base().Size(name)
}

// sliderLook gives a slider the window's accent and a track that can be seen on
// every ground.
type sliderLook struct{ currentTheme }

// Color implements fyne.Theme.
func (t sliderLook) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch name {
	case theme.ColorNameForeground:
		name = theme.ColorNamePrimary
	case theme.ColorNameInputBackground:
		name = colorTrack
	}
	return t.base().Color(name, v)
}

// narrowField takes the scroll bar from a field that is about as wide as what
// is written in it: the bar would lie on the text.
type narrowField struct{ currentTheme }

// Size implements fyne.Theme.
func (t narrowField) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameScrollBar, theme.SizeNameScrollBarSmall:
		return 0
	}
	return t.base().Size(name)
}
