package cpu

import (
	"slices"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// How many bytes of weights a chunk reads when one token is decoded. For less than
// the minimum it is not worth it that one more worker takes part; with more than the
// maximum, a worker that the system puts aside holds up too much. The last chunks of
// a worker are about as short as lastChunkBytes: shorter ones cost more to take than
// is won.
const (
	minChunkBytes  = 96 << 10
	lastChunkBytes = 160 << 10
	maxChunkBytes  = 2 << 20
)

// few is up to how many tokens weights are read in long runs: so few take as long as
// the weights take to come.
const few = 4

// groupRows is the number of rows in a group, of packed weights or others.
const groupRows = kernel.Rows

// product multiplies the rows of groups [g0, g1) of w by rows [t0, t1) of the
// source and writes y[t·w.Rows + row].
func (s *session) product(worker int, w *weight, src accel.Buffer, y []float32, g0, g1, t0, t1 int) {
	s.multiply(worker, w, s.acts[src], s.bufs[src], y, g0, g1, t0, t1)
}

// multiply multiplies the rows of groups [g0, g1) of w by rows [t0, t1) of x,
// which acts holds for packed weights, and writes y[t·w.Rows + row].
func (s *session) multiply(worker int, w *weight, acts *kernel.Acts, x, y []float32, g0, g1, t0, t1 int) {
	if w.packed != nil {
		kernel.MatMul(w.packed, acts, y, w.Rows, g0, g1, t0, t1)
		return
	}
	row := s.local[worker].row[:w.Cols]
	for r := g0 * groupRows; r < min(g1*groupRows, w.Rows); r++ {
		w.row(row, r)
		for t := t0; t < t1; t++ {
			y[t*w.Rows+r] = dot(row, x[t*w.Cols:(t+1)*w.Cols])
		}
	}
}

// dot is the scalar product of two rows of the same length.
func dot(a, b []float32) float32 {
	var sum [8]float32
	b = b[:len(a)]
	i := 0
	for ; i+8 <= len(a); i += 8 {
		x, y := (*[8]float32)(a[i:]), (*[8]float32)(b[i:])
		for j := range sum {
			sum[j] += x[j] * y[j]
		}
	}
	for ; i < len(a); i++ {
		sum[0] += a[i] * b[i]
	}
	return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]))
}

// span is a run of groups of one output.
type span struct {
	out    int
	g0, g1 int
}

// plan holds the chunks of a step for few tokens and for many. Those for few make
// whole blocks of the activations that the step's results become.
type plan struct{ few, many [][]span }

// newPlan cuts the step for few tokens into long runs of weights, see ends. For many
// a chunk is a group.
func newPlan(s *session, weights []*weight) plan {
	total, least := 0, lastChunkBytes
	var groups []span
	for i, w := range weights {
		least = max(least, unitGroups*w.groupBytes())
		total += w.groupBytes() * kernel.Groups(w.Rows)
		for g := range kernel.Groups(w.Rows) {
			groups = append(groups, span{i, g, g + 1})
		}
	}
	p := plan{few: cut(weights, ends(total, least, s.m.team.size())), many: make([][]span, len(groups))}
	for i := range groups {
		p.many[i] = groups[i : i+1]
	}
	return p
}

// ends cuts so many bytes of weights into chunks of at least the given size and
// returns where each of them ends. Workers have equal shares. Of what is left of its
// share a worker takes half each time: a worker that reads on is up to 1.7 times as
// fast as one that is sent elsewhere every few pages, and what lies at the end of the
// shares is in small pieces, so that who is done first can help the others and
// waits little.
func ends(total, least, workers int) []int {
	workers = max(1, min(workers, total/minChunkBytes))
	var out []int
	for i := range workers {
		at, end := total*i/workers, total*(i+1)/workers
		for end-at >= 2*least {
			at += min((end-at)/2, maxChunkBytes)
			out = append(out, at)
		}
		out = append(out, end)
	}
	return out
}

// unitGroups is the number of groups that compute a block of the results.
const unitGroups = kernel.Block / groupRows

// cut cuts weights into the chunks that end after so many bytes of all of them, or
// where the block of results that the byte belongs to ends.
func cut(weights []*weight, ends []int) [][]span {
	out := make([][]span, len(ends))
	before := 0 // bytes of the weights before
	for i, w := range weights {
		groups, size := kernel.Groups(w.Rows), w.groupBytes()
		g := 0
		for c := range out {
			left := max(0, ends[c]-before) // up to where the chunk ends
			end := min(groups, (left+unitGroups*size-1)/(unitGroups*size)*unitGroups)
			if end > g {
				out[c] = append(out[c], span{i, g, end})
				g = end
			}
		}
		before += groups * size
	}
	return slices.DeleteFunc(out, func(c []span) bool { return len(c) == 0 })
}

func (p *plan) of(rows int) [][]span {
	if rows <= few {
		return p.few
	}
	return p.many
}

type matMulOp struct {
	accel.MatMul
	plan
	weights []*weight
	tail    bool
}

func newMatMulOp(s *session, st accel.MatMul, tail bool) *matMulOp {
	o := &matMulOp{MatMul: st, tail: tail}
	for _, out := range st.Out {
		o.weights = append(o.weights, &s.m.weights[out.W])
	}
	o.plan = newPlan(s, o.weights)
	return o
}

// region is the weights of the chunks that are a worker's own for one token, nil
// if they do not lie side by side.
func (o *matMulOp) region(s *session, worker int) []byte {
	first, end := s.m.team.region(worker, len(o.few))
	if len(o.weights) > 1 || o.weights[0].packed == nil || first == end {
		return nil
	}
	return o.weights[0].packed.Groups(o.few[first][0].g0, o.few[end-1][0].g1)
}

func (o *matMulOp) chunks(s *session) int {
	if n := s.rows - s.from(o.tail); n > 0 {
		return len(o.of(n))
	}
	return 0
}

func (o *matMulOp) run(s *session, worker, chunk int) {
	t0 := s.from(o.tail)
	for _, c := range o.of(s.rows - t0)[chunk] {
		o.product(s, worker, c, t0)
	}
}

// product computes a span of rows of one output.
func (o *matMulOp) product(s *session, worker int, c span, t0 int) {
	out, w := o.Out[c.out], o.weights[c.out]
	r0, r1 := c.g0*groupRows, min(c.g1*groupRows, w.Rows)
	dst := s.bufs[out.Dst]
	if o.Add {
		dst = s.up
	}
	s.product(worker, w, o.Src, dst, c.g0, c.g1, t0, s.rows)
	if out.Bias == accel.None && !o.Add {
		return
	}
	for t := t0; t < s.rows; t++ {
		y := dst[t*w.Rows+r0 : t*w.Rows+r1]
		if out.Bias != accel.None {
			kernel.Add(y, y, s.m.weights[out.Bias].vector[r0:r1])
		}
		if o.Add {
			if o.Scale != 0 {
				kernel.Scale(y, o.Scale)
			}
			x := s.buf(out.Dst, t)[r0:r1]
			kernel.Add(x, x, y)
		}
	}
}

// gatedOp computes both products of the same rows in one chunk, so that the
// activation finds them in the cache.
type gatedOp struct {
	accel.GatedMatMul
	plan
	gate, up *weight
	tail     bool
}

func newGatedOp(s *session, st accel.GatedMatMul, tail bool) *gatedOp {
	o := &gatedOp{
		GatedMatMul: st, gate: &s.m.weights[st.Gate], up: &s.m.weights[st.Up],
		tail: tail,
	}
	o.plan = newPlan(s, []*weight{o.gate})
	return o
}

func (o *gatedOp) chunks(s *session) int {
	if n := s.rows - s.from(o.tail); n > 0 {
		return len(o.of(n))
	}
	return 0
}

func (o *gatedOp) run(s *session, worker, chunk int) {
	t0 := s.from(o.tail)
	c := o.of(s.rows - t0)[chunk][0]
	width := o.gate.Rows
	r0, r1 := c.g0*groupRows, min(c.g1*groupRows, width)
	s.product(worker, o.gate, o.Src, s.bufs[o.Dst], c.g0, c.g1, t0, s.rows)
	s.product(worker, o.up, o.Src, s.up, c.g0, c.g1, t0, s.rows)
	for t := t0; t < s.rows; t++ {
		gated(o.Act, s.buf(o.Dst, t)[r0:r1], s.up[t*width+r0:t*width+r1])
		if s.rows-t0 <= few {
			s.setPart(o.Dst, t, r0, r1)
		}
	}
}

// gated writes act(y) × up to y.
func gated(act accel.Activation, y, up []float32) {
	if act == accel.GELU {
		kernel.GELUMul(y, y, up)
	} else {
		kernel.SiLUMul(y, y, up)
	}
}

// compactOp moves the rows whose logits are wanted to the front, where the
// logits are computed from. It has work only when some rows are not wanted.
type compactOp struct {
	src accel.Buffer
}

func (o *compactOp) chunks(s *session) int {
	if s.tail > 0 && s.tail < s.rows {
		return 1
	}
	return 0
}

func (o *compactOp) run(s *session, _, _ int) {
	for t := s.tail; t < s.rows; t++ {
		copy(s.buf(o.src, t-s.tail), s.buf(o.src, t))
		s.setActs(o.src, t-s.tail)
	}
}

type logitsOp struct {
	accel.Logits
	plan
	w *weight
}

func newLogitsOp(s *session, st accel.Logits) *logitsOp {
	w := &s.m.weights[st.W]
	return &logitsOp{Logits: st, w: w, plan: newPlan(s, []*weight{w})}
}

func (o *logitsOp) chunks(s *session) int {
	if n := s.rows - s.tail; n > 0 {
		return len(o.of(n))
	}
	return 0
}

func (o *logitsOp) run(s *session, worker, chunk int) {
	n := s.rows - s.tail
	c := o.of(n)[chunk][0]
	y := s.logits[s.given*o.w.Rows:]
	s.product(worker, o.w, o.Src, y, c.g0, c.g1, 0, n)
	if o.Scale == 0 && o.SoftCap == 0 {
		return
	}
	for t := range n {
		part := y[t*o.w.Rows+c.g0*groupRows : t*o.w.Rows+min(c.g1*groupRows, o.w.Rows)]
		if o.Scale != 0 {
			kernel.Scale(part, o.Scale)
		}
		if o.SoftCap != 0 {
			kernel.SoftCap(part, o.SoftCap)
		}
	}
}
