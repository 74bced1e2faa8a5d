package cpu

import (
	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// The ops of this file treat every token of the batch on its own: a chunk is
// one row.

type embedOp struct{ accel.Embed }

func (o *embedOp) chunks(s *session) int { return s.rows }

func (o *embedOp) run(s *session, _, row int) {
	dst := s.buf(o.Dst, row)
	s.m.weights[o.W].row(dst, int(s.tokens[row]))
	if o.Scale != 1 {
		for i := range dst {
			dst[i] *= o.Scale
		}
	}
	s.setActs(o.Dst, row)
}

type normOp struct {
	accel.RMSNorm
	tail bool
}

func (o *normOp) chunks(s *session) int { return s.rows - s.from(o.tail) }

func (o *normOp) run(s *session, worker, chunk int) {
	row := s.from(o.tail) + chunk
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

// setOp stores the rows of a buffer for the products that read it.
type setOp struct {
	src  accel.Buffer
	tail bool
}

func (o *setOp) chunks(s *session) int {
	if s.acts[o.src] == nil {
		return 0
	}
	return s.rows - s.from(o.tail)
}

func (o *setOp) run(s *session, _, chunk int) { s.setActs(o.src, s.from(o.tail)+chunk) }

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

// storeOp appends the keys and values of the batch to the cache.
type storeOp struct{ accel.Attention }

func (o *storeOp) chunks(s *session) int { return s.rows }

func (o *storeOp) run(s *session, _, row int) {
	k, v := s.buf(o.K, row), s.buf(o.V, row)
	for h := range o.KVHeads {
		part := h * o.HeadDim
		s.cache.store(o.Layer, h, s.length+row, k[part:part+o.HeadDim], v[part:part+o.HeadDim])
	}
}
