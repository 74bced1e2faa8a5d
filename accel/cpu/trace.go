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
	at := func(w accel.Weight) *accel.Trouble {
		return &accel.Trouble{Kind: step.Kind(), Layer: -1, Weight: s.m.p.Weights[w].Name}
	}
	bad := func(b accel.Buffer) bool { return !finite(s.buf(b, s.rows-1)) }
	switch st := step.(type) {
	case accel.Embed:
		if bad(st.Dst) {
			return at(st.W)
		}
	case accel.RMSNorm:
		if bad(st.Dst) {
			return at(st.W)
		}
	case accel.MatMul:
		for _, o := range st.Out {
			if bad(o.Dst) {
				return at(o.W)
			}
		}
	case accel.Attention:
		if bad(st.Dst) {
			return &accel.Trouble{Kind: step.Kind(), Layer: st.Layer}
		}
	case accel.GatedMatMul:
		if bad(st.Dst) {
			return at(st.Gate)
		}
	case accel.Experts:
		if bad(st.Dst) {
			return at(st.Router)
		}
	case accel.Logits:
		if !finite(s.logits) {
			return at(st.W)
		}
	}
	return nil // a rotation makes nothing of its own
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
