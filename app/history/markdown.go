package history

import (
	"context"
	"io"
	"strings"
)

// ExportMarkdown writes the current path of a chat for people to read.
func (s *Store) ExportMarkdown(ctx context.Context, w io.Writer, chat int64) error {
	c, err := s.Chat(ctx, chat)
	if err != nil {
		return err
	}
	messages, err := s.Messages(ctx, chat)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("# " + oneLine(c.Title) + "\n")
	if c.System != "" {
		b.WriteString("\n> " + strings.ReplaceAll(strings.TrimSpace(c.System), "\n", "\n> ") + "\n")
	}
	for _, m := range messages {
		heading := "You"
		if m.Role == Assistant {
			if heading = oneLine(modelFile(m.Model)); heading == "" {
				heading = "Answer"
			}
		}
		b.WriteString("\n## " + heading + "\n\n")
		for _, a := range m.Attachments {
			fence := fenceFor(a.Text)
			b.WriteString("**" + oneLine(a.Name) + "**\n\n" + fence + "\n" + strings.TrimSuffix(a.Text, "\n") + "\n" + fence + "\n\n")
		}
		b.WriteString(strings.TrimSpace(m.Content) + "\n")
		if m.Reason == ReasonInterrupted || !m.Done {
			b.WriteString("\n*(interrupted)*\n")
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// oneLine makes a heading of a text.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
