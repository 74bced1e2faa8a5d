// Package prompt turns a conversation into the text a model was trained to
// continue, by the chat template that the model carries.
//
// Chat templates are Jinja programs from files of unknown origin. They are
// rewritten before they run (see rewrite.go and run.go) so that they follow
// Hugging Face's rules and cannot take more than a bounded time and memory.
package prompt

import (
	"errors"
	"strings"
	"time"

	"github.com/ardanlabs/jinja"

	"lumi/llm/fault"
	"lumi/llm/notice"
)

// Message is one turn of a conversation.
type Message struct {
	Role    string // "system", "user" or "assistant"
	Content string
}

// TokenTexts are the texts of the tokens that templates write by name.
type TokenTexts struct {
	BOS, EOS string
}

// Options of one rendering.
type Options struct {
	// AddGenerationPrompt ends the prompt where the assistant's turn begins.
	AddGenerationPrompt bool
	// Continue lets a last message of the assistant stay open: the prompt ends
	// with its text instead of with the end of its turn. The template is not
	// shown the message, because templates close turns and trim texts.
	Continue bool
	// Now is what the template takes for the present, for dates in system
	// texts. The zero time is the present.
	Now time.Time
	// Special are the texts of the model's control tokens. Where a message
	// contains one, it stays text; see [Prompt.Guard].
	Special []string
}

// Prompt is a rendered conversation.
type Prompt struct {
	// Text is what the model is to continue. It may contain Guard.
	Text string
	// Guard is a noncharacter that breaks up every special token's text that
	// came out of a message, behind its first character; 0 when there was
	// nothing to break up. A tokenizer first splits Text at special tokens and
	// then removes the guard from the pieces between them.
	Guard rune
	// Notices are what became of the system text.
	Notices []notice.Notice
}

// Plain is the text without guards: what the conversation looks like.
func (p Prompt) Plain() string {
	if p.Guard == 0 {
		return p.Text
	}
	return strings.ReplaceAll(p.Text, string(p.Guard), "")
}

// MaxSource bounds a template's size in bytes. The longest in use have 40 kB.
const MaxSource = 256 << 10

// ErrEmpty says that there is nothing to render.
var ErrEmpty = errors.New("the conversation has no messages")

// ErrTemplate is the kind of a chat template's errors: it cannot be read, or it
// failed. One that refuses a conversation gives a [*RaisedError].
const ErrTemplate = fault.Kind("the chat template cannot be used")

// Template is a chat template, ready to render. It is safe for concurrent use.
type Template struct {
	compiled *jinja.Template
	tokens   TokenTexts
	source   string
	sought   map[string]bool // literals the template looks for in texts
	stop     []string
}

// New reads a Jinja chat template.
func New(source string, o TokenTexts) (t *Template, err error) {
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, ErrTemplate.Errorf("the chat template cannot be read: %v", p)
		}
	}()
	if strings.TrimSpace(source) == "" {
		return nil, ErrTemplate.Errorf("the chat template is empty")
	}
	if len(source) > MaxSource {
		return nil, ErrTemplate.Errorf("the chat template has %d bytes, more than the %d allowed", len(source), MaxSource)
	}
	safe, sought, err := rewrite(source)
	if err != nil {
		return nil, ErrTemplate.Errorf("the chat template cannot be read: %w", err)
	}
	compiled, err := jinja.Compile(safe)
	if err != nil {
		return nil, ErrTemplate.Errorf("the chat template cannot be read: %w", err)
	}
	return &Template{compiled: compiled, tokens: o, source: source, sought: sought}, nil
}

// Source is the template as it was given.
func (t *Template) Source() string { return t.source }

// Stop are texts that end the assistant's turn when the template marks turns
// by plain text only; usually there are none, because a token ends the turn.
func (t *Template) Stop() []string { return t.stop }

// Render renders a conversation. A template that refuses gives a
// [*RaisedError]; when what it refuses may be the system message, that text is
// moved in front of the first user message and a notice says so.
func (t *Template) Render(messages []Message, o Options) (Prompt, error) {
	if len(messages) == 0 {
		return Prompt{}, ErrEmpty
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	guarded, guard := t.guard(messages, o.Special)
	p := Prompt{Guard: guard}
	var open string
	if n := len(guarded) - 1; o.Continue && n > 0 && guarded[n].Role == "assistant" {
		guarded, open = guarded[:n], guarded[n].Content
		o.AddGenerationPrompt = true
	}
	var err error
	p.Text, err = t.execute(guarded, o)
	var raised *RaisedError
	if errors.As(err, &raised) { // it may quote a message
		raised.Message = strings.ReplaceAll(raised.Message, string(guard), "")
	}
	if err != nil {
		folded, ok := foldSystem(guarded)
		if !ok || isLimit(err) {
			return Prompt{}, err
		}
		text, again := t.execute(folded, o)
		if again != nil {
			return Prompt{}, err // the first refusal says more
		}
		p.Text = text + open
		p.Notices = append(p.Notices, notice.Notice{Kind: notice.SystemMoved})
		return p, nil
	}
	for _, m := range guarded {
		if m.Role == "system" && !strings.Contains(p.Text, strings.TrimSpace(m.Content)) {
			p.Notices = append(p.Notices, notice.Notice{Kind: notice.SystemChanged})
			break
		}
	}
	p.Text += open
	return p, nil
}

// Execute renders a conversation exactly as the template has it: what it
// refuses is an error, and texts that look like control tokens are not guarded.
// It shows what a template does; [Template.Render] makes prompts.
func (t *Template) Execute(messages []Message, o Options) (string, error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	return t.execute(messages, o)
}

// execute runs the template once.
func (t *Template) execute(messages []Message, o Options) (text string, err error) {
	defer func() {
		// The library is not hardened; a panic in it is this template's error.
		if p := recover(); p != nil {
			text, err = "", ErrTemplate.Errorf("the chat template failed: %v", p)
		}
	}()
	size := 0
	list := make([]value, len(messages))
	for i, m := range messages {
		d := jinja.NewDict()
		d.AsDict().Set("role", jinja.NewString(m.Role))
		d.AsDict().Set("content", jinja.NewString(m.Content))
		list[i] = d
		size += len(m.Role) + len(m.Content)
	}
	globals := newRun(o.Now, size).globals()
	globals["messages"] = jinja.NewList(list)
	globals["add_generation_prompt"] = jinja.NewBool(o.AddGenerationPrompt)
	globals["bos_token"] = jinja.NewString(t.tokens.BOS)
	globals["eos_token"] = jinja.NewString(t.tokens.EOS)
	globals["tools"] = jinja.None()
	globals["documents"] = jinja.None()
	text, err = t.compiled.RenderValues(globals)
	if err == nil {
		return text, nil
	}
	var raised *RaisedError
	if errors.As(err, &raised) || isLimit(err) {
		return "", err
	}
	return "", ErrTemplate.Errorf("the chat template failed: %w", err)
}

func isLimit(err error) bool {
	return errors.Is(err, errTime) || errors.Is(err, errSpace) || errors.Is(err, errDeep)
}

// foldSystem puts the system texts in front of the first user message. ok is
// false when there is no system or no user message.
func foldSystem(messages []Message) (folded []Message, ok bool) {
	var system []string
	for _, m := range messages {
		if m.Role == "system" {
			system = append(system, m.Content)
			continue
		}
		folded = append(folded, m)
	}
	for i, m := range folded {
		if m.Role == "user" && len(system) > 0 {
			folded[i].Content = strings.Join(append(system, m.Content), "\n\n")
			return folded, true
		}
	}
	return nil, false
}
