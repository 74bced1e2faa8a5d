package tokenizer

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Decode returns the text of ids, control tokens included. Bytes that are no
// UTF-8 become U+FFFD, one for each maximal part of a character (Unicode 15,
// §3.9, "U+FFFD Substitution of Maximal Subparts").
func (t *Tokenizer) Decode(ids []int32) string {
	d := t.NewDecoder(false)
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(d.Push(id))
	}
	b.WriteString(d.Flush())
	return b.String()
}

// Decoder decodes tokens as they come. What it has returned is never taken
// back: a character is held until all its bytes are there, and all texts put
// together are what [Tokenizer.Decode] makes of all tokens.
type Decoder struct {
	t     *Tokenizer
	held  []byte // the beginning of a character
	first bool   // nothing has been pushed yet
	drop  int    // how many times lead is the tokenizer's own
	lead  string
	space string // behind the last word, if more follows
}

// NewDecoder starts a text, or with continues one that carries on from other
// text: then a leading space, which SentencePiece puts before a text, is kept.
func (t *Tokenizer) NewDecoder(continues bool) *Decoder {
	d := &Decoder{t: t, first: !continues}
	switch p := t.vocab.pipeline; {
	case continues:
	case p != nil:
		d.drop, d.lead = p.decode.strip, p.decode.lead
	case t.spm && t.vocab.AddSpacePrefix:
		d.drop, d.lead = 1, " "
	}
	return d
}

// Push returns the text that is complete with token id; it may be empty.
func (d *Decoder) Push(id int32) string { return d.holdSpace(d.push(id)) }

// holdSpace keeps back the space at the end of a text where words have one
// behind them: the last word has none.
func (d *Decoder) holdSpace(text string) string {
	if p := d.t.vocab.pipeline; p == nil || !p.decode.spaced {
		return text
	}
	text, held := strings.CutSuffix(d.space+text, " ")
	if d.space = ""; held {
		d.space = " "
	}
	return text
}

func (d *Decoder) push(id int32) string {
	piece := d.t.Piece(id)
	if d.first {
		d.first = false
		if t := d.t; t.vocab.pipeline != nil && t.has(id) && int32(t.kinds[id]) != Byte {
			piece = t.appendDecoded(nil, t.vocab.Tokens[id], true)
		}
	}
	for d.drop > 0 && len(piece) > 0 {
		rest, found := bytes.CutPrefix(piece, []byte(d.lead))
		if !found || d.lead == "" {
			d.drop = 0
			break
		}
		piece = rest
		d.drop--
	}
	if len(piece) == 0 {
		return ""
	}
	if len(d.held) == 0 && utf8.Valid(piece) {
		return string(piece)
	}
	d.held = append(d.held, piece...)
	return d.take(false)
}

// Flush returns what is left at the end of the text.
func (d *Decoder) Flush() string { return d.holdSpace(d.take(true)) }

// take returns the held text up to a character that more bytes could complete;
// at the end nothing can.
func (d *Decoder) take(end bool) string {
	var b strings.Builder
	rest := d.held
	for len(rest) > 0 && (end || utf8.FullRune(rest)) {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			n = subpart(rest)
		}
		b.WriteRune(r)
		rest = rest[n:]
	}
	d.held = d.held[:copy(d.held, rest)]
	return b.String()
}

// subpart returns the length of the longest beginning of b that could have
// become a character, at least 1.
func subpart(b []byte) int {
	n := 1
	for n < len(b) && !utf8.FullRune(b[:n+1]) {
		n++
	}
	if utf8.FullRune(b[:1]) {
		return 1
	}
	return n
}
