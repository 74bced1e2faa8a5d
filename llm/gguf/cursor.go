package gguf

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// mulOK returns a·b and whether it fits.
func mulOK(a, b uint64) (uint64, bool) {
	high, low := bits.Mul64(a, b)
	return low, high == 0
}

// addOK returns a+b and whether it fits.
func addOK(a, b uint64) (uint64, bool) {
	sum, carry := bits.Add64(a, b, 0)
	return sum, carry == 0
}

// alignUp rounds n up to a multiple of align, a power of two; ok is false if
// the result does not fit.
func alignUp(n, align uint64) (up uint64, ok bool) {
	up, ok = addOK(n, align-1)
	return up &^ (align - 1), ok
}

// cursor reads a file's header front to back. No read goes past the end of the
// data, and nothing is allocated for a size that the rest of the data could
// not hold.
type cursor struct {
	path string
	data []byte
	pos  int
}

// left is the number of bytes not yet read.
func (c *cursor) left() uint64 { return uint64(len(c.data) - c.pos) }

// fail returns an error about the byte at offset at.
func (c *cursor) fail(at int, format string, args ...any) error {
	return &Error{Path: c.path, Offset: int64(at), Err: fmt.Errorf(format, args...)}
}

// need checks that n units of size bytes are left.
func (c *cursor) need(n, size uint64) error {
	total, ok := mulOK(n, size)
	if ok && total <= c.left() {
		return nil
	}
	if end, fits := addOK(total, uint64(c.pos)); ok && fits && end <= math.MaxInt64 {
		return c.fail(c.pos, "%w", &TruncatedError{Need: int64(end), Have: int64(len(c.data)), AtLeast: true})
	}
	return c.fail(c.pos, "a length of %d times %d bytes is more than any file holds", n, size)
}

// take reads n bytes, in place.
func (c *cursor) take(n uint64) ([]byte, error) {
	if err := c.need(n, 1); err != nil {
		return nil, err
	}
	b := c.data[c.pos : c.pos+int(n)]
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

func (c *cursor) uint64() (uint64, error) {
	b, err := c.take(8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b), nil
}

// text reads a string of at most limit bytes, in place; what names it in
// errors.
func (c *cursor) text(what string, limit uint64) ([]byte, error) {
	at := c.pos
	n, err := c.uint64()
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, c.fail(at, "%s of %d bytes is longer than the limit of %d", what, n, limit)
	}
	return c.take(n)
}
