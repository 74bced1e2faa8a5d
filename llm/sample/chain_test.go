package sample_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"lumi/llm/sample"
)

var (
	nan    = float32(math.NaN())
	inf    = float32(math.Inf(1))
	negInf = float32(math.Inf(-1))
)

// off are settings that leave the model's distribution as it is.
func off() sample.Settings {
	return sample.Settings{Temperature: 1, TopP: 1, RepeatPenalty: 1, Seed: 1}
}

func pick(t testing.TB, c *sample.Chain, logits []float32) int32 {
	t.Helper()
	id, err := c.Pick(logits)
	if err != nil {
		t.Fatalf("Pick: %v", err)
	}
	return id
}

func TestBadLogits(t *testing.T) {
	for _, tc := range []struct {
		name   string
		logits []float32
		want   error
		id     int32
	}{
		{"all NaN", []float32{nan, nan, nan}, sample.ErrNaN, 0},
		{"one NaN", []float32{1, 2, nan}, sample.ErrNaN, 0},
		{"one +Inf", []float32{1, inf, 2}, sample.ErrInf, 0},
		{"all -Inf", []float32{negInf, negInf, negInf}, sample.ErrNoToken, 0},
		{"too few", []float32{1, 2}, sample.ErrLength, 0},
		{"too many", []float32{1, 2, 3, 4}, sample.ErrLength, 0},
		{"none", nil, sample.ErrLength, 0},
		{"one possible", []float32{negInf, negInf, -3}, nil, 2},
		{"largest finite", []float32{-math.MaxFloat32, math.MaxFloat32, -math.MaxFloat32}, nil, 1},
	} {
		for _, temperature := range []float32{0, 1} {
			t.Run(tc.name, func(t *testing.T) {
				c := sample.New(3)
				s := sample.Defaults()
				s.Temperature = temperature
				c.Set(s)
				for id := range int32(3) {
					c.Accept(id)
				}
				id, err := c.Pick(tc.logits)
				if !errors.Is(err, tc.want) {
					t.Fatalf("error %v, want %v", err, tc.want)
				}
				if id != tc.id {
					t.Errorf("token %d, want %d", id, tc.id)
				}
				if err != nil && len(c.Last()) != 0 {
					t.Errorf("%d candidates after an error", len(c.Last()))
				}
			})
		}
	}
}

func TestGreedyTakesLowestOfEqual(t *testing.T) {
	c := sample.New(5)
	s := off()
	s.Temperature = 0
	c.Set(s)
	if id := pick(t, c, []float32{-1, 4, 4, 0, 4}); id != 1 {
		t.Errorf("token %d, want 1", id)
	}
	if last := c.Last(); len(last) != 1 || last[0].P != 1 {
		t.Errorf("candidates %v, want one with probability 1", last)
	}
}

func TestEmptyVocabulary(t *testing.T) {
	for _, n := range []int{0, -5} {
		if _, err := sample.New(n).Pick(nil); !errors.Is(err, sample.ErrNoToken) {
			t.Errorf("New(%d): error %v, want ErrNoToken", n, err)
		}
	}
}

func TestPenalty(t *testing.T) {
	logits := []float32{2, -2, 1, 0}
	s := off()
	s.RepeatPenalty, s.RepeatWindow = 2, 2
	for _, tc := range []struct {
		name   string
		tokens []int32
		want   []float32
	}{
		{"no history", nil, []float32{2, -2, 1, 0}},
		{"positive is divided", []int32{0}, []float32{1, -2, 1, 0}},
		{"negative is multiplied", []int32{1}, []float32{2, -4, 1, 0}},
		{"once however often", []int32{0, 0}, []float32{1, -2, 1, 0}},
		{"window ends", []int32{0, 1, 2}, []float32{2, -4, 0.5, 0}},
		{"outside the vocabulary", []int32{0, -1, 4, 1 << 30}, []float32{1, -2, 1, 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := sample.New(len(logits))
			c.Set(s)
			for _, id := range tc.tokens {
				c.Accept(id)
			}
			for range 2 { // a second pick must not penalise again
				pick(t, c, logits)
			}
			got := make([]float32, len(logits))
			for _, x := range c.Last() {
				got[x.ID] = x.Logit
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("logits %v, want %v", got, tc.want)
			}
			if logits[0] != 2 || logits[1] != -2 {
				t.Error("Pick changed the caller's logits")
			}
			c.Reset(1)
			pick(t, c, logits)
			if c.Last()[0].Logit != 2 {
				t.Error("the history survived Reset")
			}
		})
	}
}

func TestHistoryLongerThanRing(t *testing.T) {
	c := sample.New(2)
	s := off()
	s.RepeatPenalty, s.RepeatWindow = 2, math.MaxInt
	c.Set(s)
	c.Accept(0)
	for range sample.MaxWindow {
		c.Accept(1)
	}
	pick(t, c, []float32{4, 4})
	if last := c.Last(); last[0].ID != 0 || last[0].Logit != 4 || last[1].Logit != 2 {
		t.Errorf("candidates %v, want only token 1 penalised", last)
	}
}

func TestSeed(t *testing.T) {
	logits := make([]float32, 1000)
	draws := func(c *sample.Chain, n int) []int32 {
		ids := make([]int32, n)
		for i := range ids {
			ids[i] = pick(t, c, logits)
		}
		return ids
	}
	s := off()
	s.Seed = 7
	a, b := sample.New(1000), sample.New(1000)
	a.Set(s)
	b.Set(s)
	want := draws(a, 20)
	got := draws(b, 10)
	s.Temperature = 0.9 // changes nothing on flat logits, and must not reseed
	b.Set(s)
	if got = append(got, draws(b, 10)...); !slices.Equal(got, want) {
		t.Error("changing another setting disturbed the random generator")
	}
	b.Reset(7)
	if !slices.Equal(draws(b, 20), want) {
		t.Error("the same seed gave other tokens")
	}
	s.Seed = 8
	b.Set(s)
	if b.Seed() != 8 || slices.Equal(draws(b, 20), want) {
		t.Error("a new seed was not taken up")
	}
	b.Reset(0)
	drawn := b.Seed()
	if drawn == 0 {
		t.Fatal("no seed drawn")
	}
	want = draws(b, 20)
	a.Reset(drawn)
	if !slices.Equal(draws(a, 20), want) {
		t.Error("a drawn seed does not reproduce its tokens")
	}
}

// TestDistribution compares draws with the exact probabilities by a
// chi-squared test; the seed is fixed, so it cannot fail by chance.
func TestDistribution(t *testing.T) {
	logits := []float32{2, 1, 0, -1, 1.5, negInf}
	for _, temperature := range []float32{0.5, 1, 2} {
		s := off()
		s.Temperature = temperature
		c := sample.New(len(logits))
		c.Set(s)
		const n = 200_000
		counts := make([]float64, len(logits))
		for range n {
			counts[pick(t, c, logits)]++
		}
		sum := 0.0
		for _, l := range logits {
			sum += math.Exp(float64(l / temperature))
		}
		chi2 := 0.0
		for i, l := range logits[:5] {
			want := n * math.Exp(float64(l/temperature)) / sum
			chi2 += (counts[i] - want) * (counts[i] - want) / want
		}
		if counts[5] != 0 {
			t.Errorf("temperature %v: an impossible token was drawn %v times", temperature, counts[5])
		}
		if chi2 > 18.47 { // 4 degrees of freedom, p = 0.001
			t.Errorf("temperature %v: chi² %.1f: the draws do not follow the probabilities", temperature, chi2)
		}
	}
}

// TestStages checks every stage against a plain full sort.
func TestStages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logits := rapid.SliceOfN(rapid.Float32Range(-20, 20), 1, 600).Draw(t, "logits")
		if rapid.Bool().Draw(t, "ties") {
			for i := range logits {
				logits[i] = float32(int(logits[i]) / 4)
			}
		}
		s := off()
		s.TopK = rapid.IntRange(-1, 700).Draw(t, "top-k")
		s.TopP = rapid.Float32Range(0, 1).Draw(t, "top-p")
		s.MinP = rapid.SampledFrom([]float32{0, 0, 0.01, 0.3, 1}).Draw(t, "min-p")
		c := sample.New(len(logits))
		c.Set(s)
		id, err := c.Pick(logits)
		if err != nil {
			t.Fatal(err)
		}

		order := make([]int, len(logits))
		for i := range order {
			order[i] = i
		}
		sort.SliceStable(order, func(a, b int) bool { return logits[order[a]] > logits[order[b]] })
		if s.TopK > 0 && s.TopK < len(order) {
			order = order[:s.TopK]
		}
		total, mass := 0.0, 0.0
		for _, i := range order {
			total += math.Exp(float64(logits[i] - logits[order[0]]))
		}
		last := c.Last()
		if !slices.ContainsFunc(last, func(x sample.Candidate) bool { return x.ID == id }) {
			t.Fatalf("token %d is not among the candidates", id)
		}
		for i, x := range last {
			if int(x.ID) != order[i] {
				t.Fatalf("candidate %d is token %d, want %d", i, x.ID, order[i])
			}
			// What is before a nucleus member must not reach p yet; the sums run
			// in another order, hence the tolerance.
			if s.TopP < 1 && i > 0 && mass/total > float64(s.TopP)+1e-4 {
				t.Fatalf("candidate %d is outside the nucleus: %.6f before it", i, mass/total)
			}
			e := math.Exp(float64(x.Logit - logits[order[0]]))
			if e < float64(s.MinP)*(1-1e-5) {
				t.Fatalf("candidate %d is below min-p: %g", i, e)
			}
			mass += e
		}
		if n := len(last); n < len(order) && mass/total < float64(s.TopP)-1e-4 &&
			math.Exp(float64(logits[order[n]]-logits[order[0]])) > float64(s.MinP)*(1+1e-5) {
			t.Fatalf("token %d was dropped without a reason", order[n])
		}
		sum := 0.0
		for _, x := range last {
			sum += float64(x.P)
		}
		if math.Abs(sum-1) > 1e-4 {
			t.Fatalf("probabilities sum to %v", sum)
		}
	})
}

func TestAnySettings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		odd := rapid.OneOf(
			rapid.SampledFrom([]float32{nan, inf, negInf, 0, -1, 1, 1e-30, 1e30, math.MaxFloat32}),
			rapid.Float32())
		n := rapid.IntRange(1, 300).Draw(t, "n")
		c := sample.New(n)
		logits := rapid.SliceOfN(rapid.Float32(), n, n).Draw(t, "logits")
		for range 4 {
			s := sample.Settings{
				Temperature: odd.Draw(t, "temperature"), TopK: rapid.Int().Draw(t, "k"),
				TopP: odd.Draw(t, "p"), MinP: odd.Draw(t, "min"),
				RepeatPenalty: odd.Draw(t, "penalty"), RepeatWindow: rapid.Int().Draw(t, "window"),
				Seed: rapid.Uint64().Draw(t, "seed"), Samplers: anyOrder(t),
			}
			for _, p := range sample.Params {
				if v, ok := p.Field(&s).(*float32); ok && rapid.Bool().Draw(t, p.Name+" is odd") {
					*v = odd.Draw(t, p.Name)
				}
			}
			s.Mirostat = rapid.IntRange(-1, 3).Draw(t, "mirostat")
			s.DRYAllowedLength, s.DRYWindow = rapid.Int().Draw(t, "dry length"), rapid.Int().Draw(t, "dry window")
			c.Set(s)
			id, err := c.Pick(logits)
			if err != nil {
				t.Fatal(err)
			}
			if id < 0 || int(id) >= n {
				t.Fatalf("token %d outside a vocabulary of %d", id, n)
			}
			c.Accept(id)
		}
	})
}

func TestClamp(t *testing.T) {
	d := sample.Defaults()
	got := sample.Settings{Temperature: nan, TopK: -1, TopP: nan, MinP: inf, RepeatPenalty: nan, RepeatWindow: -1, Seed: 3}.Clamp()
	want := d // what is 0 where JSON leaves it out is the default
	want.TopK, want.MinP, want.RepeatWindow, want.Seed = 0, 1, 0, 3
	if got != want {
		t.Errorf("Clamp gave %+v, want %+v", got, want)
	}
	if d.Clamp() != d {
		t.Errorf("Clamp changed the defaults: %+v", d.Clamp())
	}
}

func TestPickAllocatesNothing(t *testing.T) {
	logits := randomLogits(2000)
	for name, s := range map[string]sample.Settings{
		"default": sample.Defaults(),
		"greedy":  {RepeatPenalty: 1.1, RepeatWindow: 64},
		"top-p":   {Temperature: 1, TopP: 0.9, RepeatPenalty: 1},
		"all":     off(),
		"every stage": {
			Temperature: 0.8, DynatempRange: 0.5, TopK: 500, TopP: 0.95, MinP: 0.01, Typical: 0.9, TopNSigma: 2,
			XTCProbability: 0.5, XTCThreshold: 0.05, RepeatPenalty: 1.1, PresencePenalty: 0.1, FrequencyPenalty: 0.1,
			RepeatWindow: 64, DRYMultiplier: 0.8,
		},
		"backwards": {
			Temperature: 0.8, TopP: 0.95, MinP: 0.01, Typical: 0.9, RepeatPenalty: 1.1, RepeatWindow: 64, DRYMultiplier: 0.8,
			XTCProbability: 0.5, Samplers: "temperature;xtc;min_p;top_p;typ_p;dry;penalties",
		},
		"mirostat": {Temperature: 1, RepeatPenalty: 1, Mirostat: 2},
	} {
		c := sample.New(len(logits))
		c.SetBias([]sample.Bias{{Token: 3, Value: 1}, {Token: 4, Value: sample.Never}})
		c.Constrain(evens(len(logits)))
		c.Set(s)
		if n := testing.AllocsPerRun(50, func() {
			id, err := c.Pick(logits)
			if err != nil {
				t.Fatal(err)
			}
			c.Accept(id)
			c.Set(s)
		}); n != 0 {
			t.Errorf("%s: %v allocations per token, want 0", name, n)
		}
	}
}

func randomLogits(n int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	logits := make([]float32, n)
	for i := range logits {
		logits[i] = float32(r.NormFloat64() * 3)
	}
	return logits
}

func FuzzPick(f *testing.F) {
	f.Add([]byte{0, 0, 192, 127}, float32(1), float32(0.9), float32(0.1), float32(1.1), 40)
	f.Add([]byte{0, 0, 128, 127, 1, 2, 3, 4}, float32(0), nan, inf, float32(-1), -1)
	f.Add([]byte("some logits that look like nothing"), float32(1e30), float32(0), float32(1), float32(1e-30), 1)
	f.Fuzz(func(t *testing.T, data []byte, temperature, topP, minP, penalty float32, k int) {
		logits := make([]float32, len(data)/4)
		for i := range logits {
			d := data[4*i:]
			logits[i] = math.Float32frombits(uint32(d[0]) | uint32(d[1])<<8 | uint32(d[2])<<16 | uint32(d[3])<<24)
		}
		c := sample.New(len(logits))
		c.Set(sample.Settings{
			Temperature: temperature, TopP: topP, MinP: minP,
			RepeatPenalty: penalty, RepeatWindow: k, TopK: k, Seed: 1,
		})
		for range 3 {
			id, err := c.Pick(logits)
			bad := slices.ContainsFunc(logits, func(l float32) bool { return l != l || l == inf })
			if bad && err == nil {
				t.Fatal("no error for NaN or +Inf")
			}
			if err != nil {
				return
			}
			if id < 0 || int(id) >= len(logits) || logits[id] == negInf {
				t.Fatalf("impossible token %d", id)
			}
			c.Accept(id)
		}
	})
}
