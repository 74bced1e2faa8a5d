package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// Options choose how text is encoded. The zero value takes it as plain text.
type Options struct {
	// AddSpecial puts BOS before and EOS after the text where the model wants them.
	AddSpecial bool
	// ParseSpecial makes tokens of the texts of control tokens, such as
	// <|im_end|>. User-defined tokens are found with and without it.
	ParseSpecial bool
	// Guard, if not 0, is a character that keeps text from being parsed: after
	// special tokens have been found, all occurrences of it are removed, so
	// that <|im_⟨guard⟩end|> becomes the tokens of plain text.
	Guard rune
}

const (
	// maxWord bounds what is joined as one word, in bytes, and so the memory
	// that text without any space takes.
	maxWord = 4 << 20
	// Words of up to maxCachedWord bytes are remembered, maxCached at a time.
	maxCachedWord = 48
	maxCached     = 1 << 14
)

// encoder is the working memory of one call of Encode.
type encoder struct {
	t       *Tokenizer
	dst     []int32
	text    []byte
	symbols []symbol
	queue   queue
	// cache holds the tokens of words met before, as ids[from:to].
	cache map[string][2]int32
	ids   []int32
}

func newEncoder(t *Tokenizer) *encoder {
	return &encoder{t: t, cache: map[string][2]int32{}}
}

// Encode appends the tokens of text to dst.
func (t *Tokenizer) Encode(dst []int32, text string, o Options) []int32 {
	e := t.pool.Get().(*encoder)
	e.dst = dst
	if o.AddSpecial {
		e.dst = append(e.dst, t.prefix...)
	}
	// The first text and text behind a special token begins with a space of
	// its own in SentencePiece.
	begins := true
	for at := 0; at < len(text); {
		start, end, id := t.findSpecial(t.specials, text, at, o.ParseSpecial)
		if t.vocab.pipeline != nil {
			e.encodePipeline(text[at:start], o, at == 0)
		} else if e.encodePlain(withoutGuard(text[at:start], o.Guard), begins) {
			begins = false
		}
		if id >= 0 {
			e.dst = append(e.dst, id)
			begins = true
			end += t.trimmed(id, text[end:])
		}
		at = end
	}
	if o.AddSpecial {
		e.dst = append(e.dst, t.suffix...)
	}
	dst, e.dst = e.dst, nil
	e.shrink()
	t.pool.Put(e)
	return dst
}

func withoutGuard(text string, guard rune) string {
	if guard == 0 || !strings.ContainsRune(text, guard) {
		return text
	}
	return strings.ReplaceAll(text, string(guard), "")
}

// trimmed returns how many bytes of white space behind a special token belong
// to it.
func (t *Tokenizer) trimmed(id int32, after string) int {
	if !t.vocab.TrimAfterControl || int32(t.kinds[id]) != Control {
		return 0
	}
	switch t.vocab.Tokens[id] {
	case "<s>", "</s>", "<|endoftext|>":
		return 0
	}
	return len(after) - len(strings.TrimLeft(after, " \t\n\v\f\r"))
}

// encodePlain encodes text without special tokens and reports whether there
// was any.
func (e *encoder) encodePlain(text string, begins bool) bool {
	switch {
	case text == "":
		return false
	case e.t.spm:
		e.escape(text, begins && e.t.vocab.AddSpacePrefix)
	default:
		e.split(text, e.t.stages)
	}
	return true
}

// split applies the pre-tokenizer's stages, each to the parts that the one
// before it left.
func (e *encoder) split(text string, stages []stage) {
	if len(stages) == 0 {
		e.word(text)
		return
	}
	stages[0](text, func(part string) { e.split(part, stages[1:]) })
}

// escape writes spaces as SentencePiece does and cuts the text into words.
func (e *encoder) escape(text string, prefix bool) {
	e.text = e.text[:0]
	if prefix {
		e.text = append(e.text, space...)
	}
	for i := range len(text) {
		if text[i] == ' ' {
			e.text = append(e.text, space...)
		} else {
			e.text = append(e.text, text[i])
		}
	}
	e.atSpaces(string(e.text))
}

// atSpaces cuts text with visible spaces into words and encodes them.
func (e *encoder) atSpaces(escaped string) {
	from := 0
	for at := 0; ; at += len(space) {
		next := strings.Index(escaped[at:], space)
		if next < 0 {
			break
		}
		at += next
		before, _ := utf8.DecodeLastRuneInString(escaped[from:at])
		if at > from && !e.t.joins[before] {
			e.word(escaped[from:at])
			from = at
		}
	}
	e.word(escaped[from:])
}

// word appends the tokens of one word.
func (e *encoder) word(word string) {
	for len(word) > maxWord {
		end := maxWord
		for end > maxWord-utf8.UTFMax && !utf8.RuneStart(word[end]) {
			end--
		}
		e.dst = e.encodeWord(e.dst, word[:end])
		word = word[end:]
	}
	if len(word) > maxCachedWord {
		if id, ok := e.whole(word); ok {
			e.dst = append(e.dst, id)
			return
		}
		e.dst = e.encodeWord(e.dst, word)
		return
	}
	span, ok := e.cache[word]
	if !ok {
		if len(e.cache) >= maxCached {
			clear(e.cache)
			e.ids = e.ids[:0]
		}
		from := int32(len(e.ids))
		if id, ok := e.whole(word); ok {
			e.ids = append(e.ids, id)
		} else {
			e.ids = e.encodeWord(e.ids, word)
		}
		span = [2]int32{from, int32(len(e.ids))}
		e.cache[strings.Clone(word)] = span
	}
	e.dst = append(e.dst, e.ids[span[0]:span[1]]...)
}

// whole finds the token that a word is as a whole, for vocabularies that look
// for one before any merge.
func (e *encoder) whole(word string) (int32, bool) {
	lines := e.t.vocab.pipeline != nil && e.t.vocab.pipeline.wholeLines && strings.HasPrefix(word, "\n")
	if !e.t.ignoreMerges && !lines {
		return -1, false
	}
	e.text = e.t.appendSpelled(e.text[:0], word)
	id, ok := e.t.byText[string(e.text)]
	return id, ok && e.t.joinable(id)
}

// appendSpelled appends text as the vocabulary spells it.
func (t *Tokenizer) appendSpelled(dst []byte, text string) []byte {
	if t.chars {
		return append(dst, text...)
	}
	for i := range len(text) {
		dst = utf8.AppendRune(dst, alphabet[text[i]])
	}
	return dst
}
