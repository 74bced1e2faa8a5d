package app

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"lumi/app/history"
	"lumi/llm"
)

// Why an answer ended, beside the reasons of package llm.
const (
	reasonInterrupted = history.ReasonInterrupted // the program ended while it was written
	reasonFailed      = "failed"                  // the engine reported an error
)

// answer is an answer that is being written.
type answer struct {
	chat   *openChat
	key    int64 // of its message
	cancel context.CancelFunc
	begun  message       // what it goes on from, empty for a new answer
	ended  chan struct{} // closed when the engine is no longer in use
	stream *stream
	seed   uint64 // to draw with, 0 for the settings' own
	// left are the settings of its chat while another one is open, which may
	// have brought its own.
	left atomic.Pointer[llm.Settings]
}

// Busy reports whether an answer is being written, in any chat.
func (c *controller) Busy() bool { return c.answer != nil }

// Send asks the model, or ends the editing of a message. It reports whether the
// text was taken; if not, a notice says why and the person keeps the text.
func (c *controller) Send(text string, attachments ...history.Attachment) bool {
	if c.editing != 0 {
		return c.endEdit(text, attachments)
	}
	if !c.ready() {
		return false
	}
	whole := wholeText(text, attachments)
	if !c.roomFor(whole, c.sendDraft(c.chat, whole, text, attachments)) {
		return false
	}
	c.ask(text, attachments)
	return true
}

// ask adds a person's message to the open chat and begins the answer.
func (c *controller) ask(text string, attachments []history.Attachment) {
	c.addMessage(c.chat, message{Key: c.newKey(), Role: llm.User, Text: text, Attachments: attachments})
	if c.chat.Title == "" {
		c.chat.Title = c.draftTitle(history.Draft{Text: text, Files: attachments})
	}
	c.begin(c.chat, message{})
}

// ready says whether an answer can begin, and tells the person if not.
func (c *controller) ready() bool {
	switch {
	case c.answer != nil:
		c.tellWriting()
	case c.summarising != nil:
		c.tell(say("The model summarises the earlier messages…"), action{say("Stop"), c.summarising.cancel})
	case c.bench.cancel != nil:
		c.tell(say("The model is being measured."), action{say("Stop it"), c.CancelBench})
	case c.chat.loading:
		c.tell(say("This chat is still being opened."), action{})
	case c.model.load != nil:
		c.tell(say("The model is still being loaded. Your message stays here until it is ready."), action{})
	case c.model.engine == nil:
		c.tell(say("Choose a model first. Your message stays here."), action{say("Choose a model"), c.view.ChooseModel})
	default:
		return true
	}
	return false
}

// tellWriting says what has to end first.
func (c *controller) tellWriting() {
	c.tell(stillWriting(), action{say("Stop it"), c.Stop})
}

func stillWriting() phrase { return say("An answer is still being written.") }

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
	if c.summarising != nil {
		c.summarising.cancel()
	}
}

// begin starts an answer to the messages of chat, or goes on with one.
func (c *controller) begin(chat *openChat, begun message) {
	prompt := chat.prompt()
	if begun.Text != "" {
		prompt = append(prompt, llm.Message{Role: llm.Assistant, Content: begun.Text})
	}
	reply := message{
		Key: c.newKey(), Role: llm.Assistant, Author: c.model.name(), settings: toJSON(c.Settings()),
		Text: begun.Text, Thinking: begun.Thinking, Answer: begun.Answer, timings: timings{thoughts: begun.thoughts},
	}
	c.addMessage(chat, reply)
	ctx, cancel := context.WithCancel(c.ctx)
	a := &answer{
		chat: chat, key: reply.Key, cancel: cancel, begun: begun,
		ended: make(chan struct{}), stream: &stream{now: c.Now}, seed: c.nextSeed,
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
			if err := rec.partial(keep, a.begun.Text+text); err != nil {
				c.Log("saving an unfinished answer: %v", err)
			}
		})
	})
	var reply llm.Reply
	err := c.guard("writing an answer", func() (err error) {
		reply, err = engine.Reply(ctx, prompt, c.settingsOf(a), a.stream.emit)
		return err
	})
	endBeside()
	helpers.Wait()
	close(a.ended)

	if err != nil {
		reply = a.stream.reply()
		reply.Reason = reasonFailed
		if errors.Is(err, context.Canceled) {
			reply.Reason, err = llm.StopUser, nil
		}
	}
	rec.thought = a.stream.measured()
	if a.begun.Text != "" {
		rec.thought = a.begun.thoughts
	}
	reply.Text, reply.Thinking, reply.Answer = a.begun.Text+reply.Text, a.begun.Thinking+reply.Thinking, a.begun.Answer+reply.Answer
	finalErr := c.guard("saving an answer", func() error { return rec.finish(keep, reply) })
	c.Post(func() { c.finished(a, rec, reply, err, errors.Join(saveErr, finalErr)) })
}

// begun puts a chat into the list as soon as it is on disk.
func (c *controller) begun(a *answer, id int64) {
	if a.chat.ID == 0 {
		a.chat.ID, a.chat.savedSystem = id, a.chat.System
		c.rememberChatPreset(a.chat)
		c.draftFound(a.chat)
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
	if c.Updated != nil && p.Thinking+p.Answer != "" {
		defer c.Updated(time.Now())
	}
	m := a.chat.find(a.key)
	before := m.phase()
	m.Text, m.Thinking, m.Answer = m.Text+p.Text, m.Thinking+p.Thinking, m.Answer+p.Answer
	if a.begun.Text == "" {
		m.thoughts = p.Thought
	}
	c.readout.Rate, c.readout.Stats, c.readout.Prefilled = p.Rate, p.Stats, p.Prefilled
	if p.Thinking+p.Answer != "" && a.chat == c.chat {
		if m.phase() != before {
			c.view.MessageChanged(*m)
		}
		c.view.MessageGrew(a.key, p.Thinking, p.Answer)
	}
	c.view.SpeedChanged()
}

// finished shows the end of an answer and what went wrong on the way.
func (c *controller) finished(a *answer, rec *record, reply llm.Reply, err, saveErr error) {
	m := a.chat.find(a.key)
	thinking, grown := strings.CutPrefix(reply.Thinking, m.Thinking)
	answer, same := strings.CutPrefix(reply.Answer, m.Answer)
	m.Text, m.Thinking, m.Answer = reply.Text, reply.Thinking, reply.Answer
	m.reason, m.timings = reply.Reason, timings{reply.Stats, rec.thought, reply.Seed}
	rec.remember()
	c.answer = nil
	if c.notice != nil && c.notice.Text.key == stillWriting().key {
		c.Dismiss()
	}
	if reply.Stats.ContextSize == 0 {
		reply.Stats.ContextSize = c.model.info.Context
	}
	c.readout = readoutState{Stats: reply.Stats, Known: reply.Stats.Tokens > 0, Here: true}
	if a.chat == c.chat {
		if grown && same {
			c.view.MessageGrew(m.Key, thinking, answer)
		} else { // a part of what was shown has been taken back, such as a stop text
			c.view.MessageReplaced(*m)
		}
		c.view.MessageDone(*m)
	}
	c.view.BusyChanged()
	c.view.SpeedChanged()
	c.listChats()
	c.readVersions(a.chat)
	c.titleExchange(a.chat)
	c.tellAll(modelNotices(reply.Notices)...)
	c.countDraft()
	if err == nil && saveErr == nil && a.addedNothing(reply) {
		c.takeBack(a, rec)
	}
	var long *llm.PromptTooLongError
	switch {
	case errors.As(err, &long):
		c.fail(tooLong(long.Tokens, long.Context), action{say("Make room"), c.makeRoom(a.chat, err)})
	case err != nil:
		c.failed(say("The answer ended: {{.Why}}"), err, action{say("Try again"), c.Regenerate})
	case saveErr != nil:
		c.notSaved(rec, reply, saveErr)
	case a.addedNothing(reply) && reply.Reason == llm.StopEnd:
		c.tell(say("The model has nothing to add to this answer."), action{})
	case reply.Reason == llm.StopContext:
		c.tell(say("The context is full: the model cannot take in more of this chat."), action{say("New chat"), c.NewChat})
	}
}

// addedNothing says whether the answer goes on with another one and came to no
// more than that.
func (a *answer) addedNothing(reply llm.Reply) bool {
	return a.begun.Text != "" && reply.Text == a.begun.Text
}

// takeBack removes a version that says what the one it went on with says, and
// shows that one with all that followed it.
func (c *controller) takeBack(a *answer, rec *record) {
	if a.begun.saved == 0 {
		return // the copy is the only one on disk
	}
	again, before := rec.answer, a.begun.saved
	c.change(a.chat, say("The other version could not be shown: {{.Why}}"), func(ctx context.Context) error {
		if _, err := c.shelfOf(before).DeleteMessage(ctx, again); err != nil {
			return err
		}
		_, err := c.shelfOf(before).SwitchTo(ctx, before)
		return err
	}, c.listChats)
}

// notSaved says that an exchange is on the screen only, and offers to try again.
func (c *controller) notSaved(rec *record, reply llm.Reply, err error) {
	c.failed(say("The last messages are not saved: {{.Why}}"), err, action{say("Save again"), func() {
		c.onDisk("saving an answer", func(ctx context.Context) error {
			return errors.Join(rec.begin(ctx), rec.finish(ctx, reply))
		}, func(err error) {
			if err != nil {
				c.notSaved(rec, reply, err)
				return
			}
			rec.remember()
			c.listChats()
			c.readVersions(rec.open)
		})
	}})
}

// measure asks the model how much of the context the open chat takes.
func (c *controller) measure() {
	engine, chat := c.model.engine, c.chat
	if engine == nil || c.answer != nil {
		return
	}
	size, prompt, answers := c.model.info.Context, chat.prompt(), c.answers
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
			// An answer that has begun since knows better, also when it has ended.
			if c.chat == chat && c.model.engine == engine && c.answers == answers {
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
