package lmw

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"unicode"

	"lumi/accel"
	"lumi/llm/gguf"
)

// cursor reads a file front to back; no read goes past its end, and nothing is
// allocated for a length that the file claims.
type cursor struct {
	path string
	data []byte
	pos  int
}

func (c *cursor) left() int { return len(c.data) - c.pos }

func (c *cursor) starts(with string) bool {
	return strings.HasPrefix(string(c.data[:min(len(c.data), len(with))]), with)
}

// fail returns an error about the byte at offset at.
func (c *cursor) fail(at int, format string, args ...any) error {
	return &gguf.Error{Path: c.path, Offset: int64(at), Err: fmt.Errorf(format, args...)}
}

// or returns err if there is one, else what fail makes.
func (c *cursor) or(err error, at int, format string, args ...any) error {
	if err != nil {
		return err
	}
	return c.fail(at, format, args...)
}

// take reads n bytes in place.
func (c *cursor) take(n uint64) ([]byte, error) {
	if n > uint64(c.left()) {
		if n > math.MaxInt64-uint64(c.pos) {
			return nil, c.fail(c.pos, "a length of %d bytes is more than any file holds", n)
		}
		return nil, c.fail(c.pos, "%w", &gguf.TruncatedError{
			Need: int64(c.pos) + int64(n), Have: int64(len(c.data)), AtLeast: true,
		})
	}
	b := c.data[c.pos : c.pos+int(n) : c.pos+int(n)]
	c.pos += int(n)
	return b, nil
}

func (c *cursor) uint32() (uint32, error) {
	b, err := c.take(4)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

func (c *cursor) float32() (float32, error) {
	v, err := c.uint32()
	return math.Float32frombits(v), err
}

// bytes reads a length and as many bytes.
func (c *cursor) bytes(what string, limit uint32) ([]byte, error) {
	at := c.pos
	n, err := c.uint32()
	if err != nil || n > limit {
		return nil, c.or(err, at, "%s of %d bytes is longer than the limit of %d", what, n, limit)
	}
	return c.take(uint64(n))
}

// filled reads as bytes does, and passes over the one to four bytes behind that
// fill them up to a multiple of four.
func (c *cursor) filled(what string, limit uint32) ([]byte, error) {
	b, err := c.bytes(what, limit)
	if err != nil {
		return nil, err
	}
	_, err = c.take(uint64(4 - len(b)%4))
	return b, err
}

// text reads a name without the spaces that fill it up.
func (c *cursor) text(what string) (string, error) {
	b, err := c.bytes(what, maxText)
	return strings.TrimRightFunc(string(b), unicode.IsSpace), err
}

// elements reads the data of a tensor, in place.
func (c *cursor) elements(typ accel.Type, sizes []uint32) ([]byte, error) {
	_, n := typ.Block()
	bytes := uint64(n)
	for _, size := range sizes {
		high, low := bits.Mul64(bytes, uint64(size))
		if high != 0 {
			return nil, c.fail(c.pos, "a tensor of %d elements is more than any file holds", sizes)
		}
		bytes = low
	}
	return c.take(bytes)
}
