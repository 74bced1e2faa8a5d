package llm

import (
	"cmp"
	"slices"

	"lumi/llm/fault"
)

// ConvertPlan is what [Convert] could make of a model.
type ConvertPlan struct {
	// Lossy says that weights are quantised already, so that another type can
	// only add to their error.
	Lossy   bool
	Choices []ConvertChoice // the largest type first
}

// ConvertChoice is one of the types that a model can be converted to.
type ConvertChoice struct {
	Type string // as in [ConvertTypes]; empty keeps the weights' types
	Size int64  // of the new file's tensors, bytes
}

// PlanConvert reads the header of the model at path and tells what it can be
// converted to and how large that would be. Only a model that is not one GGUF
// file can keep its types: the others would be copied. Errors name the file.
func PlanConvert(path string) (ConvertPlan, error) {
	var plan ConvertPlan
	file, err := OpenFile(path)
	if err != nil {
		return plan, err
	}
	defer file.Close()
	for _, t := range file.Tensors {
		block, _ := t.Type.Block()
		plan.Lossy = plan.Lossy || block > 1
	}
	choose := func(kind string, to *target) error {
		c := conversion{file: file, target: to}
		if err := c.layout(); err != nil {
			return err
		}
		plan.Choices = append(plan.Choices, ConvertChoice{kind, c.size})
		return nil
	}
	for _, t := range targets {
		if err := choose(t.name, &t); err != nil {
			return plan, inFile(path, fault.Damaged.Of(err))
		}
	}
	slices.SortStableFunc(plan.Choices, func(a, b ConvertChoice) int { return cmp.Compare(b.Size, a.Size) })
	if _, split := file.Meta.Get("split.count"); split || file.Version == 0 {
		if err := choose("", nil); err != nil {
			return plan, inFile(path, fault.Damaged.Of(err))
		}
	}
	return plan, nil
}

// spareSpace is left free for metadata and for others, in bytes.
const spareSpace = 128 << 20

// CheckSpace returns an error that says what is missing if a file with size
// bytes of tensors does not fit on the disk that holds the folder dir. Where
// free space is not known there is none.
func CheckSpace(dir string, size int64) error {
	if free, ok := freeSpace(dir); ok && free < size+spareSpace {
		return &SpaceError{Need: size + spareSpace, Free: free}
	}
	return nil
}
