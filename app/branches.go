package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"lumi/app/history"
	"lumi/llm"
)

// Nothing that a person changes in a chat is lost: an edited message and another
// answer are versions beside the former ones, each with what followed it.

// retry is an answer that is to be written by a model that is being loaded.
type retry struct {
	chat *openChat
	key  int64
	path string // of the model
}

// Regenerate answers the person's last message again.
func (c *controller) Regenerate() {
	if last := c.chat.last(llm.User); last >= 0 {
		c.AnswerAgain(c.chat.messages[last].Key)
	}
}

// AnswerAgain writes another version of an answer, or of the one to a person's
// message.
func (c *controller) AnswerAgain(key int64) {
	at := c.chat.index(key)
	if at < 0 || !c.ready() {
		return
	}
	if c.chat.messages[at].Role == llm.Assistant {
		at--
	}
	if at < 0 {
		return
	}
	c.CancelEdit()
	c.dropAfter(at)
	c.begin(c.chat, message{})
}

// AnswerWith answers again with the model at path, which is loaded first.
func (c *controller) AnswerWith(key int64, path string) {
	c.again = nil
	if c.model.engine != nil && c.model.info.Path == path {
		c.AnswerAgain(key)
		return
	}
	if c.answer != nil || c.chat.loading {
		c.ready() // says why not
		return
	}
	c.again = &retry{c.chat, key, path}
	c.Load(path)
}

// tryAgain does what waited for the model at path.
func (c *controller) tryAgain(path string) {
	r := c.again
	c.again = nil
	if r != nil && r.path == path && r.chat == c.chat {
		c.AnswerAgain(r.key)
	}
}

// Continue goes on from where an answer ended.
func (c *controller) Continue(key int64) {
	at := c.chat.index(key)
	if at < 0 || c.chat.messages[at].Role != llm.Assistant || !c.ready() {
		return
	}
	if s := c.Settings(); s.Grammar != "" || s.JSONSchema != "" {
		c.tell(say("An answer that follows a grammar or a schema cannot be continued. Answer again instead."), action{})
		return
	}
	c.CancelEdit()
	begun := c.chat.messages[at]
	c.dropAfter(at - 1)
	c.begin(c.chat, begun)
}

// ContinueLast goes on from where the last answer ended.
func (c *controller) ContinueLast() { c.Continue(c.chat.lastKey(llm.Assistant)) }

// EditLast puts the person's last message into the composer.
func (c *controller) EditLast() { c.Edit(c.chat.lastKey(llm.User)) }

// Edit puts a message into the composer. Sending it makes another version.
func (c *controller) Edit(key int64) {
	at := c.chat.index(key)
	if at < 0 || c.answer != nil && c.answer.chat == c.chat {
		return
	}
	c.CancelEdit()
	c.editing = key
	c.view.EditBegan(c.chat.messages[at])
}

// CancelEdit takes the message that is edited out of the composer again. It
// reports whether there was one.
func (c *controller) CancelEdit() bool {
	if c.editing == 0 {
		return false
	}
	c.editing = 0
	c.view.EditEnded()
	return true
}

// endEdit makes another version of the message that was edited. A person's own
// is answered.
func (c *controller) endEdit(text string, attachments []history.Attachment) bool {
	at := c.chat.index(c.editing)
	if at < 0 {
		c.CancelEdit()
		return false
	}
	old := c.chat.messages[at]
	if old.Role == llm.User {
		if !c.ready() {
			return false
		}
		c.CancelEdit()
		c.dropAfter(at - 1)
		c.ask(text, attachments)
		return true
	}
	if c.answer != nil || c.chat.loading {
		return c.ready() // says why not
	}
	c.CancelEdit()
	c.dropAfter(at - 1)
	edited := message{
		Key: c.newKey(), Role: llm.Assistant, Author: old.Author, settings: old.settings,
		Text: strings.TrimSuffix(old.Text, old.Answer) + text, Thinking: old.Thinking, Answer: text,
		timings: timings{thoughts: old.thoughts}, reason: history.ReasonEdited,
	}
	c.addMessage(c.chat, edited)
	c.saveMessages(c.newSaving(c.chat))
	c.measure()
	return true
}

// saveMessages puts what is not on disk yet there.
func (c *controller) saveMessages(rec *record) {
	c.onDisk("saving a message", rec.begin, func(err error) {
		rec.remember()
		if err != nil {
			c.failed(say("The edited message is not saved: {{.Why}}"), err, action{say("Save again"), func() { c.saveMessages(rec) }})
			return
		}
		c.listChats()
		c.readVersions(rec.open)
	})
}

// DeleteMessage takes a message and what follows it out of its chat; the notice
// it leaves brings them back.
func (c *controller) DeleteMessage(key int64) {
	chat, at := c.chat, c.chat.index(key)
	if at < 0 || !c.still(chat) {
		return
	}
	c.CancelEdit()
	m := chat.messages[at]
	if m.saved == 0 { // neither it nor what follows is on disk
		before := chat.messages
		c.dropAfter(at - 1)
		c.tell(say("The message is deleted."), undo(func() {
			if c.chat == chat && len(chat.messages) == at && c.still(chat) {
				chat.messages = before
				c.opened(chat)
			}
		}))
		return
	}
	var gone history.Removal
	c.change(chat, say("The message could not be deleted: {{.Why}}"), func(ctx context.Context) (err error) {
		gone, err = c.shelfOf(m.saved).DeleteMessage(ctx, m.saved)
		return err
	}, func() {
		c.listChats()
		text := say("The message is deleted.")
		if at < len(chat.messages)-1 || m.Role == llm.User {
			text = say("The message and what followed it are deleted.")
		}
		c.tell(text, undo(func() { c.undelete(chat, gone) }))
	})
}

func (c *controller) undelete(chat *openChat, gone history.Removal) {
	if c.chat.ID == chat.ID {
		chat = c.chat // it may have been opened again
	}
	if !c.still(chat) {
		return
	}
	c.change(chat, say("The message could not be brought back: {{.Why}}"), func(ctx context.Context) error {
		return c.shelf(chat).UndeleteMessage(ctx, gone)
	}, c.listChats)
}

// Switch shows the version of a message that is so many steps after the one
// shown, or before it, with all that followed that.
func (c *controller) Switch(key int64, step int) {
	chat, at := c.chat, c.chat.index(key)
	if at < 0 {
		return
	}
	m := &chat.messages[at]
	to := slices.Index(m.versions, m.saved) + step
	if to < 0 || to >= len(m.versions) || !c.still(chat) {
		return
	}
	c.CancelEdit()
	id := m.versions[to]
	c.change(chat, say("The other version could not be shown: {{.Why}}"), func(ctx context.Context) error {
		_, err := c.shelfOf(id).SwitchTo(ctx, id)
		return err
	}, func() {})
}

// SwitchLast is Switch for the last message that has versions.
func (c *controller) SwitchLast(step int) {
	for i := len(c.chat.messages) - 1; i >= 0; i-- {
		if m := &c.chat.messages[i]; len(m.versions) > 1 {
			c.Switch(m.Key, step)
			return
		}
	}
}

// still says whether the messages of a chat can be changed now, and tells the
// person if not.
func (c *controller) still(chat *openChat) bool {
	switch {
	case c.answer != nil && c.answer.chat == chat:
		c.tellWriting()
	case chat.loading:
		c.tell(say("This chat is still being opened."), action{})
	default:
		return true
	}
	return false
}

// line is the current path of a chat as it is on disk.
type line struct {
	messages []history.Message
	forks    map[int64][]int64
}

func readPath(ctx context.Context, store History, chat int64) (p line, err error) {
	if p.messages, err = store.Messages(ctx, chat); err != nil {
		return line{}, err
	}
	p.forks, err = store.Forks(ctx, chat)
	return p, err
}

// change changes the path of a chat on disk and shows what it is then, or says
// that it could not.
func (c *controller) change(chat *openChat, failure phrase, work func(ctx context.Context) error, then func()) {
	chat.loading = true
	id := chat.ID
	var now line
	c.onDisk("changing a chat", func(ctx context.Context) (err error) {
		if err = work(ctx); err != nil {
			return err
		}
		now, err = readPath(ctx, c.shelfOf(id), id)
		return err
	}, func(err error) {
		chat.loading = false
		switch {
		case errors.Is(err, history.ErrNotFound):
			c.failed(failure, say("it is gone for good"), action{})
		case err != nil:
			c.failed(failure, err, action{})
		default:
			chat.moved = false
			after := c.follow(chat, now)
			if chat == c.chat {
				var key int64
				if after > 0 {
					key = chat.messages[after-1].Key
				}
				c.view.PathChanged(key, chat.messages[after:])
				c.showVersions(chat)
				c.readLast()
				c.view.SpeedChanged()
				c.measure()
			}
			then()
		}
	})
}

// follow makes p the messages of chat and returns how many of the first ones
// are the same as before.
func (c *controller) follow(chat *openChat, p line) (same int) {
	for same < min(len(p.messages), len(chat.messages)) && chat.messages[same].saved == p.messages[same].ID {
		same++
	}
	chat.messages = chat.messages[:same:same]
	for _, m := range p.messages[same:] {
		chat.messages = append(chat.messages, c.fromDisk(m))
	}
	chat.setVersions(p.forks)
	return same
}

func (o *openChat) setVersions(forks map[int64][]int64) {
	for i := range o.messages {
		o.messages[i].versions = forks[o.messages[i].saved]
	}
}

// readVersions finds out which messages of a chat have other versions.
func (c *controller) readVersions(chat *openChat) {
	id := chat.ID
	if id == 0 {
		return
	}
	var forks map[int64][]int64
	c.onDisk("reading the versions of messages", func(ctx context.Context) (err error) {
		forks, err = c.shelfOf(id).Forks(ctx, id)
		return err
	}, func(err error) {
		if err != nil {
			c.Log("reading the versions of messages: %v", err) // shown when it is opened the next time
			return
		}
		chat.setVersions(forks)
		if chat == c.chat {
			c.showVersions(chat)
		}
	})
}

func (c *controller) showVersions(chat *openChat) {
	for _, m := range chat.messages {
		c.view.MessageChanged(m)
	}
}

// index returns the index of the message of that key, -1 if there is none.
func (o *openChat) index(key int64) int {
	return slices.IndexFunc(o.messages, func(m message) bool { return m.Key == key })
}
