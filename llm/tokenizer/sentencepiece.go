package tokenizer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"lumi/llm/fault"
)

// FromSentencePiece reads a vocabulary in SentencePiece's own form, the text
// of a file tokenizer.model: the protocol buffer ModelProto of
// sentencepiece_model.proto.
func FromSentencePiece(data []byte) (Vocab, error) {
	m := spModel{
		kind: spUnigram, unknown: 0, bos: 1, eos: 2, pad: -1,
		prefix: true, squeeze: true, escape: true,
	}
	if err := m.read(data); err != nil {
		return Vocab{}, fmt.Errorf("read the tokenizer: not a SentencePiece model, or a damaged one: %w", err)
	}
	v, err := m.vocab()
	if err != nil {
		return Vocab{}, fmt.Errorf("read the tokenizer: %w", err)
	}
	return v, nil
}

// The kinds of model of SentencePiece's TrainerSpec.
const (
	spUnigram = 1
	spBPE     = 2
)

// spModel is what is used of a ModelProto.
type spModel struct {
	tokens []string
	scores []float32
	types  []int32

	kind                   int
	byteFallback           bool
	unknown, bos, eos, pad int32
	charsmap               []byte
	prefix                 bool // text begins with a space of its own
	squeeze                bool // spaces at the edges and further ones in a row go
	escape                 bool
}

// read goes over the fields of a message ModelProto.
func (m *spModel) read(data []byte) error {
	return fields(data, func(field int, number uint64, bytes []byte) error {
		switch field {
		case 1:
			return m.piece(bytes)
		case 2:
			return fields(bytes, func(field int, n uint64, _ []byte) error {
				switch field {
				case 3:
					m.kind = int(min(n, 100))
				case 35:
					m.byteFallback = n != 0
				case 40:
					m.unknown = int32(n)
				case 41:
					m.bos = int32(n)
				case 42:
					m.eos = int32(n)
				case 43:
					m.pad = int32(n)
				}
				return nil
			})
		case 3:
			return fields(bytes, func(field int, n uint64, b []byte) error {
				switch field {
				case 2:
					m.charsmap = b
				case 3:
					m.prefix = n != 0
				case 4:
					m.squeeze = n != 0
				case 5:
					m.escape = n != 0
				}
				return nil
			})
		}
		return nil
	})
}

// piece reads a message SentencePiece.
func (m *spModel) piece(data []byte) error {
	text, score, kind := "", float32(0), Normal
	err := fields(data, func(field int, n uint64, b []byte) error {
		switch field {
		case 1:
			text = string(b)
		case 2:
			score = math.Float32frombits(uint32(n))
		case 3:
			kind = int32(min(n, 100))
		}
		return nil
	})
	m.tokens, m.scores, m.types = append(m.tokens, text), append(m.scores, score), append(m.types, kind)
	return err
}

func (m *spModel) vocab() (Vocab, error) {
	if len(m.tokens) == 0 {
		return Vocab{}, errors.New("the SentencePiece model has no tokens; the file is damaged or incomplete")
	}
	if !m.escape {
		return Vocab{}, fault.Unsupported.Errorf("a SentencePiece model that does not mark spaces is not supported: choose another build of this model")
	}
	v := Vocab{
		Model: SentencePiece, Tokens: m.tokens, Scores: m.scores, Types: m.types,
		BOS: m.bos, EOS: m.eos, EOT: -1, EOM: -1, UNK: m.unknown, PAD: m.pad,
		AddBOS: true, AddSpacePrefix: m.prefix,
	}
	switch {
	case m.kind == spBPE && !m.squeeze && len(m.charsmap) == 0 && !(m.prefix && slices.Contains(m.types, UserDefined)):
		return v, nil
	case m.kind != spBPE && m.kind != spUnigram:
		return v, fault.Unsupported.Errorf("a SentencePiece model of kind %d is not supported (BPE and Unigram are): choose another build of this model", m.kind)
	}
	return v, m.pipeline(&v)
}

// pipeline puts the parts of a model that GGUF has no keys for into the form
// of a tokenizer.json.
func (m *spModel) pipeline(v *Vocab) error {
	p := &pipeline{byteFallback: m.byteFallback, byScore: true, fuseUnknown: true, added: map[int32]added{}}
	v.pipeline = p
	if len(m.charsmap) > 0 {
		table, err := newCharsmap(m.charsmap)
		if err != nil {
			return err
		}
		p.normalize = append(p.normalize, table.normalizeLongest)
	}
	if m.squeeze {
		p.normalize = append(p.normalize, squeezeSpaces)
	}
	p.normalize = append(p.normalize, func(s string) string {
		if m.prefix && s != "" {
			s = " " + s
		}
		return strings.ReplaceAll(s, " ", space)
	})
	p.spelled = true
	p.decode.piece = []func(string, bool) string{func(token string, _ bool) string { return strings.ReplaceAll(token, space, " ") }}
	if m.prefix {
		p.decode.strip, p.decode.lead = 1, " "
	}
	for id, kind := range m.types {
		if kind == Control || kind == UserDefined {
			p.added[int32(id)] = added{normalized: kind == UserDefined}
		}
	}
	if m.kind == spBPE {
		if v.BOS >= 0 {
			p.prefix = []int32{v.BOS}
		}
		return nil
	}
	v.Model, v.AddBOS = Unigram, false
	f := &hfFile{tokens: m.tokens, unknownID: int(m.unknown), byteFallback: m.byteFallback}
	for id, score := range m.scores {
		f.scores = append(f.scores, float64(score))
		if kind := m.types[id]; kind != Normal && kind != Byte && kind != UserDefined {
			f.added = append(f.added, addedToken{ID: id, Content: m.tokens[id], Special: true})
		}
	}
	model, err := newUnigram(f)
	if err != nil {
		return err
	}
	model.single = true
	p.model = model
	return nil
}

// squeezeSpaces drops spaces at both ends and further ones in a row.
func squeezeSpaces(s string) string {
	s = strings.Trim(s, " ")
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return s
}

var errWire = errors.New("the message ends inside a field")

// fields reads a protocol buffer message: field gets each field's number with
// its value, a number or bytes
// (https://protobuf.dev/programming-guides/encoding/).
func fields(data []byte, field func(number int, value uint64, bytes []byte) error) error {
	for len(data) > 0 {
		key, n := binary.Uvarint(data)
		if n <= 0 || key>>3 == 0 || key>>3 > 1<<29 {
			return errWire
		}
		data = data[n:]
		var value uint64
		var bytes []byte
		switch key & 7 {
		case 0:
			if value, n = binary.Uvarint(data); n <= 0 {
				return errWire
			}
		case 1:
			if n = 8; len(data) < n {
				return errWire
			}
			value = binary.LittleEndian.Uint64(data)
		case 2:
			size, head := binary.Uvarint(data)
			if head <= 0 || size > uint64(len(data)-head) {
				return errWire
			}
			n = head + int(size)
			bytes = data[head:n:n]
		case 5:
			if n = 4; len(data) < n {
				return errWire
			}
			value = uint64(binary.LittleEndian.Uint32(data))
		default:
			return fmt.Errorf("field %d has the unknown form %d", key>>3, key&7)
		}
		data = data[n:]
		if err := field(int(key>>3), value, bytes); err != nil {
			return err
		}
	}
	return nil
}
