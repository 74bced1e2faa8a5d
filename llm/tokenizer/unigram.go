package tokenizer

import (
	"errors"
	"math"
	"unicode/utf8"
)

// unigram finds the tokens of a text with the highest sum of scores, by
// Viterbi's algorithm (Kudo 2018). sugarme/tokenizer's own prefers long tokens
// by a bonus that the definition does not have and looks at 20 bytes at most,
// so it is not used here.
type unigram struct {
	byText  map[string]int32
	scores  []float64
	longest int // bytes of a token
	unknown int32
	penalty float64     // score of an unknown character
	single  bool        // scores are added as float32, as SentencePiece itself does
	bytes   *[256]int32 // tokens of bytes; nil without
}

// unknownPenalty is how much less likely an unknown character is than the least
// likely token; SentencePiece's constant.
const unknownPenalty = 10

func newUnigram(f *hfFile) (*unigram, error) {
	if len(f.tokens) == 0 {
		return nil, errors.New("the tokenizer has no tokens")
	}
	if f.unknownID >= len(f.tokens) {
		return nil, errors.New("the unknown token is not in the vocabulary")
	}
	u := &unigram{byText: make(map[string]int32, len(f.tokens)), scores: f.scores, unknown: int32(f.unknownID)}
	special := map[string]bool{}
	for _, a := range f.added {
		special[a.Content] = a.Special
	}
	least := math.Inf(1)
	for i, text := range f.tokens {
		if s := f.scores[i]; s != s || math.IsInf(s, 0) {
			return nil, errors.New("a token's score is not a number")
		}
		least = min(least, f.scores[i])
		if text != "" && !special[text] { // what a person types is no control token
			u.byText[text] = int32(i)
			u.longest = max(u.longest, len(text))
		}
	}
	u.penalty = least - unknownPenalty
	if f.byteFallback {
		u.bytes = new([256]int32)
		found := 0
		for text, id := range u.byText {
			if b, ok := byteToken(text); ok {
				u.bytes[b] = id
				found++
			}
		}
		if found != len(u.bytes) {
			u.bytes = nil
		}
	}
	return u, nil
}

// arc is the best way to reach a position of the text.
type arc struct {
	score float64
	from  int32
	id    int32
}

func (u *unigram) encode(dst []int32, text string) []int32 {
	for len(text) > maxWord {
		end := maxWord
		for end > maxWord-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		dst = u.encode(dst, text[:end])
		text = text[end:]
	}
	best := make([]arc, len(text)+1)
	for i := range best {
		best[i].from = -1
	}
	better := func(from, to int, id int32, score float64) {
		if score += best[from].score; u.single {
			score = float64(float32(score))
		}
		if best[to].from < 0 || score > best[to].score {
			best[to] = arc{score: score, from: int32(from), id: id}
		}
	}
	for i := 0; i < len(text); {
		_, char := utf8.DecodeRuneInString(text[i:])
		single := false
		for n := char; n <= u.longest && i+n <= len(text); {
			if id, ok := u.byText[text[i:i+n]]; ok {
				better(i, i+n, id, u.scores[id])
				single = single || n == char
			}
			_, next := utf8.DecodeRuneInString(text[i+n:])
			n += max(1, next)
		}
		if !single {
			better(i, i+char, -1, u.penalty)
		}
		i += char
	}
	was := len(dst)
	for i := len(text); i > 0; {
		a := best[i]
		dst = u.appendBackwards(dst, was, a.id, text[a.from:i])
		i = int(a.from)
	}
	for i, k := was, len(dst)-1; i < k; i, k = i+1, k-1 {
		dst[i], dst[k] = dst[k], dst[i]
	}
	return dst
}

// appendBackwards appends a token, or for an unknown character its bytes or the
// unknown token, to a list that is in reverse order from was on.
func (u *unigram) appendBackwards(dst []int32, was int, id int32, text string) []int32 {
	switch {
	case id >= 0:
		return append(dst, id)
	case u.bytes != nil:
		for i := len(text) - 1; i >= 0; i-- {
			dst = append(dst, u.bytes[text[i]])
		}
	case u.unknown >= 0 && (len(dst) == was || dst[len(dst)-1] != u.unknown):
		dst = append(dst, u.unknown)
	}
	return dst
}
