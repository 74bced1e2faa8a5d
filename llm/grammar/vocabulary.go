package grammar

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// Token is what a form needs to know of a token.
type Token struct {
	Piece   []byte // the bytes it adds to a text
	Ends    bool   // it ends the answer
	Control bool   // it is no part of a text
}

// Vocabulary is a model's tokens, arranged as a tree of their bytes. It does
// not change and may be shared.
type Vocabulary struct {
	tokens  int
	nodes   []branch // depth first
	ids     []int32  // tokens by their bytes
	pieces  [][]byte
	ends    []int32
	control []int32
	longest int
}

// branch is a node of the tree: a byte at a depth, the tokens that end with
// it, ids[from:to], and the number of the node after all that begin like it.
type branch struct {
	depth    uint16
	b        byte
	from, to int32
	past     int32
}

// maxPiece bounds the bytes of a token that counts as text.
const maxPiece = 1 << 12

// NewVocabulary arranges n tokens. The model's logits may be for more tokens,
// which no form allows.
func NewVocabulary(n int, token func(id int32) Token) *Vocabulary {
	v := &Vocabulary{tokens: n, pieces: make([][]byte, n)}
	for id := range int32(n) {
		switch t := token(id); {
		case t.Ends:
			v.ends = append(v.ends, id)
		case t.Control || len(t.Piece) == 0 || len(t.Piece) > maxPiece:
			v.control = append(v.control, id)
		default:
			v.pieces[id] = t.Piece
			v.longest = max(v.longest, len(t.Piece))
			v.ids = append(v.ids, id)
		}
	}
	v.sort()
	v.build()
	return v
}

// sort orders the tokens by their bytes. Most comparisons end within the first
// eight, which are kept beside the id.
func (v *Vocabulary) sort() {
	type keyed struct {
		key uint64
		id  int32
	}
	list := make([]keyed, len(v.ids))
	for i, id := range v.ids {
		var first [8]byte
		copy(first[:], v.pieces[id])
		list[i] = keyed{binary.BigEndian.Uint64(first[:]), id}
	}
	slices.SortFunc(list, func(a, b keyed) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Or(bytes.Compare(v.pieces[a.id], v.pieces[b.id]), cmp.Compare(a.id, b.id))
	})
	for i := range list {
		v.ids[i] = list[i].id
	}
}

func (v *Vocabulary) build() {
	var path []int32 // the nodes of the last piece
	var last []byte
	for i, id := range v.ids {
		piece := v.pieces[id]
		common := 0
		for common < len(last) && common < len(piece) && last[common] == piece[common] {
			common++
		}
		for len(path) > common {
			v.nodes[path[len(path)-1]].past = int32(len(v.nodes))
			path = path[:len(path)-1]
		}
		for d := common; d < len(piece); d++ {
			path = append(path, int32(len(v.nodes)))
			v.nodes = append(v.nodes, branch{depth: uint16(d), b: piece[d], from: int32(i), to: int32(i)})
		}
		v.nodes[path[len(path)-1]].to = int32(i) + 1
		last = piece
	}
	for _, n := range path {
		v.nodes[n].past = int32(len(v.nodes))
	}
}

// words is the length of a mask.
func (v *Vocabulary) words() int { return (v.tokens + 63) / 64 }

func set(mask []uint64, ids []int32) {
	for _, id := range ids {
		mask[id/64] |= 1 << (id % 64)
	}
}

// walk marks the tokens that a text in this state can go on with. path is
// scratch for longest+1 states.
func (v *Vocabulary) walk(f form, state int32, mask []uint64, path []int32) {
	path[0] = state
	for i := 0; i < len(v.nodes); {
		n := &v.nodes[i]
		next := f.step(path[n.depth], n.b)
		if next == dead {
			i = int(n.past)
			continue
		}
		path[n.depth+1] = next
		if n.to > n.from {
			set(mask, v.ids[n.from:n.to])
		}
		i++
	}
}
