package tokenizer

import "iter"

// Keys yields v under GGUF's keys and as values of their types, as [FromGGUF]
// reads them. A vocabulary that has no Merges or Scores has no key for them.
func (v Vocab) Keys() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		_ = yield(prefix+"model", v.Model) &&
			(v.Pre == "" || yield(prefix+"pre", v.Pre)) &&
			yield(prefix+"tokens", v.Tokens) &&
			(v.Scores == nil || yield(prefix+"scores", v.Scores)) &&
			(v.Types == nil || yield(prefix+"token_type", v.Types)) &&
			(v.Merges == nil || yield(prefix+"merges", v.Merges)) &&
			v.yieldIDs(yield) &&
			yield(prefix+"add_bos_token", v.AddBOS) &&
			yield(prefix+"add_eos_token", v.AddEOS) &&
			(v.Model != SentencePiece || yield(prefix+"add_space_prefix", v.AddSpacePrefix))
	}
}

func (v Vocab) yieldIDs(yield func(string, any) bool) bool {
	for _, id := range []struct {
		key string
		id  int32
	}{
		{"bos_token_id", v.BOS},
		{"eos_token_id", v.EOS},
		{"eot_token_id", v.EOT},
		{"eom_token_id", v.EOM},
		{"unknown_token_id", v.UNK},
		{"padding_token_id", v.PAD},
	} {
		if id.id >= 0 && !yield(prefix+id.key, uint32(id.id)) {
			return false
		}
	}
	return true
}
