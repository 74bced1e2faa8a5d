package settings

import (
	"encoding/json"
	"fmt"
	"maps"

	"lumi/llm/atomicfile"
)

// Save writes s to path: the whole of it or, after an error, nothing. A crash
// of the program or of the machine leaves the old file or the new one. What
// [Load] did not understand is written back with the rest.
func Save(path string, s Settings) error {
	data, err := encode(s)
	if err != nil {
		return fmt.Errorf("saving the settings: %w", err)
	}
	if err := atomicfile.WriteBytes(path, atomicfile.Private, data); err != nil {
		return fmt.Errorf("saving the settings to %s; the file is unchanged: %w", path, err)
	}
	return nil
}

// encode returns s as indented JSON, together with what it does not know.
func encode(s Settings) ([]byte, error) {
	sampling, err := merged(s.Sampling, s.othersSampling)
	if err != nil {
		return nil, err
	}
	values, err := merged(s, s.others)
	if err != nil {
		return nil, err
	}
	if values["sampling"], err = json.Marshal(sampling); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(values, "", "  ")
	return append(data, '\n'), err
}

// merged returns the JSON object of v with the others added to it.
func merged(v any, others map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	values := maps.Clone(others)
	return values, json.Unmarshal(data, &values)
}
