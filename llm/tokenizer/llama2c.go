package tokenizer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// FromLlama2C reads a vocabulary in the form of karpathy's llama2.c, the text
// of a file tokenizer.bin: the length of the longest token as 32 bits, and for
// each token its score (float32), its length (int32) and its bytes, all
// little-endian. Spaces are plain in it; its first three tokens are <unk>, <s>
// and </s>.
func FromLlama2C(data []byte) (Vocab, error) {
	v := Vocab{
		Model: SentencePiece, BOS: 1, EOS: 2, EOT: -1, EOM: -1, UNK: 0, PAD: -1,
		AddBOS: true, AddSpacePrefix: true,
	}
	if len(data) < 4 {
		return v, errors.New("read the tokenizer: the file is too short for a tokenizer.bin of llama2.c")
	}
	longest := binary.LittleEndian.Uint32(data)
	for at := 4; at < len(data); {
		if len(data)-at < 8 {
			return v, fmt.Errorf("read the tokenizer: offset %d: the file ends inside a token", at)
		}
		score := math.Float32frombits(binary.LittleEndian.Uint32(data[at:]))
		size := binary.LittleEndian.Uint32(data[at+4:])
		at += 8
		// The first line of the file bounds all tokens but the byte ones.
		if uint64(size) > uint64(len(data)-at) || size > max(longest, 64) {
			return v, fmt.Errorf("read the tokenizer: offset %d: a token of %d bytes does not fit: this is no tokenizer.bin of llama2.c, or a damaged one", at-4, size)
		}
		id := len(v.Tokens)
		text := string(data[at : at+int(size)])
		at += int(size)
		kind := Normal
		switch {
		case id == 0:
			kind = Unknown
		case id <= 2:
			text, kind = strings.TrimSpace(text), Control
		default:
			if _, ok := byteToken(text); ok {
				kind = Byte
			}
			text = strings.ReplaceAll(text, " ", space)
		}
		v.Tokens, v.Scores, v.Types = append(v.Tokens, text), append(v.Scores, score), append(v.Types, kind)
	}
	if len(v.Tokens) < 3 {
		return v, errors.New("read the tokenizer: the file has no tokens")
	}
	return v, nil
}
