package tokenizer

import (
	"math"
	"unicode/utf8"
)

// noRank is the rank of two symbols that do not join.
const noRank = math.MaxUint32

// symbol is a part of a word that has been joined so far.
type symbol struct {
	id         int32 // token, or -1 if the part is none
	at         int32 // where the part begins in the word, in bytes
	prev, next int32 // neighbours; next of the last is the closing symbol
	rank       uint32
	joined     int32 // token that joining with the next symbol makes
}

// encodeWord appends the tokens of a word that is not in the cache. The pair
// of neighbours with the lowest rank is joined, of equals the leftmost, until
// none is left.
func (e *encoder) encodeWord(dst []int32, word string) []int32 {
	e.start(word)
	s := e.symbols
	for i := 0; i < len(s)-1; i++ {
		e.rankPair(word, &s[i])
	}
	// Scanning for the lowest rank is quadratic, but in short words it takes
	// less time than keeping a queue.
	if len(s) <= 48 {
		e.joinByScan(word)
	} else {
		e.joinByQueue(word)
	}
	for i := int32(0); int(i) < len(s)-1; i = s[i].next {
		dst = e.appendSymbol(dst, &s[i], word)
	}
	return dst
}

// start cuts the word into its first symbols, bytes or characters, and a
// closing symbol without text.
func (e *encoder) start(word string) {
	e.symbols = e.symbols[:0]
	if cap(e.symbols) <= len(word) { // long words would be copied again and again
		n := len(word)
		if e.t.chars {
			n = utf8.RuneCountInString(word)
		}
		e.symbols = make([]symbol, 0, max(n+1, 2*cap(e.symbols)))
	}
	marked := e.t.vocab.pipeline.marked()
	for i := 0; i < len(word); {
		n, id := 1, int32(-1)
		if e.t.chars {
			_, n = utf8.DecodeRuneInString(word[i:])
		}
		switch {
		case marked:
			id = e.lookUp(e.marked(word, i, i+n))
		case e.t.chars:
			id = e.lookUp(word[i : i+n])
		default:
			id = e.t.byteIDs[word[i]]
		}
		k := int32(len(e.symbols))
		e.symbols = append(e.symbols, symbol{id: id, at: int32(i), prev: k - 1, next: k + 1})
		i += n
	}
	k := int32(len(e.symbols))
	e.symbols = append(e.symbols, symbol{id: -1, at: int32(len(word)), prev: k - 1, next: -1, rank: noRank})
}

// lookUp is the token of that text that plain text may become, or -1.
func (e *encoder) lookUp(text string) int32 {
	if id, ok := e.t.byText[text]; ok && e.t.joinable(id) {
		return id
	}
	return -1
}

// marked is how a vocabulary that marks the edges of words spells word[from:to].
func (e *encoder) marked(word string, from, to int) string {
	p := e.t.vocab.pipeline
	e.text = e.text[:0]
	if from > 0 {
		e.text = append(e.text, p.wordPrefix...)
	}
	e.text = e.t.appendSpelled(e.text, word[from:to])
	if to == len(word) {
		e.text = append(e.text, p.wordSuffix...)
	}
	return string(e.text)
}

// rankPair looks up what joining s with its next symbol makes.
func (e *encoder) rankPair(word string, s *symbol) {
	s.rank = noRank
	if int(s.next) >= len(e.symbols)-1 {
		return
	}
	next := &e.symbols[s.next]
	if e.t.merges != nil {
		if s.id < 0 || next.id < 0 {
			return
		}
		if rank, id, ok := e.t.merges.get(s.id, next.id); ok {
			s.rank, s.joined = rank, id
		}
		return
	}
	text := word[s.at:e.symbols[next.next].at]
	if len(text) > e.t.longest {
		return
	}
	if id, ok := e.t.byText[text]; ok && e.t.joinable(id) {
		s.rank, s.joined = e.t.ranks[id], id
	}
}

// join makes one symbol of number i and the one after it and ranks the pairs
// on both sides anew.
func (e *encoder) join(word string, i int32) {
	s := &e.symbols[i]
	gone := &e.symbols[s.next]
	s.id = s.joined
	s.next = gone.next
	gone.rank = noRank
	e.symbols[s.next].prev = i
	e.rankPair(word, s)
	if s.prev >= 0 {
		e.rankPair(word, &e.symbols[s.prev])
	}
}

func (e *encoder) joinByScan(word string) {
	s := e.symbols
	last := int32(len(s) - 1)
	for {
		best, rank := int32(-1), uint32(noRank)
		for i := int32(0); i < last; i = s[i].next {
			if s[i].rank < rank {
				best, rank = i, s[i].rank
			}
		}
		if best < 0 {
			return
		}
		e.join(word, best)
	}
}

// joinByQueue takes O(n log n) time for n symbols. An entry of the queue is
// out of date if the symbol's pair has another rank by now.
func (e *encoder) joinByQueue(word string) {
	s, q := e.symbols, &e.queue
	q.reset(e.t.nRanks)
	for i := range s {
		if s[i].rank != noRank {
			q.push(s[i].rank, int32(i))
		}
	}
	for {
		rank, i, ok := q.pop()
		if !ok {
			return
		}
		if s[i].rank != rank {
			continue
		}
		prev := s[i].prev
		e.join(word, i)
		for _, k := range [...]int32{i, prev} {
			if k >= 0 && s[k].rank != noRank {
				q.push(s[k].rank, k)
			}
		}
	}
}

// queue gives positions back by rank and within a rank from left to right.
// Positions of one rank mostly arrive in order, so each rank has a list that is
// appended to, and a heap for the late ones: no operation takes more than
// O(log n), and a long run of one letter takes O(1) for each.
type queue struct {
	slots   []int32  // rank → bucket+1; 0 without one
	ranks   []uint32 // heap of the ranks that have a bucket
	buckets []bucket
	free    []int32
}

type bucket struct {
	inOrder []int32 // ascending
	taken   int     // of inOrder
	late    []int32 // heap
}

func (q *queue) reset(nRanks int) {
	if len(q.slots) < nRanks {
		q.slots = make([]int32, nRanks)
	}
}

func (q *queue) push(rank uint32, at int32) {
	slot := q.slots[rank]
	if slot == 0 {
		if n := len(q.free); n > 0 {
			slot = q.free[n-1]
			q.free = q.free[:n-1]
		} else {
			q.buckets = append(q.buckets, bucket{})
			slot = int32(len(q.buckets))
		}
		q.slots[rank] = slot
		q.ranks = heapPush(q.ranks, rank)
	}
	b := &q.buckets[slot-1]
	if n := len(b.inOrder); n == 0 || b.inOrder[n-1] <= at {
		b.inOrder = append(b.inOrder, at)
	} else {
		b.late = heapPush(b.late, at)
	}
}

func (q *queue) pop() (rank uint32, at int32, ok bool) {
	for len(q.ranks) > 0 {
		rank = q.ranks[0]
		slot := q.slots[rank]
		b := &q.buckets[slot-1]
		switch {
		case b.taken == len(b.inOrder) && len(b.late) == 0:
			b.inOrder, b.taken = b.inOrder[:0], 0
			q.slots[rank] = 0
			q.free = append(q.free, slot)
			_, q.ranks = heapPop(q.ranks)
			continue
		case len(b.late) == 0 || b.taken < len(b.inOrder) && b.inOrder[b.taken] <= b.late[0]:
			at = b.inOrder[b.taken]
			b.taken++
		default:
			at, b.late = heapPop(b.late)
		}
		return rank, at, true
	}
	return 0, 0, false
}

// heapPush and heapPop keep h a binary heap with the least value first.
func heapPush[T int32 | uint32](h []T, v T) []T {
	h = append(h, v)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if h[up] <= v {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = v
	return h
}

func heapPop[T int32 | uint32](h []T) (T, []T) {
	least := h[0]
	v := h[len(h)-1]
	h = h[:len(h)-1]
	if len(h) == 0 {
		return least, h
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1] < h[child] {
			child++
		}
		if v <= h[child] {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = v
	return least, h
}

// appendSymbol appends the token of a finished symbol. Text that is no token
// becomes the tokens of its bytes; if some byte has none, SentencePiece has the
// unknown token instead. Byte-level vocabularies without a byte leave it out:
// what they call unknown is often the token that ends a text.
func (e *encoder) appendSymbol(dst []int32, s *symbol, word string) []int32 {
	if s.id >= 0 {
		return append(dst, s.id)
	}
	if !e.t.chars {
		return dst
	}
	was := len(dst)
	text := word[s.at:e.symbols[s.next].at]
	if e.t.vocab.pipeline.marked() {
		text = e.marked(word, int(s.at), int(e.symbols[s.next].at))
	}
	for _, b := range []byte(text) {
		id := e.t.byteIDs[b]
		if id < 0 {
			dst = dst[:was]
			p := e.t.vocab.pipeline
			fuse := p != nil && p.fuseUnknown && s.prev >= 0 && was > 0 && dst[was-1] == e.t.vocab.UNK
			if e.t.vocab.UNK >= 0 && !fuse {
				dst = append(dst, e.t.vocab.UNK)
			}
			return dst
		}
		dst = append(dst, id)
	}
	return dst
}

// shrink gives back the memory of an unusually long word.
func (e *encoder) shrink() {
	const keep = 1 << 16 // symbols
	if cap(e.symbols) > keep {
		e.symbols = nil
		e.queue = queue{}
	}
	if cap(e.text) > keep {
		e.text = nil
	}
}
