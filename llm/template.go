package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"lumi/llm/prompt"
	"lumi/llm/tokenizer"
)

// maxConfig bounds the size of the JSON files in bytes that a template is
// looked for in; vocabularies of added tokens make some large.
const maxConfig = 64 << 20

// folderTemplate finds the chat template of a Hugging Face folder: in
// chat_template.jinja, or under chat_template in tokenizer_config.json or
// chat_template.json, as a text or as a list of named ones of which "default"
// counts. It is "" when the folder has none. Errors name the file.
func folderTemplate(dir string) (source string, err error) {
	data, err := tokenizer.ReadFile(filepath.Join(dir, "chat_template.jinja"), prompt.MaxSource)
	if !errors.Is(err, fs.ErrNotExist) {
		return string(data), err
	}
	for _, name := range []string{"tokenizer_config.json", "chat_template.json"} {
		path := filepath.Join(dir, name)
		data, err := tokenizer.ReadFile(path, maxConfig)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		var config struct {
			Template namedTemplates `json:"chat_template"`
		}
		if err := json.Unmarshal(data, &config); err != nil {
			return "", fmt.Errorf("read the chat template in %s: %w", path, err)
		}
		if config.Template != "" {
			return string(config.Template), nil
		}
	}
	return "", nil
}

// namedTemplates is a template as tokenizer_config.json has it.
type namedTemplates string

func (n *namedTemplates) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*n = namedTemplates(one)
		return nil
	}
	var list []struct {
		Name     string `json:"name"`
		Template string `json:"template"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for i, t := range list {
		if i == 0 || t.Name == "default" {
			*n = namedTemplates(t.Template)
		}
	}
	return nil
}
