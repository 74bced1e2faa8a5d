package tokenizer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxNesting bounds how deep lists and objects of a tokenizer.json may lie in
// one another; those in use need about six levels.
const maxNesting = 64

// scanner reads JSON (RFC 8259) from front to back. A tokenizer.json has
// hundreds of thousands of short strings, which it takes as slices of the
// file's text: a decoder by reflection needs several times as long. After the
// first error everything reads as empty.
type scanner struct {
	s     string
	i     int
	depth int
	err   error
}

func (r *scanner) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("offset %d: %s", r.i, what)
	}
	r.i = len(r.s)
}

// peek returns the next character that is not white space, or 0 at the end.
func (r *scanner) peek() byte {
	for ; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

func (r *scanner) expect(c byte) bool {
	if r.peek() != c {
		r.fail(fmt.Sprintf("want %q", c))
		return false
	}
	r.i++
	return true
}

// list reads what stands between open and its closing bracket, calling item
// for each part.
func (r *scanner) list(open, closing byte, item func()) {
	if !r.expect(open) {
		return
	}
	if r.depth++; r.depth > maxNesting {
		r.fail("nested too deeply")
		return
	}
	defer func() { r.depth-- }()
	if r.peek() == closing {
		r.i++
		return
	}
	for r.err == nil {
		item()
		switch r.peek() {
		case ',':
			r.i++
		case closing:
			r.i++
			return
		default:
			r.fail(fmt.Sprintf("want ',' or %q", closing))
		}
	}
}

// object reads an object; value must read each key's value.
func (r *scanner) object(value func(key string)) {
	r.list('{', '}', func() {
		key := r.text()
		if r.expect(':') {
			value(key)
		}
	})
}

// array reads an array; item must read each item.
func (r *scanner) array(item func()) { r.list('[', ']', item) }

// text reads a string. Without escapes it is a part of the file's text.
func (r *scanner) text() string {
	if !r.expect('"') {
		return ""
	}
	start := r.i
	for ; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; {
		case c == '"':
			r.i++
			return r.s[start : r.i-1]
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			r.fail("control character in a string")
			return ""
		}
	}
	r.fail("string without an end")
	return ""
}

// escaped reads a string with escapes, which began at start and is read up to
// the first of them.
func (r *scanner) escaped(start int) string {
	for r.i < len(r.s) && r.s[r.i] != '"' {
		if r.s[r.i] == '\\' {
			r.i++
		}
		r.i++
	}
	if r.i >= len(r.s) {
		r.fail("string without an end")
		return ""
	}
	r.i++
	var v string
	if err := json.Unmarshal([]byte(r.s[start-1:r.i]), &v); err != nil {
		r.fail(err.Error())
	}
	return v
}

// word reads a number, true, false or null as it is written.
func (r *scanner) word() string {
	r.peek()
	start := r.i
	for r.i < len(r.s) && strings.IndexByte("+-.0123456789aeflnrstuEN", r.s[r.i]) >= 0 {
		r.i++
	}
	if r.i == start {
		r.fail("want a value")
	}
	return r.s[start:r.i]
}

// null reads null if it is next, and reports whether it was.
func (r *scanner) null() bool {
	if r.peek() != 'n' {
		return false
	}
	if r.word() != "null" {
		r.fail("want null")
	}
	return true
}

func (r *scanner) bool() bool {
	switch r.word() {
	case "true":
		return true
	case "false", "null":
	default:
		r.fail("want true or false")
	}
	return false
}

func (r *scanner) integer() int {
	n, err := strconv.Atoi(r.word())
	if err != nil {
		r.fail("want a whole number")
	}
	return n
}

func (r *scanner) number() float64 {
	v, err := strconv.ParseFloat(r.word(), 64)
	if err != nil {
		r.fail("want a number")
	}
	return v
}

// skip reads any value and returns it as it is written.
func (r *scanner) skip() string {
	r.peek()
	start := r.i
	switch r.peek() {
	case '{':
		r.object(func(string) { r.skip() })
	case '[':
		r.array(func() { r.skip() })
	case '"':
		r.text()
	default:
		r.word()
	}
	if r.err != nil {
		return "null"
	}
	return r.s[start:r.i]
}

// end checks that nothing follows.
func (r *scanner) end() error {
	if r.err == nil && r.peek() != 0 {
		r.fail("text after the end")
	}
	if r.err == nil && !utf8.ValidString(r.s) {
		r.fail("not UTF-8")
	}
	return r.err
}
