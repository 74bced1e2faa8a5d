package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adrg/xdg"

	"lumi/llm"
	"lumi/llm/atomicfile"
	"lumi/llm/fault"
)

// Preset is a set of sampler settings with a name.
type Preset struct {
	Name     string       `json:"name"`
	Settings llm.Settings `json:"settings"`
}

// SystemPrompt is a system prompt with a name.
type SystemPrompt struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Presets are what a person has saved to choose from, and where a preset has
// been chosen. Names are unique within each list.
type Presets struct {
	Sampling []Preset          `json:"sampling,omitempty"`
	Prompts  []SystemPrompt    `json:"prompts,omitempty"`
	Models   map[string]string `json:"models,omitempty"` // the preset of a model by its path
	Chats    map[int64]string  `json:"chats,omitempty"`  // the preset of a chat by its id
	Edits    map[int64]Preset  `json:"edits,omitempty"`  // what a chat's preset became there, by the chat's id
}

// PresetsPath returns where presets belong: beside the settings.
func PresetsPath() string {
	return filepath.Join(xdg.ConfigHome, "lumi", "presets.json")
}

// Find returns the preset of that name.
func (p Presets) Find(name string) (Preset, bool) {
	i := slices.IndexFunc(p.Sampling, func(q Preset) bool { return q.Name == name })
	if i < 0 {
		return Preset{}, false
	}
	return p.Sampling[i], true
}

// LoadPresets reads the presets at path. Like [Load] it always returns presets
// that can be used, with a sentence for each value that could not be.
func LoadPresets(path string) (Presets, []error) {
	values, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Presets{}, nil
	}
	if err != nil {
		return Presets{}, []error{putAside(path, true, err)}
	}
	var p Presets
	maps.DeleteFunc(values, func(_ string, v json.RawMessage) bool { return string(v) == "null" }) // earlier versions wrote it for an empty list
	r := &reader{values: values}
	var raw []json.RawMessage
	take(r, "sampling", &raw, "a list of presets", anything)
	for i, data := range raw {
		preset, faults, err := decodePreset(data, fmt.Sprintf("sampling.%d.", i+1))
		if _, twice := p.Find(preset.Name); err == nil && twice {
			err = fmt.Errorf("there are two presets %q", preset.Name)
		}
		if err != nil {
			r.faults = append(r.faults, err.Error()+", so it is left out")
			continue
		}
		r.faults = append(r.faults, faults...)
		p.Sampling = append(p.Sampling, preset)
	}
	take(r, "prompts", &p.Prompts, "a list of names and texts", func(list []SystemPrompt) bool {
		return !slices.ContainsFunc(list, func(s SystemPrompt) bool { return strings.TrimSpace(s.Name) == "" })
	})
	take(r, "models", &p.Models, "an object of names", anything)
	take(r, "chats", &p.Chats, "an object of names", anything)
	p.Edits = decodeEdits(r)
	return p, valueErrors("file of presets", path, r.faults)
}

// decodeEdits reads what presets became in chats.
func decodeEdits(r *reader) map[int64]Preset {
	var raw map[int64]json.RawMessage
	take(r, "edits", &raw, "an object of presets", anything)
	if len(raw) == 0 {
		return nil
	}
	edits := map[int64]Preset{}
	for _, chat := range slices.Sorted(maps.Keys(raw)) {
		preset, faults, err := decodePreset(raw[chat], fmt.Sprintf("edits.%d.", chat))
		if err != nil {
			r.faults = append(r.faults, err.Error()+", so it is left out")
			continue
		}
		r.faults = append(r.faults, faults...)
		edits[chat] = preset
	}
	return edits
}

// decodePreset reads one preset; values that make no sense become the defaults
// and faults.
func decodePreset(data []byte, prefix string) (p Preset, faults []string, err error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil || values == nil {
		return p, nil, fmt.Errorf("a preset is %s where it should be an object", short(data))
	}
	r, inner := &reader{values: values, prefix: prefix}, &reader{prefix: prefix + "settings."}
	take(r, "name", &p.Name, "a name", func(v string) bool { return strings.TrimSpace(v) != "" })
	if p.Name == "" {
		return p, nil, errors.New("a preset has no name")
	}
	take(r, "settings", &inner.values, "an object", anything)
	p.Settings = decodeSampling(inner)
	return p, append(r.faults, inner.faults...), nil
}

// SavePresets writes the presets to path: all of them or, after an error,
// nothing.
func SavePresets(path string, p Presets) error {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("saving the presets: %w", err)
	}
	if err := atomicfile.WriteBytes(path, atomicfile.Private, append(data, '\n')); err != nil {
		return fmt.Errorf("saving the presets to %s; the file is unchanged: %w", path, err)
	}
	return nil
}

// ExportPreset writes a preset to a file of its own.
func ExportPreset(path string, p Preset) error {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("exporting the preset %q: %w", p.Name, err)
	}
	if err := atomicfile.WriteBytes(path, atomicfile.Private, append(data, '\n')); err != nil {
		return fmt.Errorf("exporting the preset %q to %s: %w", p.Name, path, err)
	}
	return nil
}

// ErrNoPreset is the kind of the errors of [ImportPreset].
const ErrNoPreset = fault.Kind("the file is no preset")

// ImportPreset reads a preset from a file that [ExportPreset] wrote. The
// sentences say which of its values could not be used.
func ImportPreset(path string) (Preset, []error, error) {
	values, err := read(path)
	if err != nil {
		return Preset{}, nil, ErrNoPreset.Errorf("%s is no preset: %w", path, err)
	}
	var data bytes.Buffer
	if err := json.NewEncoder(&data).Encode(values); err != nil {
		return Preset{}, nil, ErrNoPreset.Errorf("%s is no preset: %w", path, err)
	}
	p, faults, err := decodePreset(data.Bytes(), "")
	if err != nil {
		return p, nil, ErrNoPreset.Errorf("%s is no preset: %w", path, err)
	}
	return p, valueErrors("preset", path, faults), nil
}
