package llm

import (
	"errors"

	"lumi/llm/notice"
	"lumi/llm/prompt"
	"lumi/llm/tokenizer"
)

// chooseTemplate takes the model's own chat template, or its family's, or
// plain text; the last two are said in the model's notices.
func (m *Model) chooseTemplate() {
	source, err := templateSource(m.file.Path, m.file.Meta)
	if err != nil {
		m.info.Notices = append(m.info.Notices, notice.Notice{Kind: notice.UnreadableTemplate, Err: err})
	}
	v := m.tok.Vocab()
	var notices []notice.Notice
	m.template, notices = choose(source, m.info.Name, m.info.Architecture, m.tok)
	m.info.Notices = append(m.info.Notices, notices...)
	m.info.Chat = !m.plain()
	for id := range int32(m.tok.Size()) {
		if m.tok.IsControl(id) || id == v.UNK {
			m.special = append(m.special, m.tok.Text(id))
		}
	}
}

func choose(source, name, architecture string, tok *tokenizer.Tokenizer) (*prompt.Template, []notice.Notice) {
	hints := prompt.Hints{
		Name: name, Architecture: architecture,
		Has: func(text string) bool { _, ok := tok.ID(text); return ok },
	}
	v := tok.Vocab()
	return prompt.Choose(source, hints, prompt.TokenTexts{BOS: tok.Text(v.BOS), EOS: tok.Text(v.EOS)})
}

// plain says that conversations are written as plain text, in which a stop
// text ends a turn and not a token.
func (m *Model) plain() bool { return len(m.template.Stop()) > 0 }

func (m *Model) render(messages []Message) (prompt.Prompt, error) {
	if len(messages) == 0 {
		return prompt.Prompt{}, errors.New("there is no message to answer")
	}
	if m.mute != nil {
		return prompt.Prompt{}, m.mute
	}
	list := make([]prompt.Message, len(messages))
	for i, msg := range messages {
		list[i] = prompt.Message(msg)
	}
	return m.template.Render(list, prompt.Options{AddGenerationPrompt: true, Continue: true, Special: m.special})
}

// encodeChat is the prompt of a conversation, also as token ids.
func (m *Model) encodeChat(messages []Message) (ids []int32, p prompt.Prompt, err error) {
	if p, err = m.render(messages); err != nil {
		return nil, p, err
	}
	ids = m.tok.Encode(nil, p.Text, tokenizer.Options{
		ParseSpecial: true,
		AddSpecial:   m.plain(),
		Guard:        p.Guard,
	})
	// Templates that do not write the begin-of-sequence token themselves rely
	// on the tokenizer for it.
	if v := m.tok.Vocab(); v.AddBOS && v.BOS >= 0 && (len(ids) == 0 || ids[0] != v.BOS) {
		ids = append([]int32{v.BOS}, ids...)
	}
	return ids, p, nil
}
