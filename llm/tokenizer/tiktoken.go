package tokenizer

import (
	"encoding/base64"
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
	ranks, tokens, err := scanTiktoken(string(data))
	if err != nil {
		return Vocab{}, fmt.Errorf("read the tokenizer: %w", err)
	}
	v := Vocab{
		Model: ByteLevel, Pre: "qwen2",
		BOS: -1, EOS: -1, EOT: -1, EOM: -1, UNK: -1, PAD: -1,
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
	p := &pipeline{
		normalize: []func(string) string{norm.NFC.String},
		steps:     []step{{cut: qwenWords, pre: v.Pre}},
		byteLevel: true, decode: decoding{byteLevel: true},
		added: map[int32]added{},
	}
	v.pipeline = p
	special := []string{"<|endoftext|>", "<|im_start|>", "<|im_end|>"}
	for i := range 205 {
		special = append(special, fmt.Sprintf("<|extra_%d|>", i))
	}
	v.EOS = int32(len(v.Tokens))
	v.EOT = v.EOS + 2
	for _, text := range special {
		p.added[int32(len(v.Tokens))] = added{}
		v.Tokens, v.Types = append(v.Tokens, text), append(v.Types, Control)
	}
	return v, nil
}

// scanTiktoken reads the lines of a file; its ranks must be 0, 1, 2 and so on.
func scanTiktoken(text string) (ranks map[string]int, tokens []string, err error) {
	ranks = map[string]int{}
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
			return nil, nil, fmt.Errorf("line %d is not a token in base64 and its rank", line)
		case n != len(tokens):
			return nil, nil, fmt.Errorf("line %d has the rank %d, want %d", line, n, len(tokens))
		case len(token) == 0 || len(token) > maxSpecial:
			return nil, nil, fmt.Errorf("line %d has a token of %d bytes, want 1 to %d", line, len(token), maxSpecial)
		}
		ranks[string(token)] = n
		tokens = append(tokens, string(token))
	}
	if len(tokens) == 0 {
		return nil, nil, errors.New("the file has no tokens")
	}
	return ranks, tokens, nil
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
