package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"lumi/llm/fault"
	"lumi/llm/notice"
)

// The tokenizer families that [New] understands, by their names in the key
// tokenizer.ggml.model.
const (
	ByteLevel     = "gpt2"  // byte-level BPE: bytes are joined by a list of merges
	SentencePiece = "llama" // SentencePiece-BPE: characters are joined by score
)

// The kinds of token of tokenizer.ggml.token_type.
const (
	Normal      int32 = 1
	Unknown     int32 = 2
	Control     int32 = 3
	UserDefined int32 = 4
	Unused      int32 = 5
	Byte        int32 = 6
)

// Vocab is what a model file says about its tokenizer, under the names of
// GGUF's keys tokenizer.ggml.*.
type Vocab struct {
	Model string // ByteLevel or SentencePiece
	Pre   string // the pre-tokenizer's name, byte-level only; "" means default

	Tokens []string  // text of each token; its index is its id
	Scores []float32 // SentencePiece: one per token, the highest joins first
	Types  []int32   // one per token; nil means that all are Normal
	Merges []string  // byte-level: "left right", the first joins first

	// Ids with a meaning of their own; -1 where the model has none.
	BOS, EOS, EOT, EOM, UNK, PAD int32

	AddBOS         bool // BOS goes before a text
	AddEOS         bool // EOS goes after a text
	AddSpacePrefix bool // SentencePiece: text begins with a space of its own
	// TrimAfterControl makes a control token swallow the white space behind
	// it, as Phi-3's do.
	TrimAfterControl bool
	// Ends are tokens that end a generation besides EOS, EOT and EOM.
	Ends []int32

	pipeline *pipeline // what a tokenizer.json says beyond; nil without
}

// Pad adds tokens that stand for nothing until there are n, under the names that
// llama.cpp's converter gives them. Models with more rows in their embedding
// than tokens need it, as GGUF has a token for each row.
func (v *Vocab) Pad(n int) {
	have := len(v.Tokens)
	if have >= n {
		return
	}
	for i := have; i < n; i++ {
		v.Tokens = append(v.Tokens, fmt.Sprintf("[PAD%d]", i))
	}
	if v.Types == nil {
		v.Types = slices.Repeat([]int32{Normal}, have)
	}
	v.Types = append(v.Types, slices.Repeat([]int32{Unused}, n-have)...)
	if v.Scores != nil {
		v.Scores = append(v.Scores, make([]float32, n-have)...)
	}
}

// New builds a tokenizer. Slips that leave a vocabulary usable (duplicate
// tokens, merges of unknown tokens, scores that are not numbers, special ids
// out of range) are passed over and told by [Tokenizer.Notices]; New fails only
// where no text could be encoded. The slices of v are kept and must not change.
func New(v Vocab) (*Tokenizer, error) {
	n := len(v.Tokens)
	switch {
	case v.Model != ByteLevel && v.Model != SentencePiece && (v.pipeline == nil || v.pipeline.model == nil):
		return nil, fault.Unsupported.Errorf("tokenizer of kind %q is not supported; byte-level BPE (%q) and SentencePiece-BPE (%q) are: choose another build of this model",
			v.Model, ByteLevel, SentencePiece)
	case n == 0:
		return nil, errors.New("the tokenizer has no tokens; the model file is damaged or incomplete")
	case n > math.MaxInt32:
		return nil, fmt.Errorf("the tokenizer has %d tokens, more than ids can count", n)
	case v.Types != nil && len(v.Types) != n:
		return nil, fmt.Errorf("the tokenizer has %d tokens but %d token types; the model file is damaged", n, len(v.Types))
	case v.Scores != nil && len(v.Scores) != n:
		return nil, fmt.Errorf("the tokenizer has %d tokens but %d scores; the model file is damaged", n, len(v.Scores))
	}

	t := &Tokenizer{vocab: v, spm: v.Model == SentencePiece, chars: v.Model != ByteLevel}
	t.pool.New = func() any { return newEncoder(t) }
	if lost := append(t.checkSpecialIDs(), t.around()...); len(lost) > 0 {
		t.note(notice.Notice{Kind: notice.LostIDs, Of: n, Text: strings.Join(lost, ", ")})
	}
	t.indexTokens()
	t.markEndings()
	t.buildPieces()
	t.indexSpecials()
	p := v.pipeline
	switch {
	case p != nil && p.model != nil:
		return t, nil
	case p != nil && !p.byScore:
		t.ignoreMerges = p.ignoreMerges
		t.indexMerges()
	case t.spm:
		t.rankScores()
	default:
		if err := t.choosePre(); err != nil {
			return nil, err
		}
		t.indexMerges()
	}
	if t.chars {
		t.findJoins()
	}
	if err := t.indexBytes(); err != nil {
		return nil, err
	}
	return t, nil
}

// around sets the tokens that go before and behind a text, and returns the ids
// that no token has.
func (t *Tokenizer) around() (lost []string) {
	v := &t.vocab
	if p := v.pipeline; p != nil {
		t.prefix, t.suffix = t.known(p.prefix, &lost), t.known(p.suffix, &lost)
		return lost
	}
	if v.AddBOS {
		t.prefix = []int32{v.BOS}
	}
	if v.AddEOS {
		t.suffix = []int32{v.EOS}
	}
	return nil
}

// known returns those of the ids around a text that a token has; the first of
// the others it adds to lost.
func (t *Tokenizer) known(ids []int32, lost *[]string) []int32 {
	const most = 8 // to be told of; a damaged file may have any number
	return slices.DeleteFunc(slices.Clone(ids), func(id int32) bool {
		if t.has(id) {
			return false
		}
		if len(*lost) < most {
			*lost = append(*lost, strconv.Itoa(int(id)))
		}
		return true
	})
}

// checkSpecialIDs drops the special ids that no token has, and returns them.
func (t *Tokenizer) checkSpecialIDs() (lost []string) {
	v := &t.vocab
	for _, s := range []struct {
		name string
		id   *int32
	}{{"BOS", &v.BOS}, {"EOS", &v.EOS}, {"EOT", &v.EOT}, {"EOM", &v.EOM}, {"UNK", &v.UNK}, {"PAD", &v.PAD}} {
		if *s.id < -1 || int(*s.id) >= len(v.Tokens) {
			lost = append(lost, fmt.Sprint(s.name, " ", *s.id))
			*s.id = -1
		}
	}
	if v.AddBOS && v.BOS < 0 {
		t.note(notice.Notice{Kind: notice.NoToken, Text: "BOS"})
		v.AddBOS = false
	}
	if v.AddEOS && v.EOS < 0 {
		t.note(notice.Notice{Kind: notice.NoToken, Text: "EOS"})
		v.AddEOS = false
	}
	return lost
}

// indexTokens fills kinds and byText. Of several tokens with one text the first
// counts.
func (t *Tokenizer) indexTokens() {
	v := &t.vocab
	t.kinds = make([]int8, len(v.Tokens))
	t.byText = make(map[string]int32, len(v.Tokens))
	duplicates, falseBytes, example := 0, 0, ""
	for i, text := range v.Tokens {
		kind := Normal
		if v.Types != nil && v.Types[i] >= Normal && v.Types[i] <= Byte {
			kind = v.Types[i]
		}
		if _, ok := byteToken(text); kind == Byte && !ok {
			if falseBytes == 0 {
				example = text
			}
			falseBytes++
			kind = Unused
		}
		t.kinds[i] = int8(kind)
		if text == "" {
			continue
		}
		if _, ok := t.byText[text]; ok {
			duplicates++
			continue
		}
		t.byText[text] = int32(i)
	}
	if falseBytes > 0 {
		t.note(notice.Notice{Kind: notice.FalseBytes, N: falseBytes, Of: len(v.Tokens), Text: quoted(example)})
	}
	if duplicates > 0 {
		t.note(notice.Notice{Kind: notice.SameText, N: duplicates, Of: len(v.Tokens)})
	}
}

// joinable reports whether plain text may become token id. Control, unknown
// and byte tokens have texts that a person can type, which must stay text.
func (t *Tokenizer) joinable(id int32) bool {
	switch int32(t.kinds[id]) {
	case Normal, UserDefined, Unused:
		return true
	}
	return false
}

// indexBytes finds the token of each byte. Vocabularies of small models lack
// those that never occurred, and bytes that are not in UTF-8 at all; only
// missing ASCII is worth a note.
func (t *Tokenizer) indexBytes() error {
	missing, missingASCII := 0, 0
	noFallback := t.chars && t.vocab.pipeline != nil && !t.vocab.pipeline.byteFallback
	for b := range t.byteIDs {
		text := fmt.Sprintf("<0x%02X>", b)
		if !t.chars {
			text = string(alphabet[b])
		}
		if noFallback {
			t.byteIDs[b] = -1
			continue
		}
		if id, ok := t.byText[text]; ok && (t.joinable(id) || int32(t.kinds[id]) == Byte) {
			t.byteIDs[b] = id
			continue
		}
		t.byteIDs[b] = -1
		missing++
		if b == '\n' || b >= ' ' && b <= '~' {
			missingASCII++
		}
	}
	const ascii = 1 + '~' - ' ' + 1
	switch {
	case t.chars && t.vocab.UNK >= 0, noFallback:
	case missing == len(t.byteIDs) && !t.chars:
		return errors.New("no token of the tokenizer stands for a byte, so no text can be encoded; the model file is damaged")
	case missingASCII > 0:
		t.note(notice.Notice{Kind: notice.MissingASCII, N: missingASCII, Of: ascii})
	}
	return nil
}

// byteToken returns the byte that a text of the form <0xNN> stands for.
func byteToken(text string) (b byte, ok bool) {
	if len(text) != 6 || text[:3] != "<0x" || text[5] != '>' {
		return 0, false
	}
	for _, c := range []byte(text[3:5]) {
		b <<= 4
		switch {
		case '0' <= c && c <= '9':
			b |= c - '0'
		case 'A' <= c && c <= 'F':
			b |= c - 'A' + 10
		case 'a' <= c && c <= 'f':
			b |= c - 'a' + 10
		default:
			return 0, false
		}
	}
	return b, true
}
