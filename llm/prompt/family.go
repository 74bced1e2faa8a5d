package prompt

import (
	"strings"

	"lumi/llm/notice"
)

// Hints are what is known of a model whose template is missing or unusable.
type Hints struct {
	// Name and Architecture are the model's, e.g. "Llama-2-7b-chat" and
	// "llama".
	Name, Architecture string
	// Has tells whether the vocabulary has a token with this text; nil is a
	// vocabulary without special tokens.
	Has func(token string) bool
}

// family is a way of writing conversations that many models share.
type family struct {
	name string
	// marks are special tokens, all of which a model of the family has.
	marks []string
	// names are parts of the names of its models, in lower case; a family
	// without marks is told by these alone.
	names  []string
	source string
	stop   []string
}

// families are tried in this order; the formats are those that the model
// makers publish in their model cards. System texts go where the format has a
// place for them; where it has none, the template raises and [Template.Render]
// moves them into the first message.
var families = []family{
	{
		name:  "Llama 3",
		marks: []string{"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"},
		source: `{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>

{{ m.content | trim }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

{{ '' }}{% endif %}`,
	},
	{
		name:  "ChatML",
		marks: []string{"<|im_start|>", "<|im_end|>"},
		source: `{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{{ '' }}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{{ '' }}{% endif %}`,
	},
	{
		name:  "Gemma",
		marks: []string{"<start_of_turn>", "<end_of_turn>"},
		source: `{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('there is no system role') }}{% endif %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}
{{ m.content | trim }}<end_of_turn>
{{ '' }}{% endfor %}{% if add_generation_prompt %}<start_of_turn>model
{{ '' }}{% endif %}`,
	},
	{
		name:  "Phi-3",
		marks: []string{"<|user|>", "<|assistant|>", "<|end|>"},
		source: `{% for m in messages if m.content or m.role != 'system' %}<|{{ m.role }}|>
{{ m.content }}<|end|>
{{ '' }}{% endfor %}{% if add_generation_prompt %}<|assistant|>
{{ '' }}{% else %}{{ eos_token }}{% endif %}`,
	},
	{
		name:  "Zephyr",
		names: []string{"zephyr", "tinyllama", "stablelm-2-zephyr"},
		source: `{% for m in messages %}<|{{ m.role }}|>
{{ m.content }}{{ eos_token }}
{{ '' }}{% endfor %}{% if add_generation_prompt %}<|assistant|>
{{ '' }}{% endif %}`,
	},
	{
		name:   "Mistral",
		names:  []string{"mistral", "mixtral"},
		source: `{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('there is no system role') }}{% elif m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}`,
	},
	{
		name:  "Llama 2",
		names: []string{"llama-2", "llama 2", "llama2", "codellama"},
		source: `{% set ns = namespace(system='') %}{% for m in messages %}{% if m.role == 'system' %}{% set ns.system = '<<SYS>>
' ~ m.content ~ '
<</SYS>>

' %}{% elif m.role == 'user' %}{{ bos_token }}[INST] {{ (ns.system ~ m.content) | trim }} [/INST]{% set ns.system = '' %}{% else %} {{ m.content | trim }} {{ eos_token }}{% endif %}{% endfor %}`,
	},
}

// plain is for models that were never taught a format.
var plain = family{
	name: "plain text",
	source: `{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}

{{ '' }}{% else %}{{ m.role | capitalize }}: {{ m.content }}
{{ '' }}{% endif %}{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}`,
	stop: []string{"\nUser:"},
}

// Choose reads the model's own template, or finds another way to write
// conversations when there is none (source is empty) or it is unusable. It
// always returns a template; notices say what was chosen and why.
func Choose(source string, h Hints, o TokenTexts) (t *Template, notices []notice.Notice) {
	said := notice.Notice{Kind: notice.FamilyForNone}
	if strings.TrimSpace(source) != "" {
		t, err := New(source, o)
		if err == nil {
			err = t.try()
		}
		if err == nil {
			return t, nil
		}
		said = notice.Notice{Kind: notice.FamilyForBad, Err: err}
	}
	f := detect(source, h)
	t, err := New(f.source, o)
	if err != nil {
		panic("prompt: the built-in template for " + f.name + " is broken: " + err.Error())
	}
	t.stop, said.Text = f.stop, f.name
	if f.name == plain.name {
		said.Kind = notice.PlainForNone
		if said.Err != nil {
			said.Kind = notice.PlainForBad
		}
	}
	return t, []notice.Notice{said}
}

// try renders the shortest conversation, so that a template that can render
// nothing is found out when the model is loaded. A template may refuse it.
func (t *Template) try() error {
	_, err := t.Render([]Message{{Role: "user", Content: "Hello"}}, Options{AddGenerationPrompt: true})
	if _, refused := err.(*RaisedError); refused {
		return nil
	}
	return err
}

// detect finds the family by the vocabulary, the unusable template's text and
// the model's name.
func detect(source string, h Hints) family {
	has := func(mark string) bool {
		return h.Has != nil && h.Has(mark) || strings.Contains(source, mark)
	}
	name := strings.ToLower(h.Name + " " + h.Architecture)
search:
	for _, f := range families {
		for _, mark := range f.marks {
			if !has(mark) {
				continue search
			}
		}
		if len(f.marks) > 0 {
			return f
		}
		for _, part := range f.names {
			if strings.Contains(name, part) {
				return f
			}
		}
	}
	if strings.Contains(source, "[INST]") {
		return families[len(families)-1]
	}
	return plain
}
