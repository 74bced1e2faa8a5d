package transcript

import (
	"image/color"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

func TestFormula(t *testing.T) {
	for src, want := range map[string]string{
		`x`:                                      "x",
		`a^2 + b^2 = c^2`:                        "a² + b² = c²",
		`E = mc^2`:                               "E = mc²",
		`x_{1}, x_2, \ldots, x_n`:                "x₁, x₂, …, xₙ",
		`x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}`: "x = (−b ± √(b² − 4ac))/(2a)",
		`\frac{1}{2}mv^2`:                        "1/2 mv²",
		`\frac12`:                                "1/2",
		`\frac{a+b}{c}`:                          "(a+b)/c",
		`\dfrac{x_1}{y^2}`:                       "x₁/y²",
		`\frac{\partial f}{\partial x}`:          "∂f/(∂x)",
		`2\pi r`:                                 "2πr",
		`\alpha + \beta \leq \Gamma`:             "α + β ≤ Γ",
		`\sin^2\theta + \cos^2\theta = 1`:        "sin²θ + cos²θ = 1",
		`\sin x`:                                 "sin x",
		`2\sin\theta`:                            "2 sin θ",
		`\sum_{i=1}^{n} i = \frac{n(n+1)}{2}`:    "∑ᵢ₌₁ⁿ i = (n(n+1))/2",
		`\int_0^\infty e^{-x} \, dx`:             "∫₀^∞ e⁻ˣ dx",
		`e^{i\pi} + 1 = 0`:                       "e^(iπ) + 1 = 0",
		`\lim_{x \to 0} f(x)`:                    "lim_(x → 0) f(x)",
		`x^{a/b}`:                                "x^(a/b)",
		`90^\circ`:                               "90°",
		`90^{\circ}`:                             "90°",
		`f'(x)`:                                  "f′(x)",
		`\sqrt{2}`:                               "√2",
		`\sqrt[3]{x+1}`:                          "∛(x+1)",
		`\sqrt[5]{x}`:                            "⁵√x",
		`\boxed{42}`:                             "42",
		`\text{speed} = \frac{\text{distance}}{\text{time}}`: "speed = distance/(time)",
		`x \in \mathbb{R}`:             "x ∈ ℝ",
		`\left( \frac{a}{b} \right)^2`: "( a/b )²",
		`\left. x \right|`:             "x |",
		`\{1, 2\}`:                     "{1, 2}",
		`a \neq b`:                     "a ≠ b",
		`a \not= b`:                    "a ≠ b",
		`a \equiv b \pmod{n}`:          "a ≡ b (mod n)",
		`\vec{v}`:                      "v⃗",
		`10^{-3}`:                      "10⁻³",
		`50\%`:                         "50%",
		`A^T`:                          "Aᵀ",
		"x\n= 5":                       "x = 5",
		`x^{\alpha}`:                   "x^α",
		`a_{q}`:                        "a_q",
	} {
		if got, ok := formula(src); got != want || !ok {
			t.Errorf("%s is shown as %q (%v), want %q", src, got, ok, want)
		}
	}
	for _, src := range []string{
		``, ` `, `\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}`, `\unknown{x}`, `\frac{a}`, `\frac{}{b}`, `x^`, `{x`, `x}`, `a & b`, `a % b`,
		`\`, `x^^2`, `x_`, `\sqrt`, `\sqrt[`, `\sqrt[a+b+α]{x}`, `\text{a`, `\text`, `\mathbb{A}`, `\hat{ab}`, `\color{red}{x}`, `a \\ b`, `$x$`,
		strings.Repeat("{", 40) + strings.Repeat("}", 40), strings.Repeat("x", maxFormula+1), "\xff",
	} {
		if got, ok := formula(src); ok {
			t.Errorf("%.60q is understood as %q", src, got)
		}
	}
}

// TestMathInText: formulas are found among words; money, paths and escapes are
// none, and code stays what it is.
func TestMathInText(t *testing.T) {
	for src, want := range map[string]string{
		`So \(x^2\) grows.`:       "So x² grows.",
		`\[ a^2 + b^2 = c^2 \]`:   "a² + b² = c²",
		"\\[\na^2\n\\]":           "a²",
		"$$\n\\frac{1}{2}\n$$":    "1/2",
		"Then $$x_1$$ follows":    "Then x₁ follows",
		`where $n$ and $x_i$ are`: "where n and xᵢ are",
		`$a \cdot b$.`:            "a · b.",
		`a lone $5 and $6`:        "a lone $5 and $6",
		`costs $3.50/$4`:          "costs $3.50/$4",
		`$PATH and $HOME`:         "$PATH and $HOME",
		`$PATH/bin:$HOME/bin`:     "$PATH/bin:$HOME/bin",
		`"$A/$B" and "$1=$2"`:     `"$A/$B" and "$1=$2"`,
		`$1+$2`:                   "$1+$2",
		`^a$|^b$ matches`:         "^a$|^b$ matches",
		`from $5 to 10$ each`:     "from $5 to 10$ each",
		`pay 5$ or 6$`:            "pay 5$ or 6$",
		`$5-$6`:                   "$5-$6",
		`US$5 and CA$x$`:          "US$5 and CA$x$",
		`set $HOME or $PATH`:      "set $HOME or $PATH",
		`a $ b $ c`:               "a $ b $ c",
		`$name$`:                  "$name$",
		"`$x^2$` and `\\(y^2\\)`": `$x^2$ and \(y^2\)`,
		`\(see below\)`:           "(see below)",
		`\\(x^2\\)`:               `\(x^2\)`,
		`\$x^2$`:                  "$x^2$",
		`open \( only`:            "open ( only",
		`$$`:                      "$$",
		`\(\)`:                    "()",
		`\(\begin{cases} a_1 * b \\ c * d \end{cases}\)`: `\(\begin{cases} a_1 * b \\ c * d \end{cases}\)`,
		`\(2*x\) and *this*`:                             "2*x and this",
		`**bold \(x^2\)**`:                               "bold x²",
		"> \\[\n> x^2\n> \\]":                            "x²",
		"- \\(x^2\\)":                                    "x²",
		"`$$` and \\(x_1\\)":                             "$$ and x₁",
	} {
		blocks := parseChunk(chunk{src: []byte(src)})
		var got []string
		for _, b := range blocks {
			got = append(got, b.text)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q is shown as %q, want %q", src, got, want)
		}
	}
	for _, src := range []string{"```\n\\(x^2\\) $y_1$\n```", "    \\(x^2\\)"} {
		if got := parseChunk(chunk{src: []byte(src)}); len(got) != 1 || got[0].kind != code || !strings.HasPrefix(got[0].text, `\(x^2\)`) {
			t.Errorf("code became %+v", got)
		}
	}
	if got := parseChunk(chunk{src: []byte("| a | b |\n|---|---|\n| \\(x^2\\) | $y_1$ |")}); got[0].text != "a\tb\nx²\ty₁" {
		t.Errorf("a table reads %q", got[0].text)
	}
}

// TestMathIsCopiedAsWritten: what is selected of a formula is copied as it is
// shown, all of it as it was written.
func TestMathIsCopiedAsWritten(t *testing.T) {
	tr, _ := window(t, 600, 400)
	tr.SetMessages([]Message{{ID: 1, Role: Assistant, Markdown: `So \(x^2\)$y_1$ and **\(z_{12}\)**, not \(\begin{a}\).`}})
	b := tr.blocks[tr.msgs[0].start]
	if want := `So x²y₁ and z₁₂, not \(\begin{a}\).`; b.text != want {
		t.Fatalf("shown is %q, want %q", b.text, want)
	}
	tr.SelectAll()
	if got, want := tr.SelectedText(), `So \(x^2\)$y_1$ and \(z_{12}\), not \(\begin{a}\).`; got != want {
		t.Errorf("copied is %q, want %q", got, want)
	}
	if got, want := b.copied(1, strings.Index(b.text, "₂")), `o \(x^2\)$y_1$ and z₁`; got != want {
		t.Errorf("a part is copied as %q, want %q", got, want)
	}
}

// TestMathStreams: while an answer is written, a formula shows when it is
// complete, and nothing of its source before.
func TestMathStreams(t *testing.T) {
	src := "The area \\(\\pi r^2\\) and \\[ a_1 * b_2 * c \\] are $x_1$ **so** good."
	tr, _ := window(t, 600, 400)
	tr.Append(Message{ID: 1, Role: Assistant})
	for _, r := range src {
		tr.AppendText(1, string(r))
		text := ""
		for _, b := range tr.blocks {
			text += b.text
		}
		if strings.ContainsAny(text, `\{}^`) || strings.Contains(text, "**") {
			t.Errorf("shown is %q", text)
		}
	}
	tr.Finish(1, "")
	if want := "The area πr² and a₁ * b₂ * c are x₁ so good."; tr.blocks[0].text != want {
		t.Errorf("shown is %q, want %q", tr.blocks[0].text, want)
	}
}

// TestSignsStandApart: words with signs that another font may paint are painted
// by themselves, so that what follows stands where it was measured to be.
func TestSignsStandApart(t *testing.T) {
	tr, _ := window(t, 600, 400)
	for _, text := range []string{"x → ∞, A ⊂ B", "\\(x \\to \\infty\\), A", "| a |\n|---|\n| x → ∞ |"} {
		tr.SetMessages([]Message{{ID: 1, Role: Assistant, Markdown: text}})
		b := tr.blocks[0]
		for _, l := range b.lines {
			for _, f := range l.frags {
				if s := b.text[f.start:f.end]; symbolic(s) && strings.Contains(strings.TrimSpace(s), " ") {
					t.Errorf("of %q, %q is painted at once", text, s)
				}
			}
		}
	}
}

// TestSignsStandOnTheLine: a sign that another font paints stands as high alone as
// beside a letter.
func TestSignsStandOnTheLine(t *testing.T) {
	tr, _ := window(t, 600, 400)
	top := func(s string) int {
		o := tr.geometry.ruler.label(s, face{size: 40}, color.NRGBA{R: 200, A: 255}, 0, 60)
		w := test.NewTempWindow(t, container.NewWithoutLayout(o))
		w.SetPadded(false)
		w.Resize(fyne.NewSize(200, 100))
		picture := w.Canvas().Capture()
		for y := range 100 {
			for x := range 200 {
				if picture.At(x, y) != picture.At(199, 99) {
					return y
				}
			}
		}
		return -1
	}
	for _, sign := range []string{"−", "∞", "→", "⊂"} {
		if alone, beside := top(sign), top("_"+sign); alone != beside || alone < 0 {
			t.Errorf("%s begins at %d alone and at %d beside a letter", sign, alone, beside)
		}
	}
}

func FuzzFormula(f *testing.F) {
	for _, s := range []string{`\frac{1}{2}`, `\sqrt[3]{x}^{2_1}`, `\left.\text{a b}`, `{{{}}}`, `\hat x'`, "\\mathbb\n{R}", `^_\`, `\not=`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = clean(s)
		text, ok := formula(s)
		switch {
		case !ok && text != "":
			t.Errorf("%q is not understood and becomes %q", s, text)
		case !ok:
		case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || clean(text) != text:
			t.Errorf("%q becomes %q", s, text)
		case len(text) > 64+16*len(s):
			t.Errorf("%d bytes become %d", len(s), len(text))
		}
		for _, around := range []string{`\(` + s + `\)`, "$" + s + "$", "$$" + s} {
			for _, b := range parseChunk(chunk{src: []byte(around)}) {
				for _, sp := range b.spans {
					if sp.start > sp.end || sp.end > len(b.text) {
						t.Fatalf("%q has the span %+v of %d bytes", around, sp, len(b.text))
					}
				}
				_ = b.copied(0, len(b.text))
			}
			settle([]byte(around))
		}
	})
}
