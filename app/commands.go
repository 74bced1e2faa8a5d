package app

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

// command is one thing that the palette reaches.
type command struct {
	key  string // names it in the settings
	name string
	kind string // what it belongs to: a menu, the models, the chats
	keys string // its shortcut, "" for none
	run  func()
}

// menuCommands are the actions of a menu. They are taken from the menu itself,
// so that none can be missing.
func menuCommands(menus *fyne.MainMenu) []command {
	var list []command
	for _, menu := range menus.Items {
		list = append(list, itemCommands(menu.Label, menu.Items)...)
	}
	return list
}

func itemCommands(kind string, items []*fyne.MenuItem) []command {
	var list []command
	for _, item := range items {
		switch {
		case item.IsSeparator || item.Disabled:
		case item.ChildMenu != nil:
			list = append(list, itemCommands(kind+" · "+item.Label, item.ChildMenu.Items)...)
		case item.Action != nil:
			name, keys := menuTexts(item)
			list = append(list, command{key: kind + " · " + name, name: name, kind: kind, keys: keys, run: item.Action})
		}
	}
	return list
}

// commands are everything that the palette reaches: the menus, the models that
// can be loaded and the chats.
func (w *window) commands() []command {
	list := menuCommands(w.win.MainMenu())
	for _, m := range w.c.models {
		if m.Problem == nil {
			list = append(list, command{
				key: "model " + m.Path, name: modelName(m.Path, m.Quantisation),
				kind: joined(lang.L("Models"), m.Quantisation), run: func() { w.c.Load(m.Path) },
			})
		}
	}
	for _, chat := range w.c.chats {
		list = append(list, command{
			key: fmt.Sprintf("chat %d", chat.ID), name: chat.Title, kind: lang.L("Chats"),
			run: func() {
				w.closePage()
				w.c.OpenChat(chat.ID)
			},
		})
	}
	return list
}

// find returns the commands that answer the query, the best first, at most n.
// Of equals, what was used recently comes first; without a query only that
// counts.
func find(list []command, query string, recent []string, n int) []command {
	type hit struct {
		command
		score int
		age   int
	}
	var hits []hit
	for _, c := range list {
		score, ok := fuzzy(query, c.name)
		if whole, also := fuzzy(query, c.name+" "+c.kind); also && (!ok || whole > score) {
			score, ok = whole, true
		}
		if !ok {
			continue
		}
		age := slices.Index(recent, c.key)
		if age < 0 {
			age = len(recent)
		}
		if strings.TrimSpace(query) == "" {
			score = 0
		}
		hits = append(hits, hit{c, score, age})
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.age, b.age))
	})
	// A word whose letters are strewn over a long name is no answer beside one
	// that is called so.
	for i, h := range hits {
		if best := hits[0].score; best > 0 && 5*h.score < 2*best {
			hits = hits[:i]
			break
		}
	}
	found := make([]command, 0, min(n, len(hits)))
	for _, h := range hits[:min(n, len(hits))] {
		found = append(found, h.command)
	}
	return found
}

// shortcutText writes a shortcut as it is printed on the keys.
func shortcutText(keyed fyne.KeyboardShortcut) string {
	var parts []string
	control := "Ctrl"
	if runtime.GOOS == "darwin" {
		control = "Cmd"
	}
	mod := keyed.Mod()
	for _, m := range []struct {
		mod  fyne.KeyModifier
		name string
	}{{fyne.KeyModifierShortcutDefault, control}, {fyne.KeyModifierAlt, "Alt"}, {fyne.KeyModifierShift, "Shift"}} {
		if mod&m.mod != 0 {
			parts = append(parts, m.name)
		}
	}
	return strings.Join(append(parts, string(keyed.Key())), "+")
}
