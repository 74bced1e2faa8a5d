package app

import (
	"context"
	"time"

	"lumi/app/history"
	"lumi/llm"
)

// openChat is a chat with its messages. Its ID is 0 until its first
// message is on disk.
type openChat struct {
	ID          int64
	Title       string
	System      string // the system prompt
	savedSystem string // as it is on disk
	messages    []message
	loading     bool          // its messages are being read from disk
	moved       bool          // messages were dropped: its path on disk must be cut
	preset      string        // the preset chosen for this chat
	draft       history.Draft // what is typed and attached and not sent yet
	savedDraft  history.Draft // as it is on disk
	unread      bool          // its messages and what is attached to its draft are not read from disk yet
	Temporary   bool          // it is never written to disk
}

// find returns the message of that key, or a message of nobody's: what comes
// late for a message that is gone goes nowhere.
func (o *openChat) find(key int64) *message {
	for i := range o.messages {
		if o.messages[i].Key == key {
			return &o.messages[i]
		}
	}
	return &message{}
}

// last returns the index of the last message of that role, -1 if there is none.
func (o *openChat) last(role string) int {
	for i := len(o.messages) - 1; i >= 0; i-- {
		if o.messages[i].Role == role {
			return i
		}
	}
	return -1
}

// lastKey returns the key of the last message of that role, 0 if there is none.
func (o *openChat) lastKey(role string) int64 {
	if i := o.last(role); i >= 0 {
		return o.messages[i].Key
	}
	return 0
}

// endKey returns the key of the last message, 0 if there is none.
func (o *openChat) endKey() int64 {
	if len(o.messages) == 0 {
		return 0
	}
	return o.messages[len(o.messages)-1].Key
}

// keepDeleted is how long a deleted chat stays on disk.
const keepDeleted = 7 * 24 * time.Hour

// Start opens the chat of that ID, if it still exists, and loads the model at
// path. Without a path it loads the one model there is, if there is only one:
// then a person has nothing to choose.
func (c *controller) Start(chat int64, path string) {
	c.onlyModel = path == ""
	c.Rescan()
	if path != "" {
		c.Load(path)
	}
	var purged []int64
	c.onDisk("removing deleted chats", func(ctx context.Context) (err error) {
		purged, err = c.History.Purge(ctx, keepDeleted)
		return err
	}, func(err error) {
		c.forgetChats(purged)
		if err != nil {
			c.Log("removing deleted chats: %v", err) // the next start tries again
		}
	})
	c.readChats(func() {
		for _, known := range c.chats {
			if known.ID == chat && c.chat.ID == 0 && len(c.chat.messages) == 0 {
				c.OpenChat(chat)
			}
		}
	})
}

// listChats reads the list of chats again.
func (c *controller) listChats() { c.readChats(func() {}) }

func (c *controller) readChats(then func()) {
	var chats, temporary []history.Chat
	var folders []history.Folder
	c.onDisk("reading the list of chats", func(ctx context.Context) (err error) {
		if s := c.temporary.Load(); s != nil {
			if temporary, err = s.Chats(ctx); err != nil {
				return err
			}
		}
		if folders, err = c.History.Folders(ctx); err != nil {
			return err
		}
		chats, err = c.History.Chats(ctx)
		return err
	}, func(err error) {
		if err != nil {
			c.failed(say("The chats could not be listed: {{.Why}}"), err, action{say("Try again"), c.listChats})
			return
		}
		c.chats, c.folders, c.temporaryChats = chats, folders, temporary
		c.listChanged()
		c.searchAgain()
		then()
	})
}

// onDisk does work on the history without holding up the window, in the order
// of the calls, and then goes on in the window's goroutine.
func (c *controller) onDisk(doing string, work func(ctx context.Context) error, then func(error)) {
	c.disk.add(func() {
		// Work that was begun is finished, also while the program ends.
		err := c.guard(doing, func() error { return work(context.WithoutCancel(c.ctx)) })
		c.Post(func() { then(err) })
	})
}

// NewChat shows an empty chat. It is written to disk with its first message.
func (c *controller) NewChat() {
	c.opened(&openChat{System: c.system, draft: c.drafts.next})
}

// OpenChat shows the chat of that ID.
func (c *controller) OpenChat(id int64) { c.openThen(id, func() {}) }

// openThen shows the chat of that ID and calls then once its messages are shown.
func (c *controller) openThen(id int64, then func()) {
	if id == c.chat.ID || id == 0 {
		return
	}
	if c.answer != nil && c.answer.chat.ID == id {
		c.opened(c.answer.chat) // it is more than what is on disk
		then()
		return
	}
	chat := &openChat{ID: id, loading: true, unread: true, Temporary: isTemporary(id)}
	if known, ok := c.known(id); ok {
		chat.Title, chat.System, chat.savedSystem = known.Title, known.System, known.System
		chat.draft.Text, chat.savedDraft.Text = known.Draft, known.Draft
	}
	c.opened(chat)
	var stored line
	var draft history.Draft
	c.onDisk("opening a chat", func(ctx context.Context) (err error) {
		if stored, err = readPath(ctx, c.shelfOf(id), id); err != nil {
			return err
		}
		draft, err = c.shelfOf(id).Draft(ctx, id)
		return err
	}, func(err error) {
		if err != nil {
			c.failed(say("The chat could not be opened: {{.Why}}"), err, action{say("Try again"), func() {
				c.leaveDraft()
				c.chat = &openChat{}
				c.openThen(id, then)
			}})
			return
		}
		chat.loading = false
		chat.draftRead(draft)
		c.follow(chat, stored)
		if c.chat == chat {
			c.opened(chat)
			then()
			return
		}
		c.saveDraft(chat)
	})
}

// opened makes chat the one that is shown.
func (c *controller) opened(chat *openChat) {
	c.SaveSystem()
	c.leaveDraft()
	c.CancelEdit()
	c.keepEdit()
	c.leaveAnswer()
	c.chat = chat
	c.bringPreset()
	c.meetAnswer()
	c.budget = budget{}
	c.countSoon()
	c.readLast()
	c.view.ChatOpened()
	c.measure()
	c.view.SpeedChanged()
}

// readLast has the readout show the last answer of the open chat, unless it
// follows one that is being written.
func (c *controller) readLast() {
	if c.answer != nil {
		return
	}
	c.readout = readoutState{}
	if i := c.chat.last(llm.Assistant); i >= 0 {
		stats := c.chat.messages[i].Stats
		c.readout = readoutState{Stats: stats, Known: stats.Tokens > 0}
	}
}

// answering is the ID of the chat that an answer is being written to.
func (c *controller) answering() int64 {
	if c.answer == nil {
		return 0
	}
	return c.answer.chat.ID
}

// SetSystem changes the system prompt of the open chat, from the next answer on.
func (c *controller) SetSystem(text string) {
	c.chat.System = text
	c.countDraft()
}

// SaveSystem writes the open chat's system prompt to disk if it has changed. It
// is called when a person has finished writing it, not for every letter.
func (c *controller) SaveSystem() {
	chat := c.chat
	if chat.ID == 0 || chat.System == chat.savedSystem {
		return // a new chat is written with its first message
	}
	id, text := chat.ID, chat.System
	chat.savedSystem = text
	for _, list := range [][]history.Chat{c.chats, c.temporaryChats} {
		for i := range list {
			if list[i].ID == id {
				list[i].System = text
			}
		}
	}
	c.measure()
	c.onDisk("saving the system prompt", func(ctx context.Context) error {
		return c.shelfOf(id).SetSystem(ctx, id, text)
	}, func(err error) {
		if err != nil {
			chat.savedSystem = "" // tried again with the next change
			c.failed(say("The system prompt is not saved: {{.Why}}"), err, action{})
		}
	})
}

// RenameChat gives a chat another title.
func (c *controller) RenameChat(id int64, title string) {
	if c.chat.ID == id {
		c.chat.Title = title
	}
	c.onDisk("renaming a chat", func(ctx context.Context) error {
		return c.shelfOf(id).Rename(ctx, id, title)
	}, func(err error) {
		c.failed(say("The chat could not be renamed: {{.Why}}"), err, action{})
		c.listChats()
	})
}
