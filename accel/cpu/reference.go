package cpu

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/blas/blas64"

	"lumi/accel"
)

// Reference runs a Program one token at a time in float64 on the dequantised
// weights: slow, obvious, and the oracle that the fast engine is tested
// against. It keeps every weight as float64 in memory, so it is for small
// models only.
type Reference struct {
	p       *accel.Program
	weights []blas64.General
	keys    [][][]float64 // [layer][position][KVHeads × HeadDim]
	values  [][][]float64
	bufs    [][]float64
	long    bool // the sequence is to become longer than the tables' limit
}

// NewReference dequantises the weights of p, which must pass Check.
func NewReference(p *accel.Program) (*Reference, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	r := &Reference{p: p, keys: make([][][]float64, p.Layers()), values: make([][][]float64, p.Layers())}
	for _, t := range p.Weights {
		row := make([]float32, t.Rows*t.Cols)
		if err := accel.Dequantize(t.Type, row, t.Data); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		r.weights = append(r.weights, blas64.General{Rows: t.Rows, Cols: t.Cols, Stride: t.Cols, Data: widen(row)})
	}
	for _, b := range p.Buffers {
		r.bufs = append(r.bufs, make([]float64, b.Width))
	}
	return r, nil
}

// Expect says how long the sequence will become, for rotary tables that depend
// on it; by default it stays short.
func (r *Reference) Expect(length int) {
	for _, t := range r.p.Tables {
		r.long = r.long || t.Long != nil && length > t.Limit
	}
}

func widen(src []float32) []float64 {
	out := make([]float64, len(src))
	for i, v := range src {
		out[i] = float64(v)
	}
	return out
}

// Forward appends one token and returns its logits.
func (r *Reference) Forward(token int32) []float64 {
	var logits []float64
	for _, s := range r.p.Steps {
		switch s := s.(type) {
		case accel.Embed:
			for i, v := range r.row(s.W, int(token)) {
				r.bufs[s.Dst][i] = v * float64(s.Scale)
			}
		case accel.RMSNorm:
			r.norm(s)
		case accel.MatMul:
			r.matMul(s)
		case accel.Rope:
			r.rope(s)
		case accel.Attention:
			r.attention(s)
		case accel.GatedMatMul:
			gate, up := r.product(s.Gate, s.Src), r.product(s.Up, s.Src)
			for i := range gate {
				r.bufs[s.Dst][i] = activate(s.Act, gate[i]) * up[i]
			}
		case accel.Experts:
			r.experts(s)
		case accel.Logits:
			logits = r.product(s.W, s.Src)
			for i, v := range logits {
				logits[i] = softCap(v*orOne(s.Scale), s.SoftCap)
			}
		}
	}
	return logits
}

func (r *Reference) row(w accel.Weight, i int) []float64 {
	m := r.weights[w]
	return m.Data[i*m.Stride : i*m.Stride+m.Cols]
}

func (r *Reference) product(w accel.Weight, src accel.Buffer) []float64 {
	return r.multiply(w, r.bufs[src])
}

func (r *Reference) multiply(w accel.Weight, x []float64) []float64 {
	m := r.weights[w]
	y := blas64.Vector{N: m.Rows, Inc: 1, Data: make([]float64, m.Rows)}
	blas64.Gemv('N', 1, m, blas64.Vector{N: m.Cols, Inc: 1, Data: x}, 0, y)
	return y.Data
}

func (r *Reference) norm(s accel.RMSNorm) {
	w := r.row(s.W, 0)
	for from := 0; from < len(r.bufs[s.Src]); from += len(w) {
		src, dst := r.bufs[s.Src][from:from+len(w)], r.bufs[s.Dst][from:from+len(w)]
		sum := 0.0
		for _, v := range src {
			sum += v * v
		}
		scale := 1 / math.Sqrt(sum/float64(len(src))+float64(s.Eps))
		for i, v := range src {
			if v *= scale * w[i]; s.Add {
				v += dst[i]
			}
			dst[i] = v
		}
	}
}

func (r *Reference) experts(s accel.Experts) {
	shares := r.product(s.Router, s.Src)
	sum := 0.0
	for i, v := range shares {
		shares[i] = math.Exp(v)
		sum += shares[i]
	}
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return shares[order[i]] > shares[order[j]] })
	order = order[:s.Used]
	if s.Normalise {
		sum = 0
		for _, e := range order {
			sum += shares[e]
		}
	}
	for _, e := range order {
		hidden, up := r.product(s.Each[e].Gate, s.Src), r.product(s.Each[e].Up, s.Src)
		for i := range hidden {
			hidden[i] = activate(s.Act, hidden[i]) * up[i]
		}
		for i, v := range r.multiply(s.Each[e].Down, hidden) {
			r.bufs[s.Dst][i] += v * shares[e] / sum
		}
	}
}

func (r *Reference) matMul(s accel.MatMul) {
	for _, o := range s.Out {
		y := r.product(o.W, s.Src)
		for i, v := range y {
			if o.Bias != accel.None {
				v += r.row(o.Bias, 0)[i]
			}
			if s.Add {
				v = v*orOne(s.Scale) + r.bufs[o.Dst][i]
			}
			y[i] = v
		}
		copy(r.bufs[o.Dst], y)
	}
}

// position is the index of the token at hand: every layer's cache grows only
// at its own Attention step.
func (r *Reference) position(layer int) int { return len(r.keys[layer]) }

func (r *Reference) rope(s accel.Rope) {
	t := r.p.Tables[s.Table]
	// The layer whose Attention comes next has not yet stored this position.
	pos := len(r.keys[len(r.keys)-1])
	n, freq := len(t.Freq), t.Freq
	if r.long && t.Long != nil {
		freq = t.Long
	}
	for i, f := range freq {
		sin, cos := math.Sincos(float64(pos) * f)
		sin, cos = sin*t.Scale, cos*t.Scale
		a, b := i, i+n
		if t.Neighbours {
			a, b = 2*i, 2*i+1
		}
		for _, x := range [][]float64{r.bufs[s.Q], r.bufs[s.K]} {
			for h := 0; h < len(x); h += s.HeadDim {
				u, v := x[h+a], x[h+b]
				x[h+a], x[h+b] = u*cos-v*sin, u*sin+v*cos
			}
		}
	}
}

func (r *Reference) attention(s accel.Attention) {
	r.keys[s.Layer] = append(r.keys[s.Layer], append([]float64(nil), r.bufs[s.K]...))
	r.values[s.Layer] = append(r.values[s.Layer], append([]float64(nil), r.bufs[s.V]...))
	n := r.position(s.Layer)
	scores := make([]float64, n)
	first := 0
	if s.Window > 0 {
		first = max(0, n-s.Window)
	}
	for h := range s.Heads {
		q := r.bufs[s.Q][h*s.HeadDim : (h+1)*s.HeadDim]
		kv := h / (s.Heads / s.KVHeads) * s.HeadDim
		best := math.Inf(-1)
		for t := first; t < n; t++ {
			dot := 0.0
			for i, v := range q {
				dot += v * r.keys[s.Layer][t][kv+i]
			}
			scores[t] = softCap(dot*float64(s.Scale), s.SoftCap)
			best = max(best, scores[t])
		}
		out, sum := r.bufs[s.Dst][h*s.HeadDim:(h+1)*s.HeadDim], 0.0
		clear(out)
		for t := first; t < n; t++ {
			w := math.Exp(scores[t] - best)
			sum += w
			for i := range out {
				out[i] += w * r.values[s.Layer][t][kv+i]
			}
		}
		for i := range out {
			out[i] /= sum
		}
	}
}

// softCap is limit·tanh(x/limit), and x without a limit.
func softCap(x float64, limit float32) float64 {
	if limit == 0 {
		return x
	}
	return float64(limit) * math.Tanh(x/float64(limit))
}

// orOne is a factor, 1 if it is not given.
func orOne(scale float32) float64 {
	if scale == 0 {
		return 1
	}
	return float64(scale)
}

// activate is the activation in float64.
func activate(a accel.Activation, x float64) float64 {
	if a == accel.GELU {
		return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	}
	return x / (1 + math.Exp(-x))
}
