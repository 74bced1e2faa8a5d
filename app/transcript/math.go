package transcript

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	parsing "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// kindMath are formulas.
var kindMath = ast.NewNodeKind("Math")

// mathNode is a formula in a text: what is shown for it, and its source with the
// marks around it.
type mathNode struct {
	ast.BaseInline
	shown, source string
}

// Kind implements ast.Node.
func (n *mathNode) Kind() ast.NodeKind { return kindMath }

// Dump implements ast.Node.
func (n *mathNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// mathMark opens a formula that close ends. A single $ is an amount of money more
// often than not.
type mathMark struct {
	open, close string
	money       bool
}

var mathMarksAround = []mathMark{{`\(`, `\)`, false}, {`\[`, `\]`, false}, {`$$`, `$$`, false}, {`$`, `$`, true}}

// mathStart returns the mark that src begins with; before is the character in
// front of it.
func mathStart(src []byte, before rune) (mathMark, bool) {
	for _, m := range mathMarksAround {
		if !bytes.HasPrefix(src, []byte(m.open)) {
			continue
		}
		next, _ := utf8.DecodeRune(src[len(m.open):])
		if m.money && (len(src) == 1 || unicode.IsSpace(next) || before == '$' || unicode.IsLetter(before) || unicode.IsDigit(before)) {
			return mathMark{}, false
		}
		return m, true
	}
	return mathMark{}, false
}

// end returns how long the formula is that src begins with, its marks included,
// or -1 if it has no end.
func (m mathMark) end(src []byte) int {
	src = src[:min(len(src), longestMath)]
	at := len(m.open)
	if !m.money {
		n := bytes.Index(src[at:], []byte(m.close))
		if n < 0 {
			return -1
		}
		return at + n + len(m.close)
	}
	for i := at; i < len(src); i++ {
		switch src[i] {
		case '\n':
			return -1
		case '\\':
			i++
		case '$':
			after := byte(' ')
			if i+1 < len(src) {
				after = src[i+1]
			}
			// Nor does a formula end with an operator, as $A/$B would.
			if i == at || strings.IndexByte(" /:=+-", src[i-1]) >= 0 || after >= '0' && after <= '9' || after == '$' {
				return -1
			}
			return i + 1
		}
	}
	return -1
}

// wordy reports whether s has words in it that are no commands.
func wordy(s string) bool {
	run := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			for i+1 < len(s) && isLetter(s[i+1]) {
				i++
			}
			if i+1 < len(s) && s[i+1] == '{' { // the argument of a command
				for i+1 < len(s) && s[i+1] != '}' {
					i++
				}
			}
			run = 0
		case isLetter(s[i]) || s[i] >= utf8.RuneSelf:
			if run++; run > 2 {
				return true
			}
		default:
			run = 0
		}
	}
	return false
}

// isFormula reports whether there is a formula between the marks. Between escaped
// brackets people put words, and between dollars amounts, with nothing in them
// that only formulas have.
func (m mathMark) isFormula(inner string) bool {
	switch {
	case strings.TrimSpace(inner) == "":
		return false
	case strings.ContainsAny(inner, `\^_=+<>{}|*/`):
		return !m.money || !wordy(inner)
	case m.money && strings.Contains(inner, " "):
		return false
	}
	return !wordy(inner)
}

// mathParser finds formulas in a text.
type mathParser struct{}

// Trigger implements parser.InlineParser.
func (mathParser) Trigger() []byte { return []byte{'\\', '$'} }

// Parse implements parser.InlineParser.
func (mathParser) Parse(_ ast.Node, block text.Reader, _ parsing.Context) ast.Node {
	line, _ := block.PeekLine()
	m, ok := mathStart(line, block.PrecendingCharacter())
	if !ok {
		return nil
	}
	src := line
	n := m.end(src)
	if n < 0 && !m.money && len(line) < longestMath {
		src = following(block)
		n = m.end(src)
	}
	if n < 0 {
		return nil
	}
	source := string(src[:n])
	shown, ok := m.shown(source)
	if !ok {
		return nil
	}
	for line, _ := block.PeekLine(); n > 0 && line != nil; line, _ = block.PeekLine() {
		if n < len(line) {
			block.Advance(n)
			break
		}
		block.AdvanceLine()
		n -= len(line)
	}
	return &mathNode{shown: shown, source: source}
}

// longestMath is the longest formula with its marks, in bytes.
const longestMath = maxFormula + 4

// following returns the rest of the paragraph, without what its lines are set in
// by; not more than a formula can be long.
func following(block text.Reader) (src []byte) {
	row, at := block.Position()
	defer block.SetPosition(row, at)
	for len(src) < longestMath {
		line, _ := block.PeekLine()
		if line == nil {
			break
		}
		src = append(src, line[:min(len(line), longestMath-len(src))]...)
		block.AdvanceLine()
	}
	return src
}

// shown is what is shown for a formula with its marks; ok is false if it is none.
// One that is not understood is shown as it is written, rather than as what
// markdown would make of it.
func (m mathMark) shown(source string) (text string, ok bool) {
	inner := source[len(m.open) : len(source)-len(m.close)]
	if !m.isFormula(inner) {
		return "", false
	}
	if text, ok = formula(inner); ok || m.money {
		return text, ok
	}
	return source, true
}
