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
	o.draft = unreadDraft(stored, o.savedDraft, o.draft)
	o.savedDraft, o.unread = stored, false
}

// unreadDraft is a draft on disk with what a person has made of it who was shown
// its text but not what is attached to it.
func unreadDraft(stored, shown, made history.Draft) history.Draft {
	if made.Text != shown.Text {
		stored.Text = made.Text
	}
	stored.Files = attached(stored.Files, made.Files)
	return stored
}

// isOpen reports whether chat is shown. A chat on disk that was left and opened
// again is not the same openChat, and one that is not begun yet has no id.
func (c *controller) isOpen(chat *openChat) bool {
	return c.chat == chat || chat.ID != 0 && chat.ID == c.chat.ID || chat.notBegun() && c.chat.notBegun()
}

// notBegun reports whether the chat is the one that drafts.next belongs to.
func (o *openChat) notBegun() bool { return o.ID == 0 && !o.Temporary && len(o.messages) == 0 }

// attachToDraft attaches files in a chat that the composer does not show, or to
// whose draft it will go back.
func (c *controller) attachToDraft(chat *openChat, files []history.Attachment) {
	if c.answer != nil && chat.ID != 0 && c.answer.chat.ID == chat.ID {
		chat = c.answer.chat // it is shown again as it is in memory
	}
	switch {
	case chat == c.chat || c.answer != nil && chat == c.answer.chat:
		chat.draft.Files = attached(chat.draft.Files, files)
		c.saveDraft(chat)
	case chat.notBegun():
		c.drafts.next.Files = attached(c.drafts.next.Files, files)
	case chat.ID != 0:
		c.changeDraft(chat.ID, func(d *history.Draft) { d.Files = attached(d.Files, files) })
	}
}

// changeDraft changes the draft of a chat on disk, where it is known best.
func (c *controller) changeDraft(chat int64, change func(*history.Draft)) {
	c.onDisk("saving a draft", func(ctx context.Context) error {
		draft, err := c.shelfOf(chat).Draft(ctx, chat)
		if err != nil {
			return err
		}
		change(&draft)
		return c.shelfOf(chat).SetDraft(ctx, chat, draft)
	}, func(err error) {
		c.failed(say("What you have typed is not saved: {{.Why}}"), err, action{})
	})
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
	c.listDraft(id, draft.Text)
	c.onDisk("saving a draft", func(ctx context.Context) error {
		return c.shelfOf(id).SetDraft(ctx, id, draft)
	}, func(err error) {
		if err != nil {
			chat.savedDraft = history.Draft{} // tried again with the next change
			c.failed(say("What you have typed is not saved: {{.Why}}"), err, action{})
		}
	})
}

// listDraft notes the text of a draft in the list of chats.
func (c *controller) listDraft(id int64, text string) {
	for _, list := range [][]history.Chat{c.chats, c.temporaryChats} {
		for i := range list {
			if list[i].ID == id {
				list[i].Draft = text
			}
		}
	}
}

// leaveDraft saves the draft of the open chat, which is left. If it is not read
// yet, and perhaps never will be, what is new goes to what is on disk.
func (c *controller) leaveDraft() {
	chat := c.chat
	if !chat.unread {
		c.saveDraft(chat)
		return
	}
	shown, made := chat.savedDraft, chat.draft
	if sameDraft(shown, made) {
		return
	}
	c.listDraft(chat.ID, made.Text)
	c.changeDraft(chat.ID, func(d *history.Draft) { *d = unreadDraft(*d, shown, made) })
}

// endDrafts saves what is typed when the program ends. What was typed without a
// chat becomes one, so that it is found again.
func (c *controller) endDrafts() {
	if c.drafts.timer != nil {
		c.drafts.timer.Stop()
	}
	c.leaveDraft()
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
