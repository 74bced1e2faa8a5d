package tokenizer

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// FromTiktoken reads a vocabulary in the form of OpenAI's tiktoken, the text of
// a file qwen.tiktoken of the first Qwen models: a line for each token with its
// bytes in base64 and its rank, which is also its id. The special tokens and
// the way to split text are not in the file; they are those of Qwen, whose
// tokenization_qwen.py has them.
func FromTiktoken(data []byte) (Vocab, error) {
	tokens, err := scanTiktoken(string(data))
	if err != nil {
		return Vocab{}, fmt.Errorf("read the tokenizer: %w", err)
	}
	special := qwenSpecial[:]
	for i := range 205 {
		special = append(special, fmt.Sprintf("<|extra_%d|>", i))
	}
	return qwenVocab(tokens, special), nil
}

// FromRanks reads the file vocab.json of Qwen 1.5 and Qwen 2: an object that
// gives each token, spelled in byte-level letters, its id. The merges, which
// lie in a file of their own, follow from the ids, as the tokens were learnt in
// their order.
func FromRanks(data []byte) (Vocab, error) {
	tokens, err := scanRanks(data)
	if err != nil {
		return Vocab{}, fmt.Errorf("read the tokenizer: %w", err)
	}
	return qwenVocab(tokens, qwenSpecial[:]), nil
}

// FromLlama3 reads a vocabulary in tiktoken's form, too, but Llama 3's, whose
// file is called tokenizer.model. Its special tokens and its pattern stand in
// the file tokenizer.py that Meta published with the models.
func FromLlama3(data []byte) (Vocab, error) {
	tokens, err := scanTiktoken(string(data))
	if err != nil {
		return Vocab{}, fmt.Errorf("read the tokenizer: %w", err)
	}
	v := ranked("llama-bpe", tokens)
	v.BOS = int32(len(tokens))
	v.EOS, v.EOT, v.AddBOS = v.BOS+1, v.BOS+9, true
	special := []string{"<|begin_of_text|>", "<|end_of_text|>"}
	reserve := func(from, to int) {
		for i := from; i < to; i++ {
			special = append(special, fmt.Sprintf("<|reserved_special_token_%d|>", i))
		}
	}
	reserve(0, 4)
	special = append(special, "<|start_header_id|>", "<|end_header_id|>")
	reserve(4, 5)
	special = append(special, "<|eot_id|>")
	reserve(5, 251)
	v.addControl(special)
	return v, nil
}

// llama3Ranks is how many tokens Llama 3's file has, without the special ones.
const llama3Ranks = 128_000

// fromMeta reads a tokenizer.model in tiktoken's form. Llama 3's is known by its
// number of tokens; later ones, of the same form, have other special tokens.
func fromMeta(data []byte) (Vocab, error) {
	v, err := FromLlama3(data)
	if err == nil && int(v.BOS) != llama3Ranks {
		err = fmt.Errorf("read the tokenizer: its %d tokens in tiktoken's form are not Llama 3's, and the file does not name its special tokens; tokenizer.json does", v.BOS)
	}
	return v, err
}

// isTiktoken reports whether a file begins with a token in base64 and its rank, 0.
func isTiktoken(text string) bool {
	line, _, _ := strings.Cut(text, "\n")
	coded, rank, _ := strings.Cut(strings.TrimSpace(line), " ")
	_, err := base64.StdEncoding.DecodeString(coded)
	return err == nil && coded != "" && rank == "0"
}

// qwenSpecial are the special tokens that all of Qwen's vocabularies begin with.
var qwenSpecial = [...]string{"<|endoftext|>", "<|im_start|>", "<|im_end|>"}

// qwenVocab makes a vocabulary of Qwen's tokens and special tokens.
func qwenVocab(tokens, special []string) Vocab {
	v := ranked("qwen2", tokens)
	v.pipeline = &pipeline{
		normalize: []func(string) string{norm.NFC.String},
		steps:     []step{{cut: qwenWords, pre: v.Pre}},
		byteLevel: true, decode: decoding{byteLevel: true},
		added: map[int32]added{},
	}
	v.EOS = int32(len(tokens))
	v.EOT = v.EOS + 2
	for i := range special {
		v.pipeline.added[v.EOS+int32(i)] = added{}
	}
	v.addControl(special)
	return v
}

// ranked makes a vocabulary of tokens, given as their bytes, that join in the
// order of their ids.
func ranked(pre string, tokens []string) Vocab {
	v := Vocab{
		Model: ByteLevel, Pre: pre,
		BOS: -1, EOS: -1, EOT: -1, EOM: -1, UNK: -1, PAD: -1,
	}
	ranks := make(map[string]int, len(tokens))
	for rank, token := range tokens {
		ranks[token] = rank
	}
	for rank, token := range tokens {
		v.Tokens = append(v.Tokens, letters(token))
		v.Types = append(v.Types, Normal)
		if len(token) > 1 {
			if at := lastJoin(ranks, token, rank); at > 0 {
				v.Merges = append(v.Merges, letters(token[:at])+" "+letters(token[at:]))
			}
		}
	}
	return v
}

func (v *Vocab) addControl(texts []string) {
	for _, text := range texts {
		v.Tokens, v.Types = append(v.Tokens, text), append(v.Types, Control)
	}
}

// scanRanks reads a vocab.json; its ids must be 0, 1, 2 and so on.
func scanRanks(data []byte) ([]string, error) {
	var ids map[string]int
	if err := json.Unmarshal(data, &ids); err != nil {
		return nil, fmt.Errorf("the vocabulary is no object of ids: %w", err)
	}
	if len(ids) == 0 {
		return nil, errors.New("the vocabulary has no tokens")
	}
	tokens := make([]string, len(ids))
	for text, id := range ids {
		token := string(appendBytes(nil, text))
		switch {
		case id < 0 || id >= len(tokens):
			return nil, fmt.Errorf("the token %.80q of %d has the id %d", text, len(ids), id)
		case tokens[id] != "":
			return nil, fmt.Errorf("two tokens have the id %d", id)
		case token == "" || len(token) > maxSpecial:
			return nil, fmt.Errorf("the token %d has %d bytes, want 1 to %d", id, len(token), maxSpecial)
		}
		tokens[id] = token
	}
	return tokens, nil
}

// scanTiktoken reads the lines of a file; its ranks must be 0, 1, 2 and so on.
func scanTiktoken(text string) (tokens []string, err error) {
	line := 0
	for l := range strings.Lines(text) {
		line++
		coded, rank, ok := strings.Cut(strings.TrimSpace(l), " ")
		if coded == "" {
			continue
		}
		token, err := base64.StdEncoding.DecodeString(coded)
		n, bad := strconv.Atoi(rank)
		switch {
		case !ok || err != nil || bad != nil:
			return nil, fmt.Errorf("line %d is not a token in base64 and its rank", line)
		case n != len(tokens):
			return nil, fmt.Errorf("line %d has the rank %d, want %d", line, n, len(tokens))
		case len(token) == 0 || len(token) > maxSpecial:
			return nil, fmt.Errorf("line %d has a token of %d bytes, want 1 to %d", line, len(token), maxSpecial)
		}
		tokens = append(tokens, string(token))
	}
	if len(tokens) == 0 {
		return nil, errors.New("the file has no tokens")
	}
	return tokens, nil
}

// lastJoin returns where the last two parts of a token meet when its bytes are
// joined by lower ranks only, or 0 when they do not become two parts.
func lastJoin(ranks map[string]int, token string, rank int) int {
	ends := make([]int, 0, len(token)+1) // borders of the parts
	for i := range len(token) + 1 {
		ends = append(ends, i)
	}
	for len(ends) > 3 {
		best, at := rank, -1
		for i := 0; i+2 < len(ends); i++ {
			if r, ok := ranks[token[ends[i]:ends[i+2]]]; ok && r < best {
				best, at = r, i
			}
		}
		if at < 0 {
			return 0
		}
		ends = slices.Delete(ends, at+1, at+2)
	}
	return ends[1]
}

// letters writes bytes as byte-level vocabularies do.
func letters(bytes string) string {
	var b strings.Builder
	for i := range len(bytes) {
		b.WriteRune(alphabet[bytes[i]])
	}
	return b.String()
}
