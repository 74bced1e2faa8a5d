package sample_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lumi/llm/sample"
)

// logs are the logits of a distribution.
func logs(p ...float64) []float32 {
	l := make([]float32, len(p))
	for i := range p {
		l[i] = float32(math.Log(p[i]))
	}
	return l
}

// kept are the ids that Pick drew from, in order of the ids.
func kept(c *sample.Chain) []int32 {
	var ids []int32
	for _, x := range c.Last() {
		ids = append(ids, x.ID)
	}
	slices.Sort(ids)
	return ids
}

// TestCuts has what each stage keeps, worked out by hand from its definition.
func TestCuts(t *testing.T) {
	for _, tc := range []struct {
		name   string
		edit   func(*sample.Settings)
		logits []float32
		want   []int32
	}{
		// H = 0.5·ln2 + 2·0.2·ln5 + 0.1·ln10 = 1.2206. The surprises are 0.693, 1.609,
		// 1.609, 2.303, so the distances 0.528, 0.389, 0.389, 1.082: the order is
		// 1, 2, 0, 3 with the masses 0.2, 0.4, 0.9, 1.
		{"typical 0.2 leaves out the best", typical(0.19), logs(.5, .2, .2, .1), []int32{1}},
		{"typical 0.39", typical(0.39), logs(.5, .2, .2, .1), []int32{1, 2}},
		{"typical 0.89", typical(0.89), logs(.5, .2, .2, .1), []int32{0, 1, 2}},
		{"typical 0.91", typical(0.91), logs(.5, .2, .2, .1), []int32{0, 1, 2, 3}},
		{"typical 1 is off", typical(1), logs(.5, .2, .2, .1), []int32{0, 1, 2, 3}},
		{"typical 0 is off", typical(0), logs(.5, .2, .2, .1), []int32{0, 1, 2, 3}},
		// 2, 4, 4, 4, 5, 5, 7, 9 has the mean 5 and σ 2.
		{"top-nσ 1", topNSigma(1), []float32{2, 4, 4, 4, 5, 5, 7, 9}, []int32{6, 7}},
		{"top-nσ 2", topNSigma(2), []float32{2, 4, 4, 4, 5, 5, 7, 9}, []int32{4, 5, 6, 7}},
		{"top-nσ 0.99", topNSigma(0.99), []float32{2, 4, 4, 4, 5, 5, 7, 9}, []int32{7}},
		{"top-nσ 2.5", topNSigma(2.5), []float32{2, 4, 4, 4, 5, 5, 7, 9}, []int32{1, 2, 3, 4, 5, 6, 7}},
		{"top-nσ leaves −Inf out of σ", topNSigma(1), []float32{2, 4, 4, 4, 5, negInf, 5, 7, 9}, []int32{7, 8}},
		{"top-nσ of equal logits", topNSigma(1), []float32{3, 3, 3}, []int32{0, 1, 2}},
		// Three reach 0.15; only the least likely of them stays.
		{"XTC", xtc(1, 0.15), logs(.4, .3, .2, .1), []int32{2, 3}},
		{"XTC at the threshold", xtc(1, 0.25), logs(.5, .25, .25), []int32{2}},
		{"XTC, one top choice", xtc(1, 0.35), logs(.4, .3, .2, .1), []int32{0, 1, 2, 3}},
		{"XTC, all are top choices", xtc(1, 0.05), logs(.4, .3, .2, .1), []int32{3}},
		{"XTC never", xtc(0, 0.05), logs(.4, .3, .2, .1), []int32{0, 1, 2, 3}},
		// The order decides: top-k 2 first leaves 0.57 and 0.43, of which top-p 0.5
		// needs one; top-p 0.5 first leaves two.
		{"top-k, then top-p", func(s *sample.Settings) { s.TopK, s.TopP = 2, 0.5 }, logs(.4, .3, .2, .1), []int32{0}},
		{"top-p, then top-k", func(s *sample.Settings) {
			s.TopK, s.TopP, s.Samplers = 2, 0.5, "top_p;top_k"
		}, logs(.4, .3, .2, .1), []int32{0, 1}},
		{"left out is off", func(s *sample.Settings) {
			s.TopK, s.TopP, s.Samplers = 2, 0.5, "temperature"
		}, logs(.4, .3, .2, .1), []int32{0, 1, 2, 3}},
		{"min-p after a temperature of 2", func(s *sample.Settings) {
			// e^(l/2) has the shares 1 : 0.87 : 0.71 : 0.5 of the best.
			s.Temperature, s.MinP, s.Samplers = 2, 0.6, "temperature;min_p"
		}, logs(.4, .3, .2, .1), []int32{0, 1, 2}},
		{"mirostat ignores top-k", func(s *sample.Settings) { s.TopK, s.Mirostat = 1, 2 }, logs(.4, .3, .2, .1), []int32{0, 1, 2, 3}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := off()
			tc.edit(&s)
			c := sample.New(len(tc.logits))
			c.Set(s)
			id := pick(t, c, tc.logits)
			if got := kept(c); !slices.Equal(got, tc.want) {
				t.Errorf("kept %v, want %v", got, tc.want)
			}
			if !slices.Contains(tc.want, id) {
				t.Errorf("drew %d, which was not kept", id)
			}
			for _, x := range c.Last() {
				if tc.name == "typical 0.39" && x.Logit != tc.logits[x.ID] {
					t.Errorf("token %d has the logit %v, want its own", x.ID, x.Logit)
				}
			}
		})
	}
}

func typical(p float32) func(*sample.Settings) {
	return func(s *sample.Settings) { s.Typical = p }
}

func topNSigma(n float32) func(*sample.Settings) {
	return func(s *sample.Settings) { s.TopNSigma = n }
}

func xtc(p, threshold float32) func(*sample.Settings) {
	return func(s *sample.Settings) { s.XTCProbability, s.XTCThreshold = p, threshold }
}

// TestXTCShare checks how often XTC strikes.
func TestXTCShare(t *testing.T) {
	s := off()
	s.XTCProbability = 0.3
	c := sample.New(4)
	c.Set(s)
	const n = 20_000
	struck := 0
	for range n {
		pick(t, c, logs(.4, .3, .2, .1))
		if len(c.Last()) == 1 {
			struck++
		}
	}
	// Five standard deviations of a binomial distribution.
	if d := math.Abs(float64(struck) - 0.3*n); d > 5*math.Sqrt(n*0.3*0.7) {
		t.Errorf("XTC struck %d times of %d, want about %d", struck, n, n*3/10)
	}
}

// TestDynamicTemperature compares with temperatures worked out by hand.
func TestDynamicTemperature(t *testing.T) {
	for _, tc := range []struct {
		name   string
		logits []float32
		exp    float32
		want   float64 // temperature, of a range from 0.5 to 1.5
	}{
		{"unsure", logs(.25, .25, .25, .25), 1, 1.5},
		// H = 1.2206 of at most ln 4 = 1.3863: the share is 0.8805.
		{"between", logs(.5, .2, .2, .1), 1, 0.5 + 0.8805},
		{"between, squared", logs(.5, .2, .2, .1), 2, 0.5 + 0.8805*0.8805},
		{"sure", logs(.9997, .0001, .0001, .0001), 1, 0.5 + 0.0022},
	} {
		s := off()
		s.DynatempRange, s.DynatempExponent = 0.5, tc.exp
		c := sample.New(4)
		c.Set(s)
		pick(t, c, tc.logits)
		last := c.Last()
		ratio := float64(tc.logits[0]-tc.logits[3]) / float64(last[0].Logit-last[3].Logit)
		if last[0].Logit == last[3].Logit {
			ratio = float64(tc.logits[0] / last[0].Logit)
		}
		if math.Abs(ratio-tc.want) > 1e-3 {
			t.Errorf("%s: temperature %.4f, want %.4f", tc.name, ratio, tc.want)
		}
	}
	s := off()
	s.DynatempRange = 1 // from 0 to 2
	c := sample.New(2)
	c.Set(s)
	if id := pick(t, c, []float32{0, 500}); id != 1 || len(c.Last()) != 1 {
		t.Errorf("a sure model draws from %v", c.Last())
	}
}

// TestMirostat follows algorithm 2 by hand and then checks what it is for.
func TestMirostat(t *testing.T) {
	s := off()
	s.Mirostat, s.MirostatTau, s.MirostatEta = 2, 1, 0.5
	c := sample.New(4)
	c.Set(s)
	// The surprises are 1, 2, 3 and 3 bits, and μ begins at 2τ = 2.
	logits := logs(.5, .25, .125, .125)
	mu, surprises := 2.0, []float64{1, 2, 3, 3}
	for i := range 200 {
		var want []int32
		for id, bits := range surprises {
			if bits <= mu+1e-6 {
				want = append(want, int32(id))
			}
		}
		if len(want) == 0 {
			want = []int32{0}
		}
		id := pick(t, c, logits)
		if math.Abs(mu-math.Round(mu)) > 1e-4 || i == 0 { // not where rounding decides
			if got := kept(c); !slices.Equal(got, want) {
				t.Fatalf("token %d: μ is %v, kept %v, want %v", i, mu, got, want)
			}
		}
		mu -= 0.5 * (surprises[id] - 1)
	}

	// Over a long text the surprise comes to be τ.
	s.MirostatTau, s.MirostatEta = 3, 0.1
	logits = randomLogits(1000)
	c = sample.New(len(logits))
	c.Set(s)
	sum, total := 0.0, 0.0
	for _, l := range logits {
		total += math.Exp(float64(l))
	}
	const n = 3000
	for range n {
		sum += math.Log2(total) - float64(logits[pick(t, c, logits)])/math.Ln2
	}
	if got := sum / n; math.Abs(got-3) > 0.1 {
		t.Errorf("the mean surprise is %.2f bits, want 3", got)
	}
}

func TestParseOrder(t *testing.T) {
	for text, want := range map[string]string{
		"":                     sample.DefaultOrder,
		"top_k; Temp":          "top_k;temperature",
		"typical;top-n-sigma":  "typ_p;top_n_sigma",
		sample.DefaultOrder:    sample.DefaultOrder,
		"xtc;nucleus;min-p":    "xtc;top_p;min_p",
		"dry;penalties;top_k ": "dry;penalties;top_k",
	} {
		got, err := sample.ParseOrder(text)
		if err != nil || strings.Join(got, ";") != want {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"top_k;top_k", "infill", "top_k;", ";"} {
		if got, err := sample.ParseOrder(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
	s := sample.Defaults()
	s.Samplers = "nonsense"
	if s.Clamp() != sample.Defaults() {
		t.Error("an order that cannot be read is not the default one")
	}
}

// anyOrder draws an order of some stages, or nonsense.
func anyOrder(t *rapid.T) string {
	names := rapid.Permutation(strings.Split(sample.DefaultOrder, ";")).Draw(t, "order")
	n := rapid.IntRange(0, len(names)).Draw(t, "stages")
	return strings.Join(append(names[:n:n], rapid.SampledFrom([][]string{nil, nil, nil, {"?"}}).Draw(t, "more")...), ";")
}

// TestParams checks that the table covers the settings and agrees with itself.
func TestParams(t *testing.T) {
	d := sample.Defaults()
	names := map[string]bool{}
	for _, p := range sample.Params {
		for _, name := range append([]string{p.Name, p.Key}, p.Alias...) {
			if name != p.Key && names[name] {
				t.Errorf("%s stands twice", name)
			}
			names[name] = true
		}
		if p.Default < p.Min || p.Default > p.Max || p.Low < p.Min || p.High > p.Max || p.Low >= p.High || p.Step <= 0 {
			t.Errorf("%s: the range %v to %v, the slider %v to %v in steps of %v and the default %v do not fit",
				p.Name, p.Min, p.Max, p.Low, p.High, p.Step, p.Default)
		}
		if p.Text == "" || strings.Count(p.Text, "`") != 2 || !strings.Contains(p.Text, "`"+p.Value+"`") {
			t.Errorf("%s: the sentence %q does not name %s", p.Name, p.Text, p.Value)
		}
		if got := p.Get(&d); math.Abs(got-p.Default) > 1e-6 {
			t.Errorf("%s: %v by default, want %v", p.Name, got, p.Default)
		}
		s := d
		p.Set(&s, math.Inf(1))
		if got := p.Get(&s); got < p.Max*(1-1e-6) || got > p.Max*(1+1e-6) {
			t.Errorf("%s: %v at most, want %v", p.Name, got, p.Max)
		}
		if p.Set(&s, math.NaN()); s != d {
			t.Errorf("%s: NaN does not give the default", p.Name)
		}
	}
}
