package llm

import (
	"fmt"
	"os"
	"path/filepath"

	"lumi/llm/gguf"
	"lumi/llm/notice"
	"lumi/llm/prompt"
	"lumi/llm/tokenizer"
)

// isFolder reports whether a model is a Hugging Face folder, whose tokenizer
// and chat template lie in files of their own.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// vocabulary reads the tokenizer of the model at path, of a folder from its own
// files and else from the metadata.
func vocabulary(path string, meta tokenizer.Metadata) (tokenizer.Vocab, error) {
	if isFolder(path) {
		return tokenizer.FromFolder(path)
	}
	return tokenizer.FromGGUF(meta)
}

// templateSource is the chat template that the model at path brings, or "".
func templateSource(path string, meta tokenizer.Metadata) (string, error) {
	if isFolder(path) {
		return folderTemplate(path)
	}
	source, _, err := meta.String("tokenizer.chat_template")
	return source, err
}

// OpenTokenizer reads a tokenizer: a tokenizer.json, a tokenizer.model or
// llama2.c's tokenizer.bin, or that of a model. Errors name the file.
func OpenTokenizer(path string) (*tokenizer.Tokenizer, error) {
	if isGGUF(path) {
		return ModelTokenizer(path)
	}
	return tokenizer.Open(path)
}

// ModelTokenizer reads the tokenizer of the model at path, a file or a Hugging
// Face folder, without its weights. Errors name the file.
func ModelTokenizer(path string) (*tokenizer.Tokenizer, error) {
	if isFolder(path) {
		return tokenizer.Open(path)
	}
	file, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return fileTokenizer(file)
}

func fileTokenizer(file *gguf.File) (*tokenizer.Tokenizer, error) {
	v, err := vocabulary(file.Path, file.Meta)
	if err != nil {
		return nil, inFile(file.Path, err)
	}
	tok, err := tokenizer.New(v)
	if err != nil {
		return nil, inFile(file.Path, err)
	}
	return tok, nil
}

// isGGUF reports whether the file at path begins as GGUF does.
func isGGUF(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [4]byte
	_, err = f.Read(magic[:])
	return err == nil && string(magic[:]) == "GGUF"
}

// OpenTemplate finds the chat template of a model, a GGUF file or a Hugging
// Face folder, without its weights, as [Model.Reply] uses it: the model's own,
// its family's, or plain text. Notices say which, when it is not its own.
func OpenTemplate(path string) (t *prompt.Template, notices []notice.Notice, err error) {
	if isFolder(path) {
		tok, err := tokenizer.Open(path)
		if err != nil {
			return nil, nil, err
		}
		source, err := folderTemplate(path)
		if err != nil {
			return nil, nil, err
		}
		t, notices = choose(source, filepath.Base(path), "", tok)
		return t, notices, nil
	}
	file, err := OpenFile(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	tok, err := fileTokenizer(file)
	if err != nil {
		return nil, nil, err
	}
	source, err := templateSource(file.Path, file.Meta)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	name, _, _ := file.Meta.String("general.name")
	architecture, _, _ := file.Meta.String("general.architecture")
	t, notices = choose(source, name, architecture, tok)
	return t, notices, nil
}
