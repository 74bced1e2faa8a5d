package app

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"lumi/app/settings"
	"lumi/llm"
)

// Recommended are the settings that the loaded model's makers recommend, with
// our defaults where they say nothing.
func (c *controller) Recommended() llm.Settings {
	if c.model.engine == nil {
		return llm.DefaultSettings()
	}
	return c.model.recommended
}

// PresetName is the name of the preset that is in use, and whether the settings
// are no longer what it holds; "" if none is.
func (c *controller) PresetName() (name string, changed bool) {
	name = c.chat.preset
	if name == "" {
		name = c.presets.Models[c.model.path()]
	}
	p, ok := c.presets.Find(name)
	if !ok {
		return "", false
	}
	return name, !sameSettings(p.Settings, c.Settings())
}

// sameSettings compares settings; the seed belongs to none of them.
func sameSettings(a, b llm.Settings) bool {
	a.Seed, b.Seed = 0, 0
	return reflect.DeepEqual(a, b)
}

// UsePreset takes a preset's settings as they were saved and keeps it with the
// open chat; "" goes back to a person's own settings. If that drops what was
// changed beside a preset, the notice that it leaves brings that back.
func (c *controller) UsePreset(name string) {
	before := c.inForce()
	_, changed := c.PresetName()
	c.chat.preset = name
	c.dropEdit()
	c.rememberChatPreset(c.chat)
	c.bringPreset()
	if changed && !sameSettings(before.edit.Settings, c.Settings()) {
		c.tell(say("The changes to the preset “{{.Name}}” are taken back.", fields{"Name": before.edit.Name}), undo(func() { c.restore(before) }))
	}
}

// RevertPreset takes back what was changed beside the preset in use.
func (c *controller) RevertPreset() { c.UsePreset(c.chat.preset) }

// inForce is what a chat had, for an undo to bring back.
type inForce struct {
	chat   *openChat
	preset string          // chosen for the chat, "" if none is
	edit   settings.Preset // the settings, and the preset that was in use
}

// inForce is what the open chat has.
func (c *controller) inForce() inForce {
	name, _ := c.PresetName()
	return inForce{c.chat, c.chat.preset, settings.Preset{Name: name, Settings: c.Settings()}}
}

// restore gives a chat back what it had, also while another one is open. Without
// a preset that was a person's own settings, which no choice of a preset loses.
func (c *controller) restore(was inForce) {
	if _, there := c.presets.Find(was.edit.Name); was.edit.Name != "" && !there {
		return // it has another name since
	}
	chat, open := was.chat, c.chat == was.chat
	if c.chat.ID != 0 && c.chat.ID == chat.ID { // it may have been opened again
		chat, open = c.chat, true
	}
	chat.preset = was.preset
	c.rememberChatPreset(chat)
	if open {
		c.bringPreset()
	}
	now, _ := c.PresetName()
	switch {
	case was.edit.Name == "":
	case open && was.edit.Name == now:
		c.takeSettings(was.edit.Settings)
	case !open && chat.ID != 0:
		c.putEdit(chat.ID, was.edit)
	}
}

// restoreOwn brings a person's own settings back.
func (c *controller) restoreOwn(own llm.Settings) {
	if c.own == nil {
		c.takeSettings(own)
		return
	}
	c.own = &own
	c.view.SettingsChanged() // for these to be kept
}

// rememberChatPreset keeps the preset of a chat that is on disk.
func (c *controller) rememberChatPreset(chat *openChat) {
	if chat.ID == 0 || c.presets.Chats[chat.ID] == chat.preset {
		return
	}
	c.presets.Chats = withEntry(c.presets.Chats, chat.ID, chat.preset)
	c.keepPresets()
}

// UseForModel makes a preset the default for the loaded model, or with "" takes
// that default away.
func (c *controller) UseForModel(name string) {
	if c.model.engine == nil {
		return
	}
	c.keepEdit()
	c.presets.Models = withEntry(c.presets.Models, c.model.info.Path, name)
	c.keepPresets()
	c.bringPreset()
}

// withEntry is a copy of a map with one entry changed, or without it if it is "".
func withEntry[K comparable](m map[K]string, key K, value string) map[K]string {
	if value == "" {
		m = maps.Clone(m)
		delete(m, key)
		return m
	}
	return with(m, key, value)
}

// with is a copy of a map with one entry changed.
func with[K comparable, V any](m map[K]V, key K, value V) map[K]V {
	m = maps.Clone(m)
	if m == nil {
		m = map[K]V{}
	}
	m[key] = value
	return m
}

// bringPreset puts the preset of the open chat or of the loaded model into
// force, or a person's own settings if there is none.
func (c *controller) bringPreset() {
	if c.chat.preset == "" && c.chat.ID != 0 {
		c.chat.preset = c.presets.Chats[c.chat.ID]
	}
	name, _ := c.PresetName()
	p, ok := c.presets.Find(name)
	next := c.Settings()
	switch {
	case ok:
		if c.own == nil {
			own := next
			c.own = &own
		}
		seed := next.Seed
		next = p.Settings
		if edit := c.presets.Edits[c.chat.ID]; edit.Name == name {
			next = edit.Settings
		}
		next.Seed = seed
	case c.own != nil:
		next, c.own = *c.own, nil
	}
	c.settings.Store(&next)
	c.view.SettingsChanged()
	c.view.PresetsChanged()
}

// keepEdit keeps what a person has changed beside a preset with the open chat,
// before something else brings its own settings.
func (c *controller) keepEdit() {
	name, changed := c.PresetName()
	switch {
	case name == "" || c.chat.ID == 0:
	case !changed:
		c.dropEdit()
	default:
		c.putEdit(c.chat.ID, settings.Preset{Name: name, Settings: c.Settings()})
	}
}

// putEdit keeps what a preset became in a chat.
func (c *controller) putEdit(chat int64, edit settings.Preset) {
	edit.Settings.Seed = 0
	if reflect.DeepEqual(c.presets.Edits[chat], edit) {
		return
	}
	c.presets.Edits = with(c.presets.Edits, chat, edit)
	c.keepPresets()
}

// dropEdit forgets what was changed beside a preset in the open chat.
func (c *controller) dropEdit() {
	if _, there := c.presets.Edits[c.chat.ID]; there {
		c.presets.Edits = without(c.presets.Edits, func(chat int64) bool { return chat == c.chat.ID })
		c.keepPresets()
	}
}

// copyPreset gives a copy of a chat the preset of that chat, as it is there.
func (c *controller) copyPreset(from, to int64) {
	if c.chat.ID == from {
		c.keepEdit()
	}
	if name := c.presets.Chats[from]; name != "" {
		c.presets.Chats = withEntry(c.presets.Chats, to, name)
		c.keepPresets()
	}
	if edit, there := c.presets.Edits[from]; there {
		c.putEdit(to, edit)
	}
}

// forgetChats drops what is kept with chats that are gone for good.
func (c *controller) forgetChats(ids []int64) {
	gone := func(chat int64) bool { return slices.Contains(ids, chat) }
	chats, edits := without(c.presets.Chats, gone), without(c.presets.Edits, gone)
	if len(chats) == len(c.presets.Chats) && len(edits) == len(c.presets.Edits) {
		return
	}
	c.presets.Chats, c.presets.Edits = chats, edits
	c.keepPresets()
}

// ResetSettings brings back what the model's makers recommend; the notice it
// leaves takes that back.
func (c *controller) ResetSettings() {
	before := c.inForce()
	if reflect.DeepEqual(before.edit.Settings, c.Recommended()) {
		return
	}
	c.takeSettings(c.Recommended())
	c.tell(say("The settings are reset."), undo(func() {
		if before.edit.Name == "" {
			c.restoreOwn(before.edit.Settings)
			return
		}
		c.restore(before)
	}))
}

// takeSettings puts settings into force that the panel does not show yet.
func (c *controller) takeSettings(s llm.Settings) {
	c.SetSettings(s)
	c.view.SettingsChanged()
	c.view.PresetsChanged()
}

// ownSettings are those that a person has chosen beside all presets.
func (c *controller) ownSettings() llm.Settings {
	if c.own != nil {
		return *c.own
	}
	return c.Settings()
}

// SavePreset keeps the settings in use under a name and uses it in the open
// chat. A preset that has the name already is replaced; the notice that this
// leaves brings it back, and what the chat had.
func (c *controller) SavePreset(name string) {
	name = strings.TrimSpace(name)
	if name == "" {
		return
	}
	had := c.inForce()
	p := settings.Preset{Name: name, Settings: c.Settings()}
	p.Settings.Seed = 0
	before, there := c.presets.Find(name)
	c.putPreset(p)
	c.UsePreset(name)
	if there && !sameSettings(before.Settings, p.Settings) {
		c.tell(say("The preset “{{.Name}}” is replaced.", fields{"Name": name}), undo(func() {
			c.keepEdit()
			c.putPreset(before)
			c.bringPreset()
			c.restore(had)
		}))
	}
}

func (c *controller) putPreset(p settings.Preset) {
	list := slices.DeleteFunc(slices.Clone(c.presets.Sampling), func(q settings.Preset) bool { return q.Name == p.Name })
	list = append(list, p)
	slices.SortFunc(list, func(a, b settings.Preset) int { return strings.Compare(a.Name, b.Name) })
	c.presets.Sampling = list
	c.keepPresets()
}

// AddPreset adds an imported preset under a name that is still free.
func (c *controller) AddPreset(p settings.Preset, faults []error) {
	p.Name = c.freePresetName(p.Name)
	c.putPreset(p)
	c.UsePreset(p.Name)
	c.tellAll(allReported(faults)...)
}

// freePresetName is a name, numbered if a preset has it already.
func (c *controller) freePresetName(name string) string {
	free := name
	for i := 2; ; i++ {
		if _, taken := c.presets.Find(free); !taken {
			return free
		}
		free = fmt.Sprintf("%s (%d)", name, i)
	}
}

// RenamePreset gives a preset another name, wherever it is used.
func (c *controller) RenamePreset(from, to string) {
	to = strings.TrimSpace(to)
	p, ok := c.presets.Find(from)
	if !ok || to == "" || to == from {
		return
	}
	if _, taken := c.presets.Find(to); taken {
		c.fail(say("There is a preset “{{.Name}}” already.", fields{"Name": to}), action{})
		return
	}
	p.Name = to
	c.presets.Sampling = slices.DeleteFunc(slices.Clone(c.presets.Sampling), func(q settings.Preset) bool { return q.Name == from })
	c.presets.Models, c.presets.Chats = renamed(c.presets.Models, from, to), renamed(c.presets.Chats, from, to)
	c.presets.Edits = maps.Clone(c.presets.Edits)
	for chat, edit := range c.presets.Edits {
		if edit.Name == from {
			edit.Name = to
			c.presets.Edits[chat] = edit
		}
	}
	open := []*openChat{c.chat}
	if c.answer != nil { // it goes on in a chat that may not be shown
		open = append(open, c.answer.chat)
	}
	for _, chat := range open {
		if chat.preset == from {
			chat.preset = to
		}
	}
	c.putPreset(p)
	c.view.PresetsChanged()
}

func renamed[K comparable](m map[K]string, from, to string) map[K]string {
	m = maps.Clone(m)
	for key, name := range m {
		if name == from {
			m[key] = to
		}
	}
	return m
}

// DeletePreset removes a preset; the notice it leaves brings it back. Where it
// was chosen, a person's own settings are used.
func (c *controller) DeletePreset(name string) {
	gone, ok := c.presets.Find(name)
	if !ok {
		return
	}
	c.keepEdit()
	c.presets.Sampling = slices.DeleteFunc(slices.Clone(c.presets.Sampling), func(p settings.Preset) bool { return p.Name == name })
	c.keepPresets()
	c.bringPreset()
	c.tell(say("The preset “{{.Name}}” is deleted.", fields{"Name": name}), undo(func() {
		gone.Name = c.freePresetName(name)
		c.putPreset(gone)
		c.bringPreset()
	}))
}

// SavePrompt keeps the open chat's system prompt under a name.
func (c *controller) SavePrompt(name string) {
	if name = strings.TrimSpace(name); name == "" {
		return
	}
	c.putPrompt(settings.SystemPrompt{Name: name, Text: c.chat.System})
}

func (c *controller) putPrompt(prompt settings.SystemPrompt) {
	list := slices.DeleteFunc(slices.Clone(c.presets.Prompts), func(p settings.SystemPrompt) bool { return p.Name == prompt.Name })
	list = append(list, prompt)
	slices.SortFunc(list, func(a, b settings.SystemPrompt) int { return strings.Compare(a.Name, b.Name) })
	c.presets.Prompts = list
	c.keepPresets()
}

// DeletePrompt removes a saved system prompt; the notice it leaves brings it
// back.
func (c *controller) DeletePrompt(name string) {
	named := func(p settings.SystemPrompt) bool { return p.Name == name }
	i := slices.IndexFunc(c.presets.Prompts, named)
	if i < 0 {
		return
	}
	gone := c.presets.Prompts[i]
	c.presets.Prompts = slices.DeleteFunc(slices.Clone(c.presets.Prompts), named)
	c.keepPresets()
	c.tell(say("The system prompt “{{.Name}}” is deleted.", fields{"Name": name}), undo(func() {
		if !slices.ContainsFunc(c.presets.Prompts, named) { // else another was saved since
			c.putPrompt(gone)
		}
	}))
}

// keepPresets writes the presets to disk, without what belongs to temporary
// chats.
func (c *controller) keepPresets() {
	p := c.presets // its lists and maps are replaced, never changed
	p.Chats, p.Edits = without(p.Chats, isTemporary), without(p.Edits, isTemporary)
	c.onDisk("saving the presets", func(context.Context) error { return c.KeepPresets(p) }, func(err error) {
		c.failed(say("The presets are not saved: {{.Why}}"), err, action{say("Try again"), c.keepPresets})
	})
	c.view.PresetsChanged()
}

// without is a copy of a map of chats without those that are to go.
func without[V any](m map[int64]V, gone func(chat int64) bool) map[int64]V {
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(chat int64, _ V) bool { return gone(chat) })
	return m
}
