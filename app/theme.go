package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"lumi/app/settings"
	"lumi/assets"
)

// Colours of the window that Fyne has no name for.
const (
	colorSidebar fyne.ThemeColorName = "lumiSidebar" // side panels
	colorMuted   fyne.ThemeColorName = "lumiMuted"   // captions and secondary text
	colorTrack   fyne.ThemeColorName = "lumiTrack"   // unfilled part of meters
	colorNotice  fyne.ThemeColorName = "lumiNotice"  // background of a notice
	colorFault   fyne.ThemeColorName = "lumiFault"   // background of an error
)

// lumiTheme is the look of the window: a quiet paper or slate ground, dark or
// light ink, and one warm accent. Every text colour has a contrast of at least
// 4.5:1 on the ground it is used on (WCAG AA).
type lumiTheme struct {
	mode string  // one of settings.ThemeSystem, ThemeLight and ThemeDark
	size float32 // of ordinary text, 0 for the usual
}

var _ fyne.Theme = lumiTheme{}

func (t lumiTheme) dark(v fyne.ThemeVariant) bool {
	switch t.mode {
	case settings.ThemeLight:
		return false
	case settings.ThemeDark:
		return true
	}
	return v == theme.VariantDark
}

// Color implements fyne.Theme.
func (t lumiTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	palette, variant := lightPalette, theme.VariantLight
	if t.dark(v) {
		palette, variant = darkPalette, theme.VariantDark
	}
	if c, ok := palette[name]; ok {
		return c
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Font implements fyne.Theme.
func (t lumiTheme) Font(style fyne.TextStyle) fyne.Resource {
	return theme.DefaultTheme().Font(style)
}

// Icon implements fyne.Theme.
func (t lumiTheme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return theme.DefaultTheme().Icon(name)
}

// Size implements fyne.Theme.
func (t lumiTheme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return t.textSize()
	case theme.SizeNameCaptionText:
		return t.textSize() * 12 / 14
	case theme.SizeNameSubHeadingText:
		return t.textSize() * 17 / 14
	case theme.SizeNameHeadingText:
		return t.textSize() * 24 / 14
	case theme.SizeNameInlineIcon:
		return 18
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 7
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 4
	}
	return theme.DefaultTheme().Size(name)
}

func (t lumiTheme) textSize() float32 {
	if t.size <= 0 {
		return settings.Default().TextSize
	}
	return t.size
}

func rgb(hex uint32) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

func rgba(hex uint32, alpha uint8) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: alpha}
}

var lightPalette = map[fyne.ThemeColorName]color.Color{
	colorSidebar: rgb(0xf5f3ef),
	colorMuted:   rgb(0x67635c),
	colorTrack:   rgb(0xdedad2),
	colorNotice:  rgb(0xf6efe0),
	colorFault:   rgb(0xfbe9e5),

	theme.ColorNameBackground:          rgb(0xfdfcfa),
	theme.ColorNameForeground:          rgb(0x23211e),
	theme.ColorNamePlaceHolder:         rgb(0x706b63),
	theme.ColorNameDisabled:            rgb(0xa39d93),
	theme.ColorNamePrimary:             rgb(0xa5500f),
	theme.ColorNameForegroundOnPrimary: rgb(0xffffff),
	theme.ColorNameHyperlink:           rgb(0xa5500f),
	theme.ColorNameButton:              rgb(0xece8e1),
	theme.ColorNameDisabledButton:      rgb(0xf0ede8),
	theme.ColorNameHover:               rgba(0x2a2012, 0x12),
	theme.ColorNamePressed:             rgba(0x2a2012, 0x26),
	theme.ColorNameFocus:               rgba(0xa5500f, 0x38),
	theme.ColorNameSelection:           rgba(0xe59a4e, 0x66),
	theme.ColorNameInputBackground:     rgb(0xffffff),
	theme.ColorNameInputBorder:         rgb(0xd3cdc3),
	theme.ColorNameMenuBackground:      rgb(0xffffff),
	theme.ColorNameOverlayBackground:   rgb(0xffffff),
	theme.ColorNameHeaderBackground:    rgb(0xf5f3ef),
	theme.ColorNameSeparator:           rgb(0xe4e0d8),
	theme.ColorNameScrollBar:           rgba(0x4a4338, 0x66),
	theme.ColorNameScrollBarBackground: rgba(0x000000, 0x00),
	theme.ColorNameShadow:              rgba(0x1d160c, 0x2e),
	theme.ColorNameError:               rgb(0xb3261e),
	theme.ColorNameForegroundOnError:   rgb(0xffffff),
	theme.ColorNameSuccess:             rgb(0x2f7d43),
	theme.ColorNameWarning:             rgb(0x8f5a00),
}

var darkPalette = map[fyne.ThemeColorName]color.Color{
	colorSidebar: rgb(0x17181b),
	colorMuted:   rgb(0xa3a5ab),
	colorTrack:   rgb(0x393b41),
	colorNotice:  rgb(0x33291c),
	colorFault:   rgb(0x3c2220),

	theme.ColorNameBackground:          rgb(0x1e1f23),
	theme.ColorNameForeground:          rgb(0xe9e8e5),
	theme.ColorNamePlaceHolder:         rgb(0x96989f),
	theme.ColorNameDisabled:            rgb(0x686b73),
	theme.ColorNamePrimary:             rgb(0xf0a458),
	theme.ColorNameForegroundOnPrimary: rgb(0x24160a),
	theme.ColorNameHyperlink:           rgb(0xf0a458),
	theme.ColorNameButton:              rgb(0x2e3036),
	theme.ColorNameDisabledButton:      rgb(0x27282d),
	theme.ColorNameHover:               rgba(0xffffff, 0x12),
	theme.ColorNamePressed:             rgba(0xffffff, 0x24),
	theme.ColorNameFocus:               rgba(0xf0a458, 0x40),
	theme.ColorNameSelection:           rgba(0xc77a32, 0x70),
	theme.ColorNameInputBackground:     rgb(0x26282d),
	theme.ColorNameInputBorder:         rgb(0x44474f),
	theme.ColorNameMenuBackground:      rgb(0x2f3138),
	theme.ColorNameOverlayBackground:   rgb(0x26282d),
	theme.ColorNameHeaderBackground:    rgb(0x17181b),
	theme.ColorNameSeparator:           rgb(0x303238),
	theme.ColorNameScrollBar:           rgba(0xd9dade, 0x60),
	theme.ColorNameScrollBarBackground: rgba(0x000000, 0x00),
	theme.ColorNameShadow:              rgba(0x000000, 0x70),
	theme.ColorNameError:               rgb(0xf2877c),
	theme.ColorNameForegroundOnError:   rgb(0x2b0d0a),
	theme.ColorNameSuccess:             rgb(0x7cc78d),
	theme.ColorNameWarning:             rgb(0xe7b35a),
}

// icon returns the window's own icon of that name in the theme's colours.
func icon(name string) fyne.Resource {
	data, err := assets.Icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		// A misspelt name is a mistake of ours that the tests catch; the
		// window still works with the standard icon for a broken image.
		return theme.BrokenImageIcon()
	}
	return theme.NewThemedResource(fyne.NewStaticResource(name+".svg", data))
}

// themeColor returns the current colour of that name.
func themeColor(name fyne.ThemeColorName) color.Color {
	settings := fyne.CurrentApp().Settings()
	return settings.Theme().Color(name, settings.ThemeVariant())
}
