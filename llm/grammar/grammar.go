// Package grammar holds an answer to a form: a grammar in GBNF, the notation
// of llama.cpp, a JSON schema, or a list of texts that must not appear.
//
// A grammar is compiled into a small program over bytes, in which character
// classes are UTF-8 sequences, so that a token that ends within a character
// needs no care of its own. The program is run as a pushdown automaton whose
// sets of configurations are numbered as they are met and whose steps are
// remembered, as regular expression engines do with their automata. A
// [Matcher] then walks the vocabulary, arranged as a tree of bytes, to learn
// which tokens the form allows next.
package grammar

import (
	"fmt"
	"strings"
)

// The bounds of a grammar.
const (
	MaxText    = 1 << 20 // bytes
	maxRules   = 1 << 13
	maxNesting = 100     // of parentheses
	maxProgram = 1 << 18 // instructions
	maxRepeat  = 1 << 16 // in {m,n}
)

// Error is a fault in a grammar's text.
type Error struct {
	Line, Column int // from 1, in characters
	Text         string
}

func (e *Error) Error() string {
	return fmt.Sprintf("the grammar is wrong at line %d, column %d: %s", e.Line, e.Column, e.Text)
}

// Grammar is a parsed grammar. It does not change and may be shared.
type Grammar struct {
	code     []inst
	root     int32      // where the rule "root" begins
	classes  [256]uint8 // bytes that no instruction tells apart share a number
	examples []byte     // a byte of each class
}

// Parse reads a grammar in GBNF. What an answer must match is its rule "root".
// Errors are *Error.
func Parse(text string) (*Grammar, error) {
	p := &parser{text: text, index: map[string]int{}}
	if err := p.parse(); err != nil {
		return nil, err
	}
	if err := p.checkRecursion(); err != nil {
		return nil, err
	}
	return p.compile()
}

// kind is what a node of the parsed text is.
type kind uint8

const (
	literal  kind = iota // text
	class                // one character of ranges
	ref                  // another rule
	sequence             // list, one after the other
	choice               // one of list
	repeat               // list[0], min to max times; max < 0 is any number
)

type node struct {
	kind     kind
	text     string
	ranges   []span
	rule     int
	list     []*node
	min, max int
	at       int // offset in the text, for errors
}

// span is a range of characters, both ends included.
type span struct{ low, high rune }

type rule struct {
	name string
	body *node // nil while it is only referred to
	at   int   // where it is defined, or first referred to
}

// fault is an error at an offset of the text.
func (p *parser) fault(at int, format string, args ...any) error {
	before := p.text[:at]
	line := strings.Count(before, "\n")
	column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
	return &Error{line + 1, column + 1, fmt.Sprintf(format, args...)}
}

// checkRecursion refuses rules that come back to themselves before any
// character, which a matcher that reads from the left cannot follow.
func (p *parser) checkRecursion() error {
	empty := p.nullable()
	const open, done = 1, 2
	state := make([]uint8, len(p.rules))
	var visit func(r int) error
	var walk func(n *node) error
	visit = func(r int) error {
		switch {
		case state[r] == done:
			return nil
		case state[r] == open:
			return p.fault(p.rules[r].at, "the rule %q begins with itself (left recursion): put something before it, or write a repetition with * or +", p.rules[r].name)
		}
		state[r] = open
		err := walk(p.rules[r].body)
		state[r] = done
		return err
	}
	walk = func(n *node) error {
		if n.kind == ref {
			return visit(n.rule)
		}
		for _, x := range n.list {
			if err := walk(x); err != nil {
				return err
			}
			if n.kind == sequence && !p.canBeEmpty(x, empty) {
				return nil
			}
		}
		return nil
	}
	for r := range p.rules {
		if err := visit(r); err != nil {
			return err
		}
	}
	return nil
}

// nullable works out which rules match the empty text.
func (p *parser) nullable() []bool {
	empty := make([]bool, len(p.rules))
	for changed := true; changed; {
		changed = false
		for r := range p.rules {
			if !empty[r] && p.canBeEmpty(p.rules[r].body, empty) {
				empty[r], changed = true, true
			}
		}
	}
	return empty
}

func (p *parser) canBeEmpty(n *node, empty []bool) bool {
	switch n.kind {
	case literal:
		return n.text == ""
	case class:
		return false
	case ref:
		return empty[n.rule]
	case repeat:
		return n.min == 0 || p.canBeEmpty(n.list[0], empty)
	}
	for _, x := range n.list {
		if is := p.canBeEmpty(x, empty); is != (n.kind == sequence) {
			return is
		}
	}
	return n.kind == sequence
}
