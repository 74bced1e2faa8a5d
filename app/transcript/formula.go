package transcript

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxFormula  = 600 // bytes of a formula that is made readable
	formulaDeep = 16  // nesting of one
)

// formula writes a formula of LaTeX in plain characters: signs for the names of
// signs, small digits and letters above and below the line, fractions with a
// slash. It understands what fits into one line; ok is false for anything else.
func formula(src string) (text string, ok bool) {
	if len(src) > maxFormula {
		return "", false
	}
	f := &formulaReader{src: src}
	f.out.Grow(len(src))
	if !f.until("", formulaDeep) {
		return "", false
	}
	text = strings.TrimSpace(f.out.String())
	if strings.Contains(text, "  ") {
		text = strings.Join(strings.Fields(text), " ")
	}
	return text, text != ""
}

// formulaReader reads a formula from its beginning to its end.
type formulaReader struct {
	src string
	at  int
	out strings.Builder
}

// until writes everything up to the closing mark, and reads that; "" means the
// end of the formula.
func (f *formulaReader) until(closing string, depth int) bool {
	for f.at < len(f.src) {
		if closing != "" && strings.HasPrefix(f.src[f.at:], closing) {
			f.at += len(closing)
			return true
		}
		s, ok := f.next(depth)
		if !ok {
			return false
		}
		f.out.WriteString(s)
	}
	return closing == ""
}

// next reads one piece: a character, a command with its arguments, a group, or
// something above or below the line.
func (f *formulaReader) next(depth int) (string, bool) {
	if depth == 0 {
		return "", false
	}
	r, n := utf8.DecodeRuneInString(f.src[f.at:])
	f.at += n
	switch r {
	case '{':
		return f.group("}", depth)
	case '\\':
		return f.command(depth)
	case '^', '_':
		return f.script(r, depth)
	case '}', '&', '%', '#', '$', '`', utf8.RuneError:
		return "", false
	case '-':
		return "−", true
	case '\'':
		return "′", true
	case '~', '\n', '\t':
		return " ", true
	}
	return string(r), true
}

// group reads up to the closing mark.
func (f *formulaReader) group(closing string, depth int) (string, bool) {
	in := &formulaReader{src: f.src, at: f.at}
	if !in.until(closing, depth-1) {
		return "", false
	}
	f.at = in.at
	return in.out.String(), true
}

// argument reads what a command or script applies to: a group or one piece.
func (f *formulaReader) argument(depth int) (string, bool) {
	f.blanks()
	if f.at == len(f.src) {
		return "", false
	}
	if c := f.src[f.at]; c == '^' || c == '_' {
		return "", false
	}
	s, ok := f.next(depth - 1)
	return strings.TrimSpace(s), ok
}

func (f *formulaReader) blanks() {
	for f.at < len(f.src) && (f.src[f.at] == ' ' || f.src[f.at] == '\n') {
		f.at++
	}
}

// script writes what stands above or below the line.
func (f *formulaReader) script(mark rune, depth int) (string, bool) {
	s, ok := f.argument(depth)
	if !ok {
		return "", false
	}
	table := raised
	if mark == '_' {
		table = lowered
	}
	if small, ok := shift(s, table); ok {
		return small, true
	}
	if small, ok := shift(strings.ReplaceAll(s, " ", ""), table); ok {
		return small, true
	}
	return f.spacedBehind(string(mark) + joinedUp(s)), s != ""
}

// command reads the name of a command, whose backslash is read, and what
// belongs to it.
func (f *formulaReader) command(depth int) (string, bool) {
	name := f.name()
	switch {
	case name == "":
		return "", false
	case name == "frac" || name == "dfrac" || name == "tfrac":
		return f.fraction(depth)
	case name == "sqrt":
		return f.root(depth)
	case name == "mathbb":
		s, ok := f.argument(depth)
		return doubled[s], ok && doubled[s] != ""
	case name == "pmod":
		s, ok := f.argument(depth)
		return " (mod " + s + ")", ok
	case name == "not":
		s, ok := f.argument(depth)
		return " ≠ ", ok && s == "="
	case mathTexts[name]:
		return f.text()
	case mathStyles[name]:
		return f.argument(depth)
	case mathMarks[name] != "":
		s, ok := f.argument(depth)
		return s + mathMarks[name], ok && utf8.RuneCountInString(s) == 1
	case mathFunctions[name]:
		return f.spaced(name), true
	}
	s, ok := mathSigns[name]
	if name == "left" || name == "right" {
		f.blanks()
		if strings.HasPrefix(f.src[f.at:], ".") { // no bracket on this side
			f.at++
		}
	}
	return s, ok
}

// name reads the name of a command: letters, or one other character. Blanks
// behind letters only end the name, but those before an operator look better.
func (f *formulaReader) name() string {
	start := f.at
	for f.at < len(f.src) && isLetter(f.src[f.at]) {
		f.at++
	}
	if f.at > start {
		name := f.src[start:f.at]
		end := f.at
		f.blanks()
		if next, _ := utf8.DecodeRuneInString(f.src[f.at:]); mathTexts[name] || !runsOn(next) && !strings.ContainsRune(`\{([^_`, next) {
			f.at = end
		}
		return name
	}
	if f.at < len(f.src) && f.src[f.at] < utf8.RuneSelf {
		f.at++
	}
	return f.src[start:f.at]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// spaced puts a blank around a word or a fraction where a letter or digit, or
// another word, would run into it.
func (f *formulaReader) spaced(s string) string {
	if last, _ := utf8.DecodeLastRuneInString(f.out.String()); runsOn(last) {
		s = " " + s
	}
	return f.spacedBehind(s)
}

func (f *formulaReader) spacedBehind(s string) string {
	if next, _ := utf8.DecodeRuneInString(f.src[f.at:]); runsOn(next) || next == '\\' {
		s += " "
	}
	return s
}

func runsOn(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsNumber(r))
}

// fraction writes a fraction with a slash.
func (f *formulaReader) fraction(depth int) (string, bool) {
	above, ok := f.argument(depth)
	if !ok {
		return "", false
	}
	below, ok := f.argument(depth)
	if !ok || above == "" || below == "" {
		return "", false
	}
	if strings.ContainsAny(above, " +−=±∓,/<>≤≥") {
		above = "(" + above + ")"
	}
	return f.spaced(above + "/" + joinedUp(below)), true
}

// joinedUp puts brackets around what is more than one number or one letter with
// what stands at it.
func joinedUp(s string) string {
	letters := 0
	for i, r := range s {
		_, up := isScript[r]
		switch {
		case up || unicode.Is(unicode.Mn, r):
		case unicode.IsDigit(r):
			if letters > 0 {
				return "(" + s + ")"
			}
		case unicode.IsLetter(r) && i == 0:
			letters++
		case (r == '.' || r == ',') && i > 0 && letters == 0:
		case utf8.RuneCountInString(s) == 1:
		default:
			return "(" + s + ")"
		}
	}
	return s
}

// isScript holds what stands above or below the line.
var isScript = func() map[rune]bool {
	m := map[rune]bool{}
	for _, table := range []map[rune]rune{raised, lowered} {
		for _, r := range table {
			m[r] = true
		}
	}
	return m
}()

// root writes a square root, or another one.
func (f *formulaReader) root(depth int) (string, bool) {
	sign := "√"
	if strings.HasPrefix(f.src[f.at:], "[") {
		f.at++
		n, ok := f.group("]", depth)
		if !ok {
			return "", false
		}
		switch n = strings.TrimSpace(n); n {
		case "2":
		case "3":
			sign = "∛"
		case "4":
			sign = "∜"
		default:
			small, ok := shift(n, raised)
			if !ok {
				return "", false
			}
			sign = small + sign
		}
	}
	s, ok := f.argument(depth)
	return sign + joinedUp(s), ok && s != ""
}

// text reads an argument that is no formula.
func (f *formulaReader) text() (string, bool) {
	rest := f.src[f.at:]
	end := strings.IndexByte(rest, '}')
	if !strings.HasPrefix(rest, "{") || end < 0 || strings.ContainsAny(rest[1:end], `{\$`) {
		return "", false
	}
	f.at += end + 1
	return rest[1:end], true
}
