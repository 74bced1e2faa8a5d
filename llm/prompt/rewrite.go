package prompt

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// rewriter turns a template as models carry it into one that the template
// library can run safely and in Hugging Face's mode. Whitespace rules
// (trim_blocks, lstrip_blocks, "-" and "+" marks) are applied here; in
// the result every text is printed by a tag, so that the library's own rules
// never apply to it.
type rewriter struct {
	out    *strings.Builder // of the innermost loop
	sought map[string]bool
	// literals are the variables that were set to a string literal.
	literals map[string]string
	open     []string // statements not closed yet, e.g. "for"
	scopes   []scope  // of the loops and macros among them
	blocks   []filterBlock
	temp     int // number of the next helper variable
}

// scope is an open loop or macro: what assignments inside it stay within.
//
// In Jinja every turn of a loop starts with the variables from outside it. The
// library keeps what an earlier turn assigned, so a loop is written with its
// head apart from its body: at its end the variables assigned in between are
// known, and are set back at the start of the body.
type scope struct {
	loop     bool
	outer    *strings.Builder // what the loop itself is written to
	head     []string         // the words of the loop's tag
	assigned []string
}

// filterBlock is an open {% filter %}: the variable that holds its body and
// the expression that filters it.
type filterBlock struct{ name, value string }

// maxBlocks bounds how deep statements may nest: the library recurses.
const maxBlocks = 50

// rewrite returns the safe template and the string literals it looks for in
// other texts.
func rewrite(source string) (safe string, sought map[string]bool, err error) {
	w := &rewriter{out: &strings.Builder{}, sought: map[string]bool{}, literals: map[string]string{}}
	source = strings.ReplaceAll(source, "\r\n", "\n")
	source = strings.TrimSuffix(source, "\n") // as Jinja does: one newline at the end
	rest, fresh := source, true
	for rest != "" {
		at := nextTag(rest)
		if at < 0 {
			w.text(rest)
			break
		}
		text, opener := rest[:at], rest[at:at+2]
		tagAt := len(source) - len(rest) + at
		rest = rest[at+2:]
		switch mark := firstByte(rest); {
		case mark == '-':
			text = trimRight(text)
			rest = rest[1:]
		case mark == '+':
			rest = rest[1:]
		case opener != "{{":
			text = trimIndent(text, fresh)
		}
		w.text(text)
		var mark byte
		if mark, rest, err = w.tag(opener, rest); err != nil {
			return "", nil, fmt.Errorf("line %d: %w", 1+strings.Count(source[:tagAt], "\n"), err)
		}
		before := len(rest)
		switch {
		case mark == '-':
			rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		case mark != '+' && opener != "{{":
			rest = strings.TrimPrefix(rest, "\n")
		}
		// A line starts here when what was just skipped ended with a newline.
		end := len(source) - len(rest)
		fresh = len(rest) < before && source[end-1] == '\n'
	}
	if len(w.open) > 0 {
		return "", nil, fmt.Errorf("{%% %s %%} is not closed", w.open[len(w.open)-1])
	}
	return w.out.String(), w.sought, nil
}

func firstByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

// nextTag returns where the next tag opens, or -1.
func nextTag(s string) int {
	for at := 0; ; at++ {
		i := strings.IndexByte(s[at:], '{')
		if i < 0 || at+i+1 >= len(s) {
			return -1
		}
		at += i
		if c := s[at+1]; c == '{' || c == '%' || c == '#' {
			return at
		}
	}
}

// block writes a statement's tag. The tags of the rewritten template are
// separated by newlines that their marks remove again: with no text at all
// between tags, the library would search the whole template for it at each.
func (w *rewriter) block(words ...string) {
	w.out.WriteString("{%- " + strings.Join(words, " ") + " -%}\n")
}

// print writes a tag that prints what a guard function returns.
func (w *rewriter) print(fn string, args ...string) {
	w.out.WriteString("{{- " + fn + "(" + strings.Join(args, ", ") + ") -}}\n")
}

func (w *rewriter) set(name, value string) { w.block("set", name, "=", value) }

func (w *rewriter) text(s string) {
	if s != "" {
		w.print(fnOut, quote(s))
	}
}

// tag rewrites one tag whose opener was read and returns its closing
// whitespace mark and what follows it.
func (w *rewriter) tag(opener, s string) (mark byte, rest string, err error) {
	if opener == "{#" {
		end := strings.Index(s, "#}")
		if end < 0 {
			return 0, "", fmt.Errorf("a comment is not closed")
		}
		if end > 0 && (s[end-1] == '-' || s[end-1] == '+') {
			mark = s[end-1]
		}
		return mark, s[end+2:], nil
	}
	closer := "}}"
	if opener == "{%" {
		closer = "%}"
	}
	tokens, mark, n, err := scanTag(s, closer)
	if err != nil {
		return 0, "", err
	}
	rest = s[n:]
	p := &parser{tokens: tokens, sought: w.sought, literals: w.literals}
	if opener == "{{" {
		value, err := p.tuple()
		if err != nil {
			return 0, "", err
		}
		w.print(fnOut, value)
		return mark, rest, p.finish()
	}
	if p.peek().is(kindName, "raw") {
		return w.raw(mark, rest)
	}
	if err := w.statement(p); err != nil {
		return 0, "", err
	}
	return mark, rest, p.finish()
}

// raw copies the text up to {% endraw %}.
func (w *rewriter) raw(mark byte, s string) (byte, string, error) {
	switch mark {
	case '-':
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
	case 0:
		s = strings.TrimPrefix(s, "\n")
	}
	end := endRaw.FindStringSubmatchIndex(s)
	if end == nil {
		return 0, "", fmt.Errorf("{%% raw %%} is not closed")
	}
	text := s[:end[0]]
	switch s[end[2]:end[3]] {
	case "-":
		text = trimRight(text)
	case "":
		text = trimIndent(text, false)
	}
	w.text(text)
	return firstByte(s[end[4]:end[5]]), s[end[1]:], nil
}

// endRaw is {% endraw %} with its white space marks.
var endRaw = regexp.MustCompile(`\{%([-+]?)\s*endraw\s*([-+]?)%\}`)

func (w *rewriter) statement(p *parser) error {
	word := p.next()
	if word.kind != kindName {
		return fmt.Errorf("a statement starts with %q", word.text)
	}
	switch word.text {
	case "if", "elif":
		value, err := p.tuple()
		if err != nil {
			return err
		}
		w.block(word.text, value)
		if word.text == "elif" {
			return w.inside("if")
		}
		return w.begin("if")
	case "else":
		w.block("else")
		return w.inside("if", "for")
	case "for":
		return w.loop(p)
	case "set":
		return w.assign(p)
	case "macro":
		return w.macro(p)
	case "filter":
		return w.filter(p)
	case "generation": // marks what the model wrote; renders its body
		return w.begin(word.text)
	case "break", "continue":
		w.block(word.text)
		for _, open := range w.open {
			if open == "for" {
				return nil
			}
		}
		return fmt.Errorf("{%% %s %%} outside a loop", word.text)
	}
	if name, ok := strings.CutPrefix(word.text, "end"); ok {
		return w.end(name)
	}
	return fmt.Errorf("the statement %q is not supported", word.text)
}

func (w *rewriter) begin(name string) error {
	if w.open = append(w.open, name); len(w.open) > maxBlocks {
		return fmt.Errorf("statements are nested more than %d deep", maxBlocks)
	}
	return nil
}

func (w *rewriter) inside(names ...string) error {
	if len(w.open) > 0 {
		for _, name := range names {
			if w.open[len(w.open)-1] == name {
				return nil
			}
		}
	}
	return fmt.Errorf("a branch is not inside {%% %s %%}", strings.Join(names, " %} or {% "))
}

func (w *rewriter) end(name string) error {
	if err := w.inside(name); err != nil {
		return fmt.Errorf("{%% end%s %%} closes nothing", name)
	}
	w.open = w.open[:len(w.open)-1]
	switch name {
	case "generation":
		return nil
	case "macro":
		w.scopes = w.scopes[:len(w.scopes)-1]
		w.print(fnLeave)
		w.block("endmacro")
	case "for":
		w.endLoop()
	case "filter":
		last := w.blocks[len(w.blocks)-1]
		w.blocks = w.blocks[:len(w.blocks)-1]
		w.block("endset")
		w.print(fnOut, last.value)
	default:
		w.block("end" + name)
	}
	return nil
}

func (w *rewriter) helper() string {
	w.temp++
	return prefix + "v" + strconv.Itoa(w.temp)
}
