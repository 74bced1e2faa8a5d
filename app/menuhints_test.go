package app

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"lumi/app/settings"
)

// TestMenuHints: the keys of a menu's items end at the same place, Fyne paints
// none of them faintly, and it finds the items by their shortcuts.
func TestMenuHints(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	names := map[string]bool{}
	keys := 0
	var look func(menu *fyne.Menu)
	look = func(menu *fyne.Menu) {
		var end float32
		for _, item := range menu.Items {
			if item.ChildMenu != nil {
				look(item.ChildMenu)
			}
			if item.Shortcut == nil {
				continue
			}
			names[item.Shortcut.ShortcutName()] = true
			if _, painted := item.Shortcut.(fyne.KeyboardShortcut); painted {
				t.Errorf("Fyne paints the keys of %q", item.Label)
			}
			name, hint := menuTexts(item)
			if hint == "" || !strings.HasPrefix(item.Label, name) || !strings.HasSuffix(item.Label, hint) {
				t.Errorf("an item is called %q, its keys are %q", item.Label, hint)
			}
			keys++
			width := fyne.MeasureText(item.Label, 14, fyne.TextStyle{}).Width
			if end != 0 && (width < end-2 || width > end+2) {
				t.Errorf("the keys of %q end at %v, those above at %v", name, width, end)
			}
			end = width
		}
	}
	for _, menu := range s.w.win.MainMenu().Items {
		look(menu)
	}
	if keys < 25 {
		t.Errorf("only %d items have keys", keys)
	}
	for _, pressed := range []fyne.Shortcut{
		&fyne.ShortcutCopy{}, &desktop.CustomShortcut{KeyName: fyne.KeyN, Modifier: fyne.KeyModifierShortcutDefault},
	} {
		if !names[pressed.ShortcutName()] {
			t.Errorf("no item has the shortcut %q", pressed.ShortcutName())
		}
	}
}
