package prompt

import (
	"fmt"
	"slices"
	"strings"
)

// names reads the variables of a loop or an assignment.
func (p *parser) names() ([]string, error) {
	bracket := p.accept(kindOp, "(")
	var names []string
	for {
		t := p.next()
		if t.kind != kindName {
			return nil, fmt.Errorf("expected a variable, found %q", t.text)
		}
		if err := checkName(t.text); err != nil {
			return nil, err
		}
		names = append(names, t.text)
		if !p.accept(kindOp, ",") {
			break
		}
	}
	if bracket {
		return names, p.expect(")")
	}
	return names, nil
}

func (w *rewriter) loop(p *parser) error {
	names, err := p.names()
	if err != nil {
		return err
	}
	if !p.accept(kindName, "in") {
		return fmt.Errorf("a loop lacks \"in\"")
	}
	// An "if" behind the list filters it, so the list itself is read one level
	// below the conditional expression.
	list, err := p.binary(0)
	if err != nil {
		return err
	}
	cond := ""
	if p.accept(kindName, "if") {
		if cond, err = p.expression(); err != nil {
			return err
		}
		cond = " if (" + cond + ")"
	}
	variable := strings.Join(names, ", ")
	if len(names) > 2 {
		variable = w.helper()
		if cond != "" {
			return fmt.Errorf("a loop filters over more than two variables")
		}
	}
	w.scopes = append(w.scopes, scope{
		loop:  true,
		outer: w.out,
		head:  []string{"for", variable, "in", fnEach + "(" + list + ")" + cond},
	})
	w.out = &strings.Builder{}
	if len(names) > 2 {
		w.unpack(names, variable)
	}
	return w.begin("for")
}

// endLoop writes the loop that ends: before it the values of the variables
// that its body assigns, at its body's start their restoration.
func (w *rewriter) endLoop() {
	last := w.scopes[len(w.scopes)-1]
	w.scopes = w.scopes[:len(w.scopes)-1]
	body := w.out.String()
	w.out = last.outer
	slices.Sort(last.assigned)
	names := slices.Compact(last.assigned)
	saved := make([]string, len(names))
	for i, name := range names {
		saved[i] = w.helper()
		w.set(saved[i], name)
	}
	w.block(last.head...)
	w.print(fnTick)
	for i, name := range names {
		w.set(name, saved[i])
	}
	w.out.WriteString(body)
	w.block("endfor")
}

// assigned notes that a variable is set in the innermost loop or macro.
func (w *rewriter) assigned(name string) {
	if n := len(w.scopes); n > 0 && w.scopes[n-1].loop {
		w.scopes[n-1].assigned = append(w.scopes[n-1].assigned, name)
	}
}

// unpack assigns the items of a list variable to names.
func (w *rewriter) unpack(names []string, list string) {
	for i, name := range names {
		w.set(name, fmt.Sprintf("%s(%s, %d)", fnItem, list, i))
	}
}

func (w *rewriter) assign(p *parser) error {
	names, err := p.names()
	if err != nil {
		return err
	}
	target := names[0]
	if !p.peek().is(kindOp, ".") {
		for _, name := range names {
			w.assigned(name)
		}
	}
	if p.accept(kindOp, ".") {
		attr := p.next()
		if attr.kind != kindName || len(names) > 1 {
			return fmt.Errorf("expected an attribute, found %q", attr.text)
		}
		target += "." + attr.text
	}
	if p.peek().kind == kindEnd || p.peek().is(kindOp, "|") {
		return w.assignBlock(p, target)
	}
	if err := p.expect("="); err != nil {
		return err
	}
	if t := p.peek(); t.kind == kindString && p.pos+1 == len(p.tokens) {
		w.literals[target] = t.text
	}
	value, err := p.tuple()
	if err != nil {
		return err
	}
	if len(names) > 1 {
		target = w.helper()
	}
	w.set(target, value)
	if len(names) > 1 {
		w.unpack(names, target)
	}
	return nil
}

func (w *rewriter) assignBlock(p *parser, target string) error {
	if p.peek().kind != kindEnd || strings.Contains(target, ".") {
		return fmt.Errorf("this form of {%% set %%} is not supported")
	}
	w.block("set", target)
	return w.begin("set")
}

// macro writes a macro whose defaults are filled in by its body, because the
// library reads only the simplest of them in the head.
func (w *rewriter) macro(p *parser) error {
	name := p.next()
	if name.kind != kindName {
		return fmt.Errorf("expected a macro's name, found %q", name.text)
	}
	if err := checkName(name.text); err != nil {
		return err
	}
	if err := p.expect("("); err != nil {
		return err
	}
	var params []string
	var defaults [][2]string // parameter and value
	for !p.accept(kindOp, ")") {
		param := p.next()
		if param.kind != kindName {
			return fmt.Errorf("expected a parameter, found %q", param.text)
		}
		if err := checkName(param.text); err != nil {
			return err
		}
		params = append(params, param.text)
		if p.accept(kindOp, "=") {
			value, err := p.expression()
			if err != nil {
				return err
			}
			defaults = append(defaults, [2]string{param.text, value})
		}
		if !p.accept(kindOp, ",") && !p.peek().is(kindOp, ")") {
			return fmt.Errorf("expected \",\" or \")\", found %q", p.peek().text)
		}
	}
	w.block("macro", name.text+"("+strings.Join(params, ", ")+")")
	w.print(fnEnter)
	for _, d := range defaults {
		w.block("if", fnIsMissed+"("+d[0]+")")
		w.set(d[0], d[1])
		w.block("endif")
	}
	w.scopes = append(w.scopes, scope{})
	return w.begin("macro")
}

// filter writes {% filter f %} as a captured block that is filtered and
// printed at its end.
func (w *rewriter) filter(p *parser) error {
	name := w.helper()
	p.tokens = append([]token{{kindOp, "|"}}, p.tokens[p.pos:]...)
	p.pos = 0
	value, err := p.filters(name)
	if err != nil {
		return err
	}
	w.blocks = append(w.blocks, filterBlock{name, value})
	w.block("set", name)
	return w.begin("filter")
}
