package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"lumi/llm/fault"
)

// component is a normalizer, pre-tokenizer, post-processor or decoder of a
// tokenizer.json, with the fields of all their kinds.
type component struct {
	Type             string      `json:"type"`
	Normalizers      []component `json:"normalizers"`
	PreTokenizers    []component `json:"pretokenizers"`
	Processors       []component `json:"processors"`
	Decoders         []component `json:"decoders"`
	Pattern          expression  `json:"pattern"`
	Content          string      `json:"content"`
	Prepend          string      `json:"prepend"`
	Behavior         string      `json:"behavior"`
	Invert           bool        `json:"invert"`
	AddPrefixSpace   bool        `json:"add_prefix_space"`
	UseRegex         *bool       `json:"use_regex"`
	IndividualDigits bool        `json:"individual_digits"`
	Replacement      string      `json:"replacement"`
	PrependScheme    string      `json:"prepend_scheme"`
	Split            *bool       `json:"split"`
	Delimiter        string      `json:"delimiter"`
	StripLeft        bool        `json:"strip_left"`
	StripRight       bool        `json:"strip_right"`
	CleanText        bool        `json:"clean_text"`
	ChineseChars     bool        `json:"handle_chinese_chars"`
	StripAccents     *bool       `json:"strip_accents"`
	Lowercase        bool        `json:"lowercase"`
	Charsmap         []byte      `json:"precompiled_charsmap"`
	Prefix           string      `json:"prefix"`
	Suffix           string      `json:"suffix"`
	Cleanup          bool        `json:"cleanup"`
	Start            int         `json:"start"`
	Stop             int         `json:"stop"`
	Single           []struct {
		SpecialToken *struct {
			ID string `json:"id"`
		}
		Sequence *struct {
			ID string `json:"id"`
		}
	} `json:"single"`
	SpecialTokens map[string]struct {
		IDs []int32 `json:"ids"`
	} `json:"special_tokens"`
	CLS textAndID `json:"cls"`
	SEP textAndID `json:"sep"`
}

// expression is what a Split or Replace looks for: {"String": …} or
// {"Regex": …}.
type expression struct {
	String, Regex *string
}

// textAndID is a token as BertProcessing has it: ["[SEP]", 102].
type textAndID struct{ id int32 }

func (t *textAndID) UnmarshalJSON(data []byte) error {
	var text string
	return json.Unmarshal(data, &[]any{&text, &t.id})
}

// compiler makes a pipeline of components and keeps the first error.
type compiler struct {
	p   *pipeline
	err error
	n   int // components so far
}

const (
	// maxComponents bounds the parts of a pipeline; those in use have at most ten.
	maxComponents = 64
	// maxText bounds the texts that a component writes, in bytes.
	maxText = 256
	// maxGrowth bounds how many times as long a text may become by replacing.
	maxGrowth = 64
)

// check refuses components that only a hostile file has.
func (c *compiler) check(n component) bool {
	c.n++
	switch {
	case c.err != nil:
	case c.n > maxComponents:
		c.err = fmt.Errorf("the tokenizer consists of more than %d parts", maxComponents)
	case max(len(n.Content), len(n.Prepend), len(n.Replacement), len(n.Prefix), len(n.Suffix), len(n.Delimiter)) > maxText:
		c.err = fmt.Errorf("a text of the %.40q has more than the %d bytes allowed", n.Type, maxText)
	}
	return c.err == nil
}

// replaceAll replaces old in s, unless s would grow out of bounds.
func replaceAll(s, old, replacement string) string {
	if more := len(replacement) - len(old); more > 0 && strings.Count(s, old)*more > maxGrowth*len(s) {
		return s
	}
	return strings.ReplaceAll(s, old, replacement)
}

func (c *compiler) fail(what, kind string) {
	if c.err == nil {
		c.err = fault.Unsupported.Errorf("the %s %.40q is not supported: choose another build of this model", what, kind)
	}
}

func (c *compiler) normalizers(n component) {
	if !c.check(n) {
		return
	}
	add := func(f func(string) string) { c.p.normalize = append(c.p.normalize, f) }
	switch n.Type {
	case "":
	case "Sequence":
		for _, inner := range n.Normalizers {
			c.normalizers(inner)
		}
	case "Prepend":
		add(func(s string) string {
			if s == "" {
				return s
			}
			return n.Prepend + s
		})
	case "Replace":
		c.replace(n, add)
	case "NFC":
		add(norm.NFC.String)
	case "NFD":
		add(norm.NFD.String)
	case "NFKC":
		add(norm.NFKC.String)
	case "NFKD":
		add(norm.NFKD.String)
	case "Lowercase":
		add(lowercase)
	case "Strip":
		add(func(s string) string { return strip(s, n.StripLeft, n.StripRight) })
	case "StripAccents":
		add(withoutMarks)
	case "Nmt":
		add(nmt)
	case "BertNormalizer":
		for _, f := range bertNormalizers(n) {
			add(f)
		}
	case "Precompiled":
		if len(n.Charsmap) == 0 {
			return
		}
		m, err := newCharsmap(n.Charsmap)
		if err != nil {
			c.err = err
			return
		}
		add(m.normalize)
	default:
		c.fail("normalizer", n.Type)
	}
}

func (c *compiler) replace(n component, add func(func(string) string)) {
	switch {
	case n.Pattern.String != nil:
		if old := *n.Pattern.String; old != "" {
			add(func(s string) string { return replaceAll(s, old, n.Content) })
		}
	case n.Pattern.Regex != nil:
		re, err := compile(*n.Pattern.Regex)
		if err != nil {
			c.err = err
			return
		}
		add(func(s string) string {
			var b strings.Builder
			re.spans(s, func(from, to int, match bool) {
				switch {
				case !match:
					b.WriteString(s[from:to])
				case b.Len() <= maxGrowth*len(s):
					b.WriteString(n.Content)
				}
			})
			return b.String()
		})
	}
}

func (c *compiler) preTokenizers(n component) {
	if !c.check(n) {
		return
	}
	add := func(s step) {
		// Behind ByteLevel text consists of its letters.
		if c.p.byteLevel {
			s = inLetters(s)
		}
		c.p.steps = append(c.p.steps, s)
	}
	switch n.Type {
	case "":
	case "Sequence":
		for _, inner := range n.PreTokenizers {
			c.preTokenizers(inner)
		}
	case "ByteLevel":
		if n.AddPrefixSpace {
			add(step{change: func(part string, _ bool) string {
				if strings.HasPrefix(part, " ") {
					return part
				}
				return " " + part
			}})
		}
		if n.UseRegex == nil || *n.UseRegex {
			add(step{cut: gpt2Words, pre: "gpt-2"})
		}
		c.p.byteLevel = true
	case "Metaspace":
		c.metaspace(n)
	case "Split":
		c.split(n, add)
	case "Digits":
		s := step{cut: behave(charSpans(isNumber), "Contiguous")}
		if n.IndividualDigits {
			s = step{cut: oneDigit, pre: "digits"}
		}
		add(s)
	case "Punctuation":
		how := n.Behavior
		if how == "" {
			how = "Isolated"
		}
		add(step{cut: behave(charSpans(isPunctuation), how)})
	case "WhitespaceSplit":
		add(step{cut: behave(charSpans(isWhite), "Removed")})
	case "CharDelimiterSplit":
		add(step{cut: behave(charSpans(func(r rune, _ class) bool { return string(r) == n.Delimiter }), "Removed")})
	case "BertPreTokenizer":
		add(step{cut: behave(charSpans(isWhite), "Removed")})
		add(step{cut: behave(charSpans(isPunctuation), "Isolated")})
	case "Whitespace":
		add(step{cut: wordsAndSigns})
	default:
		c.fail("pre-tokenizer", n.Type)
	}
}

func (c *compiler) split(n component, add func(step)) {
	switch {
	case n.Pattern.Regex != nil:
		// These patterns leave nothing between matches.
		if k, ok := knownPatterns[*n.Pattern.Regex]; ok && (n.Behavior == "Isolated" && !n.Invert || n.Behavior == "Removed" && n.Invert) {
			add(step{cut: k.cut, pre: k.pre})
			return
		}
		re, err := compile(*n.Pattern.Regex)
		if err != nil {
			c.err = err
			return
		}
		add(step{cut: behave(inverted(re.spans, n.Invert), n.Behavior)})
	case n.Pattern.String != nil && *n.Pattern.String != "":
		add(step{cut: behave(inverted(textSpans(*n.Pattern.String), n.Invert), n.Behavior)})
	}
}

// metaspace writes spaces visibly, puts one before the text and cuts before
// each.
func (c *compiler) metaspace(n component) {
	mark := n.Replacement
	if mark == "" {
		mark = space
	}
	scheme := n.PrependScheme
	if scheme == "" { // files before prepend_scheme
		scheme = "never"
		if n.AddPrefixSpace {
			scheme = "always"
		}
	}
	s := step{change: func(part string, first bool) string {
		part = strings.ReplaceAll(part, " ", mark)
		if (scheme == "always" || scheme == "first" && first) && !strings.HasPrefix(part, mark) {
			part = mark + part
		}
		return part
	}}
	if n.Split == nil || *n.Split {
		s.cut = behave(textSpans(mark), "MergedWithNext")
	}
	c.p.steps = append(c.p.steps, s)
}
