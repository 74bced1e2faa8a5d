package llm

import (
	"strings"
	"unicode"
)

// thoughtMarks are the texts between which reasoning models think aloud before
// they answer: Qwen's, DeepSeek's, SmolLM3's and Granite's <think>, and
// Magistral's [THINK].
var thoughtMarks = [][2]string{
	{"<think>", "</think>"},
	{"<thinking>", "</thinking>"},
	{"[THINK]", "[/THINK]"},
}

// Thought separates what a reasoning model thinks from what it answers, as the
// text comes. Thinking stands at the beginning of an answer only. The marks, and
// the white space next to them, belong to neither part. All pieces put together
// are the same however the text was cut.
type Thought struct {
	state thoughtState
	end   string // mark that ends the thinking
	held  string // text that is not clear yet
}

type thoughtState int

const (
	thoughtUnclear  thoughtState = iota // the answer may begin with a mark
	thoughtBegins                       // white space behind the mark
	thoughtThinking                     //
	thoughtEnds                         // white space behind the closing mark
	thoughtAnswer
)

// NewThought begins an answer. The prompt is what it follows: some templates
// end with the mark that begins the thinking.
func NewThought(prompt string) *Thought {
	t := &Thought{}
	prompt = strings.TrimRightFunc(prompt, unicode.IsSpace)
	for _, m := range thoughtMarks {
		if strings.HasSuffix(prompt, m[0]) {
			t.state, t.end = thoughtBegins, m[1]
		}
	}
	return t
}

// SplitThought separates a whole answer. Text before a closing mark without an
// opening one is thinking: its opening mark stood in the prompt.
func SplitThought(text string) (thinking, answer string) {
	t := NewThought("")
	thinking, answer = t.Push(text)
	more, rest := t.Flush()
	thinking, answer = thinking+more, answer+rest
	if thinking != "" || t.end != "" {
		return thinking, answer
	}
	for _, m := range thoughtMarks {
		if before, after, ok := strings.Cut(text, m[1]); ok && !strings.Contains(before, m[0]) {
			return strings.TrimSpace(before), strings.TrimLeftFunc(after, unicode.IsSpace)
		}
	}
	return "", answer
}

// Push takes new text and returns what of each part is clear by now.
func (t *Thought) Push(text string) (thinking, answer string) {
	t.held += text
	if t.state == thoughtUnclear && !t.begin() {
		return "", ""
	}
	if t.state == thoughtBegins && t.skipSpace() {
		t.state = thoughtThinking
	}
	if t.state == thoughtThinking {
		thinking = t.think()
	}
	if t.state == thoughtEnds && t.skipSpace() {
		t.state = thoughtAnswer
	}
	if t.state == thoughtAnswer {
		answer, t.held = t.held, ""
	}
	return thinking, answer
}

// begin looks for an opening mark and reports whether it is clear that there
// is one or none.
func (t *Thought) begin() bool {
	text := strings.TrimLeftFunc(t.held, unicode.IsSpace)
	for _, m := range thoughtMarks {
		if after, ok := strings.CutPrefix(text, m[0]); ok {
			t.state, t.end, t.held = thoughtBegins, m[1], after
			return true
		}
	}
	for _, m := range thoughtMarks {
		if strings.HasPrefix(m[0], text) {
			return false
		}
	}
	t.state = thoughtAnswer
	return true
}

// skipSpace drops white space and reports whether there is more.
func (t *Thought) skipSpace() bool {
	t.held = strings.TrimLeftFunc(t.held, unicode.IsSpace)
	return t.held != ""
}

// think takes the thinking up to the closing mark, or up to what may become
// white space before it.
func (t *Thought) think() string {
	if before, after, ok := strings.Cut(t.held, t.end); ok {
		t.state, t.held = thoughtEnds, after
		return strings.TrimRightFunc(before, unicode.IsSpace)
	}
	keep := 0
	for n := min(len(t.end)-1, len(t.held)); n > 0; n-- {
		if strings.HasSuffix(t.held, t.end[:n]) {
			keep = n
			break
		}
	}
	clear := strings.TrimRightFunc(t.held[:len(t.held)-keep], unicode.IsSpace)
	t.held = t.held[len(clear):]
	return clear
}

// Flush ends the answer and returns what was held back.
func (t *Thought) Flush() (thinking, answer string) {
	held := t.held
	t.held = ""
	switch t.state {
	case thoughtThinking:
		return strings.TrimRightFunc(held, unicode.IsSpace), ""
	case thoughtUnclear:
		return "", held
	}
	return "", ""
}
