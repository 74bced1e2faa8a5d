package app

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"lumi/assets"
	"lumi/llm"
)

// luminance and contrast are those of WCAG 2.1, section 1.4.3.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		f := float64(v) / 0xffff
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	const enough = 4.5
	grounds := []fyne.ThemeColorName{
		theme.ColorNameBackground, colorSidebar, theme.ColorNameInputBackground, theme.ColorNameMenuBackground, colorNotice,
	}
	inks := []fyne.ThemeColorName{
		theme.ColorNameForeground, colorMuted, theme.ColorNamePrimary, theme.ColorNameError, theme.ColorNamePlaceHolder,
	}
	for name, palette := range map[string]map[fyne.ThemeColorName]color.Color{"light": lightPalette, "dark": darkPalette} {
		for _, ground := range grounds {
			for _, ink := range inks {
				if got := contrast(palette[ink], palette[ground]); got < enough {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want %v", name, ink, ground, got, enough)
				}
			}
		}
		for ink, ground := range map[fyne.ThemeColorName]fyne.ThemeColorName{
			theme.ColorNameForegroundOnPrimary: theme.ColorNamePrimary,
			theme.ColorNameForegroundOnError:   theme.ColorNameError,
			theme.ColorNameForeground:          colorFault,
		} {
			if got := contrast(palette[ink], palette[ground]); got < enough {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %v", name, ink, ground, got, enough)
			}
		}
	}
	if len(lightPalette) != len(darkPalette) {
		t.Errorf("the palettes have %d and %d colours", len(lightPalette), len(darkPalette))
	}
	for name := range lightPalette {
		if _, ok := darkPalette[name]; !ok {
			t.Errorf("the dark palette lacks %s", name)
		}
	}
}

// TestTexts checks that the English texts, the template for translations, hold
// every text of the window and no others.
func TestTexts(t *testing.T) {
	data, err := assets.Translations.ReadFile("translations/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var listed map[string]string
	if err := json.Unmarshal(data, &listed); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, text := range windowTexts(t) {
		used[text] = true
	}
	for name, k := range knobTexts {
		used[k.nameOr(name)] = true
		if k.hint != "" {
			used[k.hint] = true
		}
	}
	for _, g := range allGroups() {
		used[g.name] = true
	}
	for _, p := range llm.Params {
		if p.Name != "seed" { // which has a row of its own
			used[settingText(p.Text)] = true
		}
	}
	for _, p := range llm.TextParams {
		if p.Name != "samplers" { // whose table lists names of flags
			used[settingText(p.Text)] = true
		}
	}
	for _, s := range shortcuts {
		used[s.does] = true
	}
	for _, text := range readoutRows {
		used[text] = true
	}
	for _, text := range typeSentences {
		used[text] = true
	}
	for month := time.January; month <= time.December; month++ {
		used[month.String()] = true
	}
	for text := range used {
		if listed[text] == "" {
			t.Errorf("en.json lacks %q", text)
		}
	}
	for text := range listed {
		if !used[text] {
			t.Errorf("en.json has %q, which the window does not use", text)
		}
	}
}

// windowTexts are the literal texts that this package and its transcript translate.
func windowTexts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob("transcript/*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, parts...)
	var texts []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if text, ok := translatedText(call); ok {
					texts = append(texts, text)
				}
			}
			return true
		})
	}
	return texts
}

// literal evaluates a text that is written out, perhaps in several parts.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		x, okX := literal(e.X)
		y, okY := literal(e.Y)
		return x + y, okX && okY
	}
	return "", false
}
