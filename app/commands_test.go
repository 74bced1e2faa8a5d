package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"lumi/app/history"
	"lumi/app/settings"
)

func TestFuzzy(t *testing.T) {
	names := []string{
		"New chat", "Open a model file…", "Open the models folder", "Stop the answer", "Settings", "Keyboard shortcuts",
		"Speed and sampling", "Larger", "Smaller", "Dark", "Über Lumi", "模型设置",
	}
	for query, want := range map[string]string{
		"new": "New chat", "nc": "New chat", "omf": "Open a model file…", "model folder": "Open the models folder",
		"folder open": "Open the models folder", "dark": "Dark", "DARK": "Dark", "sett": "Settings",
		"sampling": "Speed and sampling", "kbd": "Keyboard shortcuts", "über": "Über Lumi", "设置": "模型设置",
		"larger": "Larger", "stop": "Stop the answer",
	} {
		best, score := "", -1<<30
		for _, name := range names {
			if s, ok := fuzzy(query, name); ok && s > score {
				best, score = name, s
			}
		}
		if best != want {
			t.Errorf("%q finds %q, want %q", query, best, want)
		}
	}
	for _, query := range []string{"xyz", "new xyz", "tahc", "darkk"} {
		for _, name := range names {
			if _, ok := fuzzy(query, name); ok {
				t.Errorf("%q finds %q", query, name)
			}
		}
	}
	if _, ok := fuzzy("", "anything"); !ok {
		t.Error("nothing does not find everything")
	}
	if _, ok := fuzzy("a", ""); ok {
		t.Error("a letter is found in nothing")
	}
}

func TestFindLeavesOutWhatOnlyHasTheLetters(t *testing.T) {
	list := []command{{key: "settings", name: "Settings"}, {key: "strewn", name: "Some models are never at the top"}}
	if found := find(list, "sett", nil, 9); len(found) != 1 || found[0].key != "settings" {
		t.Errorf("found %+v", found)
	}
	if found := find(list[1:], "sett", nil, 9); len(found) != 1 {
		t.Error("what is found alone is not listed")
	}
}

func TestFindPutsWhatWasUsedFirst(t *testing.T) {
	list := []command{{key: "a", name: "Alpha one"}, {key: "b", name: "Alpha two"}, {key: "c", name: "Beta"}}
	keys := func(query string, recent ...string) string {
		var found []string
		for _, c := range find(list, query, recent, 2) {
			found = append(found, c.key)
		}
		return strings.Join(found, " ")
	}
	for _, tc := range []struct{ got, want string }{
		{keys(""), "a b"},
		{keys(" ", "c", "b"), "c b"},
		{keys("alpha"), "a b"},
		{keys("alpha", "c", "b"), "b a"},
		{keys("two", "a"), "b"},
		{keys("gamma"), ""},
	} {
		if tc.got != tc.want {
			t.Errorf("found %q, want %q", tc.got, tc.want)
		}
	}
}

// TestPaletteReachesEveryMenu finds every action of every menu by its name and
// checks that it is the menu's own.
func TestPaletteReachesEveryMenu(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	var leaves []*fyne.MenuItem
	var walk func(items []*fyne.MenuItem)
	walk = func(items []*fyne.MenuItem) {
		for _, item := range items {
			if item.ChildMenu != nil {
				walk(item.ChildMenu.Items)
			} else if !item.IsSeparator {
				leaves = append(leaves, item)
			}
		}
	}
	for _, menu := range s.w.win.MainMenu().Items {
		walk(menu.Items)
	}
	if len(leaves) < 20 {
		t.Fatalf("the menus have only %d items", len(leaves))
	}
	ran := map[string]int{}
	for i, item := range leaves {
		item.Action = func() { ran[fmt.Sprint(i)]++ }
	}
	for i, item := range leaves {
		name, _ := menuTexts(item)
		for _, c := range find(menuCommands(s.w.win.MainMenu()), name, nil, 100) {
			if c.name == name {
				c.run()
			}
		}
		if ran[fmt.Sprint(i)] == 0 {
			t.Errorf("the palette does not reach %q", name)
		}
	}
	keys := map[string]bool{}
	for _, c := range menuCommands(s.w.win.MainMenu()) {
		if keys[c.key] {
			t.Errorf("two actions are called %q", c.key)
		}
		keys[c.key] = true
	}
}

func TestPaletteByKeyboard(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(800, 600))
	if _, err := s.store.NewChat(t.Context(), history.Chat{Title: "Holiday in Norway"}); err != nil {
		t.Fatal(err)
	}
	e := newFakeEngine("x")
	s.engines[e.info.Path] = e
	s.Start(0, "")
	s.until("chats and models are listed", func() bool { return len(s.chats) == 1 && len(s.models) == len(testModels) })
	canvas := s.w.win.Canvas()
	choose := func(query string, keys ...fyne.KeyName) {
		t.Helper()
		s.w.openPalette()
		if canvas.Focused() != s.w.palette.field {
			t.Fatal("the palette does not take the focus")
		}
		test.Type(s.w.palette.field, query)
		for _, key := range keys {
			press(s.w.palette.field, key)
		}
	}
	choose("holi", fyne.KeyReturn)
	s.until("the chat is open", func() bool { return s.chat.Title == "Holiday in Norway" })
	choose("tiny", fyne.KeyReturn)
	s.until("the model is loaded", func() bool { return s.model.engine == e })
	choose("theme", fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn)
	if s.w.look.mode == settings.ThemeSystem {
		t.Error("the second theme was not chosen")
	}
	choose("", fyne.KeyEscape)
	if canvas.Overlays().Top() != nil {
		t.Error("Escape does not close the palette")
	}
	choose("nothing at all is called so", fyne.KeyDown, fyne.KeyReturn)
	if !s.w.palette.none.Visible() {
		t.Error("the palette does not say that it found nothing")
	}
	height := func(query string) float32 {
		s.w.palette.field.SetText(query)
		return s.w.palette.popup.Content.Size().Height
	}
	if all, one, none := height(""), height("keyboard shortcuts"), height("no such thing"); all < 300 || len(s.w.palette.all) < 20 || one > 110 || none > one {
		t.Errorf("the palette is %v high with all, %v with one and %v with nothing", all, one, none)
	}
	if again := height(""); again < 300 {
		t.Errorf("the palette stays %v high", again)
	}
	s.w.palette.close()
	if want := []string{"View · Theme · Dark", "model " + e.info.Path, fmt.Sprintf("chat %d", s.chats[0].ID)}; !slices.Equal(s.w.comfort.recent, want) {
		t.Errorf("remembered %q, want %q", s.w.comfort.recent, want)
	}
	s.w.openPalette()
	if got := s.w.palette.found[0].name; got != "Dark" {
		t.Errorf("the palette begins with %q", got)
	}
	for range 3 * len(s.w.palette.found) {
		press(s.w.palette.field, fyne.KeyDown)
	}
	if s.w.palette.selected != len(s.w.palette.found)-1 {
		t.Error("the arrows leave the list")
	}
	for i := range 2 * settings.MaxRecent {
		s.w.comfort.used(fmt.Sprint(i))
	}
	if len(s.w.comfort.recent) != settings.MaxRecent {
		t.Errorf("%d actions are remembered", len(s.w.comfort.recent))
	}
}

// TestShortcutsAreUnique checks that no two items of the menus share a
// shortcut: Fyne would run only one of them.
func TestShortcutsAreUnique(t *testing.T) {
	s := newStage(t, settings.ThemeLight, fyne.NewSize(1280, 800))
	seen := map[string]string{}
	for _, c := range menuCommands(s.w.win.MainMenu()) {
		if c.keys == "" {
			continue
		}
		if other, twice := seen[c.keys]; twice {
			t.Errorf("%s is the shortcut of %q and of %q", c.keys, other, c.key)
		}
		seen[c.keys] = c.key
	}
	if len(seen) < 20 {
		t.Errorf("only %d shortcuts found", len(seen))
	}
}
