package cpu

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"lumi/accel"
	"lumi/accel/cpu/kernel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open loads a shape and returns a session; both are closed with the test.
func open(t testing.TB, sh shape, threads int, o accel.SessionOptions) accel.Session {
	t.Helper()
	m, err := New(threads).Load(t.Context(), sh.program(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSession(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), m.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func f32(context int) accel.SessionOptions {
	return accel.SessionOptions{Context: context, KV: accel.F32}
}

// forward is Forward with a copy of its result.
func forward(t testing.TB, s accel.Session, tokens []int32, want accel.Want) []float32 {
	t.Helper()
	logits, err := s.Forward(t.Context(), tokens, want)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(logits)
}

// difference is the RMS difference of two logit vectors in units of want's
// standard deviation.
func difference(got []float32, want []float64) float64 {
	var mean, square, diff float64
	for i, w := range want {
		mean += w / float64(len(want))
		square += w * w / float64(len(want))
		d := float64(got[i]) - w
		diff += d * d / float64(len(want))
	}
	return math.Sqrt(diff / (square - mean*mean))
}

// TestAgainstReference compares the engine with the float64 reference for
// every level this machine can run, weight type, and KV type.
func TestAgainstReference(t *testing.T) {
	cases := []struct {
		kind, kv accel.Type
		limit    float64
	}{
		{accel.F32, accel.F32, 1e-5},
		{accel.F16, accel.F32, 1e-5},
		{accel.F32, accel.F16, 2e-3},
		{accel.F32, accel.Q8_0, 3e-2},
		{accel.Q8_0, accel.F32, 6e-2},
		{accel.Q4_0, accel.F32, 6e-2},
		{accel.Q4_1, accel.F16, 6e-2},
		{accel.IQ4_NL, accel.F32, 6e-2},
	}
	restore := kernel.Active()
	defer kernel.Use(restore)
	for _, level := range kernel.Levels() {
		if err := kernel.Use(level); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			for _, variant := range []shape{{}, {neighbours: true}, {bias: true, neighbours: true}, {modern: true}} {
				sh := small
				sh.kind, sh.neighbours, sh.bias, sh.modern = c.kind, variant.neighbours, variant.bias, variant.modern
				if sh.modern {
					sh.layers = 4
				}
				if c.limit > 1e-2 { // rounding may choose other experts, so all are used
					sh.used = 5
				}
				ref, err := NewReference(sh.program(t))
				if err != nil {
					t.Fatal(err)
				}
				tokens := sh.tokens(40)
				ref.Expect(len(tokens))
				s := open(t, sh, 2, accel.SessionOptions{Context: 64, KV: c.kv})
				got := forward(t, s, tokens, accel.WantAll)
				for i, id := range tokens {
					want := ref.Forward(id)
					if d := difference(got[i*sh.vocab:(i+1)*sh.vocab], want); !(d < c.limit) {
						t.Fatalf("%s, weights %s, cache %s, %+v: token %d is off by %.2g of the standard deviation, want < %.2g",
							level, c.kind, c.kv, variant, i, d, c.limit)
					}
				}
			}
		}
	}
}

// TestSameBitsModern is TestSameBits for the steps of later architectures.
func TestSameBitsModern(t *testing.T) {
	for _, kind := range []accel.Type{accel.F32, accel.Q4_1} {
		sh := small
		sh.kind, sh.modern, sh.layers = kind, true, 4
		const n = kernel.Chunk + 50
		tokens := sh.tokens(n)
		o := accel.SessionOptions{Context: n, KV: accel.F16}
		// All is of a sequence that ends with its last token; the first rows of
		// a short one are another sequence's.
		all := func(s accel.Session, end int) []float32 {
			t.Helper()
			if err := s.Truncate(0); err != nil {
				t.Fatal(err)
			}
			return forward(t, s, tokens[:end], accel.WantAll)
		}
		one := open(t, sh, 1, o)
		long, brief := all(one, n), all(one, modernLimit)
		check := func(what string, at int, got []float32) {
			t.Helper()
			want := long
			if at < modernLimit && what != "threads" {
				want = brief
			}
			if !slices.Equal(got, want[at*sh.vocab:at*sh.vocab+len(got)]) {
				t.Errorf("weights %s: %s, token %d: other bits", kind, what, at)
			}
		}
		for _, threads := range []int{2, 5} {
			check("threads", 0, all(open(t, sh, threads, o), n))
		}
		s := open(t, sh, 2, o)
		for at := range tokens {
			check("one at a time", at, forward(t, s, tokens[at:at+1], accel.WantLast))
		}
		for _, keep := range []int{200, 10} {
			if err := s.Truncate(keep); err != nil {
				t.Fatal(err)
			}
			for at := keep; at < n; {
				end := min(n, at+1+at%7)
				if at < modernLimit { // no batch goes beyond the limit
					end = min(end, modernLimit)
				}
				check("small batches", at, forward(t, s, tokens[at:end], accel.WantAll))
				at = end
			}
		}
	}
}

// TestSameBits runs one sequence in every way the engine can be asked to and
// demands the same bits.
func TestSameBits(t *testing.T) {
	for _, kind := range []accel.Type{accel.F32, accel.Q8_0, accel.Q4_1, accel.IQ4_NL} {
		for _, kv := range []accel.Type{accel.F32, accel.F16, accel.Q8_0} {
			sh := small
			sh.kind = kind
			sh.neighbours = true
			const n = 2*kernel.Chunk + 77
			tokens := sh.tokens(n)
			o := accel.SessionOptions{Context: n + 10, KV: kv}
			want := forward(t, open(t, sh, 1, o), tokens, accel.WantAll)
			check := func(what string, from int, got []float32) {
				t.Helper()
				if !slices.Equal(got, want[from*sh.vocab:from*sh.vocab+len(got)]) {
					t.Errorf("weights %s, cache %s: %s gives other bits", kind, kv, what)
				}
			}
			for _, threads := range []int{2, 3, 7} {
				check("another number of threads", 0, forward(t, open(t, sh, threads, o), tokens, accel.WantAll))
			}
			s := open(t, sh, 2, o)
			check("the last token alone", n-1, forward(t, s, tokens, accel.WantLast))
			if err := s.Truncate(300); err != nil {
				t.Fatal(err)
			}
			check("a re-used prefix", 300, forward(t, s, tokens[300:], accel.WantAll))
			if err := s.Truncate(0); err != nil {
				t.Fatal(err)
			}
			for at := 0; at < n; {
				step := min(n-at, 1+at%5)
				check("small batches", at, forward(t, s, tokens[at:at+step], accel.WantAll))
				at += step
			}
			s.Truncate(0)
			for at := range tokens {
				check("one token at a time", at, forward(t, s, tokens[at:at+1], accel.WantLast))
			}
			s = open(t, sh, 2, o) // whose cache holds nothing yet
			for at := range 20 {
				forward(t, s, tokens[at:at+1], accel.WantNone)
			}
			check("tokens of which nothing was wanted", 20, forward(t, s, tokens[20:21], accel.WantLast))
		}
	}
}

func TestForwardErrors(t *testing.T) {
	s := open(t, small, 2, f32(8))
	if _, err := s.Forward(t.Context(), []int32{1, 75}, accel.WantLast); !errors.Is(err, accel.ErrToken) {
		t.Errorf("id beyond the vocabulary: %v", err)
	}
	if _, err := s.Forward(t.Context(), []int32{-1}, accel.WantLast); !errors.Is(err, accel.ErrToken) {
		t.Errorf("negative id: %v", err)
	}
	if _, err := s.Forward(t.Context(), small.tokens(9), accel.WantLast); !errors.Is(err, accel.ErrContextFull) {
		t.Errorf("9 tokens in a context of 8: %v", err)
	}
	forward(t, s, small.tokens(8), accel.WantNone)
	if _, err := s.Forward(t.Context(), []int32{1}, accel.WantNone); !errors.Is(err, accel.ErrContextFull) {
		t.Errorf("full context: %v", err)
	}
	if s.Len() != 8 {
		t.Errorf("length %d after errors, want 8", s.Len())
	}
	if s.Truncate(9) == nil || s.Truncate(-1) == nil {
		t.Error("truncation beyond the sequence is accepted")
	}
}

func TestCancelKeepsLength(t *testing.T) {
	s := open(t, small, 2, f32(600))
	forward(t, s, small.tokens(5), accel.WantNone)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Forward(ctx, small.tokens(500), accel.WantLast); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if s.Len() != 5 {
		t.Errorf("length %d after cancel, want 5", s.Len())
	}
	// What follows is as if nothing had happened.
	want := forward(t, open(t, small, 1, f32(600)), append(small.tokens(5), 7), accel.WantLast)
	if got := forward(t, s, []int32{7}, accel.WantLast); !slices.Equal(got, want) {
		t.Error("other bits after a cancelled batch")
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	for _, precise := range []bool{false, true} {
		sh := small
		sh.kind, sh.modern = accel.Q4_1, true
		s := open(t, sh, 2, accel.SessionOptions{Context: 512, KV: accel.F16, Precise: precise})
		forward(t, s, sh.tokens(modernLimit), accel.WantNone) // a change of frequencies is no ordinary token
		ids := []int32{1}
		forward(t, s, ids, accel.WantLast)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if n := testing.AllocsPerRun(100, func() {
			if _, err := s.Forward(ctx, ids, accel.WantLast); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("precise %v: %v allocations per token, want none", precise, n)
		}
	}
}

func TestProfileCountsSteps(t *testing.T) {
	s := open(t, small, 2, accel.SessionOptions{Context: 16, KV: accel.F32, Profile: true})
	forward(t, s, small.tokens(3), accel.WantLast)
	stats := s.Stats()
	if got := stats.Calls[accel.KindAttention]; got != int64(small.layers) {
		t.Errorf("%d attention steps counted, want %d", got, small.layers)
	}
	if got := stats.Calls[accel.KindNorm]; got != int64(2*small.layers+1) {
		t.Errorf("%d norms counted, want %d", got, 2*small.layers+1)
	}
}

func TestSessionOptionsAreChecked(t *testing.T) {
	m, err := New(1).Load(t.Context(), small.program(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := m.NewSession(f32(0)); err == nil {
		t.Error("a context of 0 tokens is accepted")
	}
	if _, err := m.NewSession(accel.SessionOptions{Context: 1, KV: accel.Q4_0}); err == nil {
		t.Error("a Q4_0 cache is accepted")
	}
	if _, err := m.NewSession(accel.SessionOptions{Context: 1 << 50, KV: accel.F32}); err == nil {
		t.Error("a context larger than any memory is accepted")
	}
}
