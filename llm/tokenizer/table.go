package tokenizer

import "math/rand/v2"

// pairTable maps pairs of small numbers to a rank and an id. It is an open
// hash table with linear probing: several times as fast as Go's map for the
// millions of look-ups that an encoding makes.
type pairTable struct {
	slots []pairSlot
	shift uint
	seed  uint64 // keeps a crafted file from making all pairs collide
}

type pairSlot struct {
	key  uint64
	rank uint32
	id   int32
}

// noPair is the key of a free slot; no pair of ids has it.
const noPair = ^uint64(0)

func pairKey(left, right int32) uint64 { return uint64(uint32(left))<<32 | uint64(uint32(right)) }

// newPairTable makes a table for up to n pairs.
func newPairTable(n int) *pairTable {
	bits := uint(4)
	for 1<<bits < 2*n {
		bits++
	}
	t := &pairTable{slots: make([]pairSlot, 1<<bits), shift: 64 - bits, seed: rand.Uint64()}
	for i := range t.slots {
		t.slots[i].key = noPair
	}
	return t
}

// find returns the pair's slot, or the free slot where it belongs.
func (t *pairTable) find(left, right int32) *pairSlot {
	key := pairKey(left, right)
	h := (key ^ t.seed) * 0x9e3779b97f4a7c15 // 2⁶⁴ / golden ratio: Fibonacci hashing
	h = (h ^ h>>32) * 0x9e3779b97f4a7c15
	mask := len(t.slots) - 1
	for i := int(h >> t.shift); ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.key == key || s.key == noPair {
			return s
		}
	}
}

// add enters a pair unless it is there already, and returns its slot's value.
func (t *pairTable) add(left, right int32, rank uint32, id int32) int32 {
	s := t.find(left, right)
	if s.key == noPair {
		*s = pairSlot{key: pairKey(left, right), rank: rank, id: id}
	}
	return s.id
}

// get returns the pair's values; ok is false if the pair is not in the table.
func (t *pairTable) get(left, right int32) (rank uint32, id int32, ok bool) {
	s := t.find(left, right)
	return s.rank, s.id, s.key != noPair
}
