package app

import (
	"context"

	"lumi/llm"
)

// A person may leave out of prompts what does not fit into the context. The
// last message that is left out is marked, on disk as well, so that each branch
// of a chat has what was chosen for it, also after a restart.

// prompt is what the model is asked: the system prompt and the messages.
func (o *openChat) prompt() []llm.Message { return o.promptWith("") }

// promptWith is the prompt with one more message, unless that is empty.
func (o *openChat) promptWith(text string) []llm.Message {
	return o.promptFrom(o.leftOut(), o.summary(), text)
}

// promptFrom is the prompt with the messages from an index on, of which those
// before have a summary, which may be empty.
func (o *openChat) promptFrom(from int, summary, text string) []llm.Message {
	var list []llm.Message
	if system := withSummary(o.System, summary); system != "" {
		list = append(list, llm.Message{Role: llm.System, Content: system})
	}
	for _, m := range o.messages[from:] {
		list = append(list, llm.Message{Role: m.Role, Content: m.prompt()})
	}
	if text != "" {
		list = append(list, llm.Message{Role: llm.User, Content: text})
	}
	return list
}

const summaryHead = "Summary of the earlier conversation:\n"

// withSummary is the system prompt with the summary of what is left out.
func withSummary(system, summary string) string {
	switch {
	case summary == "":
		return system
	case system == "":
		return summaryHead + summary
	}
	return system + "\n\n" + summaryHead + summary
}

// leftOut is how many of the chat's messages the model does not get.
func (o *openChat) leftOut() int {
	for i := len(o.messages) - 1; i >= 0; i-- {
		if o.messages[i].leftOut {
			return i + 1
		}
	}
	return 0
}

// summary is the text that the model gets in place of what is left out.
func (o *openChat) summary() string {
	if n := o.leftOut(); n > 0 {
		return o.messages[n-1].summary
	}
	return ""
}

// leaveOut leaves the message of that key, and all before it, out of prompts.
func (c *controller) leaveOut(chat *openChat, key int64, summary string) {
	m := chat.find(key)
	m.leftOut, m.summary = true, summary
	id := m.saved
	if id != 0 { // else it is saved together with the message
		c.saveLeftOut(chat, func(ctx context.Context, on History) error { return on.LeaveOut(ctx, id, summary) })
	}
	c.leftOutChanged(chat)
}

// TakeIn sends all messages of the open chat to the model again.
func (c *controller) TakeIn() {
	chat := c.chat
	if !c.still(chat) {
		return
	}
	if chat.leftOut() == 0 {
		c.tell(say("Nothing is left out of the prompt."), action{})
		return
	}
	var ids []int64
	for i := range chat.messages {
		if m := &chat.messages[i]; m.leftOut {
			m.leftOut, m.summary = false, ""
			if m.saved != 0 {
				ids = append(ids, m.saved)
			}
		}
	}
	c.saveLeftOut(chat, func(ctx context.Context, on History) error { return on.TakeIn(ctx, ids...) })
	c.leftOutChanged(chat)
}

func (c *controller) saveLeftOut(chat *openChat, save func(ctx context.Context, on History) error) {
	on := c.shelf(chat)
	c.onDisk("saving what is left out", func(ctx context.Context) error { return save(ctx, on) }, func(err error) {
		c.failed(say("What is left out of prompts is not saved: {{.Why}}"), err, action{})
	})
}

func (c *controller) leftOutChanged(chat *openChat) {
	if chat == c.chat {
		c.view.LeftOutChanged()
		c.measure()
		c.countDraft()
	}
}
