package app

import (
	"context"
	"time"

	"lumi/app/history"
)

// draftCalm is how long a person has stopped typing when the draft is saved.
const draftCalm = time.Second

// drafts are the messages that are being written, one for each chat.
type drafts struct {
	next  string // of the chat that is not begun yet
	timer *time.Timer
	// files are what is attached to the draft of a chat. They are kept for as
	// long as the program runs.
	files map[int64][]history.Attachment
}

// draftKey tells the chats apart whose drafts have files: those that are not
// begun yet have no ID, and what is meant for a temporary one stays there.
func (c *openChat) draftKey() int64 {
	if c.ID == 0 && c.Temporary {
		return -1
	}
	return c.ID
}

// SetDraft notes what is typed in the open chat. It is saved when a person
// pauses.
func (c *controller) SetDraft(text string, files []history.Attachment) {
	if c.editing != 0 {
		return
	}
	if c.drafts.files == nil {
		c.drafts.files = map[int64][]history.Attachment{}
	}
	c.drafts.files[c.chat.draftKey()] = files
	c.typed(wholeText(text, files))
	if c.chat.draft == text {
		return
	}
	c.chat.draft = text
	if c.chat.ID == 0 && !c.chat.Temporary {
		c.drafts.next = text
	}
	if c.drafts.timer == nil {
		c.drafts.timer = time.AfterFunc(draftCalm, func() { c.Post(c.SaveDraft) })
	} else {
		c.drafts.timer.Reset(draftCalm)
	}
}

// draftFound gives a chat that has come to disk what was typed in it before.
func (c *controller) draftFound(chat *openChat) {
	if c.chat == chat && c.drafts.files != nil {
		before := (&openChat{Temporary: chat.Temporary}).draftKey()
		c.drafts.files[chat.ID] = c.drafts.files[before]
		if !chat.Temporary {
			c.drafts.next = ""
		}
		delete(c.drafts.files, before)
	}
}

// Draft is what is typed and attached in the open chat.
func (c *controller) Draft() (text string, files []history.Attachment) {
	return c.chat.draft, c.drafts.files[c.chat.draftKey()]
}

// SaveDraft writes the draft of the open chat to disk if it has changed.
func (c *controller) SaveDraft() {
	chat := c.chat
	if chat.ID == 0 || chat.draft == chat.savedDraft {
		return
	}
	id, text := chat.ID, chat.draft
	chat.savedDraft = text
	for i := range c.chats {
		if c.chats[i].ID == id {
			c.chats[i].Draft = text
		}
	}
	c.onDisk("saving a draft", func(ctx context.Context) error {
		return c.shelfOf(id).SetDraft(ctx, id, text)
	}, func(err error) {
		if err != nil {
			chat.savedDraft = "" // tried again with the next change
			c.failed(say("What you have typed is not saved: {{.Why}}"), err, action{})
		}
	})
}

// endDrafts saves what is typed when the program ends. What was typed without a
// chat becomes one, so that it is found again.
func (c *controller) endDrafts() {
	if c.drafts.timer != nil {
		c.drafts.timer.Stop()
	}
	c.SaveDraft()
	if text := c.drafts.next; text != "" {
		c.onDisk("saving a draft", func(ctx context.Context) error {
			_, err := c.History.NewChat(ctx, history.Chat{Title: c.titleFor(text), System: c.system, Draft: text})
			return err
		}, func(error) {})
	}
}
