package cpu

import (
	"context"

	"lumi/accel"
)

// Trace implements accel.Tracer.
func (s *session) Trace(ctx context.Context, token int32) (accel.Trouble, bool, error) {
	s.tracing, s.trouble = true, nil
	defer func() { s.tracing = false }()
	if _, err := s.Forward(ctx, []int32{token}, accel.WantLast); err != nil || s.trouble == nil {
		return accel.Trouble{}, false, err
	}
	return *s.trouble, true, nil
}

// inspect looks at what a step has made of the batch's last token; nil says
// that all of it is finite.
func (s *session) inspect(step accel.Step) *accel.Trouble {
	trouble := accel.Trouble{Kind: step.Kind(), Layer: -1}
	for _, r := range results(step) {
		if !finite(s.buf(r.Dst, s.rows-1)) {
			trouble.Weight = s.m.p.Weights[r.W].Name
			return &trouble
		}
	}
	switch st := step.(type) {
	case accel.Attention:
		if !finite(s.buf(st.Dst, s.rows-1)) {
			trouble.Layer = st.Layer
			return &trouble
		}
	case accel.Logits:
		if !finite(s.logits) {
			trouble.Weight = s.m.p.Weights[st.W].Name
			return &trouble
		}
	}
	return nil
}

// results lists what a step writes with which weight; nothing for the steps
// that have none, and for a rotation, which makes nothing of its own.
func results(step accel.Step) []accel.Product {
	switch st := step.(type) {
	case accel.Embed:
		return []accel.Product{{Dst: st.Dst, W: st.W}}
	case accel.RMSNorm:
		return []accel.Product{{Dst: st.Dst, W: st.W}}
	case accel.MatMul:
		return st.Out
	case accel.GatedMatMul:
		return []accel.Product{{Dst: st.Dst, W: st.Gate}}
	case accel.Experts:
		return []accel.Product{{Dst: st.Dst, W: st.Router}}
	}
	return nil
}

// finite reports whether no number is NaN or infinite.
func finite(x []float32) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
