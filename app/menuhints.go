package app

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Fyne paints the keys of a menu's items at a fifth of the ink's strength,
// whatever the theme says, which is a contrast of 1.6:1. So the items here have
// them in their labels, in full ink, and a shortcut that Fyne knows by its name
// only and does not paint. The menus of macOS are the system's own.

// hint is such a shortcut.
type hint struct {
	name  string // that of the shortcut
	label string // of the item without its keys
	keys  string
}

// ShortcutName implements fyne.Shortcut.
func (h hint) ShortcutName() string { return h.name }

// withPlainKey tells of keys that are no shortcut to Fyne, and that the window
// handles itself.
func withPlainKey(item *fyne.MenuItem, keys string) *fyne.MenuItem {
	item.Shortcut = hint{name: "plain " + keys, label: item.Label, keys: keys}
	return item
}

// hinted writes the keys of a menu's items into their labels, at the right, for
// text of that size.
func hinted(menu *fyne.Menu, size float32) {
	if runtime.GOOS == "darwin" {
		return
	}
	width := func(text string) float32 { return fyne.MeasureText(text, size, fyne.TextStyle{}).Width }
	const gap = 24
	var all float32
	for _, item := range menu.Items {
		if item.ChildMenu != nil {
			hinted(item.ChildMenu, size)
		}
		label, keys := menuTexts(item)
		least := width(label)
		if keys != "" {
			least += gap + width(keys)
		}
		all = max(all, least)
	}
	for _, item := range menu.Items {
		if label, keys := menuTexts(item); keys != "" {
			item.Shortcut = hint{name: item.Shortcut.ShortcutName(), label: label, keys: keys}
			item.Label = spread(label, keys, all, width)
		}
	}
}

// spread puts spaces between a label and keys, so that both are as wide as that,
// but for the width of the narrowest space. How wide one is depends on the font
// of what is beside it.
func spread(label, keys string, all float32, width func(string) float32) string {
	for _, space := range []string{"\u00a0", "\u200a"} {
		now := width(label + keys)
		if one := width(label+space+keys) - now; one > 0 {
			label += strings.Repeat(space, max(0, int((all-now)/one)))
		}
	}
	return label + keys
}

// menuTexts are what an item is called and its keys, "" for none.
func menuTexts(item *fyne.MenuItem) (label, keys string) {
	switch s := item.Shortcut.(type) {
	case hint:
		return s.label, s.keys
	case fyne.KeyboardShortcut:
		return item.Label, shortcutText(s)
	}
	return item.Label, ""
}

func withKey(item *fyne.MenuItem, key fyne.KeyName) *fyne.MenuItem {
	item.Shortcut = &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
	return item
}

// withShiftKey is withKey with the Shift key as well.
func withShiftKey(item *fyne.MenuItem, key fyne.KeyName) *fyne.MenuItem {
	item.Shortcut = &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}
	return item
}
