package history

import (
	"context"
	"strings"
)

// Prompt returns the text of a message as a model is shown it: each attachment
// under its name and between fences, then what the person wrote. It depends on
// nothing but the message, so the same message always makes the same prompt.
//
// A fence is one backtick longer than the longest row of them in the
// attachment, so that no text can end its own fence.
func (m Message) Prompt() string {
	if len(m.Attachments) == 0 {
		return m.Content
	}
	var b strings.Builder
	for _, a := range m.Attachments {
		b.WriteString(a.Labelled())
		b.WriteString("\n")
	}
	b.WriteString(m.Content)
	return b.String()
}

// Labelled returns the attachment under its name and between fences, as
// [Message.Prompt] shows it.
func (a Attachment) Labelled() string {
	// A name is one line, whatever a file is called.
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, a.Name)
	fence := fenceFor(a.Text)
	text := a.Text
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return "Attachment: " + name + "\n" + fence + "\n" + text + fence + "\n"
}

// fenceFor returns a row of backticks that does not occur in text.
func fenceFor(text string) string {
	longest, row := 2, 0
	for i := range len(text) {
		if text[i] != '`' {
			row = 0
			continue
		}
		row++
		longest = max(longest, row)
	}
	return strings.Repeat("`", longest+1)
}

// attach gives messages, which are in order of their ids, the attachments that
// query yields as message, name and text.
func attach(ctx context.Context, from querier, messages []Message, query string, args ...any) error {
	at := make(map[int64]*Message, len(messages))
	for i := range messages {
		at[messages[i].ID] = &messages[i]
	}
	_, err := collect(ctx, from, func(row scanner) (none struct{}, err error) {
		var id int64
		var a Attachment
		if err := row.Scan(&id, &a.Name, &a.Text); err != nil {
			return none, err
		}
		if m := at[id]; m != nil {
			m.Attachments = append(m.Attachments, a)
		}
		return none, nil
	}, query, args...)
	return err
}
