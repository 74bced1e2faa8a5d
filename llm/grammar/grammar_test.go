package grammar

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// matches runs a whole text through a grammar: how far it can be read, and
// whether it is an answer.
func matches(t interface{ Fatal(...any) }, text, s string) (read int, whole bool) {
	g, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	a := newAutomaton(g)
	state := a.start()
	for i := range len(s) {
		if state, _ = a.trim(a.step(state, s[i])); state == dead {
			return i, false
		}
	}
	whole, _ = a.complete(state)
	return len(s), whole
}

func TestMatch(t *testing.T) {
	const expression = `
# sums and products
root  ::= sum "\n"?
sum   ::= term (("+" | "-") term)*   # repetition in place of left recursion
term  ::= number |
          "(" sum ")"
number ::= [0-9]+ ("." [0-9]{1,2})?
`
	for _, tc := range []struct {
		grammar, text string
		read          int
		whole         bool
	}{
		{`root ::= "yes" | "no"`, "no", 2, true},
		{`root ::= "yes" | "no"`, "ye", 2, false},
		{`root ::= "yes" | "no"`, "nope", 2, false},
		{expression, "1+(2.25-(3))", 12, true},
		{expression, "1+", 2, false},
		{expression, "1.234", 4, false},
		{expression, "((1)", 4, false},
		{expression, "1\n", 2, true},
		{`root ::= ""`, "", 0, true},
		{`root ::= [a-cx]{2,3}`, "axb", 3, true},
		{`root ::= [a-cx]{2,3}`, "a", 1, false},
		{`root ::= [a-cx]{2,3}`, "aaaa", 3, false},
		{`root ::= [a-c]{2}`, "aa", 2, true},
		{`root ::= "ab"{2,}`, "ababab", 6, true},
		{`root ::= "a"{,2} "b"`, "aab", 3, true},
		{`root ::= "a"{0}`, "a", 0, false},
		{`root ::= [^"\\]*`, "grün 🙂", 10, true},
		{`root ::= [^a]`, "a", 0, false},
		{`root ::= .`, "\xf0\x9f\x99", 3, false}, // within a character
		{`root ::= .`, "\xf0\x9f\x99\x82", 4, true},
		{`root ::= .`, "\xed\xa0\x80", 1, false}, // a surrogate
		{`root ::= .`, "\xc0\x80", 0, false},     // too long a form
		{`root ::= [ぁ-ゟ]+`, "ひらがな", 12, true},
		{`root ::= [ぁ-ゟ]+`, "ひラ", 4, false},
		{`root ::= "\x41\u00e4\U0001F642\t\""`, "Aä🙂\t\"", 9, true},
		{`root ::= [\-\]\[^a]`, "]", 1, true},
		{`root ::= [a-]`, "-", 1, true},
		// Rules that end in themselves do not grow.
		{`root ::= "a" root | "b"`, strings.Repeat("a", 3*maxDepth) + "b", 3*maxDepth + 1, true},
		// Nor do parts that can be empty loop.
		{`root ::= (" "* "\t"?)* "x"`, "  \t x", 5, true},
		{"root ::= a\na ::= b* \"x\"\nb ::= \"y\"?", "yyx", 3, true},
		{"root ::=\n  \"a\"\n  | \"b\"\n\nx ::= root", "b", 1, true},
		{"root ::= \"(\" root \")\" | \"x\"", "((x))", 5, true},
	} {
		read, whole := matches(t, tc.grammar, tc.text)
		if read != tc.read || whole != tc.whole {
			t.Errorf("%s: %q is read up to %d (whole %v), want %d (%v)", tc.grammar, tc.text, read, whole, tc.read, tc.whole)
		}
	}
}

// TestDeepNesting checks that nesting ends where the automaton's bound is,
// with a way out.
func TestDeepNesting(t *testing.T) {
	const g = `root ::= "[" root? "]"`
	read, _ := matches(t, g, strings.Repeat("[", 2*maxDepth))
	if read < maxDepth || read > maxDepth+1 {
		t.Errorf("%d brackets can be opened, want about %d", read, maxDepth)
	}
	if n, whole := matches(t, g, strings.Repeat("[", read)+strings.Repeat("]", read)); !whole {
		t.Errorf("they cannot be closed: read up to %d", n)
	}
}

func TestAmbiguous(t *testing.T) {
	g, err := Parse(`root ::= "x" root "y" | "x" root "z" | "x"`)
	if err != nil {
		t.Fatal(err)
	}
	m := newMatcher(t, g, nil, "x", "y", "z")
	for range 40 {
		m.Accept(0)
	}
	if !errors.Is(m.Err(), ErrAmbiguous) {
		t.Errorf("error %v, want %v", m.Err(), ErrAmbiguous)
	}
	if m.Allows(0) || m.Mask()[0] != 0 {
		t.Error("a token is allowed after the error")
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		``:                               `line 1, column 1: there is no rule "root"`,
		`x ::= "a"`:                      `line 1, column 10: there is no rule "root"`,
		`root ::= a`:                     `line 1, column 10: the rule "a" is not defined`,
		"root ::= \"a\"\nroot ::= \"b\"": `line 2, column 1: the rule "root" is defined a second time`,
		"root ::= \"a":                   `line 1, column 10: the " that ends the text is missing`,
		"root ::= \"ä\" )":               `line 1, column 14: ")" cannot stand here`,
		"root ::= (\"a\"\n":              `line 2, column 1: a ) is missing`,
		"root ::= [a":                    `line 1, column 10: the ] that ends the class is missing`,
		"root ::= []":                    `line 1, column 10: the class holds no character`,
		"root ::= [z-a]":                 `line 1, column 11: the range from 'z' to 'a' is the wrong way round`,
		"root = \"a\"":                   `line 1, column 6: a rule needs ::= after its name`,
		"\n  ?":                          `line 2, column 3: a rule's name is expected here, not "?"`,
		`root ::= *`:                     `line 1, column 10: "*" cannot stand here`,
		`root ::= "a"{2`:                 `line 1, column 13: a } is missing`,
		`root ::= "a"{x}`:                `line 1, column 13: a repetition is written`,
		`root ::= "a"{3,2}`:              `line 1, column 13: the repetition's end 2 is before its start 3`,
		`root ::= "a"{99999999}`:         `line 1, column 13: a repetition is limited`,
		`root ::= ("a"{9999}){9999}`:     ``, // written once and called: small enough
		`root ::= (("a" x){60000} x){9000}` + "\n" + `x ::= ("b" root?){60000} [c]{60000} "d"{60000} "e"{60000}`: `its repetitions make it too large`,
		`root ::= "\q"`:                        `line 1, column 11: there is no escape \q`,
		`root ::= "\x4"`:                       `line 1, column 11: \x needs 2 hexadecimal digits`,
		`root ::= "\uD800"`:                    `line 1, column 11: U+D800 is no character`,
		`root ::= <think>`:                     `line 1, column 10: tokens (<…>) cannot be named`,
		`root ::= root "a" | "b"`:              `line 1, column 1: the rule "root" begins with itself`,
		"root ::= a\na ::= b\nb ::= c? a":      `line 2, column 1: the rule "a" begins with itself`,
		"root ::= a\na ::= \"x\"* a \"y\"":     `line 2, column 1: the rule "a" begins with itself`,
		"root ::= " + strings.Repeat("(", 200): `line 1, column 110: more than 100 parentheses are open`,
		"root ::= \"a\xff\"":                   `line 1, column 12: this is not UTF-8`,
	} {
		if strings.Contains(text, "c? a") {
			text += "\nc ::= \"c\""
		}
		_, err := Parse(text)
		var fault *Error
		switch {
		case want == "":
			if err != nil {
				t.Errorf("%.40q: %v", text, err)
			}
		case !errors.As(err, &fault) || !strings.Contains(err.Error(), want):
			t.Errorf("%.40q: error %v, want %s", text, err, want)
		}
	}
}

// newMatcher has the pieces as tokens 0, 1, …, an ending and a control token.
func newMatcher(t interface{ Fatal(...any) }, g *Grammar, banned []string, pieces ...string) *Matcher {
	v := NewVocabulary(len(pieces)+2, func(id int32) Token {
		if int(id) >= len(pieces) {
			return Token{Piece: []byte("<s>"), Ends: int(id) == len(pieces), Control: true}
		}
		return Token{Piece: []byte(pieces[id])}
	})
	m, err := NewMatcher(v, g, banned)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// allowed are the tokens of the mask, which must agree with Allows.
func allowed(t interface{ Fatalf(string, ...any) }, m *Matcher) []int32 {
	mask := m.Mask()
	var ids []int32
	for id := range int32(m.v.tokens) {
		in := mask[id/64]>>(id%64)&1 != 0
		if in != m.Allows(id) {
			t.Fatalf("token %d: in the mask %v, allowed %v", id, in, !in)
		}
		if in {
			ids = append(ids, id)
		}
	}
	if m.Allows(-1) || m.Allows(int32(m.v.tokens)) {
		t.Fatalf("a token outside the vocabulary is allowed")
	}
	return ids
}

func TestMatcher(t *testing.T) {
	g, err := Parse(`root ::= "{" ("ä" | "a")+ "}"`)
	if err != nil {
		t.Fatal(err)
	}
	//                             0    1     2     3       4       5    6     7    8: end
	m := newMatcher(t, g, nil, "{", "{a", "aa", "\xc3", "\xa4}", "}", "}}", "{")
	for _, step := range []struct {
		token int32 // accepted first, −1 for none
		want  []int32
	}{
		{-1, []int32{0, 1, 7}},
		{1, []int32{2, 3, 5}},
		{3, []int32{4}}, // the rest of ä
		{4, []int32{8}},
	} {
		if step.token >= 0 {
			m.Accept(step.token)
		}
		if got := allowed(t, m); !slices.Equal(got, step.want) {
			t.Errorf("after %d: %v, want %v", step.token, got, step.want)
		}
	}
	if !m.Finished() {
		t.Error("the answer is not finished")
	}
	m.Reset()
	if m.Finished() || !m.Allows(0) {
		t.Error("Reset does not begin a new answer")
	}
	m.Accept(5)
	if got := allowed(t, m); got != nil || m.Finished() {
		t.Errorf("after a wrong token: %v", got)
	}
}

// TestForget checks that an answer goes on the same after states were dropped.
func TestForget(t *testing.T) {
	g, err := Parse(`root ::= "(" root ")" | [a-z]{0,20000}`)
	if err != nil {
		t.Fatal(err)
	}
	m := newMatcher(t, g, nil, "(", "a", ")", "))")
	tr := m.forms[0]
	for range 9 {
		m.Accept(0)
	}
	forgot := false
	for range 3 * keepStates / 2 {
		before := len(tr.form.(*automaton).states)
		m.Accept(1)
		forgot = forgot || len(tr.form.(*automaton).states) < before
	}
	if got := allowed(t, m); !forgot || !slices.Equal(got, []int32{1, 2, 3}) {
		t.Fatalf("forgot %v, allowed %v", forgot, got)
	}
	for range 4 {
		m.Accept(3)
	}
	if got := allowed(t, m); !slices.Equal(got, []int32{2}) {
		t.Errorf("allowed %v, want one more )", got)
	}
}

// TestFollowingAllocatesNothing holds once the states are known.
func TestFollowingAllocatesNothing(t *testing.T) {
	g, err := Parse(`root ::= "[" ([0-9]+ ",")* "]"`)
	if err != nil {
		t.Fatal(err)
	}
	m := newMatcher(t, g, []string{"99"}, "[", "1", "2,", "]", "9")
	if n := testing.AllocsPerRun(50, func() {
		m.Reset()
		for _, id := range []int32{0, 1, 2, 2, 3} {
			if !m.Allows(id) || m.Mask()[0] == 0 {
				t.Fatalf("token %d is not allowed", id)
			}
			m.Accept(id)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// TestFiles parses every grammar in the folder that GBNF_FILES names.
func TestFiles(t *testing.T) {
	dir := os.Getenv("GBNF_FILES")
	if dir == "" {
		t.Skip("skipped: GBNF_FILES names no folder with grammars")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.gbnf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no grammars in %s: %v", dir, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		g, err := Parse(string(text))
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		t.Logf("%s: %d steps, %d classes", filepath.Base(f), len(g.code), len(g.examples))
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`root ::= "a" | [^b-d]{2,3} (x "\n")* # end`+"\nx ::= .", "aab\n")
	f.Add(`root ::= root`, "x")
	f.Add("root ::= (((\"\"?)*)+){3,9} [\\x00-\\U0010FFFF]", "\xf0\x9f\x99\x82")
	f.Fuzz(func(t *testing.T, grammar, text string) {
		g, err := Parse(grammar)
		if err != nil {
			var fault *Error
			if !errors.As(err, &fault) || fault.Line < 1 || fault.Column < 1 {
				t.Fatalf("error %v without a place", err)
			}
			return
		}
		a := newAutomaton(g)
		state := a.start()
		for i := 0; i < len(text) && state != dead; i++ {
			state, _ = a.trim(a.step(state, text[i]))
		}
	})
}
