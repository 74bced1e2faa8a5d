package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"lumi/llm/notice"
)

// maxSpecial bounds the length of a special token's text in bytes, so that
// looking for one at every byte of a text stays linear.
const maxSpecial = 512

// trie finds special tokens in text: the leftmost, and of those the longest.
type trie struct {
	edges *pairTable // (node, byte) → node
	ids   []int32    // per node: the token that ends there, or -1
	first [256]bool  // bytes that a token begins with
	plain [256]bool  // the same for the tokens found without control
}

// indexSpecials collects the tokens that are matched before text is split.
func (t *Tokenizer) indexSpecials() {
	var found, late []int32
	for id, kind := range t.kinds {
		if !special(int32(kind)) || t.vocab.Tokens[id] == "" {
			continue
		}
		if p := t.vocab.pipeline; p != nil {
			a, ok := p.added[int32(id)]
			switch {
			case !ok: // an unknown token that is not looked for in text
				continue
			case a.normalized:
				late = append(late, int32(id))
				continue
			}
		}
		found = append(found, int32(id))
	}
	long := 0
	t.specials = t.newTrie(found, asItIs, &long)
	if late != nil {
		spell := t.vocab.pipeline.normalized
		if t.vocab.pipeline.spelled {
			spell = asItIs
		}
		t.normalizedSpecials = t.newTrie(late, spell, &long)
	}
	if long > 0 {
		t.note(notice.Notice{Kind: notice.LongSpecials, N: long, Of: len(found) + len(late)})
	}
}

func asItIs(text string) string { return text }

// newTrie is the trie of these tokens but those with too long a text, which it
// counts.
func (t *Tokenizer) newTrie(ids []int32, spell func(string) string, long *int) *trie {
	bytes := 0
	for _, id := range ids {
		bytes += min(len(spell(t.vocab.Tokens[id])), maxSpecial)
	}
	tr := &trie{edges: newPairTable(bytes), ids: []int32{-1}}
	for _, id := range ids {
		switch text := spell(t.vocab.Tokens[id]); {
		case text == "":
		case len(text) > maxSpecial:
			*long++
		default:
			tr.add(text, id, int32(t.kinds[id]) == UserDefined)
		}
	}
	return tr
}

func special(kind int32) bool { return kind == Control || kind == UserDefined || kind == Unknown }

func (t *trie) add(text string, id int32, plain bool) {
	node := int32(0)
	for i := range len(text) {
		next := t.edges.add(node, int32(text[i]), 0, int32(len(t.ids)))
		if int(next) == len(t.ids) {
			t.ids = append(t.ids, -1)
		}
		node = next
	}
	if t.ids[node] < 0 {
		t.ids[node] = id
	}
	t.first[text[0]] = true
	if plain {
		t.plain[text[0]] = true
	}
}

// findSpecial returns the first special token of text at or after from, or id
// -1. Without control only user-defined tokens count.
func (t *Tokenizer) findSpecial(tr *trie, text string, from int, control bool) (start, end int, id int32) {
	first := &tr.plain
	if control {
		first = &tr.first
	}
	for start = from; start < len(text); start++ {
		if !first[text[start]] {
			continue
		}
		id = -1
		node := int32(0)
		for i := start; i < len(text); i++ {
			_, next, ok := tr.edges.get(node, int32(text[i]))
			if !ok {
				break
			}
			node = next
			if found := tr.ids[node]; found >= 0 && (control || int32(t.kinds[found]) == UserDefined) {
				end, id = i+1, found
			}
		}
		if id < 0 {
			continue
		}
		if p := t.vocab.pipeline; p != nil {
			a := p.added[id]
			if a.word && !apart(text, start, end) {
				start = end - 1
				continue
			}
			if a.lstrip {
				start = from + len(strings.TrimRightFunc(text[from:start], unicode.IsSpace))
			}
			if a.rstrip {
				end = len(text) - len(strings.TrimLeftFunc(text[end:], unicode.IsSpace))
			}
		}
		return start, end, id
	}
	return len(text), len(text), -1
}

// apart reports whether no letter or digit touches text[start:end].
func apart(text string, start, end int) bool {
	before, n := utf8.DecodeLastRuneInString(text[:start])
	behind, m := utf8.DecodeRuneInString(text[end:])
	return (n == 0 || !isWord(before, classOf(before))) && (m == 0 || !isWord(behind, classOf(behind)))
}
