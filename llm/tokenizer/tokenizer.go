// Package tokenizer turns text into a language model's tokens and back.
//
// It knows the two families of chat models, byte-level BPE, which splits text
// into words by a pattern and joins each word's bytes by a ranked list of
// merges (Sennrich et al. 2016; Radford et al. 2019), and SentencePiece-BPE,
// which joins characters by the score of the result and falls back to bytes
// for what it does not know (Kudo and Richardson 2018); and of older models
// Unigram and WordPiece. Their vocabularies come from GGUF files and from the
// files of Hugging Face, SentencePiece and llama2.c.
package tokenizer

import (
	"fmt"
	"sync"

	"lumi/llm/notice"
)

// Tokenizer encodes and decodes text. It may be used by several goroutines at
// once. Ids that are not in the vocabulary have no text and no kind.
type Tokenizer struct {
	vocab  Vocab
	spm    bool             // SentencePiece: a visible space in the vocabulary stands for one
	chars  bool             // words begin as characters, not as bytes
	kinds  []int8           // one per token: Normal … Byte
	byText map[string]int32 // text as it stands in the vocabulary → id

	pieces  []byte // the bytes of all tokens, one after the other
	offsets []int  // len(tokens)+1 positions in pieces

	byteIDs  [256]int32 // token of a byte, -1 without
	specials *trie
	// normalizedSpecials are those found after normalisation; nil for none.
	normalizedSpecials *trie
	endings            map[int32]bool
	prefix, suffix     []int32 // what goes around a text

	// Byte-level: the merges by pair of ids, and how text is split.
	merges       *pairTable
	stages       []stage
	ignoreMerges bool // a word that is a token as a whole needs no merges

	// SentencePiece: rank of each token as the result of a join (0 joins
	// first), the number of ranks, and the characters that some token has
	// before a space.
	ranks  []uint32
	nRanks int
	joins  map[rune]bool
	// longest is the length of the longest token that text can become, in bytes.
	longest int

	notices []notice.Notice
	pool    sync.Pool // of *encoder
}

// note records something about the vocabulary that a person may want to know.
func (t *Tokenizer) note(n notice.Notice) { t.notices = append(t.notices, n) }

// quoted is a text of the model's file as a notice shows it.
func quoted(text string) string { return fmt.Sprintf("%.80q", text) }

// Notices say what is odd about the vocabulary. However many tokens a slip of a
// damaged file is in, it is said once.
func (t *Tokenizer) Notices() []notice.Notice { return t.notices }

// Size is the number of tokens.
func (t *Tokenizer) Size() int { return len(t.vocab.Tokens) }

// Vocab returns the vocabulary in use, with the ids that do not exist set to
// -1. Its slices must not be changed.
func (t *Tokenizer) Vocab() Vocab { return t.vocab }

// has reports whether id is in the vocabulary.
func (t *Tokenizer) has(id int32) bool { return id >= 0 && int(id) < len(t.vocab.Tokens) }

// Text is the token's text as the vocabulary spells it (byte-level letters
// such as "Ġthe", SentencePiece's "▁the"), for showing to people.
func (t *Tokenizer) Text(id int32) string {
	if !t.has(id) {
		return ""
	}
	return t.vocab.Tokens[id]
}

// ID finds the token that the vocabulary spells text.
func (t *Tokenizer) ID(text string) (int32, bool) {
	id, ok := t.byText[text]
	return id, ok
}

// Piece is the bytes that the token adds to a text; they need not be whole
// characters. A control token's piece is its text. The slice must not be changed.
func (t *Tokenizer) Piece(id int32) []byte {
	if !t.has(id) {
		return nil
	}
	from, to := t.offsets[id], t.offsets[id+1]
	return t.pieces[from:to:to]
}

// IsControl reports whether the token steers the conversation and is no part
// of its text.
func (t *Tokenizer) IsControl(id int32) bool {
	return t.has(id) && int32(t.kinds[id]) == Control
}

// IsEOG reports whether the token ends a generation: the model's EOS, EOT and
// EOM tokens and those whose text is known to end a turn.
func (t *Tokenizer) IsEOG(id int32) bool { return t.endings[id] }
