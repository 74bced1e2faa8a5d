package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

// TestKind checks that a kind is found through other errors and changes no
// word, and that what an error wraps is still found.
func TestKind(t *testing.T) {
	err := fmt.Errorf("model.gguf: %w", Damaged.Errorf("at byte 7: %w", io.ErrUnexpectedEOF))
	if got, want := err.Error(), "model.gguf: at byte 7: unexpected EOF"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if !errors.Is(err, Damaged) || !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, Unsupported) {
		t.Errorf("%v: the kinds are wrong", err)
	}
	if Damaged.Of(nil) != nil {
		t.Error("no error became one")
	}
}
