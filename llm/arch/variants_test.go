package arch

import (
	"math"
	"strings"
	"testing"

	"lumi/accel"
)

// as is the tiny model with its keys under another architecture's name.
func as(name string) (metadata, tensors) {
	from, w := tiny()
	m := metadata{"general.architecture": name}
	for key, v := range from {
		if rest, ok := strings.CutPrefix(key, "llama."); ok {
			m[name+"."+rest] = v
		}
	}
	return m, w
}

// steps are the steps of one kind of the built program.
func steps[T accel.Step](t *testing.T, m metadata, w tensors) (out []T) {
	t.Helper()
	f, err := Build(m, w)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f.Program.Steps {
		if s, ok := s.(T); ok {
			out = append(out, s)
		}
	}
	return out
}

// TestWindows checks which of two layers have the sliding window.
func TestWindows(t *testing.T) {
	for _, c := range []struct {
		pattern any
		window  uint64
		want    [2]int
	}{
		{nil, 0, [2]int{0, 0}},
		{nil, 7, [2]int{7, 7}},
		{[]bool{false, true}, 7, [2]int{0, 7}},
		{uint64(2), 7, [2]int{7, 0}},
		{uint64(1), 7, [2]int{0, 0}},
		{uint64(0), 7, [2]int{7, 7}},
	} {
		m, w := as("qwen2")
		m["qwen2.attention.sliding_window"] = c.window
		if c.pattern != nil {
			m["qwen2.attention.sliding_window_pattern"] = c.pattern
		}
		for l, a := range steps[accel.Attention](t, m, w) {
			if a.Window != c.want[l] {
				t.Errorf("window %d, pattern %v: layer %d has %d, want %d", c.window, c.pattern, l, a.Window, c.want[l])
			}
		}
	}
}

// mixed is the tiny model with 3 experts in its second layer, stacked or not.
func mixed(stacked bool) (metadata, tensors) {
	m, w := tiny()
	m["llama.expert_count"], m["llama.expert_used_count"] = uint64(3), uint64(2)
	w["blk.1.ffn_gate_inp.weight"] = zeros("blk.1.ffn_gate_inp.weight", 3, 8)
	for part, shape := range map[string][2]int{"ffn_gate": {12, 8}, "ffn_up": {12, 8}, "ffn_down": {8, 12}} {
		delete(w, "blk.1."+part+".weight")
		if stacked {
			name := "blk.1." + part + "_exps.weight"
			w[name] = zeros(name, 3*shape[0], shape[1])
			continue
		}
		for _, e := range []string{"0", "1", "2"} {
			name := "blk.1." + part + "." + e + ".weight"
			w[name] = zeros(name, shape[0], shape[1])
		}
	}
	return m, w
}

func TestExperts(t *testing.T) {
	for _, stacked := range []bool{false, true} {
		m, w := mixed(stacked)
		if n := len(steps[accel.GatedMatMul](t, m, w)); n != 1 {
			t.Errorf("%d dense layers, want the first alone", n)
		}
		e := steps[accel.Experts](t, m, w)
		if len(e) != 1 || len(e[0].Each) != 3 || e[0].Used != 2 || !e[0].Normalise {
			t.Errorf("mixtures %+v", e)
		}
	}
	m, w := mixed(true)
	name := "blk.1.ffn_up_exps.weight"
	w[name] = zeros(name, 35, 8)
	if _, err := Build(m, w); err == nil || !strings.Contains(err.Error(), name+" is 35×8, want 36×8") {
		t.Errorf("too few rows: %v", err)
	}
	m, w = mixed(true)
	delete(w, name)
	if _, err := Build(m, w); err == nil || !strings.Contains(err.Error(), name+" is missing") {
		t.Errorf("no %s: %v", name, err)
	}
	m["llama.expert_used_count"] = uint64(4)
	if _, err := Build(m, w); err == nil || !strings.Contains(err.Error(), "expert_used_count is 4, want 1 to 3") {
		t.Errorf("more used than there are: %v", err)
	}
}

// TestExpertLength: what an expert's length is where the file does not say.
func TestExpertLength(t *testing.T) {
	for name, want := range map[string]int{"llama": 12, "qwen3moe": 6} {
		m, _ := as(name)
		m[name+".expert_count"], m[name+".expert_used_count"] = uint64(3), uint64(2)
		r := &reader{meta: m, prefix: name + "."}
		if c := readConfig(r, name); c.ExpertFFN != want || r.err != nil {
			t.Errorf("%s: %d, %v; want %d", name, c.ExpertFFN, r.err, want)
		}
	}
}

// TestFused checks that a tensor of several matrices is cut at the right rows.
func TestFused(t *testing.T) {
	m, w := as("phi3")
	for _, l := range []string{"blk.0.", "blk.1."} {
		for _, part := range []string{"attn_q", "attn_k", "attn_v", "ffn_gate", "ffn_up"} {
			delete(w, l+part+".weight")
		}
		qkv := zeros(l+"attn_qkv.weight", 16, 8) // 4 heads and 2 and 2 of 2 columns
		for i := range qkv.Data {
			qkv.Data[i] = byte(i / 32) // the row
		}
		w[qkv.Name] = qkv
		w[l+"attn_qkv.bias"] = zeros(l+"attn_qkv.bias", 1, 16)
		w[l+"ffn_up.weight"] = zeros(l+"ffn_up.weight", 24, 8)
	}
	f, err := Build(m, w)
	if err != nil {
		t.Fatal(err)
	}
	product := f.Program.Steps[2].(accel.MatMul)
	for i, want := range []struct{ from, rows int }{{0, 8}, {8, 4}, {12, 4}} {
		got := f.Program.Weights[product.Out[i].W]
		bias := f.Program.Weights[product.Out[i].Bias]
		if got.Rows != want.rows || int(got.Data[0]) != want.from || bias.Cols != want.rows {
			t.Errorf("part %d: %d rows from %d, bias of %d; want %+v", i, got.Rows, got.Data[0], bias.Cols, want)
		}
	}
	w["blk.0.attn_qkv.bias"] = zeros("blk.0.attn_qkv.bias", 1, 15)
	if _, err := Build(m, w); err == nil || !strings.Contains(err.Error(), "attn_qkv.bias is 1×15, want 1×16") {
		t.Errorf("short bias: %v", err)
	}
}

// TestLayersWithoutRotation checks SmolLM3's.
func TestLayersWithoutRotation(t *testing.T) {
	m, w := as("smollm3")
	if n := len(steps[accel.Rope](t, m, w)); n != 2 {
		t.Errorf("%d layers rotate, want both", n)
	}
	m["smollm3.rope.layers"] = []bool{false, true}
	if n := len(steps[accel.Rope](t, m, w)); n != 1 {
		t.Errorf("%d layers rotate, want one", n)
	}
	m["smollm3.rope.layers"] = []bool{true}
	if _, err := Build(m, w); err == nil || !strings.Contains(err.Error(), "has 1 values, want 2") {
		t.Errorf("one value for two layers: %v", err)
	}
}

// TestYarn checks the ends and the middle of the ramp against Hugging Face's
// formula, computed by hand for 8 pairs.
func TestYarn(t *testing.T) {
	r := RopeConfig{Dims: 16, Base: 10000, Scaling: "yarn", Factor: 4, Original: 64, BetaFast: 32, BetaSlow: 1}
	got := r.frequencies()
	// Pair −1.0 turns 32 times and pair 2.02 once: floor and ceil give 0 and 3.
	for i, stretched := range []float64{0, 1. / 3, 2. / 3, 1, 1, 1, 1, 1} {
		f := math.Pow(10000, -2*float64(i)/16)
		if want := f * (1 - stretched*3/4); math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("pair %d: %v, want %v", i, got[i], want)
		}
	}
}

// attend gives the tiny model the norms that some architectures have.
func attend(w tensors, q, k int) {
	for _, l := range []string{"blk.0.", "blk.1."} {
		w[l+"attn_q_norm.weight"] = zeros(l+"attn_q_norm.weight", 1, q)
		w[l+"attn_k_norm.weight"] = zeros(l+"attn_k_norm.weight", 1, k)
		for _, part := range []string{"post_attention_norm", "post_ffw_norm"} {
			w[l+part+".weight"] = zeros(l+part+".weight", 1, 8)
		}
	}
}

// TestLocalRotation: layers with a sliding window turn as the model did before
// its context was stretched.
func TestLocalRotation(t *testing.T) {
	for _, c := range []struct {
		arch  string
		keys  metadata
		bases []float64 // of the two layers; their frequencies' second
	}{
		{"olmo2", nil, []float64{100, 100}},
		{"olmo2", metadata{"attention.sliding_window": uint64(7), "attention.sliding_window_pattern": []bool{true, false}}, []float64{200, 100}},
		{"olmo2", metadata{"attention.sliding_window": uint64(7)}, []float64{200, 200}},
		{"gemma3", metadata{"attention.sliding_window": uint64(7), "attention.sliding_window_pattern": []bool{false, true}}, []float64{100, 10}},
		{"gemma3", metadata{"attention.sliding_window": uint64(0)}, []float64{100, 100}},
		{"gemma3", nil, []float64{100, 100}},
	} {
		m, w := as(c.arch)
		attend(w, 2, 2)
		if c.arch == "olmo2" {
			attend(w, 8, 4)
			for _, l := range []string{"blk.0.", "blk.1."} {
				delete(w, l+"attn_norm.weight")
				delete(w, l+"ffn_norm.weight")
			}
		}
		m[c.arch+".rope.freq_base"], m[c.arch+".rope.freq_base_swa"] = 200., 10.
		if c.arch == "olmo2" {
			delete(m, c.arch+".rope.freq_base_swa")
		}
		m[c.arch+".rope.scaling.type"], m[c.arch+".rope.scaling.factor"] = "linear", 2.
		for key, v := range c.keys {
			m[c.arch+"."+key] = v
		}
		f, err := Build(m, w)
		if err != nil {
			t.Fatalf("%s %v: %v", c.arch, c.keys, err)
		}
		for l, s := range steps[accel.Rope](t, m, w) {
			// With heads of two columns the only frequency is 1 over the factor.
			want := map[float64]float64{100: 0.5, 200: 1, 10: 1}[c.bases[l]]
			if got := f.Program.Tables[s.Table].Freq[0]; got != want {
				t.Errorf("%s %v: layer %d turns by %v, want %v", c.arch, c.keys, l, got, want)
			}
		}
	}
}

// TestGraniteWithoutRotation: GGUF has a switch for it.
func TestGraniteWithoutRotation(t *testing.T) {
	m, w := as("granite")
	m["granite.embedding_scale"], m["granite.residual_scale"], m["granite.attention.scale"] = 0., 0., 0.
	if n := len(steps[accel.Rope](t, m, w)); n != 2 {
		t.Errorf("%d layers rotate, want both", n)
	}
	if e := steps[accel.Embed](t, m, w)[0].Scale; e != 1 {
		t.Errorf("a multiplier of 0, which stands for none, is %v", e)
	}
	if s := steps[accel.Attention](t, m, w)[0].Scale; s != float32(1/math.Sqrt2) {
		t.Errorf("a scale of 0, which stands for none, is %v", s)
	}
	m["granite.rope.scaling.finetuned"] = false
	if n := len(steps[accel.Rope](t, m, w)); n != 0 {
		t.Errorf("%d layers rotate, want none", n)
	}
}

// TestOldGemma2: the first files do not name the window.
func TestOldGemma2(t *testing.T) {
	m, w := as("gemma2")
	attend(w, 2, 2)
	for _, l := range []string{"blk.0.", "blk.1."} {
		delete(w, l+"attn_q_norm.weight")
		delete(w, l+"attn_k_norm.weight")
	}
	a := steps[accel.Attention](t, m, w)
	if a[0].Window != 4096 || a[1].Window != 0 {
		t.Errorf("windows of %d and %d, want 4096 and 0", a[0].Window, a[1].Window)
	}
}

// TestUnusedWeights: a file with weights that would be left out is refused.
func TestUnusedWeights(t *testing.T) {
	for name, want := range map[string]string{
		"blk.0.ffn_gate.bias":         "blk.0.ffn_gate.bias",
		"blk.1.ffn_gate_shexp.weight": "ffn_gate_shexp",
		"blk.2.attn_norm.weight":      "blk.2",
		"output.bias":                 "output.bias",
		"rope_factors_long.weight":    "rope_factors_long",
		"blk.0.attn_rot_embd.weight":  "",
		"v.blk.0.attn_norm.weight":    "",
		"cls.output.weight":           "",
		"blk.0.attn_q.bias":           "",
		"blk.0.ffn_down.bias":         "",
	} {
		m, w := tiny()
		w[name] = zeros(name, 1, 8)
		_, err := Build(m, w)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestRotaryScaling: which keys scale the frequencies of two pairs, and sine
// and cosine.
func TestRotaryScaling(t *testing.T) {
	type want struct{ first, scale float64 }
	sharp := 1 + 0.1*math.Log(4)
	for name, c := range map[string]struct {
		keys metadata
		want want
	}{
		"none":               {nil, want{1, 1}},
		"named so":           {metadata{"rope.scaling.type": "none", "rope.scaling.factor": 4., "rope.scale_linear": 2.}, want{1, 1}},
		"without a type":     {metadata{"rope.scaling.factor": 4.}, want{0.25, 1}},
		"the first key":      {metadata{"rope.scale_linear": 2.}, want{0.5, 1}},
		"both keys":          {metadata{"rope.scaling.type": "linear", "rope.scaling.factor": 4., "rope.scale_linear": 2.}, want{0.25, 1}},
		"linear, old factor": {metadata{"rope.scaling.type": "linear", "rope.scale_linear": 2.}, want{0.5, 1}},
		"dynamic":            {metadata{"rope.scaling.type": "dynamic", "rope.scaling.factor": 4.}, want{1, 1}},
		"yarn":               {metadata{"rope.scaling.type": "yarn", "rope.scaling.factor": 4.}, want{1, sharp}},
		"yarn, factor":       {metadata{"rope.scaling.type": "yarn", "rope.scaling.factor": 4., "rope.scaling.attn_factor": 2.}, want{1, 2 * sharp}},
		"yarn, its own":      {metadata{"rope.scaling.type": "yarn", "rope.scaling.factor": 4., "rope.scaling.yarn_attn_factor": 1.5}, want{1, 1.5}},
		"yarn, logarithm":    {metadata{"rope.scaling.type": "yarn", "rope.scaling.factor": 4., "rope.scaling.yarn_log_multiplier": 1.}, want{1, 1}},
	} {
		m, w := tiny()
		for key, v := range c.keys {
			m["llama."+key] = v
		}
		f, err := Build(m, w)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		table := f.Program.Tables[0]
		if got := (want{table.Freq[0], table.Scale}); math.Abs(got.first-c.want.first)+math.Abs(got.scale-c.want.scale) > 1e-12 {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestRowOrder checks that models of other formats can say how rows lie.
func TestRowOrder(t *testing.T) {
	for _, c := range []struct {
		arch string
		key  any
		want bool
	}{{"llama", nil, true}, {"llama", true, false}, {"granite", nil, true}, {"granite", true, false}, {"qwen2", nil, false}} {
		m, w := as(c.arch)
		if c.key != nil {
			m[RotateHalves] = c.key
		}
		f, err := Build(m, w)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Program.Tables[0].Neighbours; got != c.want {
			t.Errorf("%s, key %v: neighbours %v", c.arch, c.key, got)
		}
	}
}
