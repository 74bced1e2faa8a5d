package llm

import (
	"slices"

	"lumi/llm/arch"
)

// Summary is what a model file's header tells, without loading the model.
type Summary struct {
	Architecture string
	Quantisation string
	Size         int64 // bytes of all tensors
	Parameters   int64
}

// Inspect reads the header of the model file at path. A file that is sound but
// cannot be run, because its architecture is not supported, is an error.
func Inspect(path string) (Summary, error) {
	file, err := OpenFile(path)
	if err != nil {
		return Summary{}, err
	}
	defer file.Close()
	var s Summary
	s.Architecture, _, err = file.Meta.String("general.architecture")
	if err != nil {
		return s, inFile(path, err)
	}
	s.Quantisation, s.Size, s.Parameters = quantisation(file)
	if len(file.Tensors) == 0 {
		return s, &FileError{path, ErrNoWeights}
	}
	if !slices.Contains(arch.Supported(), s.Architecture) {
		return s, &FileError{path, &arch.UnknownError{Name: s.Architecture}}
	}
	return s, nil
}
