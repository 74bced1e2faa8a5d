package transcript

import "strings"

// mathSigns are the commands of LaTeX that stand for one sign, or for a few. A
// relation or operation has a blank on both sides.
var mathSigns = func() map[string]string {
	m := map[string]string{
		",": " ", ";": " ", ":": " ", " ": " ", "!": "", "quad": "  ", "qquad": "    ",
		"{": "{", "}": "}", "%": "%", "$": "$", "#": "#", "&": "&", "_": "_", "|": "‖",
		"displaystyle": "", "textstyle": "", "limits": "", "nolimits": "",
		"left": "", "right": "", "big": "", "Big": "", "bigg": "", "Bigg": "",
		"bigl": "", "bigr": "", "Bigl": "", "Bigr": "", "bmod": " mod ",
	}
	signPairs := func(list, around string) {
		f := strings.Fields(list)
		for i := 0; i < len(f); i += 2 {
			m[f[i]] = around + f[i+1] + around
		}
	}
	signPairs(`alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ
		mu μ nu ν xi ξ omicron ο pi π rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω
		Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
		infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ int ∫ iint ∬ oint ∮ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ emptyset ∅ varnothing ∅
		hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ angle ∠ triangle △ circ ∘ degree ° prime ′ dagger † star ⋆ bullet •
		ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ langle ⟨ rangle ⟩ lvert | rvert | vert |
		lVert ‖ rVert ‖ Vert ‖ lbrace { rbrace } lbrack [ rbrack ] backslash \ checkmark ✓ square □ blacksquare ■ top ⊤ bot ⊥`, "")
	signPairs(`leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ lt < gt > ll ≪ gg ≫ approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ propto ∝ doteq ≐
		to → rightarrow → leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ iff ⟺ mapsto ↦
		longrightarrow ⟶ uparrow ↑ downarrow ↓ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖
		land ∧ wedge ∧ lor ∨ vee ∨ times × div ÷ cdot · pm ± mp ∓ oplus ⊕ otimes ⊗ ast ∗ mid ∣ parallel ∥ perp ⊥
		therefore ∴ because ∵ vdash ⊢ models ⊨ prec ≺ succ ≻`, " ")
	return m
}()

// mathFunctions are written as they are called.
var mathFunctions = wordSet(`sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan log ln lg exp lim max min sup inf det dim gcd
	arg deg ker Pr hom limsup liminf argmax argmin`)

// mathTexts are commands whose argument is text, mathStyles those that only say
// how theirs looks.
var (
	mathTexts  = wordSet("text textbf textit textrm mbox operatorname")
	mathStyles = wordSet("mathrm mathbf mathit mathsf mathcal boldsymbol boxed")
)

// mathMarks are put onto a letter.
var mathMarks = map[string]string{
	"bar": "\u0304", "overline": "\u0304", "hat": "\u0302", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308",
}

// doubled are the letters of sets of numbers.
var doubled = map[string]string{"R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ", "P": "ℙ", "H": "ℍ"}

// raised and lowered are characters with a form above or below the line.
var (
	raised  = runeTable("0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺−⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻTᵀ′′∘°°°††**")
	lowered = runeTable("0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊−₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓβᵦγᵧρᵨφᵩχᵪ")
)

func wordSet(list string) map[string]bool {
	m := map[string]bool{}
	for _, word := range strings.Fields(list) {
		m[word] = true
	}
	return m
}

// runeTable maps every other rune to the one behind it.
func runeTable(pairs string) map[rune]rune {
	m, r := map[rune]rune{}, []rune(pairs)
	for i := 0; i < len(r); i += 2 {
		m[r[i]] = r[i+1]
	}
	return m
}

// shift returns s in the characters of table, if all have one there.
func shift(s string, table map[rune]rune) (string, bool) {
	var sb strings.Builder
	for _, r := range s {
		to, ok := table[r]
		if !ok {
			return "", false
		}
		sb.WriteRune(to)
	}
	return sb.String(), s != ""
}
