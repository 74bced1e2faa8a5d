package tokenizer

// deepSeekWords splits as the last stage of DeepSeek-V3's pre-tokenizer:
//
//	[!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
//	 ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// Digits and characters without a class, which it does not match, stay together.
func deepSeekWords(text string, emit func(part string)) {
	from := 0
	for i := 0; i < len(text); {
		n := deepSeekWord(text[i:])
		if n == 0 {
			_, _, size := runeAt(text, i)
			i += size
			continue
		}
		if i > from {
			emit(text[from:i])
		}
		emit(text[i : i+n])
		i += n
		from = i
	}
	if from < len(text) {
		emit(text[from:])
	}
}

// deepSeekWord returns the length of the pattern's match at the beginning of s, or 0.
func deepSeekWord(s string) int {
	r, c, n := runeAt(s, 0)
	if r < 0x80 && c&(punctuation|symbolic) != 0 {
		end := n
		for end < len(s) && ('a' <= s[end]|0x20 && s[end]|0x20 <= 'z') {
			end++
		}
		if end > n {
			return end
		}
	}
	if r != '\r' && r != '\n' && c&(letter|punctuation|symbolic) == 0 {
		if end := run(s, n, letter|mark); end > n {
			return end
		}
	}
	if end := run(s, 0, letter|mark); end > 0 {
		return end
	}
	i := 0
	if r == ' ' {
		i = 1
	}
	if end := run(s, i, punctuation|symbolic); end > i {
		for end < len(s) && (s[end] == '\r' || s[end] == '\n') {
			end++
		}
		return end
	}
	if c&white == 0 {
		return 0
	}
	return lineOrBlank(s)
}
