package cpu

import (
	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// mixture is the memory of the Experts steps, which share it. A token is
// computed once for every expert that it goes to. Each such pair has a slot;
// the slots are sorted by expert, and by token within one, so that the tokens
// of an expert lie side by side as the products want them.
type mixture struct {
	shares []float32 // [batch][experts]: what the router says
	share  []float32 // [batch][used]: of the chosen experts
	chosen []int32   // [batch][used]
	slots  []int32   // [batch][used]
	active []int32   // experts that have tokens
	start  []int32   // by expert, one more at the end: its first slot
	tokens []int32   // by slot: the row of the batch

	in, hidden *kernel.Acts // by slot
	gate, up   []float32    // [slots][ffn]; gate becomes the hidden layer
	rows       []float32    // [slots][width]: what goes in, then what comes out
}

// mixtureShape is what the largest of the Experts steps needs, per token of
// the batch.
type mixtureShape struct{ experts, used, in, ffn, out int }

func (s *session) mixtureShape() (m mixtureShape) {
	p := s.m.p
	for _, st := range p.Steps {
		if e, ok := st.(accel.Experts); ok {
			m.experts = max(m.experts, len(e.Each))
			m.used = max(m.used, e.Used)
			m.in = max(m.in, p.Buffers[e.Src].Width)
			m.out = max(m.out, p.Buffers[e.Dst].Width)
			m.ffn = max(m.ffn, p.Weights[e.Each[0].Gate].Rows)
		}
	}
	return m
}

// floats is how many float32 values a batch takes from the arena.
func (m mixtureShape) floats(batch int) int64 {
	return int64(batch) * int64(m.experts+m.used*(1+2*m.ffn+max(m.in, m.out)))
}

// newMixture takes the memory for the Experts steps, if there are any.
func (s *session) newMixture(m mixtureShape) *mixture {
	if m.experts == 0 {
		return nil
	}
	slots := s.batch * m.used
	return &mixture{
		shares: s.floats(s.batch * m.experts), share: s.floats(slots),
		gate: s.floats(slots * m.ffn), up: s.floats(slots * m.ffn), rows: s.floats(slots * max(m.in, m.out)),
		chosen: make([]int32, slots), slots: make([]int32, slots), tokens: make([]int32, slots),
		active: make([]int32, 0, m.experts), start: make([]int32, m.experts+1),
		in: s.newActs(slots, m.in), hidden: s.newActs(slots, m.ffn),
	}
}

// expertsOp is what the ops of an Experts step share.
type expertsOp struct {
	accel.Experts
	router         *weight
	gate, up, down []*weight
	in, hidden     kernel.Form // in which the packed weights read their sources
	tail           bool
}

func newExpertOps(s *session, st accel.Experts, tail bool) []op {
	o := &expertsOp{Experts: st, router: &s.m.weights[st.Router], tail: tail}
	form := func(w accel.Weight) (*weight, kernel.Form) {
		if p := s.m.weights[w].packed; p != nil {
			return &s.m.weights[w], p.Form()
		}
		return &s.m.weights[w], 0
	}
	for _, e := range st.Each {
		gate, f := form(e.Gate)
		up, g := form(e.Up)
		down, h := form(e.Down)
		o.gate, o.up, o.down = append(o.gate, gate), append(o.up, up), append(o.down, down)
		o.in, o.hidden = o.in|f|g, o.hidden|h
	}
	return []op{
		&routerOp{o, newPlan(s, []*weight{o.router})},
		&routeOp{o},
		&sortOp{o},
		&gatherOp{o},
		&expertGateOp{expertProducts{o, newPlan(s, o.gate[:1])}},
		&expertSetOp{o},
		&expertDownOp{expertProducts{o, newPlan(s, o.down[:1])}},
		&combineOp{o},
	}
}

// count is the number of rows that the step works on.
func (o *expertsOp) count(s *session) int { return max(0, s.rows-s.from(o.tail)) }

// at is the place of a row's first chosen expert.
func (o *expertsOp) at(row int) int { return row * o.Used }

// routerOp computes the router's scores.
type routerOp struct {
	*expertsOp
	plan
}

func (o *routerOp) chunks(s *session) int {
	if n := o.count(s); n > 0 {
		return len(o.of(n))
	}
	return 0
}

func (o *routerOp) run(s *session, worker, chunk int) {
	c := o.of(o.count(s))[chunk][0]
	s.product(worker, o.router, o.Src, s.mixture.shares, c.g0, c.g1, s.from(o.tail), s.rows)
}

// routeOp chooses the experts of each row.
type routeOp struct{ *expertsOp }

func (o *routeOp) chunks(s *session) int { return o.count(s) }

func (o *routeOp) run(s *session, _, chunk int) {
	m, n := s.mixture, len(o.Each)
	row := s.from(o.tail) + chunk
	shares := m.shares[row*n : (row+1)*n]
	kernel.Softmax(shares)
	sum := float32(0)
	for i := o.at(row); i < o.at(row)+o.Used; i++ {
		best := kernel.Argmax(shares)
		m.chosen[i], m.share[i] = int32(best), shares[best]
		sum += shares[best]
		shares[best] = -1 // a share is never negative
	}
	if o.Normalise {
		kernel.Scale(m.share[o.at(row):o.at(row)+o.Used], 1/sum)
	}
}

// sortOp gives every pair of token and expert its slot.
type sortOp struct{ *expertsOp }

func (o *sortOp) chunks(s *session) int { return min(1, o.count(s)) }

func (o *sortOp) run(s *session, _, _ int) {
	m, t0 := s.mixture, s.from(o.tail)
	chosen := m.chosen[o.at(t0):o.at(s.rows)]
	start := m.start[:len(o.Each)+1]
	clear(start)
	for _, e := range chosen {
		start[e+1]++
	}
	m.active = m.active[:0]
	for e := range o.Each {
		if start[e+1] > 0 {
			m.active = append(m.active, int32(e))
		}
		start[e+1] += start[e]
	}
	for i, e := range chosen { // start[e] runs through e's slots
		m.slots[o.at(t0)+i], m.tokens[start[e]] = start[e], int32(t0+i/o.Used)
		start[e]++
	}
	copy(start[1:], start) // now each holds its end, the next one's start
	start[0] = 0
	m.in.Reset(len(chosen), o.gate[0].Cols, o.in)
	m.hidden.Reset(len(chosen), o.gate[0].Rows, o.hidden)
}

// gatherOp copies the rows of the source to their slots.
type gatherOp struct{ *expertsOp }

func (o *gatherOp) chunks(s *session) int { return tiles(0, o.count(s)*o.Used, tileRows) }

func (o *gatherOp) run(s *session, _, chunk int) {
	m := s.mixture
	first, end := tileOf(0, o.count(s)*o.Used, tileRows, chunk)
	for slot := first; slot < end; slot++ {
		row := s.buf(o.Src, int(m.tokens[slot]))
		copy(m.rows[slot*len(row):], row)
		m.in.Set(slot, row)
	}
}

// expertProducts is what the ops that multiply by the experts' weights share: a
// chunk is some rows of one of the active experts, with all of its slots.
type expertProducts struct {
	*expertsOp
	plan
}

func (o *expertProducts) chunks(s *session) int {
	if o.count(s) == 0 {
		return 0
	}
	return len(s.mixture.active) * len(o.spans(s))
}

// spans are the shares of one expert's rows.
func (o *expertProducts) spans(s *session) [][]span { return o.of(o.share(s)) }

// share is how many tokens an active expert has on average.
func (o *expertsOp) share(s *session) int {
	return o.count(s) * o.Used / max(1, len(s.mixture.active))
}

// cut is what a chunk stands for.
func (o *expertProducts) cut(s *session, chunk int) (expert int, c span, t0, t1 int) {
	m, spans := s.mixture, o.spans(s)
	expert = int(m.active[chunk/len(spans)])
	return expert, spans[chunk%len(spans)][0], int(m.start[expert]), int(m.start[expert+1])
}

// expertGateOp computes both products of the experts' gates.
type expertGateOp struct{ expertProducts }

func (o *expertGateOp) run(s *session, worker, chunk int) {
	m := s.mixture
	e, c, t0, t1 := o.cut(s, chunk)
	width := o.gate[e].Rows
	s.multiply(worker, o.gate[e], m.in, m.rows, m.gate, c.g0, c.g1, t0, t1)
	s.multiply(worker, o.up[e], m.in, m.rows, m.up, c.g0, c.g1, t0, t1)
	r0, r1 := c.g0*groupRows, min(c.g1*groupRows, width)
	for t := t0; t < t1; t++ {
		row := m.gate[t*width : (t+1)*width]
		gated(o.Act, row[r0:r1], m.up[t*width+r0:t*width+r1])
		if o.share(s) <= few {
			m.hidden.SetPart(t, row, r0, r1)
		}
	}
}

// expertSetOp stores the hidden layers for the products that read them.
type expertSetOp struct{ *expertsOp }

func (o *expertSetOp) chunks(s *session) int {
	if o.share(s) <= few {
		return 0
	}
	return tiles(0, o.count(s)*o.Used, tileRows)
}

func (o *expertSetOp) run(s *session, _, chunk int) {
	width := o.gate[0].Rows
	first, end := tileOf(0, o.count(s)*o.Used, tileRows, chunk)
	for slot := first; slot < end; slot++ {
		s.mixture.hidden.Set(slot, s.mixture.gate[slot*width:(slot+1)*width])
	}
}

// expertDownOp computes what the experts answer.
type expertDownOp struct{ expertProducts }

func (o *expertDownOp) run(s *session, worker, chunk int) {
	m := s.mixture
	e, c, t0, t1 := o.cut(s, chunk)
	s.multiply(worker, o.down[e], m.hidden, m.gate, m.rows, c.g0, c.g1, t0, t1)
}

// combineOp adds the answers of each row's experts to the destination.
type combineOp struct{ *expertsOp }

func (o *combineOp) chunks(s *session) int { return o.count(s) }

func (o *combineOp) run(s *session, _, chunk int) {
	m := s.mixture
	row := s.from(o.tail) + chunk
	dst := s.buf(o.Dst, row)
	for i := o.at(row); i < o.at(row)+o.Used; i++ {
		answer := m.rows[int(m.slots[i])*len(dst):][:len(dst)]
		kernel.Scale(answer, m.share[i])
		kernel.Add(dst, dst, answer)
	}
	s.setActs(o.Dst, row)
}
