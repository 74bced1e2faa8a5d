package app

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lumi/app/history"
	"lumi/llm"
)

// cutAtWord shortens s to at most n runes and marks the cut with an ellipsis.
func cutAtWord(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	cut := string([]rune(s)[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRightFunc(cut, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r)
	}) + "…"
}

// byteSize writes a size as people read it on a disk: decimal units.
func byteSize(n int64) string {
	switch {
	case n < 0:
		return "?"
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	case n < 1000_000_000:
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// speed writes tokens per second with about three digits.
func speed(rate float64) string {
	switch {
	case rate <= 0:
		return "–"
	case rate < 10:
		return fmt.Sprintf("%.2f", rate)
	case rate < 100:
		return fmt.Sprintf("%.1f", rate)
	}
	return fmt.Sprintf("%.0f", rate)
}

// seconds writes a short duration.
func seconds(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// footerOf is the line below a finished answer.
func footerOf(stats llm.Stats, reason string) string {
	var parts []string
	switch reason {
	case llm.StopUser:
		parts = append(parts, "stopped")
	case llm.StopLength:
		parts = append(parts, "ended at max tokens")
	case llm.StopContext:
		parts = append(parts, "the context is full")
	case reasonInterrupted:
		parts = append(parts, "interrupted")
	case history.ReasonEdited:
		parts = append(parts, "edited")
	case reasonFailed:
		parts = append(parts, "ended by an error")
	}
	if stats.Tokens > 0 {
		parts = append(parts, plural(stats.Tokens, "token"))
	}
	if r := stats.Rate(); r > 0 {
		parts = append(parts, speed(r)+" tok/s")
	}
	if stats.FirstToken > 0 {
		parts = append(parts, "first after "+seconds(stats.FirstToken))
	}
	return strings.Join(parts, " · ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// sentence writes an error as a sentence for a person.
func sentence(err error) string {
	text := strings.TrimSpace(err.Error())
	if text == "" {
		return "Something went wrong."
	}
	first, size := utf8.DecodeRuneInString(text)
	// A path or a name keeps its case.
	if word, _, _ := strings.Cut(text, " "); !strings.ContainsAny(word, `/\.`) {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") && !strings.HasSuffix(text, "!") {
		text += "."
	}
	return text
}
