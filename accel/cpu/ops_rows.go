package cpu

import (
	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// The ops of this file treat every token of the batch on its own.

// tileRows is how many rows of activations lie side by side (kernel.Acts). They
// make one chunk: lines of memory that two workers write go back and forth
// between them.
const tileRows = 8

// tiles is how many chunks rows from first up to end make, size being how many
// lie side by side.
func tiles(first, end, size int) int {
	if first >= end {
		return 0
	}
	return (end-1)/size - first/size + 1
}

// tileOf are the rows of such a chunk.
func tileOf(first, end, size, chunk int) (r0, r1 int) {
	at := (first/size + chunk) * size
	return max(at, first), min(at+size, end)
}

type embedOp struct{ accel.Embed }

func (o *embedOp) chunks(s *session) int { return tiles(0, s.rows, tileRows) }

func (o *embedOp) run(s *session, _, chunk int) {
	r0, r1 := tileOf(0, s.rows, tileRows, chunk)
	for row := r0; row < r1; row++ {
		dst := s.buf(o.Dst, row)
		s.m.weights[o.W].row(dst, int(s.tokens[row]))
		if o.Scale != 1 {
			for i := range dst {
				dst[i] *= o.Scale
			}
		}
		s.setActs(o.Dst, row)
	}
}

type normOp struct {
	accel.RMSNorm
	tail bool
}

func (o *normOp) chunks(s *session) int { return tiles(s.from(o.tail), s.rows, tileRows) }

func (o *normOp) run(s *session, worker, chunk int) {
	r0, r1 := tileOf(s.from(o.tail), s.rows, tileRows, chunk)
	for row := r0; row < r1; row++ {
		o.norm(s, worker, row)
	}
}

func (o *normOp) norm(s *session, worker, row int) {
	src, dst, w := s.buf(o.Src, row), s.buf(o.Dst, row), s.m.weights[o.W].vector
	out := dst
	if o.Add {
		out = s.local[worker].row[:len(dst)]
	}
	for i := 0; i < len(src); i += len(w) {
		kernel.RMSNorm(out[i:i+len(w)], src[i:i+len(w)], w, o.Eps)
	}
	if o.Add {
		kernel.Add(dst, dst, out)
	}
	s.setActs(o.Dst, row)
}

// setOp stores the rows of a buffer for the products that read it, if they are
// more than those that the op before it has stored itself, chunk by chunk: what
// one worker does alone between two steps that all share is what decoding a small
// model waits for.
type setOp struct {
	src  accel.Buffer
	tail bool
	done int
}

func (o *setOp) chunks(s *session) int {
	if s.acts[o.src] == nil || s.rows-s.from(o.tail) <= o.done {
		return 0
	}
	return tiles(s.from(o.tail), s.rows, tileRows)
}

func (o *setOp) run(s *session, _, chunk int) {
	r0, r1 := tileOf(s.from(o.tail), s.rows, tileRows, chunk)
	for row := r0; row < r1; row++ {
		s.setActs(o.src, row)
	}
}

type ropeOp struct{ accel.Rope }

func (o *ropeOp) chunks(s *session) int { return s.rows }

func (o *ropeOp) run(s *session, _, row int) {
	t := &s.rotary[o.Table]
	sin, cos := t.row(row)
	for _, x := range [...][]float32{s.buf(o.Q, row), s.buf(o.K, row)} {
		for h := 0; h < len(x); h += o.HeadDim {
			kernel.Rope(x[h:h+o.HeadDim], cos, sin, t.Neighbours)
		}
	}
}

// storeOp appends the keys and values of the batch to the cache. A chunk is up to
// 16 positions, whose keys lie side by side. Those of a single token that attends
// are stored by the workers that read them (attendOp).
type storeOp struct {
	accel.Attention
	tail bool // of the attention
}

const storeRows = 16

func (o *storeOp) chunks(s *session) int {
	if s.rows == 1 && s.from(o.tail) == 0 {
		return 0
	}
	return tiles(s.length, s.length+s.rows, storeRows)
}

func (o *storeOp) run(s *session, _, chunk int) {
	first, end := tileOf(s.length, s.length+s.rows, storeRows, chunk)
	for h := range o.KVHeads {
		for pos := first; pos < end; pos++ {
			store(s, o.Attention, h, pos)
		}
	}
}

// store appends the key and the value of a head for a position of the batch.
func store(s *session, a accel.Attention, head, pos int) {
	k, v := s.buf(a.K, pos-s.length), s.buf(a.V, pos-s.length)
	from, end := head*a.HeadDim, (head+1)*a.HeadDim
	s.cache.store(a.Layer, head, pos, k[from:end], v[from:end])
}
