package app

import (
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
	if name, changed := b.PresetName(); name != "Bold" || changed || b.Settings().Temperature != 1.5 {
		t.Errorf("the chat came back with %q, %v, temperature %v", name, changed, b.Settings().Temperature)
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
