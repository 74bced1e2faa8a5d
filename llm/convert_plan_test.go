package llm

import (
	"path/filepath"
	"testing"
)

// TestPlanConvert demands the sizes that Convert then writes.
func TestPlanConvert(t *testing.T) {
	plan, err := PlanConvert(tinyModel)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Choices) != len(ConvertTypes()) {
		t.Errorf("%d choices for %d types: one GGUF file is not to be copied", len(plan.Choices), len(ConvertTypes()))
	}
	for i, choice := range plan.Choices {
		if i > 0 && choice.Size > plan.Choices[i-1].Size {
			t.Errorf("%s is larger than %s before it", choice.Type, plan.Choices[i-1].Type)
		}
		out := filepath.Join(t.TempDir(), "out.gguf")
		if err := Convert(t.Context(), tinyModel, out, choice.Type, nil); err != nil {
			t.Fatal(err)
		}
		var size int64
		for _, x := range openGGUF(t, out).Tensors {
			size += x.Size
		}
		if size != choice.Size {
			t.Errorf("%s has %d bytes of tensors, planned %d", choice.Type, size, choice.Size)
		}
		if made, err := PlanConvert(out); err != nil || made.Lossy != (choice.Type != "F16" && choice.Type != "BF16") {
			t.Errorf("%s: lossy %v, error %v", choice.Type, made.Lossy, err)
		}
	}
	if _, err := PlanConvert("none.gguf"); err == nil {
		t.Error("a missing file has a plan")
	}
	folder := filepath.Join(conformance(t), "seed", "stories260K", "hf")
	if plan, err = PlanConvert(folder); err != nil {
		t.Fatal(err)
	}
	if last := plan.Choices[len(plan.Choices)-1]; last.Type != "" || last.Size < 1_000_000 || plan.Lossy {
		t.Errorf("a folder cannot keep its types: %+v", plan)
	}
}

func TestCheckSpace(t *testing.T) {
	if err := CheckSpace(t.TempDir(), 1<<60); err == nil {
		t.Skip("skipped: free space is not known here")
	}
	if err := CheckSpace(t.TempDir(), -spareSpace); err != nil {
		t.Errorf("nothing does not fit: %v", err)
	}
}
