package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// space is SentencePiece's visible space, U+2581.
const space = "▁"

// alphabet is the letter that byte-level vocabularies write for each byte:
// printable Latin-1 characters stand for themselves, the others for the code
// points from U+0100 on in order (GPT-2, Radford et al. 2019).
// bytesOf is its inverse.
var alphabet, bytesOf = func() (letters [256]rune, inverse map[rune]byte) {
	inverse = make(map[rune]byte, 256)
	next := rune(0x100)
	for b := range letters {
		r := rune(b)
		if r < '!' || r > '~' && r < '¡' || r == 0xad {
			r = next
			next++
		}
		letters[b] = r
		inverse[r] = byte(b)
	}
	return letters, inverse
}()

// buildPieces works out the bytes that each token stands for.
func (t *Tokenizer) buildPieces() {
	n := 0
	for _, text := range t.vocab.Tokens {
		n += len(text)
	}
	t.pieces = make([]byte, 0, n)
	t.offsets = make([]int, 1, len(t.vocab.Tokens)+1)
	for id, text := range t.vocab.Tokens {
		t.pieces = t.appendPiece(t.pieces, int32(id), text)
		t.offsets = append(t.offsets, len(t.pieces))
	}
}

func (t *Tokenizer) appendPiece(dst []byte, id int32, text string) []byte {
	switch kind := int32(t.kinds[id]); {
	case kind == Byte:
		b, _ := byteToken(text)
		return append(dst, b)
	case t.vocab.pipeline != nil:
		return t.appendDecoded(dst, text, false)
	case special(kind):
		return append(dst, text...)
	case t.spm:
		for {
			before, after, found := strings.Cut(text, space)
			dst = append(dst, before...)
			if !found {
				return dst
			}
			dst = append(dst, ' ')
			text = after
		}
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if b, ok := bytesOf[r]; ok {
			dst = append(dst, b)
		} else { // some files have added tokens as plain text
			dst = append(dst, text[i:i+size]...)
		}
		i += size
	}
	return dst
}

// appendDecoded appends what a tokenizer.json's decoder makes of a token.
func (t *Tokenizer) appendDecoded(dst []byte, text string, first bool) []byte {
	d := &t.vocab.pipeline.decode
	text = d.text(text, first)
	if d.byteLevel {
		return appendBytes(dst, text)
	}
	return append(dst, text...)
}
