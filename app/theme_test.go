package app

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// luminance and contrast are those of WCAG 2.1, section 1.4.3.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		f := float64(v) / 0xffff
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	const enough = 4.5
	grounds := []fyne.ThemeColorName{
		theme.ColorNameBackground, colorSidebar, theme.ColorNameInputBackground, theme.ColorNameMenuBackground, colorNotice,
	}
	inks := []fyne.ThemeColorName{
		theme.ColorNameForeground, colorMuted, theme.ColorNamePrimary, theme.ColorNameError, theme.ColorNamePlaceHolder,
	}
	for name, palette := range map[string]map[fyne.ThemeColorName]color.Color{"light": lightPalette, "dark": darkPalette} {
		for _, ground := range grounds {
			for _, ink := range inks {
				if got := contrast(palette[ink], palette[ground]); got < enough {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want %v", name, ink, ground, got, enough)
				}
			}
		}
		for ink, ground := range map[fyne.ThemeColorName]fyne.ThemeColorName{
			theme.ColorNameForegroundOnPrimary: theme.ColorNamePrimary,
			theme.ColorNameForegroundOnError:   theme.ColorNameError,
			theme.ColorNameForeground:          colorFault,
		} {
			if got := contrast(palette[ink], palette[ground]); got < enough {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %v", name, ink, ground, got, enough)
			}
		}
	}
	if len(lightPalette) != len(darkPalette) {
		t.Errorf("the palettes have %d and %d colours", len(lightPalette), len(darkPalette))
	}
	for name := range lightPalette {
		if _, ok := darkPalette[name]; !ok {
			t.Errorf("the dark palette lacks %s", name)
		}
	}
}

// In the dark a shadow does not show, so that a menu over a field needs a
// ground of its own.
func TestDarkMenusStandOut(t *testing.T) {
	menu := darkPalette[theme.ColorNameMenuBackground]
	for _, below := range []fyne.ThemeColorName{theme.ColorNameInputBackground, theme.ColorNameBackground} {
		if darkPalette[below] == menu {
			t.Errorf("a menu has the ground of %s", below)
		}
	}
}
