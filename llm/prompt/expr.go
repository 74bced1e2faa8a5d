package prompt

import (
	"fmt"
	"strings"
)

// Every operation of an expression that could take long, grow or go astray is
// rewritten into a call of one of these functions, which a [run] provides.
// Names that start with the prefix are refused in templates.
const (
	prefix     = "lumi_"
	fnOut      = prefix + "out"    // text of {{ … }} and between tags
	fnTick     = prefix + "tick"   // a loop's body begins
	fnEnter    = prefix + "enter"  // a macro's body begins
	fnLeave    = prefix + "leave"  // a macro's body ends
	fnEach     = prefix + "each"   // what a loop walks over
	fnOp       = prefix + "op"     // a binary operator
	fnNegate   = prefix + "negate" // unary minus
	fnAttr     = prefix + "attr"   // x.name
	fnItem     = prefix + "item"   // x[key]
	fnSlice    = prefix + "slice"  // x[a:b:c]
	fnMethod   = prefix + "method" // x.name(…)
	fnFilter   = prefix + "filter" // x|name(…)
	fnTest     = prefix + "test"   // x is name(…)
	fnList     = prefix + "list"   // [a, b]
	fnDict     = prefix + "dict"   // {k: v}
	fnIsMissed = prefix + "missed" // a macro's argument was not given
	fnCallee   = prefix + "callee" // f in f(…)
)

// Limits on what a template may look like. The library and this parser both
// recurse, and an exhausted stack cannot be recovered from.
const (
	maxNesting = 100 // brackets and the like in an expression
	maxChain   = 500 // operators in a row, which nest in the rewritten form
)

// parser rewrites the expression in a tag. Jinja's grammar: the levels and
// their order are those of its documentation's "expressions".
type parser struct {
	tokens []token
	pos    int
	depth  int
	chain  int
	// sought collects string literals that the template looks for in other
	// texts: operands of "in" and arguments of methods and filters. literals
	// are variables that were set to a literal.
	sought   map[string]bool
	literals map[string]string
}

// seek notes that the template looks for what t stands for.
func (p *parser) seek(t token) {
	text := t.text
	if t.kind == kindName {
		text = p.literals[t.text]
	} else if t.kind != kindString {
		return
	}
	if text != "" {
		p.sought[text] = true
	}
}

func (p *parser) peek() token {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	return token{}
}

func (p *parser) next() token {
	t := p.peek()
	p.pos++
	return t
}

func (p *parser) accept(k kind, text string) bool {
	if p.peek().is(k, text) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(op string) error {
	if t := p.next(); !t.is(kindOp, op) {
		return fmt.Errorf("expected %q, found %q", op, t.text)
	}
	return nil
}

// finish reports an error when tokens are left over.
func (p *parser) finish() error {
	if t := p.peek(); t.kind != kindEnd {
		return fmt.Errorf("unexpected %q", t.text)
	}
	return nil
}

// call writes a call of a guard function and counts the nesting it adds.
func (p *parser) call(fn string, args ...string) (string, error) {
	if p.chain++; p.chain > maxChain {
		return "", fmt.Errorf("an expression has more than %d operations", maxChain)
	}
	return fn + "(" + strings.Join(args, ", ") + ")", nil
}

// expression is the conditional expression, the loosest level; a tuple
// without brackets is read by [parser.tuple].
func (p *parser) expression() (string, error) {
	if p.depth++; p.depth > maxNesting {
		return "", fmt.Errorf("an expression is nested more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	value, err := p.binary(0)
	if err != nil {
		return "", err
	}
	for p.accept(kindName, "if") {
		cond, err := p.binary(0)
		if err != nil {
			return "", err
		}
		other := "lumi_undefined" // never set, so undefined
		if p.accept(kindName, "else") {
			if other, err = p.expression(); err != nil {
				return "", err
			}
		}
		if p.chain++; p.chain > maxChain {
			return "", fmt.Errorf("an expression has more than %d operations", maxChain)
		}
		value = "(" + value + " if " + cond + " else " + other + ")"
	}
	return value, nil
}

// tuple reads "a, b" as a list, or a single expression.
func (p *parser) tuple() (string, error) {
	first, err := p.expression()
	if err != nil || !p.peek().is(kindOp, ",") {
		return first, err
	}
	items := []string{first}
	for p.accept(kindOp, ",") {
		if t := p.peek(); t.kind == kindEnd || t.is(kindOp, ")") {
			break
		}
		item, err := p.expression()
		if err != nil {
			return "", err
		}
		items = append(items, item)
	}
	return p.call(fnList, items...)
}

// levels are the binary operators, loosest first.
var levels = [][]string{
	{"or"},
	{"and"},
	nil, // not
	{"==", "!=", "<", ">", "<=", ">=", "in", "not in"},
	{"+", "-"},
	{"~"},
	{"*", "/", "//", "%"},
	{"**"},
}

const notLevel = 2

func (p *parser) binary(level int) (string, error) {
	if level == len(levels) {
		return p.unary()
	}
	if level == notLevel {
		if !p.accept(kindName, "not") {
			return p.binary(level + 1)
		}
		if p.depth++; p.depth > maxNesting {
			return "", fmt.Errorf("an expression is nested more than %d deep", maxNesting)
		}
		defer func() { p.depth-- }()
		value, err := p.binary(level)
		return "(not " + value + ")", err
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return "", err
	}
	for {
		literal := p.peekBack()
		op := p.operator(levels[level])
		if op == "" {
			return left, nil
		}
		right, err := p.binary(level + 1)
		if err != nil {
			return "", err
		}
		if strings.HasSuffix(op, "in") {
			p.seek(literal)
		}
		if level < notLevel {
			if p.chain++; p.chain > maxChain {
				return "", fmt.Errorf("an expression has more than %d operations", maxChain)
			}
			left = "(" + left + " " + op + " " + right + ")"
			continue
		}
		if left, err = p.call(fnOp, quote(op), left, right); err != nil {
			return "", err
		}
	}
}

// peekBack is the token just read.
func (p *parser) peekBack() token {
	if p.pos == 0 || p.pos > len(p.tokens) {
		return token{}
	}
	return p.tokens[p.pos-1]
}

// operator reads one of the operators, or returns "".
func (p *parser) operator(ops []string) string {
	t := p.peek()
	if t.kind != kindOp && t.kind != kindName {
		return ""
	}
	for _, op := range ops {
		if op == t.text {
			p.pos++
			return op
		}
		if op == "not in" && t.is(kindName, "not") && p.pos+1 < len(p.tokens) && p.tokens[p.pos+1].is(kindName, "in") {
			p.pos += 2
			return op
		}
	}
	return ""
}

func (p *parser) unary() (string, error) {
	if p.depth++; p.depth > maxNesting {
		return "", fmt.Errorf("an expression is nested more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	var value string
	var err error
	switch {
	case p.accept(kindOp, "-"):
		if value, err = p.signed(); err == nil {
			value, err = p.call(fnNegate, value)
		}
	case p.accept(kindOp, "+"):
		value, err = p.signed()
	default:
		if value, err = p.primary(); err == nil {
			value, err = p.postfix(value)
		}
	}
	if err != nil {
		return "", err
	}
	return p.filters(value)
}

// signed is what follows a sign: no filters, which apply to the whole.
func (p *parser) signed() (string, error) {
	value, err := p.primary()
	if err != nil {
		return "", err
	}
	return p.postfix(value)
}

func (p *parser) primary() (string, error) {
	t := p.next()
	switch t.kind {
	case kindNumber:
		return t.text, nil
	case kindString:
		text := t.text
		for p.peek().kind == kindString { // adjacent literals join
			text += p.next().text
		}
		return quote(text), nil
	case kindName:
		return p.name(t.text)
	}
	switch t.text {
	case "(":
		if p.accept(kindOp, ")") {
			return p.call(fnList)
		}
		value, err := p.tuple()
		if err != nil {
			return "", err
		}
		return value, p.expect(")")
	case "[":
		items, err := p.items("]")
		if err != nil {
			return "", err
		}
		return p.call(fnList, items...)
	case "{":
		var items []string
		for !p.accept(kindOp, "}") {
			for _, end := range []string{":", ","} {
				item, err := p.expression()
				if err != nil {
					return "", err
				}
				items = append(items, item)
				if end == ":" {
					if err := p.expect(":"); err != nil {
						return "", err
					}
				} else if !p.accept(kindOp, ",") && !p.peek().is(kindOp, "}") {
					return "", fmt.Errorf("expected \",\" or \"}\", found %q", p.peek().text)
				}
			}
		}
		return p.call(fnDict, items...)
	}
	if t.kind == kindEnd {
		return "", fmt.Errorf("an expression is missing")
	}
	return "", fmt.Errorf("unexpected %q", t.text)
}

func (p *parser) name(name string) (string, error) {
	switch name {
	case "true", "True":
		return "true", nil
	case "false", "False":
		return "false", nil
	case "none", "None":
		return "none", nil
	case "if", "else", "in", "is", "and", "or", "not", "for":
		return "", fmt.Errorf("unexpected %q", name)
	}
	return name, checkName(name)
}

// checkName refuses names that would reach the guard functions or the
// library's internals.
func checkName(name string) error {
	if strings.HasPrefix(name, prefix) || strings.HasPrefix(name, "__") {
		return fmt.Errorf("the name %q is reserved", name)
	}
	return nil
}

// items reads expressions separated by commas up to the closer.
func (p *parser) items(closer string) ([]string, error) {
	var items []string
	for !p.accept(kindOp, closer) {
		item, err := p.expression()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if !p.accept(kindOp, ",") && !p.peek().is(kindOp, closer) {
			return nil, fmt.Errorf("expected \",\" or %q, found %q", closer, p.peek().text)
		}
	}
	return items, nil
}

// arguments reads a call's arguments behind its opening bracket.
func (p *parser) arguments() ([]string, error) {
	var args []string
	for from := p.pos; !p.accept(kindOp, ")"); from = p.pos {
		name := ""
		if p.pos+1 < len(p.tokens) && p.peek().kind == kindName && p.tokens[p.pos+1].is(kindOp, "=") {
			name = p.next().text + "="
			if err := checkName(name); err != nil {
				return nil, err
			}
			p.pos++
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		args = append(args, name+value)
		if p.pos == from+1 {
			p.seek(p.tokens[from])
		}
		if !p.accept(kindOp, ",") && !p.peek().is(kindOp, ")") {
			return nil, fmt.Errorf("expected \",\" or \")\", found %q", p.peek().text)
		}
	}
	return args, nil
}
