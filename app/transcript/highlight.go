package transcript

import (
	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// maxHighlight bounds the source code that is coloured, in bytes: it happens
// while the block comes into view.
const maxHighlight = 24 << 10

// tone is the class of a piece of source code; the palette gives it a colour.
type tone uint8

const (
	toneNone tone = iota
	toneKeyword
	toneType
	toneFunction
	toneString
	toneNumber
	toneComment
	toneCount
)

// highlight returns coloured spans for src, or nil when the language is not
// known or the source too long.
func highlight(lang, src string) []span {
	if lang == "" || len(src) > maxHighlight {
		return nil
	}
	lexer := lexers.Get(lang)
	if lexer == nil {
		return nil
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, src)
	if err != nil {
		return nil // plain code is fine
	}
	var out []span
	at := 0
	for token := tokens(); token != chroma.EOF && at < len(src); token = tokens() {
		end := min(at+len(token.Value), len(src))
		if n := toneOf(token.Type); n != toneNone {
			out = append(out, span{start: at, end: end, tone: n})
		}
		at = end
	}
	return out
}

func toneOf(t chroma.TokenType) tone {
	switch {
	case t.InCategory(chroma.Comment):
		return toneComment
	case t.InSubCategory(chroma.LiteralString):
		return toneString
	case t.InSubCategory(chroma.LiteralNumber), t == chroma.KeywordConstant:
		return toneNumber
	case t == chroma.KeywordType, t == chroma.NameClass, t == chroma.NameBuiltin:
		return toneType
	case t.InCategory(chroma.Keyword), t == chroma.OperatorWord:
		return toneKeyword
	case t == chroma.NameFunction, t == chroma.NameTag, t == chroma.NameDecorator:
		return toneFunction
	}
	return toneNone
}
