package tokenizer

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"lumi/llm/notice"
)

// indexMerges enters the merges whose parts and result are all tokens.
func (t *Tokenizer) indexMerges() {
	merges := t.vocab.Merges
	t.merges = newPairTable(len(merges))
	skipped, example := 0, ""
	var joined []byte
	for rank, merge := range merges {
		// A part may begin with a space in files that are not byte-level, but
		// it is never empty.
		ok := false
		at := strings.IndexByte(merge[min(1, len(merge)):], ' ') + 1
		if t.vocab.pipeline != nil && t.vocab.pipeline.cuts[rank] > 0 {
			at = t.vocab.pipeline.cuts[rank]
		}
		if at > 0 {
			left, okLeft := t.byText[merge[:at]]
			right, okRight := t.byText[merge[at+1:]]
			joined = append(append(joined[:0], merge[:at]...), t.unmarked(merge[at+1:])...)
			id, okBoth := t.byText[string(joined)]
			ok = okLeft && okRight && okBoth && t.joinable(left) && t.joinable(right) && t.joinable(id)
			if ok {
				t.merges.add(left, right, uint32(rank), id)
			}
		}
		if !ok {
			if skipped == 0 {
				example = merge
			}
			skipped++
		}
	}
	t.nRanks = len(merges)
	switch {
	case len(merges) == 0:
		t.note(notice.Notice{Kind: notice.NoMerges})
	case skipped > 0:
		t.note(notice.Notice{Kind: notice.SkippedMerges, N: skipped, Of: len(merges), Text: quoted(example)})
	}
}

// unmarked is the right part of a merge without the mark that it does not
// begin a word, which what it joins to has or does not need.
func (t *Tokenizer) unmarked(right string) string {
	if p := t.vocab.pipeline; p != nil {
		return strings.TrimPrefix(right, p.wordPrefix)
	}
	return right
}

// rankScores turns scores into ranks: tokens of equal score share one, the
// highest score has rank 0.
func (t *Tokenizer) rankScores() {
	scores := make([]float32, len(t.vocab.Tokens))
	copy(scores, t.vocab.Scores)
	bad := 0
	for i, s := range scores {
		if s != s {
			scores[i] = float32(math.Inf(-1))
			bad++
		}
	}
	if bad > 0 {
		t.note(notice.Notice{Kind: notice.NoScore, N: bad, Of: len(scores)})
	}
	sorted := slices.Clone(scores)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	slices.Reverse(sorted)
	rankOf := make(map[float32]uint32, len(sorted))
	for rank, s := range sorted {
		rankOf[s] = uint32(rank)
	}
	t.nRanks = len(sorted)
	t.ranks = make([]uint32, len(scores))
	for i, s := range scores {
		t.ranks[i] = rankOf[s]
	}
}

// findJoins collects the characters that come before a space inside a token.
// After any other character a space begins a new word: no join can reach
// across, so words can be encoded one by one.
func (t *Tokenizer) findJoins() {
	t.joins = map[rune]bool{}
	for id, text := range t.vocab.Tokens {
		if !t.joinable(int32(id)) {
			continue
		}
		t.longest = max(t.longest, len(text))
		for from := 0; ; {
			at := strings.Index(text[from:], space)
			if at < 0 {
				break
			}
			if from += at; from > 0 {
				before, _ := utf8.DecodeLastRuneInString(text[:from])
				t.joins[before] = true
			}
			from += len(space)
		}
	}
}
