package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"lumi/app/history"
	"lumi/llm"
)

// Why an answer ended, beside the reasons of package llm.
const (
	reasonInterrupted = history.ReasonInterrupted // the program ended while it was written
	reasonFailed      = "failed"                  // the engine reported an error
)

// message is one message of the open chat as the window shows it.
type message struct {
	Key    int64 // identifies it in the window
	Role   string
	Author string // the model that wrote it
	Text   string
	Footer string
	reason string // why an answer ended
	stats  llm.Stats
	saved  int64 // its id on disk, 0 while it is not there
}

// answer is an answer that is being written.
type answer struct {
	chat   *openChat
	key    int64 // of its message
	cancel context.CancelFunc
	ended  chan struct{} // closed when the engine is no longer in use
	stream *stream
}

// Busy reports whether an answer is being written, in any chat.
func (c *controller) Busy() bool { return c.answer != nil }

// Send asks the model. It reports whether the text was taken; if not, a notice
// says why and the person keeps the text.
func (c *controller) Send(text string) bool {
	if !c.ready() {
		return false
	}
	question := message{Key: c.newKey(), Role: llm.User, Text: text}
	c.addMessage(c.chat, question)
	if c.chat.Title == "" {
		c.chat.Title = titleOf(text)
	}
	c.begin(c.chat)
	return true
}

// ready says whether an answer can begin, and tells the person if not.
func (c *controller) ready() bool {
	switch {
	case c.answer != nil:
		c.tell("An answer is still being written.", action{"Stop it", c.Stop})
	case c.bench.cancel != nil:
		c.tell("The model is being measured.", action{"Stop it", c.CancelBench})
	case c.chat.loading:
		c.tell("This chat is still being opened.", action{})
	case c.model.load != nil:
		c.tell("The model is still being loaded. Your message stays here until it is ready.", action{})
	case c.model.engine == nil:
		c.tell("Choose a model first. Your message stays here.", action{"Choose a model", c.view.ChooseModel})
	default:
		return true
	}
	return false
}

// Regenerate replaces the last answer of the open chat by a new one. The old one
// stays on disk.
func (c *controller) Regenerate() {
	last := c.chat.last(llm.User)
	if last < 0 || !c.ready() {
		return
	}
	c.dropAfter(last)
	c.begin(c.chat)
}

// EditLast takes the person's last message and its answer out of the chat and
// puts the message back into the composer. The notice it leaves undoes that.
func (c *controller) EditLast() {
	chat := c.chat
	last := chat.last(llm.User)
	if last < 0 || c.answer != nil {
		return
	}
	text, before, moved := chat.messages[last].Text, chat.messages, chat.moved
	c.dropAfter(last - 1)
	c.view.Compose(text)
	c.tell("Change your message and send it again.", action{"Undo", func() {
		if c.answer == nil && len(chat.messages) == last {
			chat.messages, chat.moved = before, moved
			c.view.Compose("")
			if c.chat == chat {
				c.opened(chat)
			}
		}
	}})
}

// dropAfter takes the messages behind index last out of the open chat.
func (c *controller) dropAfter(last int) {
	chat := c.chat
	var keys []int64
	for _, m := range chat.messages[last+1:] {
		keys = append(keys, m.Key)
		chat.moved = chat.moved || m.saved != 0
	}
	// The capacity is cut as well, so that what is added does not overwrite
	// what an undo may bring back.
	chat.messages = chat.messages[: last+1 : last+1]
	c.view.MessagesRemoved(keys)
	c.measure()
}

// Stop ends the running answer; it keeps what it has.
func (c *controller) Stop() {
	if c.answer != nil {
		c.answer.cancel()
	}
}

// begin starts an answer to the messages of chat.
func (c *controller) begin(chat *openChat) {
	prompt := chat.prompt()
	reply := message{Key: c.newKey(), Role: llm.Assistant, Author: c.model.name()}
	c.addMessage(chat, reply)
	ctx, cancel := context.WithCancel(c.ctx)
	a := &answer{
		chat: chat, key: reply.Key, cancel: cancel,
		ended: make(chan struct{}), stream: &stream{now: c.Now},
	}
	c.answer = a
	c.answers++
	c.readout = readoutState{Running: true, Stats: llm.Stats{
		ContextUsed: c.readout.Stats.ContextUsed, ContextSize: c.model.info.Context,
	}}
	c.Dismiss()
	c.view.BusyChanged()
	c.view.SpeedChanged()
	engine, rec := c.model.engine, c.newRecord(chat)
	c.spawn("writing an answer", func() {
		defer cancel()
		c.write(ctx, a, engine, prompt, rec)
	})
}

// write runs in a goroutine of its own from the first byte on disk to the last
// word in the window.
func (c *controller) write(ctx context.Context, a *answer, engine Engine, prompt []llm.Message, rec *record) {
	// What is already written must survive the window: saving does not end
	// with the answer's context.
	keep := context.WithoutCancel(ctx)
	saveErr := c.guard("saving a message", func() error { return rec.begin(keep) })
	if saveErr == nil {
		id := rec.chat.ID
		c.Post(func() { c.begun(a, id) })
	}

	beside, endBeside := context.WithCancel(ctx)
	var helpers sync.WaitGroup
	helpers.Go(func() {
		defer c.recovered("showing an answer")
		pump(beside, a.stream, c.Post, func(p portion) { c.grew(a, p) })
	})
	helpers.Go(func() {
		defer c.recovered("saving an answer")
		saveWhileGrowing(beside, a.stream, func(text string) {
			if err := rec.partial(keep, text); err != nil {
				c.Log("saving an unfinished answer: %v", err)
			}
		})
	})
	var reply llm.Reply
	err := c.guard("writing an answer", func() (err error) {
		reply, err = engine.Reply(ctx, prompt, c.Settings, a.stream.emit)
		return err
	})
	endBeside()
	helpers.Wait()
	close(a.ended)

	if err != nil {
		reply.Text, reply.Stats = a.stream.whole(), a.stream.stats()
		reply.Reason = reasonFailed
		if errors.Is(err, context.Canceled) {
			reply.Reason, err = llm.StopUser, nil
		}
	}
	finalErr := c.guard("saving an answer", func() error { return rec.finish(keep, reply) })
	c.Post(func() { c.finished(a, rec, reply, err, errors.Join(saveErr, finalErr)) })
}

// begun puts a chat into the list as soon as it is on disk.
func (c *controller) begun(a *answer, id int64) {
	if a.chat.ID == 0 {
		a.chat.ID, a.chat.savedSystem = id, a.chat.System
		if a.chat == c.chat {
			c.view.ChatsChanged()
		}
	}
	c.listChats()
}

// grew shows a portion of the running answer.
func (c *controller) grew(a *answer, p portion) {
	if c.answer != a {
		return
	}
	m := a.chat.find(a.key)
	m.Text += p.Text
	c.readout.Rate, c.readout.Stats, c.readout.Prefilled = p.Rate, p.Stats, p.Prefilled
	if p.Text != "" && a.chat == c.chat {
		c.view.MessageGrew(a.key, p.Text)
	}
	c.view.SpeedChanged()
}

// finished shows the end of an answer and what went wrong on the way.
func (c *controller) finished(a *answer, rec *record, reply llm.Reply, err, saveErr error) {
	m := a.chat.find(a.key)
	rest, grown := strings.CutPrefix(reply.Text, m.Text)
	m.Text, m.Footer = reply.Text, footerOf(reply.Stats, reply.Reason)
	m.reason, m.stats = reply.Reason, reply.Stats
	rec.remember()
	c.answer = nil
	if reply.Stats.ContextSize == 0 {
		reply.Stats.ContextSize = c.model.info.Context
	}
	c.readout = readoutState{Stats: reply.Stats, Known: reply.Stats.Tokens > 0, Here: true}
	if a.chat == c.chat {
		if grown {
			c.view.MessageGrew(m.Key, rest)
		} else { // a part of what was shown has been taken back, such as a stop text
			c.view.MessageReplaced(*m)
		}
		c.view.MessageDone(*m)
	}
	c.view.BusyChanged()
	c.view.SpeedChanged()
	c.listChats()
	c.titleExchange(a.chat)
	c.tellAll(reply.Notices)
	switch {
	case errors.As(err, new(*llm.PromptTooLongError)):
		c.fail(err, action{"New chat", c.NewChat})
	case err != nil:
		c.fail(fmt.Errorf("the answer ended: %w", err), action{"Try again", c.Regenerate})
	case saveErr != nil:
		c.notSaved(rec, reply, saveErr)
	case reply.Reason == llm.StopContext:
		c.tell("The context is full: the model cannot take in more of this chat.", action{"New chat", c.NewChat})
	}
}

// notSaved says that an exchange is on the screen only, and offers to try again.
func (c *controller) notSaved(rec *record, reply llm.Reply, err error) {
	c.fail(fmt.Errorf("the last messages are not saved: %w", err), action{"Save again", func() {
		c.onDisk("saving an answer", func(ctx context.Context) error {
			return errors.Join(rec.begin(ctx), rec.finish(ctx, reply))
		}, func(err error) {
			if err != nil {
				c.notSaved(rec, reply, err)
				return
			}
			rec.remember()
			c.listChats()
		})
	}})
}

// measure asks the model how much of the context the open chat takes.
func (c *controller) measure() {
	engine, chat := c.model.engine, c.chat
	if engine == nil || c.answer != nil {
		return
	}
	size, prompt := c.model.info.Context, chat.prompt()
	if len(chat.messages) == 0 {
		c.readout.Stats.ContextUsed, c.readout.Stats.ContextSize = 0, size
		c.view.SpeedChanged()
		return
	}
	c.engines.add(func() {
		if c.ctx.Err() != nil || c.held != engine {
			return
		}
		var used int
		err := c.guard("counting tokens", func() (err error) {
			used, err = engine.Count(prompt)
			return err
		})
		if err != nil {
			c.Log("counting tokens: %v", err)
			return
		}
		c.Post(func() {
			if c.chat == chat && c.model.engine == engine && c.answer == nil {
				c.readout.Stats.ContextUsed, c.readout.Stats.ContextSize = used, size
				c.view.SpeedChanged()
			}
		})
	})
}

func (c *controller) newKey() int64 {
	c.keys++
	return c.keys
}

func (c *controller) addMessage(chat *openChat, m message) {
	chat.messages = append(chat.messages, m)
	if chat == c.chat {
		c.view.MessageAdded(m)
	}
}
