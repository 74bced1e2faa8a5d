package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// translating are the functions that take a text to be translated: the index
// of the argument, and whether the text depends on a number.
var translating = map[string]struct {
	argument int
	counted  bool
}{
	"lang.L": {0, false}, "lang.X": {0, false}, "lang.N": {0, true},
	"say": {0, false}, "sayN": {0, true}, "plural": {1, true},
}

// hidden are the functions whose texts no person reads in the window: what is
// logged, what names work for the log, formats of files and prompts for models.
var hidden = []string{
	"Log", "log", "guard", "spawn", "onDisk", "recovered", "Fprintf", "Fprintln", "WriteString", "Sscanf", "panic",
	"wordSet", "signPairs", // of LaTeX
}

// untranslated are texts that are the same in all languages, or read by models
// and other programs.
var untranslated = []string{
	".gguf", "Lumi ", "简体中文 (Chinese)", "Summary of the earlier conversation:\n",
	// What is said because no other language can be shown.
	"No font on this computer has the characters of ", ", so Lumi speaks English. ",
	"Install one, such as Noto Sans CJK (on Debian and Ubuntu: apt install fonts-noto-cjk), and start Lumi again.",
	// What only the terminal tells: there is no window.
	"another Lumi is running but does not answer; end that process and start Lumi again",
	// What only the log tells.
	"another program has the lock",
	"%.1f a second; the gap between two: %s; each took: %s",
	"remembering the speed of the memory: %w", "there is a file of this name already",
	"the window is open already, in another process", "something else listens there",
	// What a model is asked.
	"Below is a conversation between a person and an assistant. Summarise it in at most %d words: ",
	"facts, names, numbers, decisions and open questions. Write nothing but the summary.\n\n%s",
}

// sourceFile is a file of this package or its transcript, without tests.
type sourceFile struct {
	*ast.File
	set *token.FileSet
}

func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	var list []sourceFile
	for _, pattern := range []string{"*.go", "transcript/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, source, 0)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, sourceFile{file, set})
		}
	}
	return list
}

// sourceTexts are the texts that are written out in the source to be
// translated, and whether they are counted.
func sourceTexts(t *testing.T) map[string]bool {
	t.Helper()
	texts := map[string]bool{}
	for _, file := range sourceFiles(t) {
		ast.Inspect(file.File, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if f, ok := translating[called(call)]; ok && f.argument < len(call.Args) {
					if text, ok := literal(call.Args[f.argument]); ok {
						texts[text] = f.counted
					}
				}
			}
			return true
		})
	}
	return texts
}

// called is the name of a function as a call writes it, with its package.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if pkg, ok := f.X.(*ast.Ident); ok && pkg.Name == "lang" {
			return "lang." + f.Sel.Name
		}
		return f.Sel.Name
	}
	return ""
}

// literal evaluates a text that is written out, perhaps in several parts.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		x, okX := literal(e.X)
		y, okY := literal(e.Y)
		return x + y, okX && okY
	}
	return "", false
}

// showing are the functions whose first texts a person reads as they are.
var showing = []string{
	"newText", "newCaption", "newButton", "quietButton", "NewLabel", "NewButton", "NewButtonWithIcon", "NewMenuItem", "NewMenu",
	"SetPlaceHolder", "SetText", "set", "NewCustom", "NewCustomWithoutButtons", "ShowCustom", "NewForm", "NewFormItem",
	"section", "preference", "newPage", "titled", "wrapped", "newParagraph", "newSettingHead", "newKnobName", "joined", "NewText",
	"tell", "NewNotification", "iconButton", "on",
}

var (
	prose  = regexp.MustCompile(`\pL\pL+[,:]? \pL`)
	letter = regexp.MustCompile(`\pL`)
)

// TestEveryTextIsTranslated finds texts in the source that a person would read
// in English whatever their language: a literal with letters where something
// is shown, and any sentence that is not handed to a translation.
func TestEveryTextIsTranslated(t *testing.T) {
	known := append(slices.Clone(untranslated), tableTexts()...)
	for _, file := range sourceFiles(t) {
		for _, decl := range file.Decls {
			bypasses(file, decl, false, func(at token.Pos, text string) {
				if !slices.Contains(known, text) {
					t.Errorf("%v: %q is not translated", file.set.Position(at), text)
				}
			})
		}
	}
}

// bypasses reports the literals below a node that are read untranslated;
// shown says that the node is what a function shows.
func bypasses(file sourceFile, node ast.Node, shown bool, report func(token.Pos, string)) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.Field: // paths and tags
			return false
		case *ast.CallExpr:
			name := called(n)
			f, ok := translating[name]
			switch {
			case slices.Contains(hidden, name):
				return false
			case ok:
				for i, arg := range n.Args {
					if i != f.argument {
						bypasses(file, arg, false, report)
					}
				}
				return false
			case slices.Contains(showing, name) && !shown:
				for _, arg := range n.Args {
					bypasses(file, arg, isText(arg), report)
				}
				return false
			}
			if shown { // what a function makes of its arguments is its own matter
				bypasses(file, n, false, report)
				return false
			}
		case *ast.BasicLit:
			if text, ok := literal(n); ok && (prose.MatchString(text) || shown && letter.MatchString(text)) {
				report(n.Pos(), text)
			}
		}
		return true
	})
}

// isText reports whether an argument is made of texts, not of objects or
// functions.
func isText(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.BinaryExpr:
		return isText(e.X) || isText(e.Y)
	}
	return false
}
