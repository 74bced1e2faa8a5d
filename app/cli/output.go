package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"

	"lumi/llm"
)

// isTerminal reports whether a stream is one that a person sits at.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// answerWriter writes a model's text as it comes. A terminal gets no control
// characters: a model must not be able to move the cursor or rename the
// window. It keeps the first error; what follows is dropped.
type answerWriter struct {
	w        io.Writer
	terminal bool
	newline  bool // the last thing written ended a line
	err      error
}

func newAnswerWriter(w io.Writer) *answerWriter {
	return &answerWriter{w: w, terminal: isTerminal(w), newline: true}
}

func (a *answerWriter) write(text string) {
	if a.terminal {
		text = printable(text)
	}
	if text == "" || a.err != nil {
		return
	}
	_, a.err = io.WriteString(a.w, text)
	a.newline = strings.HasSuffix(text, "\n")
}

// end finishes the answer's last line.
func (a *answerWriter) end() {
	if !a.newline {
		a.write("\n")
	}
}

// printable drops control and formatting characters that a terminal would
// act on, and keeps line ends, tabs and the joiners that emoji need.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\u200c', r == '\u200d':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

// statsLine tells the speed of an answer and why it ended, when it did not end
// by itself.
func statsLine(r llm.Reply) string {
	st := r.Stats
	parts := []string{fmt.Sprintf("%d tokens", st.Tokens)}
	if rate := st.Rate(); rate > 0 {
		parts = append(parts, fmt.Sprintf("%.1f tok/s", rate))
	}
	prompt := fmt.Sprintf("prompt %d tokens", st.PromptTokens)
	if st.Reused > 0 {
		prompt += fmt.Sprintf(", %d of them reused", st.Reused)
	}
	if rate := st.PromptRate(); rate > 0 {
		prompt += fmt.Sprintf(", %.1f tok/s", rate)
	}
	parts = append(parts, prompt)
	if st.FirstToken > 0 {
		parts = append(parts, "first after "+durationText(st.FirstToken))
	}
	if st.Drafted > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d guesses right", st.Accepted, st.Drafted))
	}
	parts = append(parts, fmt.Sprintf("context %d/%d", st.ContextUsed, st.ContextSize))
	line := "[" + strings.Join(parts, " · ") + "]"
	switch r.Reason {
	case llm.StopLength:
		line += " cut at the token limit"
	case llm.StopContext:
		line += " cut: the context is full"
	case llm.StopUser:
		line += " stopped"
	}
	return line
}

// printJSON writes a value as JSON on one line. Nothing is escaped for HTML, so
// that <s> stays readable.
func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// printIndentedJSON writes a value as JSON on many lines.
func printIndentedJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// durationText is a waiting time as a person reads it.
func durationText(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// bytesText is a size as a person reads it, in binary units.
func bytesText(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, units := float64(n), "KMGTPE"
	i := -1
	for value >= unit && i+1 < len(units) {
		value /= unit
		i++
	}
	return fmt.Sprintf("%.2f %ciB", value, units[i])
}

// countText is a number of parameters as a person reads it.
func countText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f B", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.2f M", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.2f K", float64(n)/1e3)
	}
	return fmt.Sprintf("%d", n)
}
