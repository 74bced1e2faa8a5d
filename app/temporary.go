package app

import (
	"context"

	"lumi/app/history"
)

// Temporary chats lie in a history of their own, in memory. Their ids, and
// those of their messages, are beyond those of all chats on disk.

func isTemporary(chat int64) bool { return chat > history.TemporaryIDs }

// shelf is the history that a chat lies in.
func (c *controller) shelf(chat *openChat) History {
	if chat.Temporary {
		return c.temporary.Load()
	}
	return c.History
}

// shelfOf is the history that a chat or message of that id lies in.
func (c *controller) shelfOf(id int64) History {
	if s := c.temporary.Load(); s != nil && isTemporary(id) {
		return s
	}
	return c.History
}

// NewTemporaryChat shows an empty chat that is never written to disk. It ends
// with the program.
func (c *controller) NewTemporaryChat() {
	c.onDisk("opening a temporary chat", func(ctx context.Context) error {
		if c.temporary.Load() != nil {
			return nil
		}
		s, err := history.OpenTemporary(ctx)
		if err != nil {
			return err
		}
		c.temporary.Store(s)
		return nil
	}, func(err error) {
		if err != nil {
			c.failed(say("There can be no temporary chat: {{.Why}}"), err, action{})
			return
		}
		c.opened(&openChat{Temporary: true, System: c.system})
	})
}

// KeepChat writes a temporary chat to disk after all and opens it there.
func (c *controller) KeepChat(id int64) {
	if !isTemporary(id) {
		return
	}
	if c.answering() == id {
		c.tellWriting()
		return
	}
	chat, _ := c.known(id)
	from := c.temporary.Load()
	var kept history.Chat
	c.onDisk("keeping a temporary chat", func(ctx context.Context) (err error) {
		if kept, err = c.History.CopyFrom(ctx, from, id, chat.Title); err != nil {
			return err
		}
		return from.DeleteChats(ctx, id)
	}, func(err error) {
		c.failed(say("The chat could not be kept: {{.Why}}"), err, action{})
		if err == nil {
			c.copyPreset(id, kept.ID)
		}
		c.readChats(func() {
			if err == nil && c.chat.ID == id {
				c.OpenChat(kept.ID)
			}
		})
	})
}
