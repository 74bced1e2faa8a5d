package grammar

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// parser reads GBNF, as described in llama.cpp's grammars/README.md.
type parser struct {
	text  string
	i     int
	depth int
	rules []rule
	index map[string]int // rules by name
}

func (p *parser) parse() error {
	if len(p.text) > MaxText {
		return p.fault(0, "it is larger than %d bytes", MaxText)
	}
	if !utf8.ValidString(p.text) {
		at := 0
		for at < len(p.text) {
			r, n := utf8.DecodeRuneInString(p.text[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		return p.fault(at, "this is not UTF-8")
	}
	for {
		if p.space(true); p.i == len(p.text) {
			break
		}
		if err := p.rule(); err != nil {
			return err
		}
	}
	for _, r := range p.rules {
		if r.body == nil {
			return p.fault(r.at, "the rule %q is not defined", r.name)
		}
	}
	if _, ok := p.index["root"]; !ok {
		return p.fault(len(p.text), `there is no rule "root", with which every grammar begins`)
	}
	return nil
}

func (p *parser) rule() error {
	at := p.i
	name, err := p.name()
	if err != nil {
		return err
	}
	p.space(false)
	if !strings.HasPrefix(p.text[p.i:], "::=") {
		return p.fault(p.i, "a rule needs ::= after its name")
	}
	p.i += len("::=")
	p.space(true)
	r, err := p.find(name, at)
	if err != nil {
		return err
	}
	if p.rules[r].body != nil {
		return p.fault(at, "the rule %q is defined a second time", name)
	}
	body, err := p.choice()
	if err != nil {
		return err
	}
	p.rules[r].body, p.rules[r].at = body, at
	if p.i < len(p.text) && p.text[p.i] != '\n' && p.text[p.i] != '\r' {
		return p.fault(p.i, "%q cannot stand here", p.peek())
	}
	return nil
}

// find is the rule of this name, which may be defined later.
func (p *parser) find(name string, at int) (int, error) {
	if r, ok := p.index[name]; ok {
		return r, nil
	}
	if len(p.rules) == maxRules {
		return 0, p.fault(at, "there are more than %d rules", maxRules)
	}
	p.index[name] = len(p.rules)
	p.rules = append(p.rules, rule{name: name, at: at})
	return len(p.rules) - 1, nil
}

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

func (p *parser) name() (string, error) {
	at := p.i
	for p.i < len(p.text) && nameByte(p.text[p.i]) {
		p.i++
	}
	if p.i == at {
		return "", p.fault(at, "a rule's name is expected here, not %q", p.peek())
	}
	return p.text[at:p.i], nil
}

// peek is the next character, for errors.
func (p *parser) peek() string {
	if p.i == len(p.text) {
		return "the end"
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.i:])
	return string(r)
}

// space skips blanks and comments, and ends of lines where a rule goes on.
func (p *parser) space(lines bool) {
	for p.i < len(p.text) {
		switch c := p.text[p.i]; {
		case c == ' ' || c == '\t' || lines && (c == '\n' || c == '\r'):
			p.i++
		case c == '#':
			for p.i < len(p.text) && p.text[p.i] != '\n' && p.text[p.i] != '\r' {
				p.i++
			}
		default:
			return
		}
	}
}

// choice reads alternatives up to the end of the rule or of the parentheses.
func (p *parser) choice() (*node, error) {
	n := &node{kind: choice, at: p.i}
	for {
		s, err := p.sequence()
		if err != nil {
			return nil, err
		}
		n.list = append(n.list, s)
		if !p.bar() {
			break
		}
		p.space(true)
	}
	if len(n.list) == 1 {
		return n.list[0], nil
	}
	return n, nil
}

// bar takes a | if one comes next, be it on a later line.
func (p *parser) bar() bool {
	at := p.i
	p.space(true)
	if p.i < len(p.text) && p.text[p.i] == '|' {
		p.i++
		return true
	}
	p.i = at
	return false
}

func (p *parser) sequence() (*node, error) {
	n := &node{kind: sequence, at: p.i}
	for {
		p.space(p.depth > 0)
		if p.i == len(p.text) || strings.IndexByte("|)\n\r", p.text[p.i]) >= 0 {
			return n, nil
		}
		x, err := p.item()
		if err != nil {
			return nil, err
		}
		if x, err = p.repetitions(x); err != nil {
			return nil, err
		}
		n.list = append(n.list, x)
	}
}

func (p *parser) item() (*node, error) {
	at := p.i
	switch c := p.text[p.i]; {
	case c == '"':
		return p.literal()
	case c == '[':
		return p.class()
	case c == '.':
		p.i++
		return &node{kind: class, ranges: []span{{0, utf8.MaxRune}}, at: at}, nil
	case c == '(':
		if p.depth == maxNesting {
			return nil, p.fault(at, "more than %d parentheses are open", maxNesting)
		}
		p.i++
		p.depth++
		n, err := p.choice()
		if err != nil {
			return nil, err
		}
		p.space(true)
		if p.i == len(p.text) || p.text[p.i] != ')' {
			return nil, p.fault(p.i, "a ) is missing here")
		}
		p.i++
		p.depth--
		return n, nil
	case c == '<' || c == '!':
		return nil, p.fault(at, "tokens (<…>) cannot be named in a grammar here: write the text that they stand for")
	case nameByte(c):
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		r, err := p.find(name, at)
		return &node{kind: ref, rule: r, at: at}, err
	}
	return nil, p.fault(at, "%q cannot stand here", p.peek())
}

// repetitions reads what may follow an item: *, +, ? and {m,n}.
func (p *parser) repetitions(x *node) (*node, error) {
	for n := 0; ; n++ {
		p.space(p.depth > 0)
		if p.i == len(p.text) {
			return x, nil
		}
		at, low, high := p.i, 0, -1
		switch p.text[p.i] {
		case '*':
		case '+':
			low = 1
		case '?':
			high = 1
		case '{':
			var err error
			if low, high, err = p.counts(); err != nil {
				return nil, err
			}
		default:
			return x, nil
		}
		if n == maxNesting {
			return nil, p.fault(at, "more than %d repetitions follow one another", maxNesting)
		}
		p.i++
		x = &node{kind: repeat, list: []*node{x}, min: low, max: high, at: at}
	}
}

// counts reads {m}, {m,}, {m,n} and {,n} up to the closing brace.
func (p *parser) counts() (low, high int, err error) {
	at := p.i
	end := strings.IndexByte(p.text[p.i:], '}')
	if end < 0 {
		return 0, 0, p.fault(at, "a } is missing")
	}
	from, to, comma := strings.Cut(p.text[p.i+1:p.i+end], ",")
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	number := func(s string, empty int) int {
		if s == "" && comma {
			return empty
		}
		n, e := strconv.ParseUint(s, 10, 32)
		if e != nil {
			err = p.fault(at, "a repetition is written {m}, {m,} or {m,n} with whole numbers")
		} else if n > maxRepeat {
			err = p.fault(at, "a repetition is limited to %d", maxRepeat)
		}
		return int(min(n, maxRepeat))
	}
	low = number(from, 0)
	if high = low; comma {
		high = number(to, -1)
	}
	if err == nil && high >= 0 && high < low {
		err = p.fault(at, "the repetition's end %d is before its start %d", high, low)
	}
	p.i += end
	return low, high, err
}

func (p *parser) literal() (*node, error) {
	at := p.i
	var b strings.Builder
	for p.i++; ; {
		if p.i == len(p.text) || p.text[p.i] == '\n' {
			return nil, p.fault(at, `the " that ends the text is missing`)
		}
		if p.text[p.i] == '"' {
			p.i++
			return &node{kind: literal, text: b.String(), at: at}, nil
		}
		r, err := p.character()
		if err != nil {
			return nil, err
		}
		b.WriteRune(r)
	}
}

func (p *parser) class() (*node, error) {
	at := p.i
	p.i++
	negated := p.i < len(p.text) && p.text[p.i] == '^'
	if negated {
		p.i++
	}
	var list []span
	for {
		if p.i == len(p.text) || p.text[p.i] == '\n' {
			return nil, p.fault(at, "the ] that ends the class is missing")
		}
		if p.text[p.i] == ']' {
			p.i++
			break
		}
		from := p.i
		low, err := p.character()
		if err != nil {
			return nil, err
		}
		high := low
		if rest := p.text[p.i:]; len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
			p.i++
			if high, err = p.character(); err != nil {
				return nil, err
			}
		}
		if high < low {
			return nil, p.fault(from, "the range from %q to %q is the wrong way round", low, high)
		}
		list = append(list, span{low, high})
	}
	if list = normal(list); negated {
		list = others(list)
	}
	if len(list) == 0 {
		return nil, p.fault(at, "the class holds no character")
	}
	return &node{kind: class, ranges: list, at: at}, nil
}

// character reads one, possibly escaped.
func (p *parser) character() (rune, error) {
	at := p.i
	r, n := utf8.DecodeRuneInString(p.text[p.i:])
	p.i += n
	if r != '\\' {
		return r, nil
	}
	if p.i == len(p.text) {
		return 0, p.fault(at, "something is missing after \\")
	}
	c := p.text[p.i]
	p.i++
	digits := 0
	switch c {
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case '\\', '"', '[', ']', '-', '^':
		return rune(c), nil
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		return 0, p.fault(at, "there is no escape \\%c: use \\n, \\r, \\t, \\\\, \\\", \\[, \\], \\x41, \\u0041 or \\U00000041", c)
	}
	if len(p.text)-p.i < digits {
		return 0, p.fault(at, "\\%c needs %d hexadecimal digits", c, digits)
	}
	v, err := strconv.ParseUint(p.text[p.i:p.i+digits], 16, 32)
	if err != nil {
		return 0, p.fault(at, "\\%c needs %d hexadecimal digits", c, digits)
	}
	if v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return 0, p.fault(at, "U+%X is no character", v)
	}
	p.i += digits
	return rune(v), nil
}
