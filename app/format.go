package app

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2/lang"

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
		return lang.L("{{.N}} B", map[string]any{"N": n})
	case n < 1000_000:
		return lang.L("{{.N}} kB", map[string]any{"N": decimal(float64(n)/1e3, 0)})
	case n < 1000_000_000:
		return lang.L("{{.N}} MB", map[string]any{"N": decimal(float64(n)/1e6, 0)})
	}
	return lang.L("{{.N}} GB", map[string]any{"N": decimal(float64(n)/1e9, 1)})
}

// decimal writes a number with so many decimals behind the language's sign.
func decimal(v float64, decimals int) string {
	return signed(strconv.FormatFloat(v, 'f', decimals, 64))
}

// signed puts the language's decimal sign into a number.
func signed(number string) string {
	return strings.Replace(number, ".", lang.X("Decimal sign", "."), 1)
}

// percent writes a share of 1.
func percent(share float64) string {
	return lang.L("{{.N}} %", map[string]any{"N": decimal(share*100, 0)})
}

// speed writes tokens per second with about three digits.
func speed(rate float64) string {
	switch {
	case rate <= 0:
		return "–"
	case rate < 10:
		return decimal(rate, 2)
	case rate < 100:
		return decimal(rate, 1)
	}
	return decimal(rate, 0)
}

// seconds writes a short duration.
func seconds(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < 10*time.Second:
		return lang.L("{{.N}} s", map[string]any{"N": decimal(d.Seconds(), 2)})
	case d < time.Minute:
		return lang.L("{{.N}} s", map[string]any{"N": decimal(d.Seconds(), 1)})
	}
	d = d.Round(time.Second)
	return lang.L("{{.Minutes}} min {{.Seconds}} s", map[string]any{"Minutes": int(d.Minutes()), "Seconds": int(d.Seconds()) % 60})
}

// perSecond writes a speed with its unit.
func perSecond(rate float64) string {
	return lang.L("{{.Rate}} tok/s", map[string]any{"Rate": speed(rate)})
}

// footer is the line below a finished answer.
func (m *message) footer() string {
	parts := []string{reasonText(m.reason)}
	if m.Tokens > 0 {
		parts = append(parts, plural(m.Tokens, "{{.N}} tokens"))
	}
	if r := m.Rate(); r > 0 {
		parts = append(parts, perSecond(r))
	}
	if m.FirstToken > 0 {
		parts = append(parts, lang.L("first after {{.Time}}", map[string]any{"Time": seconds(m.FirstToken)}))
	}
	return joined(parts...)
}

// reasonText says why an answer ended, unless it ended by itself.
func reasonText(reason string) string {
	switch reason {
	case llm.StopUser:
		return lang.L("stopped")
	case llm.StopLength:
		return lang.L("ended at max tokens")
	case llm.StopContext:
		return lang.L("the context is full")
	case reasonInterrupted:
		return lang.L("interrupted")
	case history.ReasonEdited:
		return lang.L("edited")
	case reasonFailed:
		return lang.L("ended by an error")
	}
	return ""
}

// wideEnds end sentences in Chinese and Japanese; no space follows them.
const wideEnds = "。？！"

// sequence writes sentences one after the other.
func sequence(sentences []string) string {
	var text strings.Builder
	for _, s := range sentences {
		if last, _ := utf8.DecodeLastRuneInString(text.String()); text.Len() > 0 && !strings.ContainsRune(wideEnds, last) {
			text.WriteByte(' ')
		}
		text.WriteString(s)
	}
	return text.String()
}

// sentence writes what went wrong as a sentence for a person.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	// A path or a name keeps its case.
	if word, _, _ := strings.Cut(text, " "); !strings.ContainsAny(word, `/\.`) {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if last, _ := utf8.DecodeLastRuneInString(text); !strings.ContainsRune(".?!…"+wideEnds, last) {
		text += lang.X("Full stop", ".")
	}
	return text
}
