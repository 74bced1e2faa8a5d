package cpu

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

// maxBatch is how many tokens go through the steps together; longer inputs
// are cut. Large enough that a weight read from memory serves many tokens,
// small enough that the activations stay in the cache.
const maxBatch = 512

// session is one sequence: its KV cache, and the activations of a batch.
type session struct {
	m      *model
	arena  *arena
	ops    []op
	kinds  []accel.Kind // of ops
	first  []bool       // op is the first of its Step
	stepOf []int        // of ops: the Step's place in the Program

	batch    int // most tokens per batch
	context  int
	length   int  // tokens in the sequence
	unmasked bool // see accel.SessionOptions
	precise  bool // the same

	cache  *cache
	bufs   [][]float32    // by accel.Buffer: [batch][width]
	acts   []*kernel.Acts // by accel.Buffer: as the packed weights read them, nil if none do
	forms  []kernel.Form  // of acts
	up     []float32      // second operand of gated products, and sums to add
	rotary []turns        // by accel.Rotary
	parts  partials
	local  []scratch // by worker

	mixture *mixture // of the Experts steps, nil without
	lengths          // for rotary tables that depend on the sequence's length

	// The batch at hand.
	tokens []int32
	rows   int // tokens in the batch
	tail   int // first row that the logits need
	logits []float32
	given  int // logit rows that earlier batches of this call have written

	tracing bool           // look at the results of every step
	trouble *accel.Trouble // the first that was found, nil for none

	profile bool
	last    time.Time
	stats   accel.Stats
}

// scratch is a worker's own memory.
type scratch struct {
	attention
	row []float32 // one dequantised weight row, or one of a buffer
}

func newSession(m *model, o accel.SessionOptions) (*session, error) {
	s := &session{m: m, context: o.Context, profile: o.Profile, unmasked: o.Unmasked, precise: o.Precise, batch: min(maxBatch, o.Context)}
	var maxCols int
	for _, t := range m.p.Weights {
		maxCols = max(maxCols, t.Cols)
	}
	for _, b := range m.p.Buffers {
		maxCols = max(maxCols, b.Width)
	}
	s.compile()
	if err := s.allocate(o.KV); err != nil {
		return nil, err
	}
	s.parts.allocate()
	for range m.team.size() {
		s.local = append(s.local, scratch{s.parts.newAttention(), make([]float32, maxCols)})
	}
	for _, t := range m.p.Tables {
		s.rotary = append(s.rotary, newTurns(t, s.batch))
	}
	s.lengths = newLengths(m.p, s.context)
	return s, nil
}

// allocate makes the KV cache and the activation buffers.
func (s *session) allocate(kv accel.Type) error {
	p := s.m.p
	widest := 0
	var size int64
	for _, b := range p.Buffers {
		widest = max(widest, b.Width)
		size += aligned(4 * int64(b.Width) * int64(s.batch))
	}
	size += aligned(4 * int64(widest) * int64(s.batch))
	experts := s.mixtureShape()
	size += 4*experts.floats(s.batch) + 8*aligned(1)
	var err error
	if s.cache, err = newCache(p, kv, s.context); err != nil {
		return err
	}
	if s.arena, err = newArena(size, false); err != nil {
		return errors.Join(err, s.cache.arena.free())
	}
	for _, b := range p.Buffers {
		s.bufs = append(s.bufs, s.floats(b.Width*s.batch))
	}
	s.up = s.floats(widest * s.batch)
	s.mixture = s.newMixture(experts)
	s.acts = make([]*kernel.Acts, len(p.Buffers))
	for b, form := range s.forms {
		if form != 0 {
			s.acts[b] = s.newActs(s.batch, p.Buffers[b].Width)
		}
	}
	return nil
}

// newActs makes activations of the precision that the session is for.
func (s *session) newActs(tokens, cols int) *kernel.Acts {
	if s.precise {
		return kernel.NewPreciseActs(tokens, cols)
	}
	return kernel.NewActs(tokens, cols)
}

// seen is how many positions the token in a row of the batch attends to.
func (s *session) seen(row int) int {
	if s.unmasked {
		return s.length + s.rows
	}
	return s.length + row + 1
}

// floats takes n float32 values from the session's arena.
func (s *session) floats(n int) []float32 { return asFloats(s.arena.bytes(4 * int64(n))) }

// buf is the row of a buffer for a token of the batch.
func (s *session) buf(b accel.Buffer, row int) []float32 {
	w := s.m.p.Buffers[b].Width
	return s.bufs[b][row*w : (row+1)*w]
}

// Len implements accel.Session.
func (s *session) Len() int { return s.length }

// Truncate implements accel.Session.
func (s *session) Truncate(n int) error {
	if n < 0 || n > s.length {
		return fmt.Errorf("cannot cut a sequence of %d tokens to %d", s.length, n)
	}
	s.length = n
	return nil
}

// Memory implements accel.Session.
func (s *session) Memory() (kv, scratch int64) {
	scratch = int64(len(s.arena.mem)) + 4*int64(cap(s.logits))
	for _, a := range s.acts {
		if a != nil {
			scratch += a.Memory()
		}
	}
	if m := s.mixture; m != nil {
		scratch += m.in.Memory() + m.hidden.Memory()
	}
	return int64(len(s.cache.arena.mem)), scratch
}

// Stats implements accel.Session.
func (s *session) Stats() accel.Stats { return s.stats }

// Close implements accel.Session.
func (s *session) Close() error { return errors.Join(s.arena.free(), s.cache.arena.free()) }

// Forward implements accel.Session.
func (s *session) Forward(ctx context.Context, tokens []int32, want accel.Want) ([]float32, error) {
	if len(tokens) > s.context-s.length {
		return nil, fmt.Errorf("%w: it holds %d tokens, %d are in use and %d more were to come",
			accel.ErrContextFull, s.context, s.length, len(tokens))
	}
	embd := s.m.weights[s.m.p.Steps[0].(accel.Embed).W].Rows
	for _, id := range tokens {
		if id < 0 || int(id) >= embd {
			return nil, fmt.Errorf("%w: %d of %d", accel.ErrToken, id, embd)
		}
	}
	if len(tokens) == 0 {
		return nil, nil
	}
	if err := s.settle(ctx, tokens); err != nil {
		return nil, err
	}
	return s.pass(ctx, tokens, want)
}

// pass appends tokens, which have been checked, to the sequence.
func (s *session) pass(ctx context.Context, tokens []int32, want accel.Want) ([]float32, error) {
	vocab := s.m.p.Vocabulary()
	wanted := 0
	switch want {
	case accel.WantLast:
		wanted = 1
	case accel.WantAll:
		wanted = len(tokens)
	}
	if n := wanted * vocab; cap(s.logits) < n {
		s.logits = make([]float32, n)
	}
	s.logits = s.logits[:wanted*vocab]

	start := s.length
	s.given = 0
	for done := 0; done < len(tokens); done += s.rows {
		s.tokens = tokens[done:min(len(tokens), done+s.batch)]
		s.rows = len(s.tokens)
		s.tail = min(s.rows, max(0, len(tokens)-wanted-done))
		s.prepare()
		s.last = s.now()
		if err := s.m.team.run(ctx, s); err != nil {
			s.length = start
			return nil, err
		}
		s.length += s.rows
		s.given += s.rows - s.tail
	}
	return s.logits, nil
}

// prepare sets up what depends on the batch's size and position.
func (s *session) prepare() {
	for i := range s.rotary {
		s.rotary[i].set(s.length, s.rows, s.lengths.state == long)
	}
	s.parts.reset()
	for b, a := range s.acts {
		if a != nil {
			a.Reset(s.rows, s.m.p.Buffers[b].Width, s.forms[b])
		}
	}
}

func (s *session) now() time.Time {
	if !s.profile {
		return time.Time{}
	}
	return time.Now()
}

// steps implements job.
func (s *session) steps() int { return len(s.ops) }

// chunks implements job.
func (s *session) chunks(i int) int { return s.ops[i].chunks(s) }

// run implements job.
func (s *session) run(worker, i, chunk int) { s.ops[i].run(s, worker, chunk) }

// finished implements job.
func (s *session) finished(i int) {
	if s.tracing && s.trouble == nil && (i+1 == len(s.ops) || s.first[i+1]) {
		s.trouble = s.inspect(s.m.p.Steps[s.stepOf[i]])
	}
	if !s.profile {
		return
	}
	now := time.Now()
	s.stats.Time[s.kinds[i]] += now.Sub(s.last)
	if s.first[i] {
		s.stats.Calls[s.kinds[i]]++
	}
	s.last = now
}
