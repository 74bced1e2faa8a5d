package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"lumi/app/history"
)

// draftCalm is how long a person has stopped typing when the draft is saved.
const draftCalm = time.Second

// drafts are the messages that are being written, beside those of the chats.
type drafts struct {
	next  history.Draft // of the chat that is not begun yet
	timer *time.Timer
}

// written is the draft as the model would be told it, "" if there is none.
func (o *openChat) written() string { return wholeText(strings.TrimSpace(o.draft.Text), o.draft.Files) }

// drafted reports whether there is a draft, without writing it out.
func (o *openChat) drafted() bool {
	return strings.TrimSpace(o.draft.Text) != "" || len(o.draft.Files) > 0
}

// SetDraft notes what is typed and attached in the open chat. It is saved when
// a person pauses.
func (c *controller) SetDraft(text string, files []history.Attachment) {
	draft := history.Draft{Text: text, Files: files}
	if c.editing != 0 || sameDraft(c.chat.draft, draft) {
		return
	}
	c.chat.draft = draft
	if c.chat.ID == 0 && !c.chat.Temporary {
		c.drafts.next = draft
	}
	c.countSoon()
	if c.drafts.timer == nil {
		c.drafts.timer = time.AfterFunc(draftCalm, func() { c.Post(c.SaveDraft) })
	} else {
		c.drafts.timer.Reset(draftCalm)
	}
}

func sameDraft(a, b history.Draft) bool { return a.Text == b.Text && slices.Equal(a.Files, b.Files) }

// draftFound forgets the draft of the chat that was not begun once that is on
// disk: it is the chat's own now.
func (c *controller) draftFound(chat *openChat) {
	if c.chat == chat && !chat.Temporary {
		c.drafts.next = history.Draft{}
	}
}

// draftRead adds what was attached to a draft to what a person has typed and
// attached while it was read.
func (o *openChat) draftRead(stored history.Draft) {
	if o.draft.Text == o.savedDraft.Text {
		o.draft.Text = stored.Text
	}
	o.draft.Files = append(slices.Clone(stored.Files), o.draft.Files...)
	o.savedDraft, o.unread = stored, false
}

// Draft is what is typed and attached in the open chat.
func (c *controller) Draft() (text string, files []history.Attachment) {
	return c.chat.draft.Text, c.chat.draft.Files
}

// SaveDraft writes the draft of the open chat to disk if it has changed.
func (c *controller) SaveDraft() { c.saveDraft(c.chat) }

func (c *controller) saveDraft(chat *openChat) {
	if chat.ID == 0 || chat.unread || sameDraft(chat.draft, chat.savedDraft) {
		return
	}
	id, draft := chat.ID, chat.draft
	chat.savedDraft = draft
	for _, list := range [][]history.Chat{c.chats, c.temporaryChats} {
		for i := range list {
			if list[i].ID == id {
				list[i].Draft = draft.Text
			}
		}
	}
	c.onDisk("saving a draft", func(ctx context.Context) error {
		return c.shelfOf(id).SetDraft(ctx, id, draft)
	}, func(err error) {
		if err != nil {
			chat.savedDraft = history.Draft{} // tried again with the next change
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
	if draft := c.drafts.next; draft.Text != "" || len(draft.Files) > 0 {
		c.onDisk("saving a draft", func(ctx context.Context) error {
			made, err := c.History.NewChat(ctx, history.Chat{Title: c.draftTitle(draft), System: c.system})
			if err != nil {
				return err
			}
			return c.History.SetDraft(ctx, made.ID, draft)
		}, func(error) {})
	}
}

// draftTitle names a chat by what its first message will be.
func (c *controller) draftTitle(d history.Draft) string {
	if d.Text == "" && len(d.Files) > 0 {
		return c.titleFor(d.Files[0].Name)
	}
	return c.titleFor(d.Text)
}
