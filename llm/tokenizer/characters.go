package tokenizer

import "strings"

// gemma4 is a name in tokenizer.ggml.model that stands for the pre-tokenizer
// of the same name, too.
const gemma4 = "gemma4"

// characterForm is how a GGUF file's merges join characters, with spaces
// written visibly as SentencePiece does, where others join bytes.
type characterForm struct {
	addBOS bool // also against tokenizer.ggml.add_bos_token, which is wrong in many files
	spaced bool // text begins with a space of its own, and each space a word
}

// characterForms are those of the names in tokenizer.ggml.pre.
var characterForms = map[string]characterForm{
	gemma4:                     {addBOS: true},
	"granite-embed-multi-311m": {addBOS: true},
	"sarvam-moe":               {},
	"mmbert":                   {spaced: true},
}

// joinCharacters sets up a vocabulary of that form. Runs of line breaks are
// parts of their own and tokens as a whole where there is one.
func (v *Vocab) joinCharacters(form characterForm) {
	if v.Model == gemma4 {
		form = characterForms[gemma4]
	}
	v.Model, v.AddSpacePrefix = SentencePiece, false
	p := &pipeline{byteFallback: true, wholeLines: true, added: map[int32]added{}}
	p.normalize = []func(string) string{func(s string) string { return strings.ReplaceAll(s, " ", space) }}
	p.steps = []step{{cut: lines}}
	if form.spaced {
		p.steps = append(p.steps, step{change: spaceFirst, cut: behave(textSpans(space), "MergedWithNext")})
	}
	p.decode.piece = []func(string, bool) string{func(token string, _ bool) string { return strings.ReplaceAll(token, space, " ") }}
	for id, kind := range v.Types {
		if special(kind) && id < len(v.Tokens) {
			p.added[int32(id)] = added{}
		}
	}
	if v.AddBOS = v.AddBOS || form.addBOS; v.AddBOS && v.BOS >= 0 {
		p.prefix = []int32{v.BOS}
	}
	if v.AddEOS && v.EOS >= 0 {
		p.suffix = []int32{v.EOS}
	}
	v.pipeline = p
}

// spaceFirst puts a visible space before a part that has none and is not a run
// of line breaks.
func spaceFirst(part string, _ bool) string {
	if strings.HasPrefix(part, space) || strings.HasPrefix(part, "\n") {
		return part
	}
	return space + part
}
