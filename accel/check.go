package accel

import (
	"errors"
	"fmt"
	"math"
)

// Check verifies that the Program is complete and that all shapes fit, so that
// a device may run it without further checks. It names the first step that
// does not fit.
func (p *Program) Check() error {
	for i, t := range p.Weights {
		if err := t.check(); err != nil {
			return fmt.Errorf("weight %d: %w", i, err)
		}
	}
	for i, b := range p.Buffers {
		if b.Width <= 0 {
			return fmt.Errorf("buffer %d (%s) has width %d", i, b.Name, b.Width)
		}
	}
	if err := p.checkLimits(); err != nil {
		return err
	}
	for i, s := range p.Steps {
		if err := p.checkStep(s); err != nil {
			return fmt.Errorf("step %d (%s): %w", i, s.Kind(), err)
		}
	}
	if n := len(p.Steps); n == 0 {
		return errors.New("the program has no steps")
	} else if _, ok := p.Steps[n-1].(Logits); !ok {
		return errors.New("the program does not end in logits")
	}
	if _, ok := p.Steps[0].(Embed); !ok {
		return errors.New("the program does not begin with an embedding")
	}
	return nil
}

func (t Tensor) check() error {
	if t.Rows <= 0 || t.Cols <= 0 || t.Rows > math.MaxInt32 || t.Cols > math.MaxInt32 {
		return fmt.Errorf("%s has shape %d×%d", t.Name, t.Rows, t.Cols)
	}
	row, err := t.Type.RowBytes(t.Cols)
	if err != nil {
		return fmt.Errorf("%s: %w", t.Name, err)
	}
	if want := int64(row) * int64(t.Rows); want != int64(len(t.Data)) {
		return fmt.Errorf("%s: %d bytes of data, want %d", t.Name, len(t.Data), want)
	}
	return nil
}

func (p *Program) checkStep(s Step) error {
	switch s := s.(type) {
	case Embed:
		return p.shape(s.W, -1, p.width(s.Dst))
	case RMSNorm:
		if p.width(s.Src) != p.width(s.Dst) {
			return errors.New("source and destination differ in width")
		}
		return p.checkPart(s.W, p.width(s.Src))
	case MatMul:
		if len(s.Out) == 0 {
			return errors.New("no outputs")
		}
		for _, o := range s.Out {
			err := p.shape(o.W, p.width(o.Dst), p.width(s.Src))
			if err == nil && o.Bias != None {
				err = p.shape(o.Bias, 1, p.width(o.Dst))
			}
			if err != nil {
				return err
			}
		}
	case Rope:
		if s.Table < 0 || int(s.Table) >= len(p.Tables) {
			return errors.New("unknown rotary table")
		}
		if n := len(p.Tables[s.Table].Freq); n == 0 || 2*n > s.HeadDim {
			return fmt.Errorf("%d rotated columns in heads of %d", 2*n, s.HeadDim)
		}
		return p.heads(s.Q, s.K, s.K, s.Heads, s.KVHeads, s.HeadDim)
	case Attention:
		if s.Layer < 0 || p.width(s.Dst) != p.width(s.Q) {
			return errors.New("destination and queries differ in width")
		}
		if s.Window < 0 {
			return fmt.Errorf("a window of %d positions", s.Window)
		}
		return p.heads(s.Q, s.K, s.V, s.Heads, s.KVHeads, s.HeadDim)
	case GatedMatMul:
		if err := p.shape(s.Gate, p.width(s.Dst), p.width(s.Src)); err != nil {
			return err
		}
		return p.shape(s.Up, p.width(s.Dst), p.width(s.Src))
	case Experts:
		return p.checkExperts(s)
	case Logits:
		return p.shape(s.W, -1, p.width(s.Src))
	default:
		return fmt.Errorf("unknown step %T", s)
	}
	return nil
}

// checkLimits demands that all tables change at the same length.
func (p *Program) checkLimits() error {
	limit := 0
	for _, t := range p.Tables {
		switch {
		case t.Long == nil:
		case len(t.Long) != len(t.Freq) || t.Limit < 1:
			return fmt.Errorf("a rotary table has %d frequencies, and %d for sequences of more than %d tokens", len(t.Freq), len(t.Long), t.Limit)
		case limit != 0 && limit != t.Limit:
			return fmt.Errorf("rotary tables change beyond %d and beyond %d tokens", limit, t.Limit)
		default:
			limit = t.Limit
		}
	}
	return nil
}

// checkPart checks a vector whose length divides a width.
func (p *Program) checkPart(w Weight, width int) error {
	if w < 0 || int(w) >= len(p.Weights) {
		return fmt.Errorf("unknown weight %d", w)
	}
	t := p.Weights[w]
	if t.Rows != 1 || width <= 0 || width%t.Cols != 0 {
		return fmt.Errorf("%s has shape %d×%d, want one row of %d columns or a part of them", t.Name, t.Rows, t.Cols, width)
	}
	return nil
}

func (p *Program) checkExperts(s Experts) error {
	n := len(s.Each)
	if s.Used < 1 || s.Used > n {
		return fmt.Errorf("%d of %d experts are to be used", s.Used, n)
	}
	in, out := p.width(s.Src), p.width(s.Dst)
	if err := p.shape(s.Router, n, in); err != nil {
		return err
	}
	if err := p.shape(s.Each[0].Gate, -1, in); err != nil {
		return err
	}
	width := p.Weights[s.Each[0].Gate].Rows
	for _, e := range s.Each {
		for _, err := range []error{p.shape(e.Gate, width, in), p.shape(e.Up, width, in), p.shape(e.Down, out, width)} {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// width is the width of a buffer, or −1 if there is no such buffer.
func (p *Program) width(b Buffer) int {
	if b < 0 || int(b) >= len(p.Buffers) {
		return -1
	}
	return p.Buffers[b].Width
}

// shape checks the shape of a weight; rows −1 stands for any number.
func (p *Program) shape(w Weight, rows, cols int) error {
	if w < 0 || int(w) >= len(p.Weights) {
		return fmt.Errorf("unknown weight %d", w)
	}
	t := p.Weights[w]
	if (rows >= 0 && t.Rows != rows) || t.Cols != cols {
		return fmt.Errorf("%s has shape %d×%d, want %d×%d", t.Name, t.Rows, t.Cols, rows, cols)
	}
	return nil
}

func (p *Program) heads(q, k, v Buffer, heads, kvHeads, dim int) error {
	if heads <= 0 || kvHeads <= 0 || dim <= 0 || heads%kvHeads != 0 {
		return fmt.Errorf("%d heads of %d share %d key/value heads", heads, dim, kvHeads)
	}
	if p.width(q) != heads*dim || p.width(k) != kvHeads*dim || p.width(v) != kvHeads*dim {
		return fmt.Errorf("buffers of widths %d, %d, %d for %d/%d heads of %d",
			p.width(q), p.width(k), p.width(v), heads, kvHeads, dim)
	}
	return nil
}
