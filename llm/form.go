package llm

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"lumi/llm/grammar"
	"lumi/llm/sample"
	"lumi/llm/tokenizer"
)

// forms is what a model keeps about the forms that answers are held to: the
// vocabulary arranged for them, and the latest matcher with all that it has
// worked out.
type forms struct {
	vocabulary *grammar.Vocabulary
	gbnf       string
	schema     string
	banned     []string
	matcher    *grammar.Matcher
}

// form is the matcher for an answer with these settings, nil when they ask for
// none. The caller holds the model.
func (m *Model) form(s Settings) (*grammar.Matcher, error) {
	if s.Grammar == "" && s.JSONSchema == "" && len(s.Banned) == 0 {
		return nil, nil
	}
	f := &m.forms
	if f.matcher != nil && f.gbnf == s.Grammar && f.schema == s.JSONSchema && slices.Equal(f.banned, s.Banned) && f.matcher.Err() == nil {
		f.matcher.Reset()
		return f.matcher, nil
	}
	g, err := parseForm(s.Grammar, s.JSONSchema)
	if err != nil {
		return nil, err
	}
	if f.vocabulary == nil {
		f.vocabulary = grammar.NewVocabulary(m.info.Vocabulary, func(id int32) grammar.Token {
			return grammar.Token{Piece: m.tok.Piece(id), Ends: m.tok.IsEOG(id), Control: m.tok.IsControl(id)}
		})
	}
	matcher, err := grammar.NewMatcher(f.vocabulary, g, s.Banned)
	if err != nil {
		return nil, err
	}
	*f = forms{f.vocabulary, s.Grammar, s.JSONSchema, slices.Clone(s.Banned), matcher}
	return matcher, nil
}

// hold sets the chain up for an answer.
func (g *generation) hold(s Settings) error {
	matcher, err := g.m.form(s)
	if err != nil {
		return err
	}
	g.form = matcher
	if matcher == nil {
		g.m.chain.Constrain(nil) // an interface that holds a nil pointer is not nil
	} else {
		g.m.chain.Constrain(matcher)
	}
	g.apply(s)
	return nil
}

// apply brings the chain to settings that may have changed since the last
// token.
func (g *generation) apply(s Settings) {
	c := g.m.chain
	c.Set(s.Settings)
	c.SetBias(s.LogitBias)
	if s.DRYMultiplier > 0 && (g.breakers == nil || !slices.Equal(g.breakers, s.DRYBreakers)) {
		g.breakers = append([]string{}, s.DRYBreakers...)
		c.SetBreakers(g.m.breakerTokens(g.breakers))
	}
}

// breakerTokens are the tokens that hold one of the texts, or for a text that
// none holds, the last of the tokens that write it.
func (m *Model) breakerTokens(texts []string) []int32 {
	if len(texts) == 0 {
		texts = DefaultDRYBreakers
	} else if len(texts) == 1 && texts[0] == "none" {
		return nil
	}
	var ids []int32
	for _, text := range texts {
		before := len(ids)
		for id := range int32(m.tok.Size()) {
			if text != "" && bytes.Contains(m.tok.Piece(id), []byte(text)) {
				ids = append(ids, id)
			}
		}
		if len(ids) == before {
			if written := m.tok.Encode(nil, text, tokenizer.Options{}); len(written) > 0 {
				ids = append(ids, written[len(written)-1])
			}
		}
	}
	return ids
}

// accept tells the form of a token, and whether the answer is finished by it.
func (g *generation) accept(id int32) (finished bool, err error) {
	if g.form == nil {
		return false, nil
	}
	g.form.Accept(id)
	return g.form.Finished(), g.form.Err()
}

// unpickable explains why no token could be picked where a form is to blame.
func (g *generation) unpickable(err error) error {
	switch {
	case g.form == nil || !errors.Is(err, sample.ErrNoToken):
		return err
	case g.form.Err() != nil:
		return g.form.Err()
	}
	return fmt.Errorf("the answer cannot go on: no token of the model fits the grammar here: %w", err)
}
