package tokenizer

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
	bytes := 0
	for id, kind := range t.kinds {
		if special(int32(kind)) {
			bytes += min(len(t.vocab.Tokens[id]), maxSpecial)
		}
	}
	t.specials = &trie{edges: newPairTable(bytes), ids: []int32{-1}}
	for id, kind := range t.kinds {
		text := t.vocab.Tokens[id]
		switch {
		case !special(int32(kind)) || text == "":
		case len(text) > maxSpecial:
			t.note("special token %d has a text of %d bytes and is not looked for in text", id, len(text))
		default:
			t.specials.add(text, int32(id), int32(kind) == UserDefined)
		}
	}
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

// find returns the first special token of text at or after from, or id -1.
// Without control only user-defined tokens count.
func (t *Tokenizer) findSpecial(text string, from int, control bool) (start, end int, id int32) {
	first := &t.specials.plain
	if control {
		first = &t.specials.first
	}
	for start = from; start < len(text); start++ {
		if !first[text[start]] {
			continue
		}
		id = -1
		node := int32(0)
		for i := start; i < len(text); i++ {
			_, next, ok := t.specials.edges.get(node, int32(text[i]))
			if !ok {
				break
			}
			node = next
			if found := t.specials.ids[node]; found >= 0 && (control || int32(t.kinds[found]) == UserDefined) {
				end, id = i+1, found
			}
		}
		if id >= 0 {
			return start, end, id
		}
	}
	return len(text), len(text), -1
}
