// Package notice has what a person should know about a model though nothing has
// failed. A notice has a kind and data, as errors have: its English sentence is
// for whoever reads a terminal, and by its kind a window can say the same in the
// person's own language.
package notice

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is what a notice says, in English and in whole sentences. Its places
// {N}, {Of}, {Text} and {Err} are for the notice's fields.
type Kind string

// The kinds of notices about a model as a whole.
const (
	// BeyondTraining: the context, Of tokens, is larger than N, for which the
	// model was trained.
	BeyondTraining Kind = "The model was trained for {N} tokens; beyond them, in a context of {Of}, its answers get worse."
	// UnreadableTemplate: Err keeps the model's chat template from being read.
	UnreadableTemplate Kind = "The chat template is unreadable: {Err}."
)

// The kinds of notices about what is used in place of the model's chat template.
// Text is the family of models whose format it is.
const (
	FamilyForNone Kind = "This model has no chat template: the format of {Text} models is used, which fits its vocabulary or name."
	PlainForNone  Kind = "This model has no chat template: plain text is used, with the speakers' names in front. Answers may be poor."
	// Err is why the model's own cannot be used.
	FamilyForBad Kind = "This model's chat template cannot be used ({Err}): the format of {Text} models is used, which fits its vocabulary or name."
	PlainForBad  Kind = "This model's chat template cannot be used ({Err}): plain text is used, with the speakers' names in front. Answers may be poor."
)

// The kinds of notices about what a chat template makes of a system text.
const (
	SystemMoved   Kind = "This model's chat template has no place for a system text: it was put in front of the first message."
	SystemChanged Kind = "This model's chat template leaves the system text out or changes it."
)

// The kinds of notices about a model's vocabulary. Of is its size or, of merges,
// how many there are, and N to how many of them it happens.
const (
	NoSplit Kind = "The model file does not say how text is split into words; answers may be worse than they could be."
	// Text is the way that the file names.
	UnknownSplit Kind = "Text is split into words in an unknown way, {Text}; GPT-4's is used instead and answers may be worse than they could be."
	NoMerges     Kind = "The tokenizer has no merges, so text is encoded byte by byte."
	// Text is the first of them.
	SkippedMerges Kind = "Merges that join what is not in the vocabulary are skipped: {N} of {Of} (first: {Text})."
	NoScore       Kind = "Tokens whose scores are not numbers join last: {N} of {Of}."
	SameText      Kind = "Tokens with the text of an earlier token are not used to encode text: {N} of {Of}."
	// Text is the first of them.
	FalseBytes   Kind = "Tokens that claim to be bytes but are not of the form <0xNN> are never produced: {N} of {Of} (first: {Text})."
	LongSpecials Kind = "Special tokens whose texts are too long are not looked for in text: {N} of {Of}."
	// Of are ASCII's characters that can be written.
	MissingASCII Kind = "Characters of ASCII that have no token are left out of what is encoded: {N} of {Of}."
	// Text are the ids, and what they are for where that is known.
	LostIDs Kind = "Ids of special tokens are not in the vocabulary of {Of} tokens and are ignored: {Text}."
	// Text is the token's name.
	NoToken Kind = "The model wants a {Text} token with each text but has none."
)

// Notice is one thing to know. What its fields hold its kind says.
type Notice struct {
	Kind  Kind
	N, Of int
	Text  string
	Err   error
}

// String is the notice in English, in whole sentences.
func (n Notice) String() string {
	return strings.NewReplacer(
		"{N}", strconv.Itoa(n.N), "{Of}", strconv.Itoa(n.Of), "{Text}", n.Text, "{Err}", fmt.Sprint(n.Err),
	).Replace(string(n.Kind))
}
