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
	// settings only temperature, top-p and seed count then.
	Uniform bool
	// OneByOne runs the prompt token by token instead of many at once. The
	// result is the same.
	OneByOne bool
	// NoCache runs the whole text again for every token instead of keeping
	// keys and values. The result is the same.
	NoCache bool
	// Length ends the answer when prompt and answer together have this many
	// tokens, the start token included; 0 is no limit. A prompt that is as long
	// already is not run at all.
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
	if study.Length > 0 && len(ids) >= study.Length {
		return Reply{Reason: StopLength, Stats: Stats{PromptTokens: len(ids), ContextSize: m.info.Context}}, nil
	}
	return m.generate(ctx, text, ids, nil, study, settings, emit)
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

// repeat runs all tokens and id again and returns the logits after it.
func (g *generation) repeat(ctx context.Context, id int32) ([]float32, error) {
	all := append(append([]int32(nil), g.m.held...), id)
	if err := g.m.rewind(); err != nil {
		return nil, err
	}
	return g.m.forward(ctx, all, accel.WantLast)
}
