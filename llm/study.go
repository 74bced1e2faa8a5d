package llm

import (
	"context"

	"lumi/accel"
	"lumi/llm/sample"
	"lumi/llm/tokenizer"
)

// Study says how a text is completed when the way matters more than the time:
// to compare with Lumi's first version, a numpy program, and to see what a
// part of the engine is for. The zero value changes nothing.
type Study struct {
	// Uniform picks with [sample.Uniform], as the first version did. Of the
	// settings only temperature, top-p and seed count then, and control tokens
	// have no text.
	Uniform bool
	// OneByOne runs the prompt token by token instead of many at once. The
	// result is the same.
	OneByOne bool
	// NoCache runs the whole text again for every token instead of keeping
	// keys and values. The result is the same.
	NoCache bool
	// Length ends the answer when prompt and answer together have this many
	// tokens, the start token not counted, but not before its first token; 0 is
	// no limit.
	Length int
	// Prompt, unless nil, hears the prompt's tokens before they are run.
	Prompt func(ids []int32)
	// Picked, unless nil, hears of every token that was picked and of those it
	// was picked from, most likely first. The slice is valid during the call.
	Picked func(id int32, from []sample.Candidate)
}

// CompleteStudy is Complete in the way that study says.
func (m *Model) CompleteStudy(ctx context.Context, text string, study Study, settings func() Settings, emit func(Event)) (Reply, error) {
	if m.mute != nil {
		return Reply{}, m.mute
	}
	if err := m.take(ctx); err != nil {
		return cancelled(ctx, err)
	}
	defer m.giveBack()
	ids := m.tok.Encode(nil, text, tokenizer.Options{AddSpecial: true})
	if study.Prompt != nil {
		study.Prompt(ids)
	}
	return m.generate(ctx, text, "", ids, nil, study, settings, emit)
}

// pick chooses the next token and tells the study.
func (g *generation) pick(logits []float32, s sample.Settings) (int32, error) {
	var (
		id   int32
		err  error
		from []sample.Candidate
	)
	if g.uniform != nil {
		id, err = g.uniform.Pick(logits, s)
		from = g.uniform.Last()
	} else {
		id, err = g.m.chain.Pick(logits)
	}
	if err != nil || g.study.Picked == nil {
		return id, err
	}
	if g.uniform == nil {
		from = g.m.chain.Last()
	}
	g.study.Picked(id, from)
	return id, nil
}

// full reports whether the study's length is reached.
func (g *generation) full() bool {
	return g.study.Length > 0 && g.stats.PromptTokens+g.stats.Tokens > g.study.Length
}

// decoded is the text that a token completes.
func (g *generation) decoded(id int32) string {
	if g.uniform != nil && g.m.tok.IsControl(id) {
		return ""
	}
	return g.decoder.Push(id)
}

// repeat runs all tokens and id again and returns the logits after it.
func (g *generation) repeat(ctx context.Context, id int32) ([]float32, error) {
	all := append(append([]int32(nil), g.m.held...), id)
	if err := g.m.rewind(); err != nil {
		return nil, err
	}
	return g.m.forward(ctx, all, accel.WantLast)
}
