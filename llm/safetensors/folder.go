package safetensors

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lumi/llm/fault"
	"lumi/llm/gguf"
)

// The names of a folder's files.
const (
	configName = "config.json"
	indexName  = "model.safetensors.index.json"
	singleName = "model.safetensors"
)

// Extension is that of the files that hold weights.
const Extension = ".safetensors"

// maxJSON bounds the files that are read as a whole: config.json, the index.
const maxJSON = 64 << 20

// maxShards bounds the number of files that an index may name.
const maxShards = 4096

// Open opens a model folder, or the folder of a .safetensors file, as what it
// would be in GGUF, under the folder's path. Errors name the file and wrap a
// *gguf.Error; a cut file's wrap a *gguf.TruncatedError.
func Open(path string) (*gguf.File, error) {
	single := ""
	if strings.EqualFold(filepath.Ext(path), Extension) {
		path, single = filepath.Split(path)
		path = filepath.Clean(path)
	}
	c, err := readConfig(filepath.Join(path, configName))
	if err != nil {
		return nil, err
	}
	names, err := weightFiles(path, single)
	if err != nil {
		return nil, err
	}
	var maps []*gguf.Mapping
	f, err := func() (*gguf.File, error) {
		var tensors []tensor
		for _, name := range names {
			m, err := gguf.Map(filepath.Join(path, name))
			if err != nil {
				return nil, err
			}
			maps = append(maps, m)
			err = gguf.Guard(m.Path, func() error {
				found, err := parse(m.Path, m.Data)
				tensors = append(tensors, found...)
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		var f *gguf.File
		err := gguf.Guard(path, func() error {
			meta, parts, err := c.translate(tensors)
			if err != nil {
				return &gguf.Error{Path: path, Offset: -1, Err: err}
			}
			f, err = gguf.Assemble(path, meta, parts, maps...)
			return err
		})
		return f, err
	}()
	if err != nil {
		for _, m := range maps {
			err = errors.Join(err, m.Close())
		}
		return nil, err
	}
	return f, nil
}

// weightFiles are the names of the files that hold the weights: those that the
// index names, or a single one.
func weightFiles(dir, single string) ([]string, error) {
	index := filepath.Join(dir, indexName)
	data, err := readJSON(index)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if single == "" {
			single = singleName
		}
		if _, err := os.Stat(filepath.Join(dir, single)); errors.Is(err, fs.ErrNotExist) {
			return nil, &gguf.Error{Path: dir, Offset: -1, Err: fault.NotModel.Errorf(
				"the folder holds neither %s nor %s; models in PyTorch's own format must be converted first", single, indexName)}
		}
		return []string{single}, nil
	case err != nil:
		return nil, err
	}
	names, err := shards(data)
	if err != nil {
		return nil, &gguf.Error{Path: index, Offset: -1, Err: err}
	}
	if single != "" && !slices.Contains(names, single) {
		return []string{single}, nil // a model of its own beside the split one
	}
	var missing []string
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, name)
		}
	}
	if n := len(missing); n > 0 {
		const most = 5
		list := strings.Join(missing[:min(n, most)], ", ")
		if n > most {
			list += fmt.Sprintf(" and %d more", n-most)
		}
		return nil, &gguf.Error{Path: dir, Offset: -1, Err: fmt.Errorf(
			"of the model's %d files these are missing: %s; fetch them into the folder", len(names), list)}
	}
	return names, nil
}

// shards reads the names of the files from an index, sorted.
func shards(data []byte) ([]string, error) {
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("the index is damaged: %w", err)
	}
	set := map[string]bool{}
	for _, name := range index.Map {
		if name != filepath.Base(name) || strings.ContainsAny(name, `/\`) || name == ".." || !strings.EqualFold(filepath.Ext(name), Extension) {
			return nil, fmt.Errorf("the index names %q, which is no %s file of the folder", shorten(name), Extension)
		}
		set[name] = true
	}
	if len(set) == 0 || len(set) > maxShards {
		return nil, fmt.Errorf("the index names %d files, want 1 to %d", len(set), maxShards)
	}
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// readJSON reads a small file as a whole.
func readJSON(path string) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, &gguf.Error{Path: path, Offset: -1, Err: err} }
	info, err := os.Stat(path)
	if err != nil {
		if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
			err = pathErr.Err // Error names the path itself
		}
		return fail(fmt.Errorf("cannot open the model: %w", err))
	}
	if !info.Mode().IsRegular() || info.Size() > maxJSON {
		return fail(fmt.Errorf("cannot open the model: it is no regular file of at most %d bytes", maxJSON))
	}
	file, err := os.Open(path)
	if err != nil {
		return fail(fmt.Errorf("cannot open the model: %w", err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxJSON+1))
	if err == nil && len(data) > maxJSON {
		err = fmt.Errorf("it grew beyond %d bytes", maxJSON)
	}
	if err != nil {
		return fail(fmt.Errorf("cannot read the model: %w", err))
	}
	return data, nil
}
