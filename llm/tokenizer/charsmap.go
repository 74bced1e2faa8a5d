package tokenizer

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// charsmap is SentencePiece's table of replacements, precompiled_charsmap: a
// double-array trie (Aoe 1989, in the layout of the library Darts-clone) whose
// values are positions in a list of texts that end with NUL.
type charsmap struct {
	units []uint32
	texts string
}

func newCharsmap(data []byte) (*charsmap, error) {
	damaged := errors.New("the table of replacements (precompiled_charsmap) is damaged")
	if len(data) < 4 {
		return nil, damaged
	}
	size := binary.LittleEndian.Uint32(data)
	data = data[4:]
	if size%4 != 0 || size == 0 || uint64(size) > uint64(len(data)) {
		return nil, damaged
	}
	m := &charsmap{units: make([]uint32, size/4), texts: string(data[size:])}
	for i := range m.units {
		m.units[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return m, nil
}

// replacement finds the shortest beginning of s that the table has, or the
// longest, its length and what stands for it.
func (m *charsmap) replacement(s string, longest bool) (text string, size int, ok bool) {
	offset := func(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }
	pos := offset(m.units[0])
	for i := 0; i < len(s) && s[i] != 0; i++ {
		pos ^= uint32(s[i])
		if uint64(pos) >= uint64(len(m.units)) {
			return text, size, ok
		}
		unit := m.units[pos]
		if unit&(1<<31|0xff) != uint32(s[i]) {
			return text, size, ok
		}
		pos ^= offset(unit)
		if unit>>8&1 == 0 {
			continue
		}
		if uint64(pos) >= uint64(len(m.units)) {
			return text, size, ok
		}
		at := m.units[pos] & (1<<31 - 1)
		if uint64(at) > uint64(len(m.texts)) {
			return text, size, ok
		}
		text, _, _ = strings.Cut(m.texts[at:], "\x00")
		size, ok = i+1, true
		if !longest {
			break
		}
	}
	return text, size, ok
}

// normalize replaces what the table has: short grapheme clusters as a whole,
// and else character by character, as Hugging Face's tokenizers does.
func (m *charsmap) normalize(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	clusters := graphemes.FromString(s)
	for clusters.Next() {
		cluster := clusters.Value()
		if len(cluster) < 6 {
			if text, _, ok := m.replacement(cluster, false); ok {
				b.WriteString(text)
				continue
			}
		}
		for len(cluster) > 0 {
			_, n := utf8.DecodeRuneInString(cluster)
			if text, _, ok := m.replacement(cluster[:n], false); ok {
				b.WriteString(text)
			} else {
				b.WriteString(cluster[:n])
			}
			cluster = cluster[n:]
		}
	}
	return b.String()
}

// normalizeLongest replaces the longest texts that the table has, from left to
// right, as SentencePiece does.
func (m *charsmap) normalizeLongest(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		text, n, ok := m.replacement(s, true)
		if !ok {
			_, n = utf8.DecodeRuneInString(s)
			text = s[:n]
		}
		b.WriteString(text)
		s = s[n:]
	}
	return b.String()
}
