package app

import (
	"fmt"
	"maps"
	"strings"
)

// phrase is a text for a person that is not in their language yet. The
// controller, which knows no toolkit, says phrases; the window translates them.
//
// A phrase that says what went wrong is an error, too.
type phrase struct {
	// key is the English text, by which the translations are found. Its places
	// {{.Name}} are filled with the fields.
	key    string
	fields fields
	// counted phrases depend on how many there are: "1 chat", "2 chats".
	counted bool
	count   int
	// parts are sentences that follow one another, in place of a key.
	parts []phrase
	// foreign is a text that there is no translation of, in place of a key.
	foreign string
}

// fields fill the places of a phrase: with texts and numbers, sizes, other
// phrases, and errors.
type fields map[string]any

// size is a number of bytes, written as the person's language does.
type size int64

// say is the phrase with that English text.
func say(key string, with ...fields) phrase {
	p := phrase{key: key}
	for _, f := range with {
		p.fields = f
	}
	return p
}

// sayN is the phrase with that English text, for more than one; {{.N}} is how
// many there are.
func sayN(key string, n int, with ...fields) phrase {
	p := say(key, with...)
	p.counted, p.count = true, n
	return p
}

// foreign is a text that comes from elsewhere, such as from a model or the
// system, and stays as it is.
func foreign(text string) phrase { return phrase{foreign: text} }

// together are sentences that follow one another.
func together(sentences ...phrase) phrase { return phrase{parts: sentences} }

// because fills the place {{.Why}}.
func (p phrase) because(err error) phrase {
	p.fields = maps.Clone(p.fields)
	if p.fields == nil {
		p.fields = fields{}
	}
	p.fields["Why"] = err
	return p
}

// Error is the English text, for the log; a person reads the translation.
func (p phrase) Error() string {
	if p.key == "" {
		texts := []string{p.foreign}
		for _, part := range p.parts {
			texts = append(texts, part.Error())
		}
		return strings.TrimSpace(strings.Join(texts, " "))
	}
	places := []string{"{{.N}}", fmt.Sprint(p.count)}
	for name, v := range p.fields {
		places = append(places, "{{."+name+"}}", fmt.Sprint(v))
	}
	return strings.NewReplacer(places...).Replace(p.key)
}

// Unwrap is why it went wrong, if the phrase says so.
func (p phrase) Unwrap() error {
	why, _ := p.fields["Why"].(error)
	return why
}
