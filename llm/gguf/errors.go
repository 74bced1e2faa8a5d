package gguf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"lumi/llm/fault"
)

// ErrNotGGUF marks files that are something else altogether.
var ErrNotGGUF = fault.NotModel.Of(errors.New("not a GGUF file"))

// ErrChanged marks files that lost bytes, or could not be read any more, while
// they were being read.
var ErrChanged = errors.New("the file was cut or became unreadable while it was read")

// Error says what is wrong with a file, and where.
type Error struct {
	Path   string
	Offset int64 // of what is wrong, bytes from the start; −1 if it has no place
	Err    error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Offset < 0 {
		return quotePath(e.Path) + ": " + e.Err.Error()
	}
	return quotePath(e.Path) + ": at byte " + strconv.FormatInt(e.Offset, 10) + ": " + e.Err.Error()
}

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// TruncatedError says that a file ends before its contents do, as an
// interrupted download does.
type TruncatedError struct {
	Need, Have int64 // sizes of the file in bytes
	// AtLeast marks a file whose header is incomplete, so that Need is only
	// what is known to be missing so far.
	AtLeast bool
}

// Error implements error.
func (e *TruncatedError) Error() string {
	if e.AtLeast {
		return fmt.Sprintf("file is cut: needs at least %d bytes, has %d; resume or repeat its download", e.Need, e.Have)
	}
	return fmt.Sprintf("file is cut: needs %d bytes, has %d (%d bytes missing); resume or repeat its download",
		e.Need, e.Have, e.Need-e.Have)
}

// quotePath keeps a path with line breaks or other control characters from
// disturbing a message.
func quotePath(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(path)
	}
	return path
}

// foreign says what a file that is not GGUF seems to be.
func foreign(data []byte) error {
	head := data[:min(len(data), 1024)]
	text := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(head), "\ufeff")))
	kind := ""
	switch {
	case len(data) == 0:
		kind = "it is empty"
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		kind = "it looks like an HTML page, such as a download's error page"
	case strings.HasPrefix(text, "version https://git-lfs.github.com/spec/"):
		kind = "it is a Git LFS pointer; fetch the model itself with git lfs pull"
	case strings.HasPrefix(text, "ggml"), strings.HasPrefix(text, "lmgg"), strings.HasPrefix(text, "tjgg"), strings.HasPrefix(text, "fmgg"):
		kind = "it is in a format older than GGUF; convert the original model again"
	case strings.HasPrefix(text, "pk\x03\x04"):
		kind = "it looks like a zip archive or a PyTorch file"
	case len(head) > 8 && head[8] == '{':
		kind = "it looks like a safetensors file"
	case len(data) < 4:
		kind = fmt.Sprintf("it has only %d bytes", len(data))
	default:
		kind = fmt.Sprintf("it starts with %q instead of %q", head[:4], magic)
	}
	return fmt.Errorf("%w: %s", ErrNotGGUF, kind)
}
