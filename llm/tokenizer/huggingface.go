package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"lumi/llm/fault"
)

// The further families that a tokenizer.json can be of, by GGUF's names.
const (
	WordPiece = "bert" // longest piece first (Wu et al. 2016)
	Unigram   = "t5"   // the most probable pieces (Kudo 2018)
)

// addedToken is an entry of the list added_tokens in a tokenizer.json and of
// added_tokens_decoder in a tokenizer_config.json.
type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// hfFile is a tokenizer.json, read but not yet interpreted.
type hfFile struct {
	added                                []addedToken
	normalizer, preTokenizer, post, deco component
	kind                                 string // BPE, WordPiece, Unigram, WordLevel
	unknown                              string
	unknownID                            int
	wordPrefix, wordSuffix               string
	fuseUnknown, byteFallback            bool
	ignoreMerges                         bool
	maxWordLetters                       int
	tokens                               []string // vocabulary in the file's order
	ids                                  []int
	scores                               []float64 // Unigram: one per token
	merges                               []string
	cuts                                 map[int]int
}

// FromTokenizerJSON reads a vocabulary in the form of Hugging Face's
// tokenizers: the text of a file tokenizer.json. What the file's folder says
// further is added by [FromFolder].
func FromTokenizerJSON(data []byte) (Vocab, error) {
	f, err := scanTokenizerJSON(string(data))
	if err != nil {
		return Vocab{}, fmt.Errorf("read the tokenizer: %w", err)
	}
	v, err := f.vocab()
	if err != nil {
		return Vocab{}, fmt.Errorf("read the tokenizer: %w", err)
	}
	return v, nil
}

func scanTokenizerJSON(text string) (*hfFile, error) {
	f := &hfFile{unknownID: -1, maxWordLetters: 100, wordPrefix: "##", cuts: map[int]int{}}
	r := &scanner{s: text}
	if r.peek() != '{' {
		return nil, errors.New("not a tokenizer.json: it does not begin with '{'")
	}
	var parts [4]string
	model, addedTokens := false, "null"
	r.object(func(key string) {
		switch key {
		case "added_tokens":
			addedTokens = r.skip()
		case "normalizer":
			parts[0] = r.skip()
		case "pre_tokenizer":
			parts[1] = r.skip()
		case "post_processor":
			parts[2] = r.skip()
		case "decoder":
			parts[3] = r.skip()
		case "model":
			model = true
			f.scanModel(r)
		default:
			r.skip()
		}
	})
	if err := r.end(); err != nil {
		return nil, err
	}
	if !model {
		return nil, errors.New("not a tokenizer.json: it has no model")
	}
	if err := json.Unmarshal([]byte(addedTokens), &f.added); err != nil {
		return nil, fmt.Errorf("added_tokens: %w", err)
	}
	for i, to := range []*component{&f.normalizer, &f.preTokenizer, &f.post, &f.deco} {
		if parts[i] == "" {
			continue
		}
		if err := json.Unmarshal([]byte(parts[i]), to); err != nil {
			return nil, fmt.Errorf("%s: %w", [...]string{"normalizer", "pre_tokenizer", "post_processor", "decoder"}[i], err)
		}
	}
	return f, nil
}

// scanModel reads the object "model". Files of the first versions do not say
// its kind.
func (f *hfFile) scanModel(r *scanner) {
	prefix := ""
	hasPrefix := false
	optional := func() string {
		if r.null() {
			return ""
		}
		return r.text()
	}
	r.object(func(key string) {
		switch key {
		case "type":
			f.kind = r.text()
		case "unk_token":
			f.unknown = optional()
		case "unk_id":
			if !r.null() {
				f.unknownID = r.integer()
			}
		case "continuing_subword_prefix":
			hasPrefix = true
			prefix = optional()
		case "end_of_word_suffix":
			f.wordSuffix = optional()
		case "fuse_unk":
			f.fuseUnknown = r.bool()
		case "byte_fallback":
			f.byteFallback = r.bool()
		case "ignore_merges":
			f.ignoreMerges = r.bool()
		case "max_input_chars_per_word":
			f.maxWordLetters = r.integer()
		case "vocab":
			f.scanVocab(r)
		case "merges":
			f.scanMerges(r)
		default:
			r.skip()
		}
	})
	switch {
	case f.kind != "":
	case f.scores != nil:
		f.kind = "Unigram"
	case f.merges != nil:
		f.kind = "BPE"
	default:
		f.kind = "WordPiece"
	}
	if hasPrefix || f.kind != "WordPiece" {
		f.wordPrefix = prefix
	}
}

// scanVocab reads an object of texts and ids, or Unigram's list of texts and
// scores.
func (f *hfFile) scanVocab(r *scanner) {
	f.tokens, f.ids, f.scores = nil, nil, nil
	if r.peek() == '{' {
		r.object(func(text string) {
			f.tokens = append(f.tokens, text)
			f.ids = append(f.ids, r.integer())
		})
		return
	}
	f.scores = []float64{}
	r.array(func() {
		n := 0
		r.array(func() {
			switch n++; n {
			case 1:
				f.tokens = append(f.tokens, r.text())
			case 2:
				f.ids = append(f.ids, len(f.ids))
				f.scores = append(f.scores, r.number())
			}
		})
		if n != 2 {
			r.fail("want a text and its score")
		}
	})
}

// scanMerges reads merges, "left right" or ["left", "right"].
func (f *hfFile) scanMerges(r *scanner) {
	f.merges = []string{}
	r.array(func() {
		if r.peek() != '[' {
			f.merges = append(f.merges, r.text())
			return
		}
		var parts [2]string
		n := 0
		r.array(func() {
			part := r.text()
			if n < 2 {
				parts[n] = part
			}
			n++
		})
		if n != 2 {
			r.fail("want two parts of a merge")
			return
		}
		if len(parts[0]) > 1 && strings.Contains(parts[0][1:], " ") {
			f.cuts[len(f.merges)] = len(parts[0])
		}
		f.merges = append(f.merges, parts[0]+" "+parts[1])
	})
}

// vocab makes a vocabulary of the file.
func (f *hfFile) vocab() (Vocab, error) {
	p := &pipeline{
		cuts: f.cuts, ignoreMerges: f.ignoreMerges, byteFallback: f.byteFallback, fuseUnknown: f.fuseUnknown,
		added: map[int32]added{},
	}
	v := Vocab{BOS: -1, EOS: -1, EOT: -1, EOM: -1, UNK: -1, PAD: -1, pipeline: p}
	c := compiler{p: p}
	c.normalizers(f.normalizer)
	c.preTokenizers(f.preTokenizer)
	c.postProcessors(f.post)
	c.decoders(f.deco)
	if c.err != nil {
		return v, c.err
	}
	if err := f.fill(&v); err != nil {
		return v, err
	}
	switch f.kind {
	case "BPE":
		if len(f.wordPrefix)+len(f.wordSuffix) > maxText {
			return v, fmt.Errorf("the marks at the edges of words have more than the %d bytes allowed", maxText)
		}
		p.wordPrefix, p.wordSuffix = f.wordPrefix, f.wordSuffix
		v.Merges = f.merges
		v.Model = SentencePiece
		if p.byteLevel {
			v.Model = ByteLevel
		}
	case "WordPiece":
		v.Model = WordPiece
		m, err := newWordPiece(f)
		if err != nil {
			return v, err
		}
		p.model = m
	case "Unigram":
		v.Model = Unigram
		m, err := newUnigram(f)
		if err != nil {
			return v, err
		}
		p.model = m
	default:
		return v, fault.Unsupported.Errorf("a tokenizer of kind %.40q is not supported (BPE, WordPiece and Unigram are): choose another build of this model", f.kind)
	}
	c.around(&v)
	if c.err != nil {
		return v, c.err
	}
	return v, nil
}

// fill sets the tokens and their kinds.
func (f *hfFile) fill(v *Vocab) error {
	size := 0
	for _, id := range f.ids {
		size = max(size, id+1)
	}
	for _, a := range f.added {
		size = max(size, a.ID+1)
	}
	// Ids may have gaps, but a list must not be far longer than what is in it.
	if n := len(f.ids) + len(f.added); size > 2*n+1<<16 || size > math.MaxInt32 {
		return fmt.Errorf("the highest of %d tokens has the id %d; the file is damaged", n, size-1)
	}
	v.Tokens = make([]string, size)
	v.Types = slices.Repeat([]int32{Unused}, size)
	for i, id := range f.ids {
		if id < 0 {
			return fmt.Errorf("the token %.80q has the id %d", f.tokens[i], id)
		}
		v.Tokens[id], v.Types[id] = f.tokens[i], Normal
		if _, ok := byteToken(f.tokens[i]); ok && f.byteFallback {
			v.Types[id] = Byte
		}
		if f.unknown != "" && f.tokens[i] == f.unknown || f.scores != nil && i == f.unknownID {
			v.UNK, v.Types[id] = int32(id), Unknown
		}
	}
	for _, a := range f.added {
		if err := v.add(a); err != nil {
			return err
		}
	}
	return nil
}

// add enters an added token; it may be one of the vocabulary's.
func (v *Vocab) add(a addedToken) error {
	if a.ID < 0 || a.ID >= len(v.Tokens) {
		return fmt.Errorf("the added token %.80q has the id %d", a.Content, a.ID)
	}
	id := int32(a.ID)
	v.Tokens[id] = a.Content
	v.Types[id] = UserDefined
	if a.Special {
		v.Types[id] = Control
	}
	if v.pipeline != nil {
		v.pipeline.added[id] = added{lstrip: a.LStrip, rstrip: a.RStrip, word: a.SingleWord, normalized: a.Normalized}
	}
	return nil
}
