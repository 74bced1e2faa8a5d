package tokenizer

import (
	"errors"
	"fmt"
	"strings"
)

// preNames are the names in tokenizer.ggml.pre of pre-tokenizers by their steps.
var preNames = map[string]string{"digits gpt-2": "smollm"}

// GGUF is the vocabulary as far as the keys of a GGUF file can express it, for
// writing one. What they cannot express, such as normalisation to NFC, is lost;
// a vocabulary that they cannot express at all is an error.
func (v Vocab) GGUF() (Vocab, error) {
	p := v.pipeline
	if p == nil {
		return v, nil
	}
	v.pipeline = nil
	for _, id := range v.Ends {
		if v.EOT < 0 && id != v.EOS {
			v.EOT = id
		}
	}
	switch {
	case p.model != nil:
		return v, fmt.Errorf("a tokenizer of the kind %q cannot be written as GGUF: only byte-level BPE and SentencePiece-BPE can", v.Model)
	case p.marked():
		return v, errors.New("a tokenizer that marks the edges of words cannot be written as GGUF")
	case v.Model == ByteLevel:
		v.Pre = p.preName()
		if v.Pre == "" {
			return v, fmt.Errorf("the way in which this tokenizer splits text into words has no name in GGUF")
		}
		return v, nil
	}
	begin := p.normalized("a")
	for _, s := range p.steps {
		if s.change != nil {
			begin = s.change(begin, true)
		}
	}
	v.AddSpacePrefix = strings.HasPrefix(begin, space)
	if !p.byScore {
		v.Scores, v.Merges = v.mergeScores(p), nil
	}
	return v, nil
}

// preName is the name in tokenizer.ggml.pre, or "" if there is none.
func (p *pipeline) preName() string {
	var parts []string
	for _, s := range p.steps {
		if s.pre == "" {
			return ""
		}
		parts = append(parts, s.pre)
	}
	name := strings.Join(parts, " ")
	if known, ok := preNames[name]; ok {
		return known
	}
	if name == "dbrx" && p.ignoreMerges {
		return "llama-bpe"
	}
	return name
}

// mergeScores are scores that make tokens join in the order of the merges.
func (v *Vocab) mergeScores(p *pipeline) []float32 {
	ids := make(map[string]int, len(v.Tokens))
	for id, text := range v.Tokens {
		ids[text] = id
	}
	scores := make([]float32, len(v.Tokens))
	for rank, merge := range v.Merges {
		at := p.cuts[rank]
		if at == 0 {
			at = strings.IndexByte(merge[min(1, len(merge)):], ' ') + 1
		}
		if at <= 0 {
			continue
		}
		if id, ok := ids[merge[:at]+merge[at+1:]]; ok && scores[id] == 0 {
			scores[id] = -float32(rank + 1)
		}
	}
	return scores
}
