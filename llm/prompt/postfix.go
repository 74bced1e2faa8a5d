package prompt

import (
	"fmt"
	"slices"
)

// postfix reads what follows a primary: attributes, items, slices and calls.
func (p *parser) postfix(value string) (string, error) {
	var err error
	for {
		switch {
		case p.accept(kindOp, "."):
			name := p.next()
			if name.kind == kindNumber {
				value, err = p.call(fnItem, value, name.text)
				break
			}
			if name.kind != kindName {
				return "", fmt.Errorf("expected a name after \".\", found %q", name.text)
			}
			if !p.accept(kindOp, "(") {
				value, err = p.call(fnAttr, quote(name.text), value)
				break
			}
			args, argErr := p.arguments()
			if argErr != nil {
				return "", argErr
			}
			value, err = p.call(fnMethod, slices.Concat([]string{quote(name.text), value}, args)...)
		case p.accept(kindOp, "["):
			value, err = p.subscript(value)
		case p.accept(kindOp, "("):
			args, argErr := p.arguments()
			if argErr != nil {
				return "", argErr
			}
			value, err = p.call(fnCallee+"("+value+")", args...)
		default:
			return value, nil
		}
		if err != nil {
			return "", err
		}
	}
}

func (p *parser) subscript(value string) (string, error) {
	parts := []string{"none", "none", "none"}
	n := 0
	for {
		if t := p.peek(); !t.is(kindOp, ":") && !t.is(kindOp, "]") {
			var err error
			if parts[n], err = p.expression(); err != nil {
				return "", err
			}
		}
		if p.accept(kindOp, "]") {
			break
		}
		if err := p.expect(":"); err != nil {
			return "", err
		}
		if n++; n == len(parts) {
			return "", fmt.Errorf("a slice has more than three parts")
		}
	}
	if n == 0 {
		return p.call(fnItem, value, parts[0])
	}
	return p.call(fnSlice, value, parts[0], parts[1], parts[2])
}

// filters reads "|name(…)" and "is name(…)".
func (p *parser) filters(value string) (string, error) {
	for {
		var fn string
		negate := false
		switch {
		case p.accept(kindOp, "|"):
			fn = fnFilter
		case p.accept(kindName, "is"):
			fn = fnTest
			negate = p.accept(kindName, "not")
		default:
			return value, nil
		}
		name := p.next()
		if name.kind != kindName {
			return "", fmt.Errorf("expected a name, found %q", name.text)
		}
		var args []string
		var err error
		switch {
		case p.accept(kindOp, "("):
			args, err = p.arguments()
		case fn == fnTest && p.startsArgument():
			var arg string
			if arg, err = p.signed(); err == nil {
				args = []string{arg}
			}
		}
		if err != nil {
			return "", err
		}
		value, err = p.call(fn, slices.Concat([]string{quote(name.text), value}, args)...)
		if err != nil {
			return "", err
		}
		if negate {
			value = "(not " + value + ")"
		}
	}
}

// startsArgument tells whether a test's argument without brackets follows, as
// in "x is divisibleby 3".
func (p *parser) startsArgument() bool {
	t := p.peek()
	switch t.kind {
	case kindNumber, kindString:
		return true
	case kindName:
		return !slices.Contains([]string{"if", "else", "and", "or", "not", "in", "is", "recursive"}, t.text)
	}
	return t.is(kindOp, "[") || t.is(kindOp, "{")
}
