package app

import (
	"context"
	"encoding/json"
	"fmt"

	"lumi/app/history"
	"lumi/llm"
)

// record puts one exchange of a chat on disk. It is made in the window's
// goroutine, used in that of the answer, and gives its ids back to the window
// with remember.
//
// Everything that is not on disk yet goes there first, in order: so after a
// full disk has been emptied, the next exchange saves the ones before it, too.
type record struct {
	store    History
	open     *openChat    // only remember touches it
	chat     history.Chat // its ID is 0 until it is on disk
	lines    []message    // the messages before the answer
	moved    bool         // the path on disk does not end where the lines do
	key      int64        // of the answer's message, 0 if there is none
	answer   int64        // its id on disk, 0 until it is there
	model    string
	settings string // JSON
	thought  thoughts
}

// newRecord describes the exchange that begins now: the last message of chat
// is the answer that is to be written.
func (c *controller) newRecord(chat *openChat) *record {
	last := len(chat.messages) - 1
	return &record{
		store: c.shelf(chat),
		open:  chat,
		chat:  history.Chat{ID: chat.ID, Title: chat.Title, System: chat.System, Model: c.model.info.Path},
		lines: append([]message(nil), chat.messages[:last]...),
		moved: chat.moved,
		key:   chat.messages[last].Key,
		model: chat.messages[last].Author, settings: chat.messages[last].settings,
	}
}

// newSaving describes the messages of chat, all of which are complete.
func (c *controller) newSaving(chat *openChat) *record {
	return &record{
		store: c.shelf(chat),
		open:  chat,
		chat:  history.Chat{ID: chat.ID, Title: chat.Title, System: chat.System, Model: c.model.info.Path},
		lines: append([]message(nil), chat.messages...),
		moved: chat.moved,
	}
}

// begin puts the chat and the person's message on disk, and an answer without
// text that a crash would leave as interrupted. When it returns nil, the
// message survives a power cut. It may be called again after an error.
func (r *record) begin(ctx context.Context) error {
	if r.chat.ID == 0 {
		made, err := r.store.NewChat(ctx, r.chat)
		if err != nil {
			return err
		}
		r.chat = made
	}
	if r.moved {
		var head int64
		for _, m := range r.lines {
			if m.saved != 0 {
				head = m.saved
			}
		}
		if err := r.store.SetHead(ctx, r.chat.ID, head); err != nil {
			return err
		}
		r.moved = false
	}
	for i := range r.lines {
		if err := r.put(ctx, &r.lines[i]); err != nil {
			return err
		}
	}
	if r.answer == 0 && r.key != 0 {
		m, err := r.store.BeginAnswer(ctx, r.chat.ID, r.model, r.settings)
		if err != nil {
			return err
		}
		r.answer = m.ID
	}
	return nil
}

// put writes a message that is not on disk yet.
func (r *record) put(ctx context.Context, m *message) error {
	if m.saved != 0 {
		return nil
	}
	stored, err := r.store.Append(ctx, history.Message{
		ChatID: r.chat.ID, Role: m.Role, Content: m.Text, Attachments: m.Attachments,
		Model: m.Author, Settings: m.settings, Reason: m.reason, LeftOut: m.leftOut, Summary: m.summary,
	})
	if err != nil {
		return err
	}
	m.saved = stored.ID
	return nil
}

// partial saves what there is of the answer.
func (r *record) partial(ctx context.Context, text string) error {
	if r.answer == 0 {
		return nil // begin has failed; finish tries again
	}
	return r.store.UpdateAnswer(ctx, r.answer, text)
}

// finish puts the whole answer on disk, and what begin could not.
func (r *record) finish(ctx context.Context, reply llm.Reply) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	return r.store.FinishAnswer(ctx, r.answer, history.Answer{
		Text: reply.Text, Reason: reply.Reason, Model: r.model,
		Settings: r.settings, Stats: toJSON(timings{reply.Stats, r.thought, reply.Seed}),
	})
}

// remember notes in the open chat what is on disk now. The window's goroutine
// calls it.
func (r *record) remember() {
	r.open.ID, r.open.savedSystem = r.chat.ID, r.chat.System
	r.open.moved = r.open.moved && r.moved
	for _, m := range r.lines {
		r.open.find(m.Key).saved = m.saved
	}
	if r.key != 0 {
		r.open.find(r.key).saved = r.answer
	}
}

// fromDisk is a stored message as the window shows it.
func (c *controller) fromDisk(m history.Message) message {
	out := message{Key: c.newKey(), Role: m.Role, Text: m.Content, Attachments: m.Attachments, saved: m.ID, leftOut: m.LeftOut, summary: m.Summary}
	if m.Role == llm.User {
		return out
	}
	if m.Stats != "" {
		if err := json.Unmarshal([]byte(m.Stats), &out.timings); err != nil {
			c.Log("reading the measurements of message %d: %v", m.ID, err)
		}
	}
	out.Thinking, out.Answer = llm.SplitThought(m.Content)
	out.Author, out.reason, out.settings = m.Model, m.Reason, m.Settings
	return out
}

// toJSON encodes plain numbers and texts, which cannot fail; if it did, what is
// lost is only how an answer was made.
func toJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%q", err)
	}
	return string(data)
}
