package accel

// Buffer names one activation matrix of a Program: float32, row-major,
// [tokens of the batch][width].
type Buffer int

// Weight names one tensor of a Program.
type Weight int

// None is the absent weight, for optional biases.
const None Weight = -1

// Rotary names one table of rotary frequencies of a Program.
type Rotary int

// Tensor is a weight matrix in a ggml block format, row-major [Rows][Cols]; a
// vector has one row. Data usually lies in a mapped file and is read in place
// or repacked, never changed.
type Tensor struct {
	Name string
	Type Type
	Rows int
	Cols int
	Data []byte
}

// BufferInfo describes a Buffer.
type BufferInfo struct {
	Name  string
	Width int // float32 values per token
}

// RotaryTable holds the angles of a rotary position embedding (Su et al.,
// 2021): pair i of a head turns by position × Freq[i].
type RotaryTable struct {
	Freq []float64 // radians per position, one per rotated pair
	// Scale multiplies sine and cosine (YaRN's attention factor); 1 is plain.
	Scale float64
	// Neighbours pairs columns (2i, 2i+1), the layout of the original Llama;
	// otherwise columns (i, i+n) form a pair, where n = len(Freq).
	Neighbours bool
	// Long takes the place of Freq, with as many values, in a sequence of more
	// than Limit tokens, for all of its positions (long-RoPE, Ding et al.,
	// 2024); nil where the frequencies never change.
	Long  []float64
	Limit int
}

// Activation is the non-linearity of a gated feed-forward layer.
type Activation int

// The activations in use.
const (
	SiLU Activation = iota // x·σ(x)
	GELU                   // the tanh approximation of Hendrycks and Gimpel, 2016
)

// Kind is the kind of a Step, for time reports.
type Kind int

// The kinds of steps.
const (
	KindEmbed Kind = iota
	KindNorm
	KindMatMul
	KindRope
	KindAttention
	KindGated
	KindExperts
	KindLogits
	Kinds // their number
)

func (k Kind) String() string {
	names := [...]string{"embed", "norm", "matmul", "rope", "attention", "gated", "experts", "logits"}
	if k < 0 || int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// Step is one step of a Program: one of Embed, RMSNorm, MatMul, Rope,
// Attention, GatedMatMul, Experts and Logits.
type Step interface{ Kind() Kind }

// Embed writes row W[token] × Scale to Dst.
type Embed struct {
	Dst   Buffer
	W     Weight
	Scale float32
}

// RMSNorm writes Src / sqrt(mean(Src²) + Eps) × W to Dst (Zhang and Sennrich,
// 2019). W is a vector of the buffers' width, or of a part of it: then each
// part of that length is normalised by itself, as the heads of queries and keys
// are. With Add the result is added to what Dst holds.
type RMSNorm struct {
	Dst, Src Buffer
	W        Weight
	Eps      float32
	Add      bool
}

// Product is one output of a MatMul: Dst = W·Src (+ Bias).
type Product struct {
	Dst     Buffer
	W, Bias Weight
}

// MatMul multiplies one source by one or more weights; with Add the products,
// times Scale unless that is 0, are added to what the destinations hold (the
// residual stream).
type MatMul struct {
	Src   Buffer
	Out   []Product
	Add   bool
	Scale float32 // used with Add only
}

// Rope rotates the heads of Q and K in place by their positions.
type Rope struct {
	Q, K           Buffer
	Heads, KVHeads int
	HeadDim        int
	Table          Rotary
}

// Attention appends K and V to the cache of Layer and writes, for every head,
// softmax(Scale · Q·Kᵀ)·V over the positions up to the token's own to Dst.
// Heads/KVHeads query heads share one key/value head.
type Attention struct {
	Dst, Q, K, V   Buffer
	Layer          int
	Heads, KVHeads int
	HeadDim        int
	Scale          float32
	// Window is how many positions a token looks at, its own among them; 0
	// stands for all.
	Window int
	// SoftCap bounds the scores s: they become SoftCap·tanh(s/SoftCap) unless
	// it is 0 (Gemma 2, 2024).
	SoftCap float32
}

// GatedMatMul writes Act(Gate·Src) × (Up·Src) to Dst (Shazeer, 2020).
type GatedMatMul struct {
	Dst, Src Buffer
	Gate, Up Weight
	Act      Activation
}

// Experts adds a mixture of gated feed-forward networks to Dst (Shazeer et al.,
// 2017; Fedus et al., 2021). softmax(Router·Src) gives each expert a share; the
// Used experts with the largest shares, of equal ones the first, are computed:
//
//	Dst += Σ share × Down·(Act(Gate·Src) × (Up·Src))
//
// With Normalise the shares of those experts are divided by their sum.
type Experts struct {
	Dst, Src  Buffer
	Router    Weight // a row per expert
	Each      []Expert
	Used      int
	Normalise bool
	Act       Activation
}

// Expert is one of the networks of an Experts step. All of a step have the same
// shape.
type Expert struct{ Gate, Up, Down Weight }

// Logits multiplies Src by W for the tokens whose logits are wanted, times
// Scale unless that is 0, and bounds them as Attention's SoftCap does the
// scores.
type Logits struct {
	Src     Buffer
	W       Weight
	Scale   float32
	SoftCap float32
}

// Kind implements Step.
func (Embed) Kind() Kind { return KindEmbed }

// Kind implements Step.
func (RMSNorm) Kind() Kind { return KindNorm }

// Kind implements Step.
func (MatMul) Kind() Kind { return KindMatMul }

// Kind implements Step.
func (Rope) Kind() Kind { return KindRope }

// Kind implements Step.
func (Attention) Kind() Kind { return KindAttention }

// Kind implements Step.
func (GatedMatMul) Kind() Kind { return KindGated }

// Kind implements Step.
func (Experts) Kind() Kind { return KindExperts }

// Kind implements Step.
func (Logits) Kind() Kind { return KindLogits }

// Program is a forward pass: what to do with a batch of tokens, step by step.
// Build one with its methods, then Check it.
type Program struct {
	Steps   []Step
	Buffers []BufferInfo
	Weights []Tensor
	Tables  []RotaryTable
}

// NewBuffer declares an activation buffer of the given width.
func (p *Program) NewBuffer(name string, width int) Buffer {
	p.Buffers = append(p.Buffers, BufferInfo{name, width})
	return Buffer(len(p.Buffers) - 1)
}

// AddWeight declares a weight. The same tensor may be declared once and used
// by several steps.
func (p *Program) AddWeight(t Tensor) Weight {
	p.Weights = append(p.Weights, t)
	return Weight(len(p.Weights) - 1)
}

// AddTable declares a table of rotary frequencies.
func (p *Program) AddTable(t RotaryTable) Rotary {
	p.Tables = append(p.Tables, t)
	return Rotary(len(p.Tables) - 1)
}

// Do appends a step.
func (p *Program) Do(s Step) { p.Steps = append(p.Steps, s) }

// Layers is the number of layers that keep keys and values.
func (p *Program) Layers() int {
	n := 0
	for _, s := range p.Steps {
		if a, ok := s.(Attention); ok {
			n = max(n, a.Layer+1)
		}
	}
	return n
}

// Vocabulary is the number of logits per token, 0 without a Logits step.
func (p *Program) Vocabulary() int {
	for _, s := range p.Steps {
		if l, ok := s.(Logits); ok {
			return p.Weights[l.W].Rows
		}
	}
	return 0
}
