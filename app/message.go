package app

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"lumi/app/history"
	"lumi/llm"
	"lumi/llm/sample"
)

// message is one message of the open chat as the window shows it.
type message struct {
	Key    int64 // identifies it in the window
	Role   string
	Author string // the model that wrote it
	Text   string // whole, as the model wrote it and is shown it
	// Thinking and Answer are the parts of an answer's text.
	Thinking, Answer string
	Attachments      []history.Attachment // of a person's message
	timings
	reason   string  // why an answer ended
	settings string  // what it was sampled with, as JSON
	saved    int64   // its id on disk, 0 while it is not there
	versions []int64 // ids of it and its siblings on disk, if there are any
	leftOut  bool    // it and all before it are left out of prompts
	summary  string  // stands there instead
}

// timings are what is kept of an answer's measurements, as JSON.
type timings struct {
	llm.Stats
	thoughts
	Seed uint64 `json:",omitempty"`
}

// thoughts measures the thinking of a reasoning model.
type thoughts struct {
	ThinkingTime   time.Duration `json:",omitempty"`
	ThinkingTokens int           `json:",omitempty"`
}

// shown is the text that a person reads.
func (m *message) shown() string {
	if m.Role == llm.Assistant {
		return m.Answer
	}
	return m.Text
}

// prompt is the text that a model reads.
func (m *message) prompt() string { return wholeText(m.Text, m.Attachments) }

// wholeText is a person's message as the model is told it.
func wholeText(text string, attachments []history.Attachment) string {
	return history.Message{Content: text, Attachments: attachments}.Prompt()
}

// version says which of how many versions the message is; 0 of 0 if it is the
// only one.
func (m *message) version() (number, all int) {
	return slices.Index(m.versions, m.saved) + 1, len(m.versions)
}

// phase tells the lines above the thinking apart, without writing them.
func (m *message) phase() int {
	switch {
	case m.Thinking == "":
		return 0
	case m.reason == "" && m.Answer == "":
		return 1
	}
	return 2
}

// thinkingNote is the line above the thinking.
func (m *message) thinkingNote() string {
	t := m.thoughts
	switch {
	case m.Thinking == "":
		return ""
	case m.reason == "" && m.Answer == "":
		return lang.L("Thinking…")
	case t.ThinkingTime > 0:
		return joined(lang.L("Thought for {{.Time}}", map[string]any{"Time": seconds(t.ThinkingTime)}), plural(t.ThinkingTokens, "{{.N}} tokens"))
	}
	return joined(lang.L("Thought"), plural(len(strings.Fields(m.Thinking)), "{{.N}} words"))
}

// details are the settings of an answer: the common ones, and whatever is not
// as usual.
func (m *message) details() string {
	s := llm.DefaultSettings()
	if m.settings == "" || json.Unmarshal([]byte(m.settings), &s) != nil {
		return ""
	}
	s.Settings = s.Clamp()
	var parts []string
	for _, p := range sample.Params {
		usual := float32(p.Get(&s.Settings)) == float32(p.Default) // settings are no more exact
		switch p.Name {
		case "temperature", "top-k", "top-p", "min-p":
			usual = false
		case "seed":
			usual = true // the one that was used is said instead
		}
		if !usual {
			parts = append(parts, lang.L(knobTexts[p.Name].nameOr(p.Name))+" "+number(p.Get(&s.Settings), 4))
		}
	}
	if m.Seed != 0 {
		parts = append(parts, lang.L("Seed")+" "+strconv.FormatUint(m.Seed, 10))
	}
	if s.Grammar != "" || s.JSONSchema != "" {
		parts = append(parts, lang.L("held to a form"))
	}
	return joined(parts...)
}

// growing is a text that grows and is handed on in pieces.
type growing struct {
	strings.Builder
	sent int // bytes already handed on
}

// take returns what is new since the last call.
func (g *growing) take() string {
	s := g.String()[g.sent:]
	g.sent += len(s)
	return s
}

// think measures the thinking that an event belongs to. The caller holds the
// stream.
func (s *stream) think(e llm.Event) {
	if e.Thinking == "" || s.answer.Len() > 0 {
		return
	}
	if s.began.IsZero() {
		s.began = s.now()
	}
	s.thought = thoughts{max(s.now().Sub(s.began), time.Millisecond), e.Stats.Tokens}
}
