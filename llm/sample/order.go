package sample

import (
	"strings"
)

// stage is one step of the chain.
type stage uint8

const (
	penalties stage = iota
	dry
	topNSigmaStage
	topKStage
	typicalStage
	topPStage
	minPStage
	xtcStage
	temperatureStage
	stages int = iota
)

// stageNames are llama.cpp's.
var stageNames = [stages]string{
	"penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature",
}

// otherNames are those that llama.cpp reads as well.
var otherNames = map[string]stage{
	"top-k": topKStage, "top-p": topPStage, "nucleus": topPStage, "min-p": minPStage,
	"typical": typicalStage, "typical-p": typicalStage, "typ-p": typicalStage, "typ": typicalStage,
	"top-n-sigma": topNSigmaStage, "top-nsigma": topNSigmaStage, "temp": temperatureStage,
}

// DefaultOrder are all stages in llama.cpp's order, as [ParseOrder] reads it.
var DefaultOrder = strings.Join(stageNames[:], ";")

// ParseOrder reads the names of stages, separated by semicolons, and returns
// them in llama.cpp's spelling. Those that are left out are off. A stage can
// stand only once. An empty text is the default order.
func ParseOrder(text string) ([]string, error) {
	o, err := parseOrder(text)
	if err != nil {
		return nil, err
	}
	names := make([]string, o.n)
	for i, s := range o.stages[:o.n] {
		names[i] = stageNames[s]
	}
	return names, nil
}

// order is a list of stages, each at most once.
type order struct {
	stages [stages]stage
	n      int
}

func (o *order) add(s stage) {
	o.stages[o.n] = s
	o.n++
}

func (o *order) list() []stage { return o.stages[:o.n] }

func parseOrder(text string) (order, error) {
	var o order
	var seen [stages]bool
	if strings.TrimSpace(text) == "" {
		text = DefaultOrder
	}
	for name := range strings.SplitSeq(text, ";") {
		s, ok := stageNamed(strings.ToLower(strings.TrimSpace(name)))
		if !ok {
			return order{}, ErrSetting.Errorf("there is no sampler stage %q: the stages are %s", name, DefaultOrder)
		}
		if seen[s] {
			return order{}, ErrSetting.Errorf("the sampler stage %s stands twice", stageNames[s])
		}
		seen[s] = true
		o.add(s)
	}
	return o, nil
}

func stageNamed(name string) (stage, bool) {
	for s, n := range stageNames {
		if n == name {
			return stage(s), true
		}
	}
	s, ok := otherNames[name]
	return s, ok
}

// plan is what a chain does for a token: the settings' stages without those
// that change nothing.
type plan struct {
	head  order // penalties, applied while the logits are read
	k     int   // of a top-k that follows them at once, 0 for none
	tail  order // the rest
	final float32
}

// plan works out the plan of clamped settings. The last temperature is left to
// the softmax that ends every chain (final).
func (s *Settings) plan() plan {
	o, err := parseOrder(s.Samplers)
	if err != nil { // Clamp has seen to it
		o, _ = parseOrder("")
	}
	p := plan{final: 1}
	greedy := false
	for _, st := range o.list() {
		greedy = greedy || st == temperatureStage && s.Temperature == 0
	}
	for _, st := range o.list() {
		switch {
		case !s.active(st):
		case st == penalties || st == dry:
			if greedy || p.k == 0 && p.tail.n == 0 {
				p.head.add(st)
			} else {
				p.tail.add(st)
			}
		case greedy:
		case st == topKStage && p.tail.n == 0:
			p.k = s.TopK
		default:
			p.tail.add(st)
		}
	}
	if greedy {
		p.k = 1
	}
	if n := p.tail.n; n > 0 && p.tail.stages[n-1] == temperatureStage && s.DynatempRange == 0 {
		p.tail.n--
		p.final = s.Temperature
	}
	return p
}

// active reports whether a stage changes anything.
func (s *Settings) active(st stage) bool {
	switch st {
	case penalties:
		return s.RepeatWindow > 0 && (s.RepeatPenalty != 1 || s.PresencePenalty != 0 || s.FrequencyPenalty != 0)
	case dry:
		return s.DRYMultiplier > 0
	case temperatureStage:
		return s.Temperature != 1 || s.DynatempRange > 0
	}
	if s.Mirostat != 0 {
		return false // it cuts the choice itself
	}
	switch st {
	case topNSigmaStage:
		return s.TopNSigma > 0
	case topKStage:
		return s.TopK > 0
	case typicalStage:
		return s.Typical < 1
	case topPStage:
		return s.TopP < 1
	case minPStage:
		return s.MinP > 0
	default:
		return s.XTCProbability > 0
	}
}
