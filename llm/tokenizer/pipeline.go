package tokenizer

// pipeline is what a tokenizer.json says of a vocabulary beyond its tokens. It
// has the order of Hugging Face's tokenizers: added tokens are found, what lies
// between them is normalised, split and then cut into tokens by the model.
type pipeline struct {
	normalize []func(string) string
	steps     []step
	byteLevel bool // the model's letters stand for bytes
	added     map[int32]added
	spelled   bool // added tokens have the form that they have in normalised text
	// cuts are the lengths of the left parts of the merges in which a space
	// does not tell it.
	cuts         map[int]int
	ignoreMerges bool
	wholeLines   bool // a run of line breaks that is a token needs no merges
	byScore      bool // BPE by scores, not by merges
	byteFallback bool
	fuseUnknown  bool // several unknown characters in a row are one token
	// wordPrefix and wordSuffix are what the vocabulary writes before parts
	// that do not begin a word, and behind those that end one.
	wordPrefix, wordSuffix string
	model                  model // not BPE: WordPiece and Unigram
	// prefix and suffix go around a text.
	prefix, suffix []int32
	decode         decoding
}

// marked reports whether the vocabulary marks the edges of words.
func (p *pipeline) marked() bool { return p != nil && (p.wordPrefix != "" || p.wordSuffix != "") }

// model cuts a word into tokens.
type model interface {
	encode(dst []int32, word string) []int32
}

// added is how an added token is found in text.
type added struct {
	lstrip, rstrip bool // it takes the white space before it, behind it
	word           bool // it must not touch a letter or digit
	normalized     bool // it is looked for after normalisation
}

// step is one pre-tokenizer: it may change a part of the text and cuts it.
// first says that nothing stands before the part.
type step struct {
	change func(part string, first bool) string // nil for none
	cut    stage                                // nil for none
	pre    string                               // what it is in tokenizer.ggml.pre; "" unknown
}

// normalized applies the normalizers. It stops where a text grows without
// measure, as only hostile files make it.
func (p *pipeline) normalized(text string) string {
	most := maxGrowth * (len(text) + maxText)
	for _, f := range p.normalize {
		if text = f(text); len(text) > most {
			break
		}
	}
	return text
}

// encodePipeline encodes text between the special tokens that are found before
// normalisation.
func (e *encoder) encodePipeline(text string, o Options, first bool) {
	t, p := e.t, e.t.vocab.pipeline
	if t.normalizedSpecials == nil {
		e.pre(p.normalized(withoutGuard(text, o.Guard)), p.steps, first)
		return
	}
	text = p.normalized(text)
	for at := 0; at < len(text); {
		start, end, id := t.findSpecial(t.normalizedSpecials, text, at, o.ParseSpecial)
		if start > at {
			e.pre(withoutGuard(text[at:start], o.Guard), p.steps, first && at == 0)
		}
		if id >= 0 {
			e.dst = append(e.dst, id)
		}
		at = end
	}
}

// pre applies the pre-tokenizers, each to the parts that the one before it
// left, and encodes the words that come out.
func (e *encoder) pre(text string, steps []step, first bool) {
	if text == "" {
		return
	}
	if len(steps) == 0 {
		switch {
		case e.t.vocab.pipeline.model != nil:
			e.dst = e.t.vocab.pipeline.model.encode(e.dst, text)
		case e.t.chars:
			e.atSpaces(text)
		default:
			e.word(text)
		}
		return
	}
	s := steps[0]
	if s.change != nil {
		text = s.change(text, first)
	}
	if s.cut == nil {
		e.pre(text, steps[1:], first)
		return
	}
	s.cut(text, func(part string) {
		e.pre(part, steps[1:], first)
		first = false
	})
}

// decoding is how tokens become text: what each adds to it, and what is taken
// from its beginning.
type decoding struct {
	byteLevel bool
	// piece maps a token's text; first says that the text begins with it.
	piece []func(token string, first bool) string
	// strip is how many characters lead are taken from the whole text's
	// beginning.
	strip int
	lead  string
	// spaced says that words have a space behind them, the last one none.
	spaced bool
}

// text is what a token adds to a text.
func (d *decoding) text(token string, first bool) string {
	for _, f := range d.piece {
		token = f(token, first)
	}
	return token
}

// appendBytes appends the bytes that byte-level letters stand for; a token with
// any other letter is taken as it is.
func appendBytes(dst []byte, token string) []byte {
	was := len(dst)
	for _, r := range token {
		b, ok := bytesOf[r]
		if !ok {
			return append(dst[:was], token...)
		}
		dst = append(dst, b)
	}
	return dst
}
