package cpu

import (
	"sync/atomic"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// tile is how many tokens of a batch a worker takes through the cache
// together: each key and value read then serves tile × group queries.
const tile = 16

// attention is a worker's memory for the attention of a tile.
type attention struct {
	*kernel.Attention
	q      []float32 // gathered queries
	lo, hi []int32   // by query: positions within the chunk
	part   *kernel.Partial
	sum    *kernel.Partial
}

// partials are the results per head and chunk when one token is decoded: the
// chunks are shared out to all workers, and who completes the last one of a head
// merges them, in order.
type partials struct {
	parts  [][]*kernel.Partial // [key/value head][chunk]
	done   []atomic.Int32      // chunks by key/value head
	group  int                 // most query heads per key/value head
	dim    int                 // largest head
	heads  int                 // most key/value heads
	chunks int
}

// fit grows the plan to hold what a step needs.
func (p *partials) fit(a accel.Attention, context int) {
	p.group = max(p.group, a.Heads/a.KVHeads)
	p.dim = max(p.dim, a.HeadDim)
	p.heads = max(p.heads, a.KVHeads)
	p.chunks = (context + kernel.Chunk - 1) / kernel.Chunk
}

// allocate makes the planned memory.
func (p *partials) allocate() {
	p.done = make([]atomic.Int32, p.heads)
	for range p.heads {
		row := make([]*kernel.Partial, p.chunks)
		for i := range row {
			row[i] = kernel.NewPartial(p.group, p.dim)
		}
		p.parts = append(p.parts, row)
	}
}

// reset forgets the chunks of a token that was given up.
func (p *partials) reset() {
	for i := range p.done {
		p.done[i].Store(0)
	}
}

func (p *partials) newAttention() attention {
	n := tile * p.group
	return attention{
		Attention: kernel.NewAttention(p.dim),
		q:         make([]float32, n*p.dim),
		lo:        make([]int32, n), hi: make([]int32, n),
		part: kernel.NewPartial(n, p.dim), sum: kernel.NewPartial(n, p.dim),
	}
}

// attendOp computes attention. With one token its chunks are (key/value head,
// chunk of positions); with more they are (key/value head, tile of tokens).
type attendOp struct {
	accel.Attention
	tail bool
	next *matMulOp // that comes after it, nil if something else does
}

func (o *attendOp) chunks(s *session) int {
	switch n := s.rows - s.from(o.tail); {
	case n <= 0:
		return 0
	case n == 1:
		first, end := chunksOf(s, o.Attention, s.rows-1)
		return o.KVHeads * (end - first)
	default:
		return o.KVHeads * ((n + tile - 1) / tile)
	}
}

// sets is up to how many tokens the op stores its results for the products that
// read them.
func (o *attendOp) sets() int {
	if o.Heads/o.KVHeads*o.HeadDim%kernel.Block == 0 {
		return 1
	}
	return 0
}

func (o *attendOp) run(s *session, worker, chunk int) {
	a := &s.local[worker].attention
	if s.rows-s.from(o.tail) == 1 {
		o.one(s, a, worker, chunk)
		return
	}
	head, n := chunk%o.KVHeads, chunk/o.KVHeads
	t0 := s.from(o.tail) + n*tile
	t1 := min(t0+tile, s.rows)
	queries := o.Heads / o.KVHeads * (t1 - t0)
	a.sum.Reset()
	first, _ := chunksOf(s, o.Attention, t0)
	_, end := chunksOf(s, o.Attention, t1-1)
	for c := first; c < end; c++ {
		o.attend(s, a, a.part, head, c, t0, t1)
		a.sum.Merge(a.part, queries)
	}
	o.finish(s, a, head, t0, queries)
}

// one computes a chunk of positions of a head for the only row, in the order in
// which they lie in memory, and merges the head's chunks if it was the last.
func (o *attendOp) one(s *session, a *attention, worker, chunk int) {
	row := s.rows - 1
	first, end := chunksOf(s, o.Attention, row)
	head, c := chunk%o.KVHeads, first+chunk/o.KVHeads
	if s.rows == 1 && c == end-1 {
		store(s, o.Attention, head, s.length)
	}
	parts := s.parts.parts[head]
	a.Also = o.ahead(s, worker, chunk, o.KVHeads*(end-first))
	o.attend(s, a, parts[c], head, c, row, s.rows)
	a.Also = nil
	if int(s.parts.done[head].Add(1)) < end-first {
		return
	}
	s.parts.done[head].Store(0)
	group := o.Heads / o.KVHeads
	a.sum.Reset()
	for _, p := range parts[first:end] {
		a.sum.Merge(p, group)
	}
	o.finish(s, a, head, row, group)
	if o.sets() > 0 {
		s.setPart(o.Dst, row, head*group*o.HeadDim, (head+1)*group*o.HeadDim)
	}
}

// ahead is what of the weights that come next a worker fetches with one of n
// chunks: the weights of its own region, so that all of them have been when its
// chunks are done. Attention computes more than it reads and products of one token
// read more than they compute.
func (o *attendOp) ahead(s *session, worker, chunk, n int) []byte {
	if o.next == nil {
		return nil
	}
	weights := o.next.region(s, worker)
	size := s.cache.layers[o.Layer].KeyBytes()
	_, end := s.m.team.region(worker, n)
	from := len(weights) - (end-chunk)*size
	if from < 0 || from+size > len(weights) {
		return nil
	}
	return weights[from : from+size]
}

// firstPosition is the first position that a row looks at.
func firstPosition(s *session, a accel.Attention, row int) int {
	if a.Window == 0 {
		return 0
	}
	return max(0, s.length+row+1-a.Window)
}

// chunksOf are the chunks of positions that a row looks at.
func chunksOf(s *session, a accel.Attention, row int) (first, end int) {
	return firstPosition(s, a, row) / kernel.Chunk, (s.seen(row)-1)/kernel.Chunk + 1
}

// finish writes the merged attention of the queries of a tile that begins at row
// t0 to where they go.
func (o *attendOp) finish(s *session, a *attention, head, t0, queries int) {
	group := o.Heads / o.KVHeads
	for i := range queries {
		at := (head*group + i%group) * o.HeadDim
		a.sum.Result(s.buf(o.Dst, t0+i/group)[at:at+o.HeadDim], i)
	}
}

// attend runs the queries of rows [t0, t1) that share a key/value head over
// one chunk of positions.
func (o *attendOp) attend(s *session, a *attention, out *kernel.Partial, head, chunk, t0, t1 int) {
	group := o.Heads / o.KVHeads
	width := group * o.HeadDim
	for t := t0; t < t1; t++ {
		row := s.buf(o.Q, t)[head*width : (head+1)*width]
		copy(a.q[(t-t0)*width:], row)
		lo := int32(max(0, firstPosition(s, o.Attention, t)-chunk*kernel.Chunk))
		hi := int32(max(0, min(kernel.Chunk, s.seen(t)-chunk*kernel.Chunk)))
		for i := range group {
			a.lo[(t-t0)*group+i], a.hi[(t-t0)*group+i] = lo, hi
		}
	}
	n := (t1 - t0) * group
	l := &s.cache.layers[o.Layer]
	a.SoftCap = o.SoftCap
	keys, values := s.cache.chunk(l, head, chunk)
	l.Attend(out, a.Attention, a.q[:n*o.HeadDim], o.Scale, keys, values, a.lo[:n], a.hi[:n])
}
