package app

import (
	"fmt"
	"testing"

	"lumi/app/settings"
	"lumi/llm"
)

func (b *bench) temperature(v float32) {
	s := b.Settings()
	s.Temperature = v
	b.SetSettings(s)
}

func TestPresets(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("x")
	e.recommended = 0.3
	b.use(e)
	if got := b.Recommended().Temperature; got != 0.3 {
		t.Errorf("the model recommends %v", got)
	}
	b.temperature(1.5)
	b.SavePreset("Bold")
	b.ask("A question")
	b.quiet()
	bold := b.chat.ID
	b.temperature(1.6)
	if name, changed := b.PresetName(); name != "Bold" || !changed {
		t.Errorf("preset %q, changed %v", name, changed)
	}

	b.NewChat()
	if name, _ := b.PresetName(); name != "" || b.ownSettings().Temperature != 1.5 {
		t.Errorf("a new chat has %q and temperature %v", name, b.Settings().Temperature)
	}
	b.temperature(0.9)
	b.SavePreset("Calm")
	b.UseForModel("Calm")
	b.NewChat()
	b.temperature(0.1)
	b.OpenChat(bold)
	if name, changed := b.PresetName(); name != "Bold" || !changed || b.Settings().Temperature != 1.6 {
		t.Errorf("the chat came back with %q, %v, temperature %v", name, changed, b.Settings().Temperature)
	}
	b.UsePreset("Bold")
	if _, changed := b.PresetName(); changed || b.Settings().Temperature != 1.5 {
		t.Errorf("chosen once more, the preset has temperature %v, changed %v", b.Settings().Temperature, changed)
	}
	b.NewChat()
	if name, _ := b.PresetName(); name != "Calm" || b.Settings().Temperature != 0.9 {
		t.Errorf("the model's preset is %q, temperature %v", name, b.Settings().Temperature)
	}

	b.RenamePreset("Bold", "Brave")
	b.RenamePreset("Calm", "Brave")
	if b.notice == nil || !b.notice.Fault {
		t.Error("two presets have one name")
	}
	b.DeletePreset("Calm")
	b.quiet()
	if len(b.kept.Sampling) != 1 || b.kept.Chats[bold] != "Brave" || b.kept.Sampling[0].Settings.Temperature != 1.5 {
		t.Errorf("kept %+v", b.kept)
	}
	b.SavePreset("Calm") // another one, which stays
	b.Act()              // undo
	if _, ok := b.presets.Find("Calm (2)"); !ok || len(b.presets.Sampling) != 3 {
		t.Errorf("what was deleted comes back beside its successor as %+v", b.presets.Sampling)
	}
	b.DeletePreset("Calm (2)")
	b.Dismiss()
	b.AddPreset(settings.Preset{Name: "Brave", Settings: llm.DefaultSettings()}, []error{&settings.ValueError{Path: "brave.json", Faults: []string{"it is odd"}}})
	b.quiet()
	if _, ok := b.kept.Find("Brave (2)"); !ok || len(b.kept.Sampling) != 3 || told(b.notice.Text) != "In brave.json there is a value that cannot be used, so the default is used (it is odd)." {
		t.Errorf("after an import %+v, notice %v", b.kept.Sampling, b.notice)
	}
	b.UsePreset("")
	if name, _ := b.PresetName(); name != "Calm" {
		t.Errorf("without a preset of its own the chat has %q", name)
	}
}

// TestChangedPresets changes the same preset in two chats: each keeps its
// changes, until they are saved or taken back.
func TestChangedPresets(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("x"))
	b.SavePreset("Mine")
	chats := []int64{}
	for i, temperature := range []float32{0.2, 0.4} {
		b.NewChat()
		b.UsePreset("Mine")
		b.ask(fmt.Sprint("Question ", i))
		b.quiet()
		b.temperature(temperature)
		chats = append(chats, b.chat.ID)
	}
	at := func(chat int64, want float32, wantChanged bool) {
		t.Helper()
		b.OpenChat(chat)
		b.quiet()
		if name, changed := b.PresetName(); name != "Mine" || changed != wantChanged || b.Settings().Temperature != want {
			t.Errorf("chat %d has %q, changed %v, temperature %v; want %v, %v", chat, name, changed, b.Settings().Temperature, wantChanged, want)
		}
	}
	at(chats[0], 0.2, true)
	at(chats[1], 0.4, true)
	b.NewTemporaryChat()
	b.quiet()
	b.UsePreset("Mine")
	b.ask("In secret")
	b.quiet()
	b.temperature(1.9)
	secret := b.chat.ID
	at(chats[0], 0.2, true)
	if len(b.kept.Edits) != 2 || b.kept.Chats[secret] != "" || b.presets.Edits[secret].Settings.Temperature != 1.9 {
		t.Errorf("kept %+v", b.kept)
	}

	b.RevertPreset()
	at(chats[1], 0.4, true)
	at(chats[0], llm.DefaultSettings().Temperature, false)
	b.OpenChat(chats[1])
	b.quiet()
	b.RenamePreset("Mine", "Ours")
	b.RenamePreset("Ours", "Mine")
	at(chats[0], llm.DefaultSettings().Temperature, false)
	at(chats[1], 0.4, true)
	b.SavePreset("Mine")
	at(chats[0], 0.4, false)
	b.Act() // undo
	if p, _ := b.presets.Find("Mine"); p.Settings.Temperature != llm.DefaultSettings().Temperature {
		t.Errorf("the preset that was replaced comes back with %v", p.Settings.Temperature)
	}
	at(chats[0], llm.DefaultSettings().Temperature, false)
	at(chats[1], 0.4, true)
}

// TestDroppedChanges takes another preset in place of one that was changed in a
// chat: an undo brings the changes back to that chat, whichever is open then.
func TestDroppedChanges(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("x"))
	b.temperature(1.1)
	b.SavePreset("Other")
	b.UsePreset("")
	b.temperature(0.7)
	b.SavePreset("Mine")
	b.ask("A question")
	b.quiet()
	first := b.chat.ID
	b.NewChat()
	b.UsePreset("Mine")
	b.ask("Another question")
	b.quiet()
	second := b.chat.ID
	at := func(name string, want float32) {
		t.Helper()
		if got, _ := b.PresetName(); got != name || b.Settings().Temperature != want {
			t.Errorf("preset %q, temperature %v; want %q, %v", got, b.Settings().Temperature, name, want)
		}
	}
	if b.notice != nil {
		t.Errorf("where nothing was changed it says %q", told(b.notice.Text))
	}
	for _, drop := range []func(){
		func() { b.UsePreset("Other") },
		func() { b.UsePreset("") },
		b.RevertPreset,
		b.ResetSettings,
		func() { b.SavePreset("Other") },
		func() { b.SavePreset("Mine") },
		func() { b.DeletePreset("Mine") },
	} {
		b.temperature(0.2)
		drop()
		b.Act() // undo
		at("Mine", 0.2)
		drop()
		b.OpenChat(first)
		b.quiet()
		b.Act()
		at("Mine", 0.7)
		b.OpenChat(second)
		b.quiet()
		at("Mine", 0.2)
	}
	b.NewChat() // not on disk yet
	b.UsePreset("Mine")
	b.temperature(0.3)
	b.UsePreset("")
	b.Act()
	at("Mine", 0.3)

	b.UsePreset("")
	b.Dismiss()
	b.temperature(1.8)
	b.ResetSettings()
	b.OpenChat(second)
	b.quiet()
	b.Act()
	at("Mine", 0.2)
	b.NewChat()
	at("", 1.8)
}

// TestChangesOutliveModels loads a model again, and another one, while the
// preset of the first is changed in a chat.
func TestChangesOutliveModels(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	e := newFakeEngine("x")
	b.use(e)
	b.temperature(0.9)
	b.SavePreset("Calm")
	b.UseForModel("Calm")
	b.NewChat()
	b.ask("A question")
	b.quiet()
	b.temperature(0.1)
	b.Load(e.info.Path)
	b.temperature(0.2) // while it is loaded
	b.until("it is loaded again", func() bool { return b.model.engine == e })
	if name, _ := b.PresetName(); name != "Calm" || b.Settings().Temperature != 0.2 {
		t.Errorf("loaded again: %q, %v", name, b.Settings().Temperature)
	}
	b.Unload()
	if name, _ := b.PresetName(); name != "" || b.Settings().Temperature != b.ownSettings().Temperature {
		t.Errorf("without a model: %q, %v", name, b.Settings().Temperature)
	}
	b.use(e)
	if name, _ := b.PresetName(); name != "Calm" || b.Settings().Temperature != 0.2 {
		t.Errorf("back again: %q, %v", name, b.Settings().Temperature)
	}
}

// TestPresetsOfCopies has copies of a chat begin with its preset, as it is there,
// and forgets what was kept with chats that are purged.
func TestPresetsOfCopies(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.use(newFakeEngine("x"))
	b.NewTemporaryChat()
	b.quiet()
	b.SavePreset("Mine")
	b.ask("A question")
	b.quiet()
	b.temperature(0.2)
	at := func(what string) {
		t.Helper()
		if name, changed := b.PresetName(); name != "Mine" || !changed || b.Settings().Temperature != 0.2 {
			t.Errorf("%s has %q, changed %v, temperature %v", what, name, changed, b.Settings().Temperature)
		}
	}
	secret := b.chat.ID
	b.KeepChat(secret)
	b.until("it is kept", func() bool { return b.chat.ID != secret && !b.chat.loading })
	kept := b.chat.ID
	at("a chat that was kept")
	b.DuplicateChat(kept)
	b.until("there is a copy", func() bool { return b.chat.ID != kept && !b.chat.loading })
	at("a copy")
	b.forgetChats([]int64{kept, 99})
	b.quiet()
	at("the copy without the original")
	b.NewChat()
	b.quiet()
	if _, there := b.kept.Edits[kept]; there || len(b.kept.Chats) != 1 || len(b.kept.Edits) != 1 || b.kept.Chats[kept] != "" {
		t.Errorf("kept %v and %v", b.kept.Chats, b.kept.Edits)
	}
}

// TestPresetOfARunningAnswer renames the preset of a chat that is not open while
// an answer is written there.
func TestPresetOfARunningAnswer(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.SavePreset("Mine")
	a := &answer{chat: b.chat}
	b.answer = a
	b.opened(&openChat{})
	b.RenamePreset("Mine", "Ours")
	b.opened(a.chat)
	if name, _ := b.PresetName(); name != "Ours" {
		t.Errorf("the chat has preset %q", name)
	}
	b.answer = nil
}

// TestOwnSettings come back when no preset is in use any more.
func TestOwnSettings(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.temperature(1.5)
	b.SavePreset("Bold")
	b.UsePreset("")
	b.temperature(0.3)
	b.UsePreset("Bold")
	if got := b.Settings().Temperature; got != 1.5 || b.ownSettings().Temperature != 0.3 {
		t.Errorf("with the preset the temperature is %v, without it %v", got, b.ownSettings().Temperature)
	}
	b.NewChat()
	if got := b.Settings().Temperature; got != 0.3 {
		t.Errorf("in a chat without the preset the temperature is %v", got)
	}
}

// TestResetSettings takes a reset back.
func TestResetSettings(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.temperature(1.7)
	b.ResetSettings()
	if got := b.Settings(); got.Temperature != llm.DefaultSettings().Temperature {
		t.Errorf("after a reset the temperature is %v", got.Temperature)
	}
	b.Act()
	if got := b.Settings(); got.Temperature != 1.7 {
		t.Errorf("after the undo the temperature is %v", got.Temperature)
	}
	b.Dismiss()
	b.temperature(llm.DefaultSettings().Temperature)
	if b.ResetSettings(); b.notice != nil {
		t.Errorf("a reset of nothing says %q", told(b.notice.Text))
	}
}

// TestSettingsOfAChatThatIsLeft opens a chat with a preset while an answer is
// written in another: that answer goes on with its own settings.
func TestSettingsOfAChatThatIsLeft(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	a := &answer{chat: b.chat}
	b.temperature(1.2)
	b.answer = a
	b.opened(&openChat{})
	b.temperature(0.1)
	if got := b.settingsOf(a)().Temperature; got != 1.2 {
		t.Errorf("the answer goes on with %v", got)
	}
	b.opened(a.chat)
	b.temperature(0.3)
	if got := b.settingsOf(a)().Temperature; got != 0.3 {
		t.Errorf("in its chat again the answer has %v", got)
	}
	b.answer = nil
}

func TestSystemPrompts(t *testing.T) {
	b := newBench(t, "")
	defer b.end()
	b.SetSystem("Be brief.")
	b.SavePrompt("Short")
	b.SetSystem("Be very brief.")
	b.SavePrompt("Short")
	b.SavePrompt(" ")
	b.quiet()
	if len(b.kept.Prompts) != 1 || b.kept.Prompts[0].Text != "Be very brief." {
		t.Errorf("kept %+v", b.kept.Prompts)
	}
	b.DeletePrompt("Short")
	b.Act()
	if len(b.presets.Prompts) != 1 {
		t.Error("a deleted text does not come back")
	}
}
