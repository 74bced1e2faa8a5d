package app

import (
	"errors"
	"slices"

	"lumi/app/history"
	"lumi/llm"
)

// errModelGone says that the model was unloaded before it could be asked.
var errModelGone error = say("the model is no longer loaded")

// tooLong says that a prompt does not fit.
func tooLong(tokens, context int) phrase {
	return say("The prompt has {{.Tokens}} tokens and the context holds {{.Context}}. Nothing has been sent.",
		fields{"Tokens": tokens, "Context": context})
}

// answerRoom is how many tokens a prompt has to leave for the answer.
func answerRoom(context int) int { return max(1, context/16) }

// clearedRoom is how many tokens are made free at once when older messages are
// left out, so that this is not asked again with every message.
func clearedRoom(context int) int { return context / 4 }

// shortage is a message that does not fit into the context together with the
// chat. The person chooses what to do about it; until then nothing is sent.
type shortage struct {
	Tokens  int // of the whole prompt
	Context int
	// Exchanges is how many of the oldest exchanges, a message and its answer,
	// would be left out; 0 means that leaving them all out is not enough.
	Exchanges   int
	First, Last string // how the messages of the first and the last begin
	Remaining   int    // tokens of the prompt without them
	Larger      int    // a context that holds everything, 0 if the model has none

	chat  *openChat
	upTo  int64  // key of the last message that would be left out
	again func() // tries to send once more
}

// exchanges counts those that begin in a list of messages.
func exchanges(messages []message) int {
	n := 0
	for _, m := range messages {
		if m.Role == llm.User {
			n++
		}
	}
	return n
}

// surelyFits says so of prompts that are so short that nothing has to be
// counted: no tokenizer makes more tokens of a text than it has bytes.
func surelyFits(prompt []llm.Message, context int) bool {
	const template, turn = 512, 32 // tokens that a template may add, at most
	n := template
	for _, m := range prompt {
		n += turn + len(m.Content)
	}
	return n+answerRoom(context) <= context
}

// roomFor reports whether the open chat with text fits into the context. If
// that is not known yet, or if it does not, text is sent with again later.
func (c *controller) roomFor(text string, again func()) bool {
	chat, context := c.chat, c.model.info.Context
	prompt := chat.promptWith(text)
	if surelyFits(prompt, context) {
		return true
	}
	if c.counted(prompt) {
		if c.budget.Prompt+answerRoom(context) <= context {
			return true
		}
		c.findRoom(text, c.budget.Prompt, again)
		return false
	}
	if c.chat.written() == text { // else the text has changed already
		c.afterCount = again
		c.countDraft()
	}
	return false
}

// sendDraft is the again of a message that was not sent at once: it sends it
// if it, whole as the model sees it, still stands in the composer of the same
// chat.
func (c *controller) sendDraft(chat *openChat, whole, text string, attachments []history.Attachment) func() {
	return func() {
		if c.chat == chat && chat.written() == whole && c.Send(text, attachments...) {
			c.view.Compose("")
		}
	}
}

// findRoom works out what could be done about a prompt that is too long and
// asks the person. Text is the message that is not in the chat yet, "" if the
// chat's last message is the one to be answered.
func (c *controller) findRoom(text string, tokens int, again func()) {
	chat, engine, context := c.chat, c.model.engine, c.model.info.Context
	s := &shortage{
		Tokens: tokens, Context: context, chat: chat, again: again,
		Larger: largerContext(tokens, context, c.model.info.TrainContext),
	}
	cuts := chat.cuts(text == "")
	prompts := make([][]llm.Message, len(cuts))
	for i, cut := range cuts {
		prompts[i] = chat.promptFrom(cut, chat.summary(), text)
	}
	c.engines.add(func() {
		var chosen, remaining int
		err := c.guard("counting tokens", func() (err error) {
			if c.ctx.Err() != nil || c.held != engine {
				return errModelGone
			}
			chosen, remaining, err = fewestCuts(prompts, context, engine.Count)
			return err
		})
		c.Post(func() {
			if c.chat != chat || c.model.engine != engine {
				return
			}
			if err != nil {
				c.failed(say("The message was not sent: {{.Why}}"), err, action{})
				return
			}
			if chosen >= 0 {
				s.describe(cuts[chosen], remaining)
			}
			c.short = s
			c.view.AskRoom()
		})
	})
}

// describe says which messages would be left out: those before index cut.
func (s *shortage) describe(cut, remaining int) {
	gone := s.chat.messages[s.chat.leftOut():cut]
	s.Exchanges, s.Remaining = max(1, exchanges(gone)), remaining
	s.upTo = gone[len(gone)-1].Key
	s.First, s.Last = titleOf(gone[0].Text), titleOf(gone[0].Text)
	for _, m := range gone {
		if m.Role == llm.User {
			s.Last = titleOf(m.Text)
		}
	}
}

// cuts are the indices of messages before which everything can be left out:
// where an exchange begins, and the end. The last message of the person stays;
// it is in the chat already if kept is true.
func (o *openChat) cuts(kept bool) []int {
	var list []int
	for i := o.leftOut() + 1; i < len(o.messages); i++ {
		if o.messages[i].Role == llm.User {
			list = append(list, i)
		}
	}
	if !kept && len(o.messages) > o.leftOut() {
		list = append(list, len(o.messages))
	}
	return list
}

// fewestCuts chooses among prompts, each shorter than the one before, the first
// that leaves clearedRoom, or the last if that leaves at least answerRoom; -1
// if none does. It also returns the tokens of the prompt.
func fewestCuts(prompts [][]llm.Message, context int, count func([]llm.Message) (int, error)) (chosen, tokens int, err error) {
	low, high := 0, len(prompts)
	sizes := make([]int, len(prompts)+1)
	for low < high {
		mid := (low + high) / 2
		if sizes[mid], err = count(prompts[mid]); err != nil {
			return -1, 0, err
		}
		if sizes[mid]+clearedRoom(context) <= context {
			high = mid
		} else {
			low = mid + 1
		}
	}
	if low < len(prompts) {
		return low, sizes[low], nil
	}
	if last := len(prompts) - 1; last >= 0 && sizes[last]+answerRoom(context) <= context {
		return last, sizes[last], nil
	}
	return -1, 0, nil
}

// largerContext is the smallest context that holds a prompt of so many tokens
// and is larger than the present one, 0 if the model was not trained for any.
func largerContext(tokens, context, trained int) int {
	for _, size := range append(slices.Clone(contextSizes), trained) {
		if size > context && size <= trained && tokens+answerRoom(size) <= size {
			return size
		}
	}
	return 0
}

// DropOldest leaves out the oldest exchanges, as it was shown, and sends. The
// messages stay in the chat.
func (c *controller) DropOldest() {
	if s := c.takeShortage(); s != nil && s.Exchanges > 0 {
		c.leaveOut(s.chat, s.upTo, s.chat.summary())
		s.again()
	}
}

// LargerContext loads the model again with a context that holds everything, and
// then sends.
func (c *controller) LargerContext() {
	s := c.takeShortage()
	if s == nil || s.Larger == 0 {
		return
	}
	before := c.options.Context
	c.SetContext(s.Larger)
	c.afterLoad = func(err error) {
		if err != nil { // so that trying again loads what was there before
			c.options.Context = before
			return
		}
		s.again()
	}
}

// KeepWriting sends nothing; the message stays in the composer.
func (c *controller) KeepWriting() { c.takeShortage() }

// takeShortage is the question that is open, if it is still about the open chat.
func (c *controller) takeShortage() *shortage {
	s := c.short
	c.short = nil
	if s == nil || s.chat != c.chat {
		return nil
	}
	return s
}

// makeRoom returns what is done about an answer that could not begin because
// the prompt is too long: err says how long.
func (c *controller) makeRoom(chat *openChat, err error) func() {
	return func() {
		var long *llm.PromptTooLongError
		if c.chat == chat && c.ready() && errors.As(err, &long) {
			c.findRoom("", long.Tokens, c.Regenerate)
		}
	}
}

// loadEnded goes on with what a load was for.
func (c *controller) loadEnded(err error) {
	if then := c.afterLoad; then != nil {
		c.afterLoad = nil
		then(err)
	}
}
