package tokenizer

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	sugar "github.com/sugarme/tokenizer/model"
	"github.com/sugarme/tokenizer/model/wordpiece"
)

// caged is WordPiece as github.com/sugarme/tokenizer has it. That library ends
// the program where it does not know what to do, so it is given only what has
// been checked: a vocabulary in memory and never a file, an unknown token that
// is in it, and single words. What it panics about or gets wrong becomes the
// unknown token.
type caged struct {
	model   wordpiece.WordPiece
	size    int
	unknown int32

	mu    sync.Mutex
	cache map[string][]int32
}

// maxWordLetters bounds the length of a word, in characters: the search is
// quadratic in it.
const maxWordLetters = 10_000

func newWordPiece(f *hfFile) (*caged, error) {
	vocab := make(sugar.Vocab, len(f.tokens))
	special := map[string]bool{}
	for _, a := range f.added {
		special[a.Content] = a.Special && a.Content != f.unknown
	}
	size := 0
	for i, text := range f.tokens {
		size = max(size, f.ids[i]+1)
		if !special[text] { // what a person types is no control token
			vocab[text] = f.ids[i]
		}
	}
	unknown, ok := vocab[f.unknown]
	switch {
	case len(vocab) == 0:
		return nil, errors.New("the tokenizer has no tokens")
	case !ok:
		return nil, fmt.Errorf("the unknown token %.80q is not in the vocabulary", f.unknown)
	case f.maxWordLetters < 1 || f.maxWordLetters > maxWordLetters:
		return nil, fmt.Errorf("max_input_chars_per_word is %d, not between 1 and %d", f.maxWordLetters, maxWordLetters)
	}
	m := &caged{size: size, unknown: int32(unknown), cache: map[string][]int32{}}
	m.model = wordpiece.NewWordPieceBuilder().Vocab(&vocab).UnkToken(f.unknown).
		ContinuingSubwordPrefix(f.wordPrefix).MaxInputCharsPerWord(f.maxWordLetters).Build()
	return m, m.check(f)
}

// check makes sure that the library finds some tokens of the vocabulary that
// are words, each as itself.
func (m *caged) check(f *hfFile) error {
	checked := 0
	for i, text := range f.tokens {
		if checked == 50 {
			break
		}
		if n := len([]rune(text)); n == 0 || n > f.maxWordLetters || f.wordPrefix != "" && strings.HasPrefix(text, f.wordPrefix) {
			continue
		}
		if _, ok := m.model.TokenToId(text); !ok {
			continue
		}
		checked++
		if ids := m.encode(nil, text); len(ids) != 1 || int(ids[0]) != f.ids[i] {
			return fmt.Errorf("the tokenizer cannot be used: it takes its own token %.80q for %v", text, ids)
		}
	}
	return nil
}

// encode appends the tokens of a word.
func (m *caged) encode(dst []int32, word string) []int32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	ids, ok := m.cache[word]
	if !ok {
		ids = m.tokenize(word)
		if len(m.cache) >= maxCached {
			clear(m.cache)
		}
		if len(word) <= maxCachedWord {
			m.cache[strings.Clone(word)] = ids
		}
	}
	return append(dst, ids...)
}

func (m *caged) tokenize(word string) (ids []int32) {
	defer func() {
		if recover() != nil {
			ids = []int32{m.unknown}
		}
	}()
	tokens, err := m.model.Tokenize(word)
	if err != nil {
		return []int32{m.unknown}
	}
	for _, t := range tokens {
		if t.Id < 0 || t.Id >= m.size {
			return []int32{m.unknown}
		}
		ids = append(ids, int32(t.Id))
	}
	return ids
}

// tidy undoes the spaces that splitting at signs made, as WordPiece's decoder
// does.
var tidy = []string{
	" .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't", " 'm", "'m",
	" do not", " don't", " 's", "'s", " 've", "'ve", " 're", "'re",
}

func wordPieceText(token string, first bool, prefix string, cleanup bool) string {
	if !first {
		if prefix != "" && strings.HasPrefix(token, prefix) {
			token = token[len(prefix):]
		} else {
			token = " " + token
		}
	}
	for i := 0; cleanup && i < len(tidy); i += 2 {
		token = strings.ReplaceAll(token, tidy[i], tidy[i+1])
	}
	return token
}
