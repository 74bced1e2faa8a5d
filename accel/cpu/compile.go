package cpu

import (
	"fmt"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// op is one barrier-to-barrier section of a Program: all its chunks may run at
// once, and all are done before the next op begins.
type op interface {
	chunks(s *session) int
	run(s *session, worker, chunk int)
}

// compile turns the Program's steps into ops. Two things happen on the way:
//
//   - A source of products is brought into the form that the kernels read
//     (quantised, as a rule) where it is made, row by row.
//   - After the last attention nobody looks back at earlier tokens, so from
//     there on only the rows whose logits are wanted are computed.
func (s *session) compile() {
	p := s.m.p
	s.forms = s.findForms()
	lastAttention := -1
	for i, st := range p.Steps {
		if _, ok := st.(accel.Attention); ok {
			lastAttention = i
		}
	}
	for i, st := range p.Steps {
		for j, o := range s.lower(st, i >= lastAttention) {
			s.ops = append(s.ops, o)
			s.kinds = append(s.kinds, st.Kind())
			s.first = append(s.first, j == 0)
			s.stepOf = append(s.stepOf, i)
		}
	}
	for i, o := range s.ops {
		if o, ok := o.(*attendOp); ok && i+2 < len(s.ops) {
			o.next, _ = s.ops[i+2].(*matMulOp) // behind a setOp
		}
	}
}

// findForms says in which forms the packed weights read each buffer.
func (s *session) findForms() []kernel.Form {
	p := s.m.p
	out := make([]kernel.Form, len(p.Buffers))
	mark := func(src accel.Buffer, weights ...accel.Weight) {
		for _, w := range weights {
			if p := s.m.weights[w].packed; p != nil {
				out[src] |= p.Form()
			}
		}
	}
	for _, st := range p.Steps {
		switch st := st.(type) {
		case accel.MatMul:
			for _, o := range st.Out {
				mark(st.Src, o.W)
			}
		case accel.GatedMatMul:
			mark(st.Src, st.Gate, st.Up)
		case accel.Experts:
			mark(st.Src, st.Router)
		case accel.Logits:
			mark(st.Src, st.W)
		}
	}
	return out
}

// setActs stores a finished row of a buffer for the products that read it.
func (s *session) setActs(b accel.Buffer, row int) {
	s.setPart(b, row, 0, s.m.p.Buffers[b].Width)
}

// setPart stores columns of a row, as setActs does with all of them.
func (s *session) setPart(b accel.Buffer, row, from, end int) {
	if a := s.acts[b]; a != nil {
		a.SetPart(row, s.buf(b, row), from, end)
	}
}

// lower turns one step into ops. Tail steps work on the wanted rows only.
func (s *session) lower(st accel.Step, tail bool) []op {
	switch st := st.(type) {
	case accel.Embed:
		return []op{&embedOp{st}}
	case accel.RMSNorm:
		return []op{&normOp{st, tail}}
	case accel.MatMul:
		ops := []op{newMatMulOp(s, st, tail)}
		for _, o := range st.Out {
			if s.forms[o.Dst] != 0 {
				ops = append(ops, &setOp{o.Dst, tail, 0})
			}
		}
		return ops
	case accel.Rope:
		return []op{&ropeOp{st}}
	case accel.Attention:
		s.parts.fit(st, s.context)
		attend := &attendOp{Attention: st, tail: tail}
		return []op{&storeOp{st, tail}, attend, &setOp{st.Dst, tail, attend.sets()}}
	case accel.GatedMatMul:
		return []op{newGatedOp(s, st, tail), &setOp{st.Dst, tail, few}}
	case accel.Experts:
		return newExpertOps(s, st, tail)
	case accel.Logits:
		return []op{&compactOp{st.Src}, newLogitsOp(s, st)}
	}
	panic(fmt.Sprintf("step %T passed the Program's check", st))
}

// from is the first row that an op works on.
func (s *session) from(tail bool) int {
	if tail {
		return s.tail
	}
	return 0
}
