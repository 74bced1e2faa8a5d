package tokenizer

// endingTexts are the texts of tokens that end a turn in published models.
// Vocabularies often name only one of theirs as EOS, and some mark them as
// normal tokens.
var endingTexts = []string{
	"<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", // Llama 3, Granite
	"<|im_end|>", "<|endoftext|>", // ChatML, GPT-2
	"<|end|>", "<|return|>", "<|call|>", // Phi-3, harmony
	"<|calls|>", "<|flush|>", // Solar
	"<end_of_turn>", "<eos>", "<turn|>", "<|tool_response>", // Gemma
	"</s>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", // Llama 2, Code Llama, Kimi
	"<｜end▁of▁sentence｜>",                          // DeepSeek
	"<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", // code completion: what follows is another file
	"<end_of_utterance>", "[e~[",
}

// markEndings collects the tokens that end a generation and makes those that
// are known by their text control tokens.
func (t *Tokenizer) markEndings() {
	t.endings = map[int32]bool{}
	byText := map[string]int32{}
	for _, text := range endingTexts {
		id, ok := t.byText[text]
		if !ok || text == "</s>" && t.strikeOut(id) {
			continue
		}
		if t.vocab.pipeline != nil { // the file says itself what its tokens are
			if int32(t.kinds[id]) != Control && int32(t.kinds[id]) != UserDefined {
				continue
			}
		} else {
			t.kinds[id] = int8(Control)
		}
		t.endings[id] = true
		byText[text] = id
	}
	// The harmony format has <|end|> after each part of a turn and one of the
	// others after the last; the same holds for Solar's.
	end, hasEnd := byText["<|end|>"]
	_, hasReturn := byText["<|return|>"]
	_, hasCall := byText["<|call|>"]
	_, hasCalls := byText["<|calls|>"]
	_, hasFlush := byText["<|flush|>"]
	if hasEnd && (hasReturn && (hasCall || hasCalls) || hasFlush && (hasCall || hasCalls)) {
		delete(t.endings, end)
	}
	for _, id := range append([]int32{t.vocab.EOS, t.vocab.EOT, t.vocab.EOM}, t.vocab.Ends...) {
		if t.has(id) {
			t.endings[id] = true
		}
	}
}

// strikeOut reports whether </s> is what HTML has it for, the end of text that
// is struck out: a normal token in Qwen's vocabulary, a marked one in Gemma 4's.
func (t *Tokenizer) strikeOut(id int32) bool {
	if id == t.vocab.EOS {
		return false
	}
	_, gemma := t.byText["<|tool_response>"]
	return gemma || int32(t.kinds[id]) == Normal && t.vocab.EOS >= 0
}
