package llm

import (
	"context"
	"fmt"
	"math"

	"lumi/accel"
	"lumi/llm/tokenizer"
)

// Perplexity is how well a model foresees a text.
type Perplexity struct {
	Windows int     // windows scored so far
	Total   int     // windows of the text
	Tokens  int     // tokens scored
	PPL     float64 // exp of the mean negative log-likelihood
	Error   float64 // standard error of PPL
}

// Perplexity scores text as llama.cpp's perplexity tool does: the tokens are
// cut into windows of size tokens (512 there), each begins with the
// begin-of-sequence token where the model uses one, and the second half of
// each window is scored given what precedes it in the window. Progress, which
// may be nil, hears of every window. The conversation in the KV cache is lost.
func (m *Model) Perplexity(ctx context.Context, text string, size int, progress func(Perplexity)) (Perplexity, error) {
	if size < 4 || size > m.info.Context {
		return Perplexity{}, fmt.Errorf("a window of %d tokens is not possible with a context of %d", size, m.info.Context)
	}
	if m.mute != nil {
		return Perplexity{}, m.mute
	}
	ids := m.tok.Encode(nil, text, tokenizer.Options{AddSpecial: true})
	p := Perplexity{Total: len(ids) / size}
	if p.Total == 0 {
		return p, fmt.Errorf("the text has %d tokens, fewer than one window of %d; give a longer text", len(ids), size)
	}
	if err := m.take(ctx); err != nil {
		return p, err
	}
	defer m.giveBack()
	defer func() { _ = m.rewind() }() // 0 is always a valid length
	var sum, square float64
	for ; p.Windows < p.Total; p.Windows++ {
		window := append([]int32(nil), ids[p.Windows*size:(p.Windows+1)*size]...)
		if v := m.tok.Vocab(); v.AddBOS && v.BOS >= 0 {
			window[0] = v.BOS
		}
		losses, err := m.losses(ctx, window)
		if err != nil {
			return p, err
		}
		for _, l := range losses {
			sum += l
			square += l * l
		}
		p.Tokens += len(losses)
		n := float64(p.Tokens)
		mean := sum / n
		p.PPL = math.Exp(mean)
		p.Error = p.PPL * math.Sqrt(max(0, square/n-mean*mean)/max(1, n-1))
		if progress != nil {
			seen := p
			seen.Windows++
			progress(seen)
		}
	}
	return p, nil
}

// losses are the negative log-likelihoods of the second half of a window, but
// for its first token.
func (m *Model) losses(ctx context.Context, window []int32) ([]float64, error) {
	if err := m.rewind(); err != nil {
		return nil, err
	}
	half := len(window) / 2
	if _, err := m.forward(ctx, window[:half], accel.WantNone); err != nil {
		return nil, err
	}
	logits, err := m.forward(ctx, window[half:], accel.WantAll)
	if err != nil {
		return nil, err
	}
	out := make([]float64, 0, len(window)-half-1)
	for i, next := range window[half+1:] {
		row := logits[i*m.info.Vocabulary : (i+1)*m.info.Vocabulary]
		out = append(out, logSumExp(row)-float64(row[next]))
	}
	return out, nil
}

func logSumExp(row []float32) float64 {
	top := float64(row[0])
	for _, v := range row {
		top = max(top, float64(v))
	}
	sum := 0.0
	for _, v := range row {
		sum += math.Exp(float64(v) - top)
	}
	return top + math.Log(sum)
}
