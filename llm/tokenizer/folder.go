package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxFile bounds the size of a tokenizer's file in bytes; the largest in use
// have some 30 MB.
const maxFile = 512 << 20

// Open reads the tokenizer of a Hugging Face folder, or a single file: a
// tokenizer.json, SentencePiece's tokenizer.model, llama2.c's tokenizer.bin or
// the first Qwen's qwen.tiktoken.
// Errors name the file.
func Open(path string) (*Tokenizer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open the tokenizer: %w", err)
	}
	var v Vocab
	if info.IsDir() {
		v, err = FromFolder(path)
	} else {
		v, err = fromFile(path)
	}
	if err != nil {
		return nil, err
	}
	t, err := New(v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// FromFolder reads the vocabulary of a Hugging Face folder: tokenizer.json or
// else tokenizer.model (SentencePiece's, or Llama 3's in tiktoken's form) or one
// of the rarer forms, with what tokenizer_config.json, special_tokens_map.json,
// added_tokens.json, generation_config.json and config.json say of it.
func FromFolder(dir string) (Vocab, error) {
	for _, name := range []string{"tokenizer.json", "tokenizer.model", "tokenizer.bin", "qwen.tiktoken"} {
		v, err := fromFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return v, err
		}
		return v, v.configure(dir)
	}
	return Vocab{}, fmt.Errorf("%s: there is no tokenizer.json and no tokenizer.model in this folder", dir)
}

// fromFile reads a vocabulary by what the file contains.
func fromFile(path string) (Vocab, error) {
	data, err := ReadFile(path, maxFile)
	if err != nil {
		return Vocab{}, fmt.Errorf("open the tokenizer: %w", err)
	}
	var v Vocab
	switch text := strings.TrimLeft(string(data[:min(len(data), 256)]), " \t\r\n\ufeff"); {
	case strings.HasPrefix(text, "{"), strings.EqualFold(filepath.Ext(path), ".json"):
		v, err = FromTokenizerJSON(data)
	case strings.EqualFold(filepath.Ext(path), ".bin"):
		v, err = FromLlama2C(data)
	case strings.EqualFold(filepath.Ext(path), ".tiktoken"):
		v, err = FromTiktoken(data)
	case isTiktoken(text):
		v, err = fromMeta(data)
	default:
		v, err = FromSentencePiece(data)
	}
	if err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// ReadFile reads a regular file of at most limit bytes, such as the small ones
// of a model folder. Errors name the file.
func ReadFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", path)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s has more than the %d bytes allowed", path, limit)
	}
	return os.ReadFile(path)
}

// tokenText is a token in tokenizer_config.json: its text, or an object with it.
type tokenText string

func (t *tokenText) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*t = tokenText(text)
		return nil
	}
	var token struct {
		Content string `json:"content"`
	}
	// Anything else is as good as nothing: no token is named.
	_ = json.Unmarshal(data, &token)
	*t = tokenText(token.Content)
	return nil
}

// idList is an id in config.json and generation_config.json: a number, a list
// of numbers or null.
type idList []int32

func (l *idList) UnmarshalJSON(data []byte) error {
	var one int32
	if json.Unmarshal(data, &one) == nil {
		if string(data) != "null" {
			*l = idList{one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]int32)(l))
}

// tokenizerConfig is what tokenizer_config.json says of a vocabulary.
type tokenizerConfig struct {
	AddBOS *bool                 `json:"add_bos_token"`
	AddEOS *bool                 `json:"add_eos_token"`
	BOS    tokenText             `json:"bos_token"`
	EOS    tokenText             `json:"eos_token"`
	UNK    tokenText             `json:"unk_token"`
	PAD    tokenText             `json:"pad_token"`
	Added  map[string]addedToken `json:"added_tokens_decoder"`
}

// modelConfig is what config.json and generation_config.json say of tokens.
type modelConfig struct {
	BOS idList `json:"bos_token_id"`
	EOS idList `json:"eos_token_id"`
}

// configure adds what the other files of a folder say. All of them may be
// absent.
func (v *Vocab) configure(dir string) error {
	const limit = 64 << 20
	read := func(name string, to any) error {
		data, err := ReadFile(filepath.Join(dir, name), limit)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = json.Unmarshal(data, to)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", filepath.Join(dir, name), err)
		}
		return nil
	}
	var special, config tokenizerConfig
	var extra map[string]int
	var model, generation modelConfig
	if err := errors.Join(
		read("special_tokens_map.json", &special), read("tokenizer_config.json", &config),
		read("added_tokens.json", &extra), read("config.json", &model), read("generation_config.json", &generation),
	); err != nil {
		return err
	}
	if err := v.addTokens(config.Added, extra); err != nil {
		return fmt.Errorf("read %s: %w", dir, err)
	}
	v.name(config, special)
	for _, ids := range []idList{generation.EOS, model.EOS} {
		v.Ends = append(v.Ends, ids...)
		if v.EOS < 0 && len(ids) > 0 {
			v.EOS = ids[0]
		}
	}
	for _, ids := range []idList{generation.BOS, model.BOS} {
		if v.BOS < 0 && len(ids) > 0 {
			v.BOS = ids[0]
		}
	}
	v.wantAround(config)
	return nil
}

// addTokens enters tokens that the tokenizer's own file does not have.
func (v *Vocab) addTokens(decoder map[string]addedToken, extra map[string]int) error {
	var list []addedToken
	for id, a := range decoder {
		if _, err := fmt.Sscanf(id, "%d", &a.ID); err != nil {
			return fmt.Errorf("added_tokens_decoder has the key %.80q, want an id", id)
		}
		list = append(list, a)
	}
	for text, id := range extra {
		list = append(list, addedToken{ID: id, Content: text, Special: true})
	}
	slices.SortStableFunc(list, func(a, b addedToken) int { return a.ID - b.ID })
	for _, a := range list {
		if a.ID >= 0 && a.ID < len(v.Tokens) {
			// What the tokenizer's file says of a token counts; SentencePiece's
			// has no texts for those added later.
			if v.pipeline == nil && v.Tokens[a.ID] == a.Content && v.Types[a.ID] == Normal {
				v.Types[a.ID] = UserDefined
				if a.Special {
					v.Types[a.ID] = Control
				}
			}
			continue
		}
		if a.ID < 0 || a.ID > len(v.Tokens)+1<<16 {
			return fmt.Errorf("the added token %.80q has the id %d, but there are %d tokens", a.Content, a.ID, len(v.Tokens))
		}
		for len(v.Tokens) <= a.ID {
			v.Tokens, v.Types = append(v.Tokens, ""), append(v.Types, Unused)
			if v.Scores != nil {
				v.Scores = append(v.Scores, 0)
			}
		}
		if err := v.add(a); err != nil {
			return err
		}
	}
	return nil
}

// name finds the ids of the tokens that the configuration names.
func (v *Vocab) name(config, special tokenizerConfig) {
	for _, n := range []struct {
		id    *int32
		texts [2]tokenText
	}{
		{&v.BOS, [2]tokenText{config.BOS, special.BOS}},
		{&v.EOS, [2]tokenText{config.EOS, special.EOS}},
		{&v.UNK, [2]tokenText{config.UNK, special.UNK}},
		{&v.PAD, [2]tokenText{config.PAD, special.PAD}},
	} {
		for _, text := range n.texts {
			if text == "" {
				continue
			}
			if id := slices.Index(v.Tokens, string(text)); id >= 0 {
				*n.id = int32(id)
				break
			}
		}
	}
}

// wantAround follows add_bos_token and add_eos_token where they are given.
func (v *Vocab) wantAround(config tokenizerConfig) {
	var none []int32
	prefix, suffix := &none, &none
	if v.pipeline != nil {
		prefix, suffix = &v.pipeline.prefix, &v.pipeline.suffix
	}
	if config.AddBOS != nil && v.BOS >= 0 {
		v.AddBOS = *config.AddBOS
		*prefix = slices.DeleteFunc(slices.Clone(*prefix), func(id int32) bool { return id == v.BOS })
		if v.AddBOS {
			*prefix = slices.Insert(*prefix, 0, v.BOS)
		}
	}
	if config.AddEOS != nil && v.EOS >= 0 {
		v.AddEOS = *config.AddEOS
		*suffix = slices.DeleteFunc(slices.Clone(*suffix), func(id int32) bool { return id == v.EOS })
		if v.AddEOS {
			*suffix = append(*suffix, v.EOS)
		}
	}
}
