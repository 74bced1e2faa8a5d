package notice

import (
	"errors"
	"testing"
)

// TestString fills a notice's places, and none that its data happens to have.
func TestString(t *testing.T) {
	for want, n := range map[string]Notice{
		"Merges that join what is not in the vocabulary are skipped: 3 of 40 (first: {Of}).":                                                 {Kind: SkippedMerges, N: 3, Of: 40, Text: "{Of}"},
		"This model's chat template cannot be used (it is odd): plain text is used, with the speakers' names in front. Answers may be poor.": {Kind: PlainForBad, Err: errors.New("it is odd")},
		"The tokenizer has no merges, so text is encoded byte by byte.":                                                                      {Kind: NoMerges},
	} {
		if got := n.String(); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
